"""A policy that AWS refuses to save.

An element is missing, misspelled or of the wrong shape: a `Resource` in a repository policy, a wildcard
in a principal's ARN, two statements with one `Sid`. The apply fails in the middle.

To fix it, correct what the message names.

**Bad**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app"
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
    }]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, GrantRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.grants.judged_policy import JudgedPolicy

RULE = Rule(name="policy-refused", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Pass on every mistake in the documents themselves."""
    from generator.estate.wording import capital
    from generator.iam import misfits

    for document in policy.policies:
        problems = [
            (problem.statement, problem.text)
            for problem in document.problems
            if problem.kind.is_refused
        ]
        problems += [
            (statement.index, text)
            for statement in document.statements
            for text in misfits(statement, policy.kind)
        ]
        for position, text in problems:
            place = policy.place
            if position is not None:
                place = policy.place_in(document.source, position)
            yield RULE.about_policy(
                policy,
                title="AWS refuses to save a policy",
                message=f"{capital(policy.what)}: {text}.",
                subject=text,
                location=place,
            )


def check_code(code: "CodePolicies") -> Iterator[Finding]:
    """Pass on every mistake in the documents of ECR, secrets, keys and roles."""
    from generator.estate.wording import capital
    from generator.iam import misfits

    for policy in code.policies:
        spans = {each.statement.index: each.span for each in policy.statements}
        problems = [
            (problem.statement, problem.text)
            for problem in policy.policy.problems
            if problem.kind.is_refused
        ]
        if (kind := policy.holder.kind) is not None:
            problems += [
                (statement.index, text)
                for statement in policy.policy.statements
                for text in misfits(statement, kind)
            ]
        for position, text in dict.fromkeys(problems):
            yield RULE.about(
                policy.record,
                title="AWS refuses to save a policy",
                message=f"{capital(policy.what)}: {text}.",
                subject=text,
                location=policy.span if position is None else spans.get(position, policy.span),
            )


POLICY_REFUSED = GrantRule(rule=RULE, check=check)
POLICY_REFUSED_IN_CODE = CodeRule(rule=RULE, check=check_code, is_proved=True)
