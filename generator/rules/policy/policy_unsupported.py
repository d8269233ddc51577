"""A form of a policy that AWS saves and does not support.

AWS's documents and its Access Analyzer call these mistakes, but AWS saves the policy, and what it makes
of the statement then is not documented: a wildcard in an action's service (`e*:PutImage`) or in the
resource type of an ARN (`repo*/app`), a `NotResource` that is no whole ARN, a policy variable under an
operator that takes none (dates, numbers, addresses, `Bool`, `Null`), `ArnNotLike` on what is no ARN, and
a variable's default without the blank behind its comma. Such a Deny may deny nothing. What hangs on it
is not decided.

To fix it, write what is meant in the form that the message names.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:PutImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repo*/team/*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:PutImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/team/*"
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

RULE = Rule(name="policy-unsupported", severity=Severity.HIGH)
_TITLE = "AWS does not support what a policy says"
_REASON = "AWS saves it and does not say what it makes of it"


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Report every form that AWS does not support in the documents that were judged."""
    from generator.estate.wording import capital

    for document in policy.policies:
        for problem in document.problems:
            if problem.kind.is_refused:
                continue
            place = policy.place
            if problem.statement is not None:
                place = policy.place_in(document.source, problem.statement)
            yield RULE.finding(
                title=_TITLE,
                message=f"{capital(policy.what)}: {problem.text}. {_REASON}.",
                subject=f"{policy.what} {problem.text}",
                address=policy.address,
                location=place,
                topology=policy.topology,
            )


def check_code(written: "CodePolicies") -> Iterator[Finding]:
    """Report the same in the documents of ECR, secrets, keys and roles."""
    from generator.estate.wording import capital

    for policy in written.policies:
        spans = {each.statement.index: each.span for each in policy.statements}
        for problem in dict.fromkeys(policy.policy.problems):
            if problem.kind.is_refused:
                continue
            position = problem.statement
            yield RULE.about(
                policy.record,
                title=_TITLE,
                message=f"{capital(policy.what)}: {problem.text}. {_REASON}.",
                subject=problem.text,
                location=policy.span if position is None else spans.get(position, policy.span),
            )


POLICY_UNSUPPORTED = GrantRule(rule=RULE, check=check)
POLICY_UNSUPPORTED_IN_CODE = CodeRule(rule=RULE, check=check_code, is_proved=True)
