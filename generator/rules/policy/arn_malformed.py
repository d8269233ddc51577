"""An ARN in a policy that AWS can never match.

An ARN has six parts, `arn:partition:service:region:account:resource`, each of its own form: with an
account id of eleven digits, a region that does not exist or a missing colon the statement matches
nothing, and AWS takes it without a word.

`Resource` elements and the values of conditions about ARNs are looked at; parts with a wildcard may be
anything.

To fix it, correct the part that is named, or refer to the resource instead of writing its ARN.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:11112222333:repository/quay/*"
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
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
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

RULE = Rule(name="arn-malformed", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at every ARN in a `Resource` or in a condition about ARNs."""
    from generator.estate.links import shown
    from generator.estate.wording import capital
    from generator.rules.policy.arns import arns_in, mistake_in

    for statement in code.statements:
        for arn in arns_in(statement):
            if (mistake := mistake_in(arn)) is not None:
                yield RULE.about_statement(
                    statement,
                    title="An ARN can never match",
                    message=f"{capital(statement.what)} has `{shown(arn)}`: {mistake}.",
                    subject=shown(arn),
                )


ARN_MALFORMED = CodeRule(rule=RULE, check=check)
