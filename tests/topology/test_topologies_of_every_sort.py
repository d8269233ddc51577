"""The random topologies of the properties are of every sort: nothing is proved of what never comes up."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import Phase, given, settings

from generator.levels import Level
from generator.model.topology import (
    AppliedFor,
    CredentialValue,
    Encryption,
    IdentitySide,
    Mutability,
    RegistryPolicyMode,
)
from generator.topology import read_topology
from generator.upstreams import REGISTRIES, UpstreamRegistry
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from generator.model.topology import Topology

WORDS = (
    AppliedFor,
    CredentialValue,
    Encryption,
    IdentitySide,
    Level,
    Mutability,
    RegistryPolicyMode,
)
TRAITS = {
    "a cache at ROOT",
    "a cache of a part of its upstream",
    "a cache from its own account",
    "a cache from another account",
    "a cache from another region",
    "an account in several regions",
    "an account with kept statements",
    "a template at ROOT",
    "a template with tags",
    "a template with a key",
    "a template with its own role",
    "a template that expires by age",
    "a template that keeps a number",
    "a grant in one account",
    "a grant across accounts",
    "a grant to an account outside",
    "a grant to a whole account",
    "a grant to a pattern of roles",
    "a grant to a role with a path",
    "a partition of its own",
}


def words_in(value: object) -> Iterator[StrEnum | str]:
    """Every enumerated word and every upstream registry in a value of the model."""
    if isinstance(value, StrEnum):
        yield value
    elif isinstance(value, UpstreamRegistry):
        yield f"registry {value.name}"
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from words_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from words_in(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from words_in(item)


def traits_of(topology: Topology) -> Iterator[tuple[str, bool]]:
    """What is asked of the topology's parts, and the answers."""
    for account in topology.accounts.values():
        yield "an account in several regions", len(account.regions) > 1
        yield "an account with kept statements", account.kept is not None
        yield "a partition of its own", account.regions[0].partition != "aws"
    for cache in topology.caches:
        is_ecr = cache.upstream_account is not None
        yield "a cache at ROOT", cache.prefix == "ROOT"
        yield "a cache of a part of its upstream", cache.upstream_prefix != "ROOT"
        yield "a cache from its own account", cache.upstream_account == cache.account
        yield "a cache from another account", is_ecr and cache.upstream_account != cache.account
        yield "a cache from another region", is_ecr and cache.upstream_region != cache.region
    for placed in topology.templates:
        template = placed.template
        yield "a template at ROOT", placed.prefix == "ROOT"
        yield "a template with tags", bool(template.repository_tags)
        yield "a template with a key", placed.kms_key is not None
        yield "a template with its own role", template.role is not None
        yield "a template that expires by age", template.expire_after_days is not None
        yield "a template that keeps a number", template.keep_images is not None
    for grant in topology.grants:
        role = grant.consumer.role
        yield "a grant in one account", not grant.crosses_accounts
        yield "a grant across accounts", grant.crosses_accounts
        yield "a grant to an account outside", grant.consumer.external_account is not None
        yield "a grant to a whole account", role is None
        yield "a grant to a pattern of roles", grant.consumer.is_pattern
        yield "a grant to a role with a path", role is not None and "/" in role


def test_two_hundred_topologies_have_every_word_every_registry_and_every_trait() -> None:
    seen: set[StrEnum | str] = set()
    traits: set[str] = set()

    @settings(
        max_examples=200, deadline=None, database=None, derandomize=True, phases=[Phase.generate]
    )
    @given(document=topologies())
    def collect(document: Document) -> None:
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "topology.yaml"
            file.write_text(to_yaml(document), encoding="utf-8")
            topology = read_topology(file).topology
        assert topology is not None
        seen.update(words_in(topology))
        traits.update(trait for trait, holds in traits_of(topology) if holds)

    collect()

    registries = {f"registry {name}" for name in REGISTRIES}
    words = {word for kind in WORDS for word in kind}
    assert (registries | words) - seen == set()
    assert traits == TRAITS
