"""A policy that allows any AWS account.

`Principal` is `*`, and no condition says who: then every AWS customer can do what the statement allows,
not only your accounts. A condition about the transport, the time, the user agent or the caller's tags
says nothing about who calls. Against a topology, conditions that are missing, negated or true without
their key are found by the proof, with a request that shows it.

The policies of registries, repositories, creation templates (every repository that is made from one is
born public), secrets, keys and roles are looked at.

To fix it, name the accounts as principals and the roles in an `aws:PrincipalArn` condition, as
`forebay generate` does.

**Bad**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  repository_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = { Bool = { "aws:SecureTransport" = "true" } }
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  repository_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
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

RULE = Rule(name="grant-any-principal", severity=Severity.CRITICAL)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for access of callers whom no account or organization limits."""
    from generator.rules.grant.surplus import TO_ANYBODY, surplus_findings

    return surplus_findings(RULE, policy, TO_ANYBODY)


def check_code(code: "CodePolicies") -> Iterator[Finding]:
    """Look for an Allow to everyone without any condition about who calls."""
    from generator.estate.wording import capital
    from generator.grants.public_statements import allows_any_principal, use_of, weakest
    from generator.grants.strangers import strangers_are_kept_out
    from generator.iam.guards import Guard

    for statement in code.statements:
        if not allows_any_principal(statement):
            continue
        if weakest(statement)[0] not in {None, Guard.NOTHING}:
            continue
        if strangers_are_kept_out(code, statement):
            continue
        yield RULE.about_statement(
            statement,
            title="A policy allows any AWS account",
            message=(
                f"{capital(statement.what)} is for everyone (`*`), and no condition says who "
                f"calls: any AWS account may {use_of(statement)}. Name the accounts in "
                "`Principal`, or add a condition on `aws:PrincipalOrgID`."
            ),
        )


GRANT_ANY_PRINCIPAL = GrantRule(rule=RULE, check=check)
GRANT_ANY_PRINCIPAL_IN_CODE = CodeRule(
    rule=RULE, check=check_code, is_proved=True, is_about_strangers=True
)
