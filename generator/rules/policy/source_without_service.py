"""A condition about the source of a service call, on a statement for accounts and roles.

`aws:SourceAccount`, `aws:SourceArn` and their like exist only when an AWS service calls for somebody.
When a role calls, the key is missing, so an Allow with it never applies (IAM user guide,
reference_policies_condition-keys); with `IfExists` it always does.

To fix it, use `aws:PrincipalAccount` or `aws:PrincipalArn` for callers that are no service.

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
      Condition = { StringEquals = { "aws:SourceAccount" = "222233334444" } }
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
      Condition = { StringEquals = { "aws:PrincipalAccount" = "222233334444" } }
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

RULE = Rule(name="source-without-service", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for conditions about a source where no service is a principal."""
    from generator.estate.wording import capital
    from generator.iam.guards import SOURCE_KEYS, tests_of

    for statement in code.statements:
        principal = statement.raw.get("Principal")
        if not statement.allows or not statement.principals("AWS") or statement.names_any_principal:
            continue
        if statement.principals("Service") or "Federated" in str(principal):
            continue
        for test in tests_of(statement.raw.get("Condition")) or ():
            if test.key.lower() not in SOURCE_KEYS or test.base == "null" or test.is_negated:
                continue
            effect = "always true" if test.holds_without_key else "never true"
            yield RULE.about_statement(
                statement,
                title="A condition about services stands on a statement for accounts",
                message=(
                    f"{capital(statement.what)} lets in accounts or roles, and its condition "
                    f"`{test.words}` is {effect} for them: only AWS services send that key. Use "
                    "`aws:PrincipalAccount` or `aws:PrincipalArn`."
                ),
                subject=test.words,
            )


SOURCE_WITHOUT_SERVICE = CodeRule(rule=RULE, check=check)
