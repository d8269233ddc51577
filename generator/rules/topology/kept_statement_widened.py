"""A statement to keep that scope V2 makes wider.

Under scope V1 a registry policy decides only about ReplicateImage, BatchImportUpstreamImage and
CreateRepository, whatever else its statements name. The generated code sets scope V2, which grants need,
and from then on everything that a kept statement allows is allowed: `ecr:*` written for replication
becomes the right to push and to delete.

To fix it, name in the statement only the actions that are meant.

**Bad**

```yaml
version: 1
accounts:
  platform:
    id: "111122223333"
    regions: [eu-west-1]
    registry_policy: adopt
    keep_statements:
      - {Effect: Allow, Principal: {AWS: "222233334444"}, Action: "ecr:*", Resource: "*"}
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
      - {Effect: Allow, Principal: {AWS: "222233334444"}, Action: "ecr:ReplicateImage", Resource: "*"}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: {account: shop, role: ci}, allow: pull}]
```
"""

import re
from collections.abc import Iterator, Mapping

from generator.intent.registry_policies import is_exported, registry_statements
from generator.model.estate import Json
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import Rule, TopologyRule

ACTIONS_OF_V1 = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:ReplicateImage")

RULE = Rule(name="kept-statement-widened", severity=Severity.WARNING)


def check(topology: Topology) -> Iterator[Finding]:
    """Look at the statements of every account that gets a registry policy."""
    for name in sorted({account for account, _ in registry_statements(topology)}):
        kept = topology.accounts[name].kept
        if kept is None or is_exported(topology, name):
            continue
        for number, statement in enumerate(kept.statements, 1):
            wider = _wider_actions(statement)
            if not wider:
                continue
            shown = ", ".join(wider[:3]) + (f" and {len(wider) - 3} more" if wider[3:] else "")
            yield RULE.finding(
                title="Scope V2 makes a kept statement wider",
                message=(
                    f"Account {name}, statement {number} to keep: it allows {shown}. Under scope V1 "
                    "a registry policy decides only about ReplicateImage, BatchImportUpstreamImage "
                    "and CreateRepository; the generated code sets V2, and then all of it holds. "
                    "Name only the actions that are meant."
                ),
                subject=f"{name} {number}",
                location=kept.span,
                topology=kept.span,
            )


def _wider_actions(statement: Json) -> list[str]:
    """The ECR actions that a statement allows and that scope V1 did not look at."""
    from generator.iam.actions import ecr_actions

    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return []
    excluded = "NotAction" in statement
    patterns = statement.get("NotAction" if excluded else "Action")
    texts = patterns if isinstance(patterns, tuple) else (patterns,)
    expressions = [_expression(text) for text in texts if isinstance(text, str)]
    return [
        action
        for action in ecr_actions()
        if action not in ACTIONS_OF_V1
        and excluded is not any(each.fullmatch(action) for each in expressions)
    ]


def _expression(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.IGNORECASE)


KEPT_STATEMENT_WIDENED = TopologyRule(rule=RULE, check=check)
