"""Registry policies of the code, statement by statement: pulls from caches, and what else stands there."""

import re
from collections.abc import Iterable

from generator.imported.access_work import RegistryPolicy, Stated
from generator.imported.caches import Asked, Caches
from generator.imported.facts import Registry
from generator.imported.pulls import Pull, registry_pulls, statements_of
from generator.imported.world import World
from generator.intent.registry_forms import UPSTREAM
from generator.model.estate import Kind, Known
from generator.model.values import ROOT


def cache_of(repositories: str, prefixes: Iterable[str]) -> str | None:
    """The prefix of the cache that holds all repositories of a pattern."""
    literal = re.split(r"[*?]", repositories, maxsplit=1)[0]
    found = [prefix for prefix in prefixes if prefix != ROOT and literal.startswith(f"{prefix}/")]
    if found:
        return max(found, key=len)
    return ROOT if ROOT in prefixes else None


def registry_policies(world: World, caches: Caches) -> dict[Registry, RegistryPolicy]:
    """What the registry policies of the code say, by registry."""
    found = {}
    for registry, _, record in world.facts.in_registries(Kind.REGISTRY_POLICY):
        attribute = record.get("policy")
        document = attribute.value if isinstance(attribute, Known) else None
        read = RegistryPolicy(record=record, document=document)
        found[registry] = read
        for index, statement in enumerate(statements_of(document)):
            owner = f"statement {registry.account} {registry.region} {index}"
            pulls = registry_pulls(statement, registry)
            if pulls and all(_asked(pull) in caches.asked for pull in pulls):
                read.is_asked = True
            elif pulls and owner not in world.choices.dropped and _are_grants(pulls, caches):
                span = world.facts.statement_span(record, index, "policy")
                read.pulls.update(dict.fromkeys(pulls, Stated(owner=owner, source=span)))
            else:
                read.kept.append(statement)
    return found


def _asked(pull: Pull) -> Asked | None:
    if pull.level != UPSTREAM:
        return None
    return Asked(
        upstream=pull.registry,
        repositories=pull.repositories,
        account=pull.account,
        role=pull.role,
    )


def _are_grants(pulls: Iterable[Pull], caches: Caches) -> bool:
    return all(
        pull.level != UPSTREAM
        and pull.crosses_accounts
        and cache_of(pull.repositories, caches.placed.get(pull.registry, {})) is not None
        for pull in pulls
    )
