"""A role that exists already, with which ECR reads an upstream or makes repositories.

The topology names it (`role` of an upstream or of a creation template), so its owner writes its trust
policy and its permissions. Where the role and its policies are in what was read, they are judged like any
other; else what it must hold counts as given, and this line says so once for each role, and what that is. A
role that is missing, or that lacks any of it, fails at the first pull.

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

from generator.estate.attached_policies import held_policies
from generator.grants.named_roles import NamedRole, named_roles
from generator.intent.service_roles import template_actions
from generator.model.estate import Estate, Kind
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
from generator.model.values import AccountId
from generator.rules.rule import OutsideRule, Rule

RULE = Rule(name="service-role-elsewhere", severity=Severity.INFO)


def check(topology: Topology, estate: Estate) -> Iterator[Finding]:
    """List every such role of a managed account once for each service that assumes it."""
    for role in named_roles(topology):
        account = topology.accounts[role.account].id
        if _is_read(estate, account, role):
            continue
        if role.caches:
            upstream = role.caches[0].upstream.span or role.caches[0].span
            needs = _needs_of_caches(role.caches)
            yield _finding(role.account, role.key, PULL_THROUGH_SERVICE, needs, upstream)
        if role.templates:
            template = role.templates[0].template.span
            needs = _needs_of_templates(role.templates)
            yield _finding(role.account, role.key, TEMPLATE_SERVICE, needs, template)


def _is_read(estate: Estate, account: AccountId, role: NamedRole) -> bool:
    """Whether a role was read together with policies of it."""
    is_there = any(
        record.kind is Kind.ROLE and record.account == account and record.key == role.key
        for record in estate.of_account(account)
    )
    return is_there and any(held_policies(estate, account, role.name))


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


SERVICE_ROLE_ELSEWHERE = OutsideRule(rule=RULE, check=check)
