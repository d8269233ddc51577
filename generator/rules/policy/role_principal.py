"""A role or user as the principal of a registry policy.

ECR refuses a whole registry policy that names a role which does not exist yet, so the order of applies
across accounts begins to matter. And when the role is deleted later, its name turns into an id, and the
next change of the policy fails, whatever it is about.

To fix it, name the account in `Principal` and the role in an `ArnEquals` condition on
`aws:PrincipalArn`, which needs no role to exist.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222233334444:role/ci" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
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

RULE = Rule(name="role-principal", severity=Severity.WARNING)

_ROLE_OR_USER = re.compile(r"arn:[^:]*:(?:iam|sts)::[^:]*:(?:role|user|assumed-role)/.+")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for roles and users among the principals of registry policies."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder

    for statement in code.statements:
        if statement.holder is not Holder.REGISTRY:
            continue
        for name in statement.principals("AWS"):
            if _ROLE_OR_USER.fullmatch(name):
                yield RULE.about_statement(
                    statement,
                    title="A registry policy names a role and breaks with it",
                    message=(
                        f"{capital(statement.what)} has the principal `{name}`: ECR refuses the "
                        "whole policy while there is no such role. Name the account, and the role "
                        "in an `aws:PrincipalArn` condition."
                    ),
                    subject=name,
                )


ROLE_PRINCIPAL = CodeRule(rule=RULE, check=check)
