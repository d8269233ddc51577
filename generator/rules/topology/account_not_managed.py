"""An account for which no code is written.

The topology says `managed: false`: the owner of the account adds what it needs, from the files under
`handover`. It counts as given and is not judged; this line says so once for each account.

**Bad**

```yaml
version: 1
accounts:
  sandbox: {id: "111122223333", regions: [eu-west-1], managed: false}
registries:
  sandbox:
    caches: {quay: {}}
```

**Good**

```yaml
version: 1
accounts:
  sandbox: {id: "111122223333", regions: [eu-west-1]}
registries:
  sandbox:
    caches: {quay: {}}
```
"""

from collections.abc import Iterator

from generator.intent.registry_policies import registry_statements
from generator.model.estate import Estate
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import OutsideRule, Rule

RULE = Rule(name="account-not-managed", severity=Severity.INFO)


def check(topology: Topology, _estate: Estate) -> Iterator[Finding]:
    """List every account whose own registries have something to add."""
    needing = {cache.account for cache in topology.caches}
    needing |= {placed.account for placed in topology.templates}
    needing |= {account for account, _ in registry_statements(topology)}
    for name in sorted(needing - topology.managed_accounts.keys()):
        span = topology.accounts[name].span
        yield RULE.finding(
            title="An account is left to its owner",
            message=(
                f"Account {name} has `managed: false`: its rules, roles and policies are its owner's "
                "to add, count as given and were not judged."
            ),
            subject=name,
            location=span,
            topology=span,
        )


ACCOUNT_NOT_MANAGED = OutsideRule(rule=RULE, check=check)
