"""Who may pull, as it is worked out: grants, consumers, and what accounts say of their policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.frozen_data import frozen
from generator.imported.caches import Caches
from generator.imported.facts import Registry
from generator.imported.lines import Owner, Yaml
from generator.imported.notes import Note
from generator.imported.pulls import Pull
from generator.imported.world import World
from generator.model.estate import Json, Record
from generator.model.span import Span
from generator.model.values import AccountId


@frozen
class PlacedGrant:
    """A grant of one registry: to whom, what, and where that comes from."""

    to: Yaml
    level: str
    repositories: str
    owner: Owner
    source: Span | None


@frozen
class PlacedConsumer:
    """A consumer of its own name."""

    value: Mapping[str, Yaml]
    owner: Owner
    source: Span | None


@frozen
class PolicyWord:
    """What an account says about its registry policy."""

    word: str
    kept: tuple[Yaml, ...] = ()
    source: Span | None = None


@dataclass(slots=True, kw_only=True)
class Access:
    """Who may pull: grants by registry, consumers by name, registry policies by account.

    `set_names` are those that sets of registries must have so that policies have their names.
    """

    grants: dict[Registry, list[PlacedGrant]] = field(default_factory=dict)
    consumers: dict[str, PlacedConsumer] = field(default_factory=dict)
    policies: dict[AccountId, PolicyWord] = field(default_factory=dict)
    set_names: dict[Registry, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


@frozen
class Stated:
    """The statement that a pull comes from, and where it stands."""

    owner: Owner
    source: Span | None


@dataclass(slots=True, kw_only=True)
class RegistryPolicy:
    """One registry policy, statement by statement."""

    record: Record
    document: Json
    pulls: dict[Pull, Stated] = field(default_factory=dict)
    kept: list[Json] = field(default_factory=list)
    is_asked: bool = False


@dataclass(slots=True, kw_only=True)
class AccessWork:
    """What is at hand while grants are worked out."""

    world: World
    caches: Caches
    access: Access
    policies: dict[Registry, RegistryPolicy]
    granted: set[Pull] = field(default_factory=set)
    relied_on: set[Registry] = field(default_factory=set)
