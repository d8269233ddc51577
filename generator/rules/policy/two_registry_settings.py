"""Two resources for a setting of which a registry has only one.

A registry has one replication configuration and one scanning configuration, each with all its rules. Two
resources overwrite each other: the later apply wins, and the next plan wants the other one back (Terraform
AWS provider, `aws_ecr_replication_configuration`, `aws_ecr_registry_scanning_configuration`).

To fix it, put all rules into one resource.

**Bad**

```hcl
resource "aws_ecr_registry_scanning_configuration" "images" {
  scan_type = "BASIC"
}

resource "aws_ecr_registry_scanning_configuration" "caches" {
  scan_type = "ENHANCED"
}
```

**Good**

```hcl
resource "aws_ecr_registry_scanning_configuration" "all" {
  scan_type = "ENHANCED"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Record

RULE = Rule(name="two-registry-settings", severity=Severity.HIGH)

_REPLICATION = "aws_ecr_replication_configuration"


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for registries with more than one replication or scanning configuration."""
    from generator.model.estate import Kind

    owners: dict[tuple[str, str, str], Record] = {}
    for record in code.of(Kind.SCANNING, Kind.OTHER_ACCESS):
        if record.kind is Kind.OTHER_ACCESS and record.key != _REPLICATION:
            continue
        registry = (record.kind.value, *_registry(record))
        first = owners.setdefault(registry, record)
        if first is not record:
            what = "scanning" if record.kind is Kind.SCANNING else "replication"
            yield RULE.about(
                record,
                title=f"One registry has two {what} configurations",
                message=(
                    f"`{record.address}` and `{first.address}` both are the {what} configuration of one "
                    "registry: each apply of the one overwrites the other. Put all rules into one."
                ),
                subject=f"{first.root} {first.address}",
            )


def _registry(record: "Record") -> tuple[str, str]:
    """The account and region; one that is not known is the same for one provider of one root alone."""
    from generator.model.estate import Unknown

    account, region = (
        f"{record.root} {part.reference}" if isinstance(part, Unknown) else str(part)
        for part in (record.account, record.region)
    )
    return account, region


TWO_REGISTRY_SETTINGS = CodeRule(rule=RULE, check=check)
