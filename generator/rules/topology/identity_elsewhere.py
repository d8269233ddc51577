"""A consumer whose identity policy is written elsewhere.

The topology says `identity: elsewhere`, or the consumer lies where forebay writes nothing: outside the
topology, in an account that is not managed, in whatever account a unit or the organization has, behind a
permission set. Its owner writes its policy. Where the role and its policies are in what was read, they are
judged like any other; else they count as given, and this line says so once.

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

from generator.estate.attached_policies import held_policies
from generator.estate.spellings import matches_role
from generator.model.estate import Estate, Kind
from generator.model.finding import Finding, Severity
from generator.model.topology import Consumer, IdentitySide, Topology
from generator.rules.rule import OutsideRule, Rule

RULE = Rule(name="identity-elsewhere", severity=Severity.INFO)


def check(topology: Topology, estate: Estate) -> Iterator[Finding]:
    """List every such consumer once."""
    found: dict[tuple[str, str], Consumer] = {
        (grant.scope, grant.consumer.policy_name): grant.consumer
        for grant in topology.grants
        if grant.identity is IdentitySide.ELSEWHERE
    }
    for (scope, name), consumer in sorted(found.items()):
        if _is_read(topology, estate, scope, consumer):
            continue
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


def _is_read(topology: Topology, estate: Estate, scope: str, consumer: Consumer) -> bool:
    """Whether a role of the consumer was read together with policies of it."""
    account = topology.managed_accounts.get(scope)
    return account is not None and any(
        record.kind is Kind.ROLE
        and record.account == account.id
        and isinstance(record.key, str)
        and any(matches_role(pattern, record.key) for pattern in consumer.role_patterns)
        and any(held_policies(estate, account.id, record.key.rsplit("/", 1)[-1]))
        for record in estate.of_account(account.id)
    )


IDENTITY_ELSEWHERE = OutsideRule(rule=RULE, check=check)
