"""A statement to keep with the id of a statement that is written.

The ids of one policy's statements differ, or ECR refuses the policy. Most often the policy that was
saved to be kept holds the statement of the grant already.

To fix it, take the statement out of `keep_statements`, or give it another `Sid`.

**Bad**

```yaml
version: 1
accounts:
  platform:
    id: "111122223333"
    regions: [eu-west-1]
    registry_policy: adopt
    keep_statements:
      - Sid: PullQuay
        Effect: Allow
        Principal: {AWS: "333344445555"}
        Action: ecr:ReplicateImage
        Resource: "*"
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: {account: shop, role: ci}, allow: pull}]
```

**Good**

```yaml
version: 1
accounts:
  platform:
    id: "111122223333"
    regions: [eu-west-1]
    registry_policy: adopt
    keep_statements:
      - Sid: Replication
        Effect: Allow
        Principal: {AWS: "333344445555"}
        Action: ecr:ReplicateImage
        Resource: "*"
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: {account: shop, role: ci}, allow: pull}]
```
"""

from collections.abc import Iterator, Mapping

from generator.intent.registry_policies import is_exported, kept_statements, registry_statements
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="statement-id-twice", severity=Severity.HIGH)


def check(topology: Topology) -> Iterator[Finding]:
    """Compare the ids of the statements to keep with those of the grants, registry by registry."""
    for (account, region), statements in registry_statements(topology).items():
        kept = topology.accounts[account].kept
        if kept is None or is_exported(topology, account):
            continue
        ours = {statement.sid for statement in statements}
        for statement in kept_statements(topology, account, region):
            sid = statement.get("Sid") if isinstance(statement, Mapping) else None
            if isinstance(sid, str) and sid in ours:
                yield RULE.finding(
                    title="Two statements of one policy have the same id",
                    message=(
                        f"The registry policy of {account} in {region} gets a statement {sid} from "
                        "a grant, and one to keep has the same Sid; ECR refuses such a policy. If "
                        "the two mean the same, remove the one to keep; else give it another Sid."
                    ),
                    subject=f"{account} {region} {sid}",
                    location=kept.span,
                    topology=kept.span,
                )


STATEMENT_ID_TWICE = TopologyRule(rule=RULE, check=check)
