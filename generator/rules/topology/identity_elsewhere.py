"""A consumer whose identity policy is written elsewhere.

The topology says `identity: elsewhere`, or the consumer lies where forebay writes nothing: outside the
topology, in an account that is not managed, in whatever account a unit or the organization has, behind a
permission set. Its owner writes its policy. It counts as given and is not judged; this line says so once.

**Bad**

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

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```
"""

from collections.abc import Iterator

from generator.model.finding import Finding, Severity
from generator.model.topology import Consumer, IdentitySide, Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="identity-elsewhere", severity=Severity.INFO)


def check(topology: Topology) -> Iterator[Finding]:
    """List every such consumer once."""
    found: dict[tuple[str, str], Consumer] = {
        (grant.scope, grant.consumer.policy_name): grant.consumer
        for grant in topology.grants
        if grant.identity is IdentitySide.ELSEWHERE
    }
    for (scope, name), consumer in sorted(found.items()):
        where = f"the {scope}" if consumer.is_group else f"account {scope}"
        yield RULE.finding(
            title="An identity policy is written elsewhere",
            message=(
                f"Consumer {name} in {where}: its owner writes its policy, so the "
                "identity side of its grants counts as given and was not judged."
            ),
            subject=f"{scope} {name}",
            location=consumer.span,
            topology=consumer.span,
        )


IDENTITY_ELSEWHERE = TopologyRule(rule=RULE, check=check)
