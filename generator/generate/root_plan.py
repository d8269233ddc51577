"""What one root holds, before it becomes text."""

from collections.abc import Iterator, Mapping
from dataclasses import field

from generator.frozen_data import frozen
from generator.intent.consumer_policies import ConsumerPolicy, consumer_policies
from generator.intent.records import created_credentials
from generator.intent.registry_forms import RegistryStatement
from generator.intent.registry_policies import registry_statements
from generator.intent.service_roles import (
    TemplateRole,
    UpstreamRole,
    template_roles,
    upstream_roles,
)
from generator.model.estate import Json
from generator.model.topology import Cache, Credential, PlacedTemplate, Topology
from generator.model.values import Region, fill_placeholders
from generator.render import Reference
from generator.render.literal import Value


@frozen
class Call:
    """One module call of a root."""

    name: str
    module: str
    file: str
    arguments: dict[str, Value]


@frozen
class RootPlan:
    """What one account's root holds, before it becomes text; `region` is the provider's."""

    account: str
    region: Region
    caches: tuple[Cache, ...]
    templates: tuple[PlacedTemplate, ...]
    secrets: tuple[tuple[Region, str, Credential], ...]
    statements: Mapping[Region, tuple[RegistryStatement, ...]]
    pullers: tuple[ConsumerPolicy, ...]
    upstream_role: UpstreamRole | None
    template_role: TemplateRole | None
    calls: list[Call] = field(default_factory=list)
    imports: list[dict[str, Value]] = field(default_factory=list)
    exported: dict[Region, Json] = field(default_factory=dict)


def empty_plans(topology: Topology) -> Iterator[RootPlan]:
    """What each account needs, its module calls still left out; accounts by name."""
    # Worked out once for all accounts: for each of a thousand it would take minutes.
    caches: dict[str, list[Cache]] = {}
    for cache in topology.caches:
        caches.setdefault(cache.account, []).append(cache)
    templates: dict[str, list[PlacedTemplate]] = {}
    for placed in topology.templates:
        templates.setdefault(placed.account, []).append(placed)
    secrets: dict[str, list[tuple[Region, str, Credential]]] = {}
    for (owner, region, name), credential in sorted(
        created_credentials(topology).items(), key=lambda item: item[0]
    ):
        secrets.setdefault(owner, []).append((region, name, credential))
    statements: dict[str, dict[Region, tuple[RegistryStatement, ...]]] = {}
    for (owner, region), found in registry_statements(topology).items():
        statements.setdefault(owner, {})[region] = found
    pullers: dict[str, list[ConsumerPolicy]] = {}
    for (owner, _), policy in consumer_policies(topology).items():
        pullers.setdefault(owner, []).append(policy)
    upstream, template = upstream_roles(topology), template_roles(topology)
    for account, entry in sorted(topology.managed_accounts.items()):
        yield RootPlan(
            account=account,
            region=entry.regions[0],
            caches=tuple(caches.get(account, ())),
            templates=tuple(templates.get(account, ())),
            secrets=tuple(secrets.get(account, ())),
            statements=statements.get(account, {}),
            pullers=tuple(pullers.get(account, ())),
            upstream_role=upstream.get(account),
            template_role=template.get(account),
        )


def aliases_of_keys(plan: RootPlan) -> dict[str, Value]:
    """The aliases by which a root looks keys up, by the words that stand for them in the root."""
    return {
        _alias_words(placed.region, placed.kms_alias): {
            "region": str(placed.region),
            "name": placed.kms_alias,
        }
        for placed in plan.templates
        if placed.kms_alias is not None
    }


def looked_up_key(placed: PlacedTemplate) -> Reference | None:
    """The ARN of the key that a root looks up by its alias, `None` where it looks none up."""
    if placed.kms_alias is None:
        return None
    words = _alias_words(placed.region, placed.kms_alias)
    return Reference(f'data.aws_kms_alias.key["{words}"].target_key_arn')


def _alias_words(region: Region, alias: str) -> str:
    return f"{region}:{alias}"


def copied_sources(topology: Topology, plan: RootPlan) -> list[str]:
    """The ARNs of the secrets that are copied, sorted."""
    account = topology.accounts[plan.account].id
    return sorted(
        {
            fill_placeholders(credential.copy_of, account=account, region=region)
            for region, _, credential in plan.secrets
            if credential.copy_of is not None
        }
    )


def supplied_variables(plan: RootPlan) -> dict[str, list[tuple[Region, str, Credential]]]:
    """The secrets that take their value from each variable of the root."""
    variables: dict[str, list[tuple[Region, str, Credential]]] = {}
    for region, name, credential in plan.secrets:
        if credential.variable is not None:
            variables.setdefault(credential.variable, []).append((region, name, credential))
    return dict(sorted(variables.items()))


def upstream_text(cache: Cache) -> str:
    """Where a cache's images come from, as a person writes it."""
    if cache.upstream_prefix.is_root:
        return cache.upstream_host
    return f"{cache.upstream_host}/{cache.upstream_prefix}"


def literal(value: Json) -> Value:
    """A part of a policy as data for Terraform; policies of a topology hold no numbers."""
    match value:
        case str() | bool():
            return value
        case tuple():
            return [literal(item) for item in value]
        case Mapping():
            return {key: literal(item) for key, item in value.items()}
        case _:
            raise TypeError(f"{value!r} cannot stand in a policy")
