"""A condition that is meant to allow one organization or account, and allows everybody.

The statement is for `*`, and the condition about its callers is true for others, too:

- `StringNotEquals` lets in everybody else, and callers without that key.
- `…IfExists` is true for callers without that key: an account outside of any organization has no
  `aws:PrincipalOrgID`.
- `ForAllValues` is true for callers without that key, unless a `Null` condition asks for it.
- A wildcard in an organization or account id, or in the account of an ARN, matches what others own.

Source: IAM user guide, reference_policies_elements_condition_operators and
reference_policies_multi-value-conditions.

To fix it, compare the key with fixed values: `StringEquals` for `aws:PrincipalOrgID`,
`ForAnyValue:StringLike` for `aws:PrincipalOrgPaths`, `ArnLike` with the account for
`aws:PrincipalArn`.

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
      Condition = { StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
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
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
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

RULE = Rule(name="condition-not-binding", severity=Severity.CRITICAL)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for an Allow to everyone of which the conditions about callers do not bind."""
    from generator.estate.wording import capital
    from generator.grants.public_statements import allows_any_principal, use_of, weakest
    from generator.grants.strangers import strangers_are_kept_out
    from generator.iam.guards import Guard

    for statement in code.statements:
        if not allows_any_principal(statement):
            continue
        guard, conditions = weakest(statement)
        if guard is not Guard.LOOSE or strangers_are_kept_out(code, statement):
            continue
        for condition in conditions:
            yield RULE.about_statement(
                statement,
                title="A condition does not keep other accounts out",
                message=(
                    f"{capital(statement.what)} is for everyone (`*`), and its condition "
                    f"`{condition.words}` does not bind: {condition.reason}. Any AWS account may "
                    f"{use_of(statement)}. Compare the key with fixed values, by an operator "
                    "without `Not`, `IfExists` and `ForAllValues`."
                ),
                subject=condition.words,
            )


CONDITION_NOT_BINDING = CodeRule(rule=RULE, check=check, is_proved=True, is_about_strangers=True)
