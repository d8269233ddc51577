"""A permissions boundary that the topology names and nothing here judges.

The topology says `defaults.iam.permissions_boundary`: its owner writes that policy. Where it is in what was
read, it is judged; else what it takes away from the roles that are made counts as not taken away, and this
line says so once.

**Bad**

```yaml
version: 1
defaults:
  iam: {permissions_boundary: "arn:{partition}:iam::{account_id}:policy/boundary"}
accounts:
  platform: {id: "111122223333", regions: [eu-west-1]}
creation_templates:
  tagged: {repository_tags: {owner: platform}}
registries:
  platform: {caches: {quay: {creation_template: tagged}}}
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1]}
creation_templates:
  tagged: {repository_tags: {owner: platform}}
registries:
  platform: {caches: {quay: {creation_template: tagged}}}
```
"""

from collections.abc import Iterator

from generator.estate.attached_policies import is_named
from generator.intent.service_roles import template_roles, upstream_roles
from generator.model.estate import Estate, Kind, Known
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import OutsideRule, Rule

RULE = Rule(name="permissions-boundary-elsewhere", severity=Severity.INFO)


def check(topology: Topology, estate: Estate) -> Iterator[Finding]:
    """List the boundary once, with the accounts whose roles it bounds."""
    accounts = sorted(
        account
        for account in {*upstream_roles(topology), *template_roles(topology)}
        if not _is_read(topology, estate, account)
    )
    if topology.iam.permissions_boundary is None or not accounts:
        return
    yield RULE.finding(
        title="A permissions boundary was not judged",
        message=(
            f"The roles in {_some(accounts)} have the boundary "
            f"{topology.iam.permissions_boundary}, which its owner writes: it must allow the ECR "
            "and KMS actions of those roles, or ECR cannot use them."
        ),
        subject=topology.iam.permissions_boundary,
        location=topology.iam.boundary_span or topology.span,
        topology=topology.iam.boundary_span or topology.span,
    )


def _is_read(topology: Topology, estate: Estate, account: str) -> bool:
    """Whether the policy that is the boundary of an account's roles is in what was read."""
    boundary = Known(value=topology.permissions_boundary(account))
    return any(
        record.kind is Kind.MANAGED_POLICY and is_named(boundary, record)
        for record in estate.of_account(topology.accounts[account].id)
    )


def _some(accounts: list[str]) -> str:
    shown = ", ".join(accounts[:3])
    return shown if len(accounts) <= 3 else f"{shown} and {len(accounts) - 3} more accounts"


PERMISSIONS_BOUNDARY_ELSEWHERE = OutsideRule(rule=RULE, check=check)
