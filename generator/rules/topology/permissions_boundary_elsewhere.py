"""A permissions boundary that the topology names and nothing here judges.

The topology says `defaults.iam.permissions_boundary`: its owner writes that policy. What it takes away
from the roles that are made counts as not taken away; this line says so once.

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

from generator.intent.service_roles import template_roles, upstream_roles
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="permissions-boundary-elsewhere", severity=Severity.INFO)


def check(topology: Topology) -> Iterator[Finding]:
    """List the boundary once, with the accounts whose roles it bounds."""
    accounts = sorted({*upstream_roles(topology), *template_roles(topology)})
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
        location=topology.span,
        topology=topology.span,
    )


def _some(accounts: list[str]) -> str:
    shown = ", ".join(accounts[:3])
    return shown if len(accounts) <= 3 else f"{shown} and {len(accounts) - 3} more accounts"


PERMISSIONS_BOUNDARY_ELSEWHERE = TopologyRule(rule=RULE, check=check)
