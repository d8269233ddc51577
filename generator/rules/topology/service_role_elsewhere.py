"""A role that exists already, with which ECR reads an upstream or makes repositories.

The topology names it (`role` of an upstream or of a creation template), so its owner writes its trust
policy and its permissions. What it must hold counts as given and is not judged; this line says so once
for each role, and what that is. A role that is missing, or that lacks any of it, fails at the first pull.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1]}
creation_templates:
  tagged: {repository_tags: {owner: platform}, role: ecr-templates}
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

from collections.abc import Iterator, Sequence

from generator.intent.service_roles import template_actions
from generator.model.finding import Finding, Severity
from generator.model.levels import (
    AUTHORIZATION_ACTION,
    DOWNSTREAM_ACTIONS,
    KEY_ACTIONS,
    PULL_THROUGH_SERVICE,
    TEMPLATE_SERVICE,
    UPSTREAM_ACTIONS,
)
from generator.model.span import Span
from generator.model.topology import Cache, Encryption, PlacedTemplate, Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="service-role-elsewhere", severity=Severity.INFO)


def check(topology: Topology) -> Iterator[Finding]:
    """List every such role of a managed account once for each service that assumes it."""
    caches: dict[tuple[str, str], list[Cache]] = {}
    for cache in topology.caches:
        if cache.named_role is not None:
            caches.setdefault((cache.account, cache.named_role), []).append(cache)
    templates: dict[tuple[str, str], list[PlacedTemplate]] = {}
    for placed in topology.templates:
        if placed.template.role is not None:
            templates.setdefault((placed.account, placed.template.role), []).append(placed)
    managed = topology.managed_accounts
    for (account, role), reading in sorted(caches.items()):
        if account in managed:
            upstream = reading[0].upstream.span or reading[0].span
            yield _finding(account, role, PULL_THROUGH_SERVICE, _needs_of_caches(reading), upstream)
    for (account, role), making in sorted(templates.items()):
        if account in managed:
            template = making[0].template.span
            yield _finding(account, role, TEMPLATE_SERVICE, _needs_of_templates(making), template)


def _finding(account: str, role: str, service: str, needs: Sequence[str], span: Span) -> Finding:
    return RULE.finding(
        title="A role that ECR assumes is written elsewhere",
        message=(
            f"Role {role} in account {account}: its owner writes its policies, and that they "
            "suffice counts as given and was not judged. It must trust "
            f"`{service}` and allow {'; '.join(needs)}."
        ),
        subject=f"{account} {role} {service}",
        location=span,
        topology=span,
    )


def _needs_of_caches(caches: Sequence[Cache]) -> list[str]:
    upstream = {
        f"`{cache.upstream_prefix.repositories}` of {cache.upstream_account} in "
        f"{cache.upstream_region}"
        for cache in caches
    }
    here = {f"`{cache.prefix.repositories}` in {cache.region}" for cache in caches}
    return [
        f"{AUTHORIZATION_ACTION} on `*`",
        f"{', '.join(UPSTREAM_ACTIONS)} on {_some(upstream)}",
        f"{', '.join(DOWNSTREAM_ACTIONS)} on its own {_some(here)}",
    ]


def _needs_of_templates(templates: Sequence[PlacedTemplate]) -> list[str]:
    by_action: dict[str, set[str]] = {}
    for placed in templates:
        for action in template_actions(placed):
            place = f"`{placed.prefix.repositories}` in {placed.region}"
            by_action.setdefault(action, set()).add(place)
    needs = [f"{action} on {_some(places)}" for action, places in sorted(by_action.items())]
    if any(placed.template.encryption is Encryption.KMS for placed in templates):
        needs.append(f"{', '.join(KEY_ACTIONS)} on the keys that encrypt")
    return needs


def _some(places: set[str]) -> str:
    """The first of the places, and how many there are besides."""
    shown = sorted(places)[:3]
    rest = len(places) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


SERVICE_ROLE_ELSEWHERE = TopologyRule(rule=RULE, check=check)
