"""A policy that names an ECR action that does not exist.

`ecr:BatchGetImages` allows nothing, and AWS takes it without a word: the pull fails later. A Deny of a
misspelled action keeps nobody out.

To fix it, use the name from the service authorization reference for Amazon ECR.

**Bad**

```hcl
resource "aws_iam_policy" "pull" {
  name = "pull"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImages"]
      Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_iam_policy" "pull" {
  name = "pull"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage"]
      Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="unknown-action", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for words of the service `ecr` that match none of its actions."""
    from generator.estate.wording import capital
    from generator.iam.actions import ecr_actions
    from generator.model.quotes import did_you_mean, quoted
    from generator.rules.policy.actions import matching_actions

    for statement in code.statements:
        for element in ("Action", "NotAction"):
            for word in statement.texts(element):
                if not word.lower().startswith("ecr:") or matching_actions(word):
                    continue
                yield RULE.about_statement(
                    statement,
                    title="An ECR action does not exist",
                    message=(
                        f"{capital(statement.what)} names {quoted(word)}, which is no action of ECR: the "
                        f"word has no effect.{did_you_mean(word, ecr_actions())}"
                    ),
                    subject=word,
                )


UNKNOWN_ACTION = CodeRule(rule=RULE, check=check)
