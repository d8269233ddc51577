"""An Allow with `NotPrincipal`, which allows everybody but those it names.

It allows every AWS account except those in the list, and callers that nobody has thought of. AWS advises against it in as many words (IAM user guide,
reference_policies_elements_notprincipal).

To fix it, name who may in `Principal`, and keep others out with a Deny statement.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid          = "AllButOne"
      Effect       = "Allow"
      NotPrincipal = { AWS = "444455556666" }
      Action       = "ecr:BatchGetImage"
      Resource     = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
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
      Sid       = "Two"
      Effect    = "Allow"
      Principal = { AWS = ["222233334444", "333344445555"] }
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

RULE = Rule(name="not-principal-allow", severity=Severity.CRITICAL)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for an Allow with `NotPrincipal`."""
    from generator.estate.wording import capital
    from generator.grants.strangers import strangers_are_kept_out

    for statement in code.statements:
        principals = statement.statement.principals
        if not (statement.allows and principals is not None and principals.negated):
            continue
        if not strangers_are_kept_out(code, statement):
            yield RULE.about_statement(
                statement,
                title="An Allow names whom it leaves out, and allows everybody else",
                message=(
                    f"{capital(statement.what)} has `NotPrincipal` with `Allow`: it lets in every "
                    "AWS account but those that are listed. Name who may in `Principal`."
                ),
            )


NOT_PRINCIPAL_ALLOW = CodeRule(rule=RULE, check=check, is_proved=True, is_about_strangers=True)
