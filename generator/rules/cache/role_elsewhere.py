"""A cache rule or creation template with a role of another account.

ECR assumes the role for the registry, so it must be in the registry's own account (API parameter
`customRoleArn`). A role of the upstream's account looks right and fails at the first pull.

To fix it, make the role in the account of the registry.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = "arn:aws:iam::222233334444:role/ecr-upstream"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = "arn:aws:iam::111122223333:role/ecr-upstream"
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

RULE = Rule(name="role-elsewhere", severity=Severity.HIGH)

_ROLE = re.compile(r"arn:[^:]+:iam::([0-9]{12}):role/.+")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the role of every cache rule and creation template."""
    from generator.model.estate import Kind, Known, Link, Unknown

    for record in code.of(Kind.CACHE_RULE, Kind.CREATION_TEMPLATE):
        value = record.get("custom_role_arn")
        account: str | None = None
        if isinstance(value, Link):
            account = value.target.account
        elif isinstance(value, Known) and (found := _ROLE.fullmatch(str(value.value))):
            account = found[1]
        elif isinstance(value, Known) and value.value:
            yield RULE.about(
                record,
                title="The ARN of a role is not one",
                message=(
                    f"`custom_role_arn` of `{record.address}` is `{value.value}`, and an ARN "
                    "`arn:…:iam::<account>:role/<name>` is needed."
                ),
                subject="form",
                location=value.span,
            )
        if account is None or isinstance(record.account, Unknown) or account == record.account:
            continue
        yield RULE.about(
            record,
            title="The role is in another account than the registry",
            message=(
                f"`{record.address}` is in account {record.account}, and its role in account "
                f"{account}. ECR takes only roles of the registry's own account."
            ),
            subject=account,
            location=value.span,
        )


ROLE_ELSEWHERE = CodeRule(rule=RULE, check=check)
