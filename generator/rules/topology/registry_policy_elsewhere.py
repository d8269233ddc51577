"""A registry policy that other code owns.

The topology says `registry_policy: export`: the statements are written as a JSON file and an output, and
the code that owns the policy puts them in. Or an upstream is a registry of an account outside of the
topology, whose owner adds the statement that is written under `handover`. A policy that is in what was read
is judged like any other. Else the statements count as given, and this line says so once for each account.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.intent.registry_policies import foreign_statements, is_exported, registry_statements
from generator.model.estate import Estate, Kind
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.model.values import Region
from generator.rules.rule import OutsideRule, Rule

if TYPE_CHECKING:
    from generator.model.span import Span

RULE = Rule(name="registry-policy-elsewhere", severity=Severity.INFO)


def check(topology: Topology, estate: Estate) -> Iterator[Finding]:
    """List every account with such a policy once."""
    regions: dict[str, list[str]] = {}
    for account, region in registry_statements(topology):
        if is_exported(topology, account) and not _is_read(topology, estate, account, region):
            regions.setdefault(account, []).append(str(region))
    for account, found in sorted(regions.items()):
        span = topology.accounts[account].span
        yield RULE.finding(
            title="A registry policy is written elsewhere",
            message=(
                f"Account {account} in {', '.join(found)}: other code owns the registry policy "
                "(`registry_policy: export`), so its statements and the scope V2 that they need "
                "count as given and were not judged."
            ),
            subject=account,
            location=span,
            topology=span,
        )
    yield from _upstreams(topology)


def _is_read(topology: Topology, estate: Estate, account: str, region: Region) -> bool:
    """Whether the policy of a registry is in what was read."""
    account_id = topology.accounts[account].id
    return any(
        record.kind is Kind.REGISTRY_POLICY
        and record.account == account_id
        and record.region == region
        for record in estate.of_account(account_id)
    )


def _upstreams(topology: Topology) -> Iterator[Finding]:
    """List every account outside the topology that caches take images from."""
    upstreams: dict[str, list[str]] = {}
    spans: dict[str, Span] = {}
    for (account, region), statements in foreign_statements(topology).items():
        upstreams.setdefault(account, []).append(str(region))
        spans.setdefault(account, statements[0].span)
    for account, regions in sorted(upstreams.items()):
        yield RULE.finding(
            title="A registry policy is written elsewhere",
            message=(
                f"Account {account} in {', '.join(regions)}: caches take images from its registry, "
                "whose owner must let them in. `generate` writes the statement under "
                f"`handover/{account}`; it counts as given and was not judged."
            ),
            subject=account,
            location=spans[account],
            topology=spans[account],
        )


REGISTRY_POLICY_ELSEWHERE = OutsideRule(rule=RULE, check=check)
