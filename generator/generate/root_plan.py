"""What one root holds, before it becomes text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.intent import created_credentials
from generator.model.estate import Json
from generator.model.topology import Cache, Credential, Topology
from generator.policies import PullerPolicy
from generator.render.literal import Value
from generator.values import Region, fill_placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One module call of a root."""

    name: str
    module: str
    file: str
    arguments: dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootPlan:
    """What one account's root holds, before it becomes text."""

    account: str
    region: Region
    caches: tuple[Cache, ...]
    secrets: tuple[tuple[Region, str, Credential], ...]
    pullers: tuple[PullerPolicy, ...]
    calls: list[Call] = field(default_factory=list)
    imports: list[dict[str, Value]] = field(default_factory=list)
    exported: dict[Region, Json] = field(default_factory=dict)


def created_secrets(
    topology: Topology,
) -> list[tuple[tuple[str, Region, str], Credential]]:
    """The secrets that are made, by account, region and name, in that order."""
    found = created_credentials(topology)
    return [(key, found[key]) for key in sorted(found)]


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
