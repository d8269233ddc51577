"""Who gets what, before and after a change: the level of each consumer on each cache, proved in both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from generator.frozen_data import frozen
from generator.grants.changed_policies import ChangedPolicies
from generator.grants.pullers import Puller, puller_of
from generator.grants.pulls import PullQuestion, Pulls
from generator.model.levels import Level
from generator.model.topology import Cache, Grant, Topology

MOST_PROVED = 100
"""Grants whose levels are proved at most, before and after; a change has a handful."""

NOTHING = "nothing"
NOT_DECIDED = "not decided"


@frozen
class AccessChange:
    """The level of somebody on some repositories, before and after.

    A level is a word of a grant, `nothing`, or `not decided`.
    """

    consumer: str
    registries: tuple[str, ...]
    repositories: tuple[str, ...]
    before: str
    after: str


@frozen
class AccessChanges:
    """What a change does to pulls. `grants` is how many were compared, and `left_out` how many not."""

    changes: tuple[AccessChange, ...]
    grants: int
    left_out: int = 0

    @property
    def are_decided(self) -> bool:
        """Whether all of it is proved."""
        words = {word for one in self.changes for word in (one.before, one.after)}
        return not self.left_out and NOT_DECIDED not in words


def access_changes(before: Pulls, after: Pulls) -> AccessChanges:
    """Compare the levels of all grants that either topology declares.

    Where neither the grants with their upstreams nor any policy of the registry and of the consumer differ,
    nor what ECR's own roles need for the pull, the level is the same.
    """
    rows = {_key(grant): (grant, after) for grant in after.topology.grants}
    old = {_key(grant): (grant, before) for grant in before.topology.grants}
    changed = ChangedPolicies(before.estate, after.estate)
    asked = [
        (grant, of)
        for key, (grant, of) in sorted({**old, **rows}.items(), key=lambda row: _order(row[0]))
        if changed.reach(of.topology, grant)
        or key not in old
        or key not in rows
        or _decided_by(old[key][0]) != _decided_by(rows[key][0])
    ]
    found: dict[tuple[str, str, str, str], dict[str, None]] = {}
    for grant, of in asked[:MOST_PROVED]:
        levels = [_level(pulls, of.topology, grant) for pulls in (before, after)]
        if levels[0] != levels[1] or NOT_DECIDED in levels:
            registry = f"{grant.cache.account}/{grant.cache.region}"
            row = (grant.consumer.policy_name, registry, levels[0], levels[1])
            found.setdefault(row, {})[grant.repositories] = None
    return AccessChanges(
        changes=tuple(_merged(found)),
        grants=len({**old, **rows}),
        left_out=max(len(asked) - MOST_PROVED, 0),
    )


def _merged(
    found: Mapping[tuple[str, str, str, str], Mapping[str, None]],
) -> Iterator[AccessChange]:
    """One row for the registries in which the same happens."""
    together: dict[tuple[str, tuple[str, ...], str, str], list[str]] = {}
    for (consumer, registry, before, after), names in found.items():
        key = (consumer, tuple(sorted(names)), before, after)
        together.setdefault(key, []).append(registry)
    for (consumer, repositories, before, after), registries in together.items():
        yield AccessChange(
            consumer=consumer,
            registries=tuple(registries),
            repositories=repositories,
            before=before,
            after=after,
        )


_Key = tuple[object, ...]


def _key(grant: Grant) -> _Key:
    """Who is granted something on what, without how much."""
    cache, consumer = grant.cache, grant.consumer
    return (
        consumer.policy_name,
        grant.scope,
        consumer.role_patterns,
        cache.account,
        cache.region,
        grant.repositories,
    )


def _decided_by(grant: Grant) -> tuple[object, ...]:
    """What a grant of one key may declare anew: how much, who writes its policy, and the upstream."""
    cache = grant.cache
    upstream = (cache.upstream_account, cache.upstream_region, cache.upstream_prefix)
    return grant.level, grant.identity, *upstream, cache.named_role


def _order(key: _Key) -> tuple[str, ...]:
    return tuple(map(str, key))


def _level(pulls: Pulls, declared: Topology, grant: Grant) -> str:
    """The highest level that is proved for a grant's consumer on its repositories."""
    cache = _cache_in(pulls.topology, grant.cache)
    if cache is None:
        return NOTHING
    question = PullQuestion(
        puller=_puller(pulls.topology, declared, grant, cache),
        cache=cache,
        repositories=grant.repositories,
        level=Level.CACHED,
    )
    for level in reversed(Level):
        verdict = pulls.may(replace(question, level=level), shows_lines=False).verdict
        if verdict is not False:
            return NOT_DECIDED if verdict is None else level.value
    return NOTHING


def _cache_in(topology: Topology, cache: Cache) -> Cache | None:
    """The cache of the same registry and prefix in another topology."""
    for other in topology.caches_by_registry.get((cache.account, cache.region), ()):
        if other.prefix == cache.prefix:
            return other
    return None


def _puller(topology: Topology, declared: Topology, grant: Grant, cache: Cache) -> Puller:
    """The consumer of a grant, as a topology knows it, else as the one that declares it does."""
    name = grant.consumer.policy_name
    same = next((one for one in topology.grants if _key(one) == _key(grant)), None)
    if same is None and topology is not declared and name in topology.consumers:
        return puller_of(topology, name, topology.consumers[name], cache)
    return puller_of(topology, name, (same or grant).consumer, cache)


def said_of(changes: AccessChanges) -> Sequence[str]:
    """What is to be said beside the rows."""
    lines = []
    word = "grant" if changes.grants == 1 else "grants"
    if not changes.changes and not changes.left_out:
        lines.append(f"No change of access: proved for {changes.grants} {word}.")
    elif changes.left_out:
        lines.append(
            f"Of {changes.grants} {word}, {changes.left_out} were not compared: only {MOST_PROVED} are proved "
            "in one run."
        )
    return lines
