"""A principal that is the unique id of a role or user that is gone.

When a policy names a role and the role is deleted, AWS shows its unique id (`AROA…`, `AIDA…`) in the
policy instead. Written into code, such an id lets in nobody who can be named, and a role that is made
anew under the old name has another one (IAM user guide, reference_policies_elements_principal).

To fix it, remove the id, or name the account and put the role into an `aws:PrincipalArn` condition.

**Bad**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "AROAEXAMPLEEXAMPLE123" }
      Action    = "ecr:BatchGetImage"
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
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
```
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="dangling-principal", severity=Severity.HIGH)

_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,}")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for unique ids among the principals of policies."""
    from generator.estate.wording import capital

    for statement in code.statements:
        for name in statement.principals("AWS"):
            if _UNIQUE_ID.fullmatch(name):
                yield RULE.about_statement(
                    statement,
                    title="A principal is the id of a role or user that is gone",
                    message=(
                        f"{capital(statement.what)} names `{name}`, the unique id that AWS shows for "
                        "a role or user that was deleted. Remove it, or name the account with an "
                        "`aws:PrincipalArn` condition."
                    ),
                    subject=name,
                )


DANGLING_PRINCIPAL = CodeRule(rule=RULE, check=check, is_proved=True)
