"""An Allow for everyone whose only condition is where the call comes from.

A VPC endpoint, a VPC or an address range says nothing about who calls: credentials of any AWS account
can be used from there, and an attacker who runs one process in that network brings his own.

To fix it, add a condition about the caller (`aws:PrincipalOrgID`, `aws:PrincipalAccount`), or name the
accounts in `Principal`; the network condition may stay beside it.

**Bad**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceVpce" = "vpce-0a1b2c3d4e5f60718" } }
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
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Condition = {
        StringEquals = {
          "aws:SourceVpce"     = "vpce-0a1b2c3d4e5f60718"
          "aws:PrincipalOrgID" = "o-a1b2c3d4e5"
        }
      }
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

RULE = Rule(name="network-only-guard", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for an Allow to everyone of which no condition but one about the network binds."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import listed_words
    from generator.grants.public_statements import allows_any_principal, use_of, weakest
    from generator.grants.strangers import strangers_are_kept_out
    from generator.iam.guards import Guard

    for statement in code.statements:
        if not allows_any_principal(statement):
            continue
        guard, conditions = weakest(statement)
        if guard is Guard.NETWORK and not strangers_are_kept_out(code, statement):
            words = listed_words([condition.words for condition in conditions])
            yield RULE.about_statement(
                statement,
                title="Only the network restricts a statement for everyone",
                message=(
                    f"{capital(statement.what)} is for everyone (`*`), and only {words} limits it. "
                    f"Whoever can call from there, with credentials of any AWS account, may "
                    f"{use_of(statement)}. Add a condition about the caller."
                ),
            )


NETWORK_ONLY_GUARD = CodeRule(rule=RULE, check=check, is_proved=True, is_about_strangers=True)
