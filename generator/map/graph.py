"""A topology as a picture has it: upstreams, registries and consumers, and the edges between them.

Images go from the left to the right: from an upstream into a registry's cache, from a registry to those
who pull. A private registry that another one caches from is a registry as any other.
"""

from collections.abc import Iterable
from enum import StrEnum

from generator.export.show import registry_side
from generator.frozen_data import frozen
from generator.model.levels import Level
from generator.model.topology import Cache, Consumer, Grant, IdentitySide, Topology
from generator.model.values import Region

Key = tuple[str, ...]
"""What tells nodes of one picture apart; it begins with their column."""


class Column(StrEnum):
    """Where a node stands, from the left to the right."""

    UPSTREAM = "upstream"
    REGISTRY = "registry"
    CONSUMER = "consumer"


@frozen
class UpstreamNode:
    """An upstream outside of the topology; a private registry is named by account and region."""

    title: str
    host: str
    key: Key


@frozen
class RegistryNode:
    """One registry with its caches; it may have none, where others only cache from it."""

    account: str
    account_id: str
    region: Region
    caches: tuple[Cache, ...]
    key: Key


@frozen
class ConsumerNode:
    """Those who pull: `scope` is an account, a unit or the organization, as a grant names it."""

    consumer: Consumer
    scope: str
    account: str | None
    account_id: str | None
    key: Key


Node = UpstreamNode | RegistryNode | ConsumerNode


@frozen
class CacheEdge:
    """What a registry caches from one source: `caches` are its rules for it.

    `sides` are what lets it read: nothing, a credential, or for a private registry of another account
    the policy there and the role here.
    """

    source: Key
    target: Key
    caches: tuple[Cache, ...]
    sides: tuple[str, ...]


@frozen
class GrantEdge:
    """What a consumer may do in one registry at one level, cache by cache.

    `sides` are what lets it in there and who gives it the right here.
    """

    source: Key
    target: Key
    level: Level
    grants: tuple[Grant, ...]
    sides: tuple[str, ...]
    is_own_account: bool


Edge = CacheEdge | GrantEdge


@frozen
class Graph:
    """Nodes by column and edges, each sorted."""

    upstreams: tuple[UpstreamNode, ...]
    registries: tuple[RegistryNode, ...]
    consumers: tuple[ConsumerNode, ...]
    edges: tuple[Edge, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, column by column."""
        return (*self.upstreams, *self.registries, *self.consumers)


OWN_POLICY = {
    IdentitySide.POLICY: "own policy",
    IdentitySide.ATTACH: "own policy, attached",
    IdentitySide.ELSEWHERE: "own policy left to others",
}
"""Who gives a consumer the right, in a picture's words."""


def graph_of(topology: Topology, account: str | None = None) -> Graph:
    """The picture of a topology, or of one account: its registries and consumers and their edges."""
    if account is None:
        return _graph(topology, topology.caches, topology.grants)
    entry = topology.accounts[account]
    caches = [
        cache
        for region in entry.regions
        for cache in topology.caches_by_registry.get((account, region), ())
    ]
    caches += [
        cache
        for (account_id, _), found in topology.caches_by_upstream.items()
        if account_id == entry.id
        for cache in found
    ]
    grants = [
        grant
        for region in entry.regions
        for grant in topology.grants_by_registry.get((entry.id, region), ())
    ]
    grants += [
        grant
        for grant in topology.grants_to(account)
        if grant.consumer_account == account and grant.cache.account != account
    ]
    return _graph(topology, caches, grants)


def _graph(topology: Topology, caches: Iterable[Cache], grants: Iterable[Grant]) -> Graph:
    cached: dict[Key, list[Cache]] = {}
    sources: dict[tuple[Key, Key], list[Cache]] = {}
    upstreams: dict[Key, UpstreamNode] = {}
    for cache in caches:
        target = _registry_key(cache.account, cache.region)
        cached.setdefault(target, []).append(cache)
        source = source_key(topology, cache)
        sources.setdefault((source, target), []).append(cache)
        if source[0] == Column.UPSTREAM:
            upstreams[source] = _upstream(cache, source)
        else:
            cached.setdefault(source, [])
    pulls: dict[tuple[Key, Key, Level], list[Grant]] = {}
    consumers: dict[Key, ConsumerNode] = {}
    for grant in grants:
        registry = _registry_key(grant.cache.account, grant.cache.region)
        cached.setdefault(registry, [])
        consumer = consumer_key(grant)
        consumers.setdefault(consumer, _consumer(topology, grant, consumer))
        pulls.setdefault((registry, consumer, grant.level), []).append(grant)
    return Graph(
        upstreams=tuple(upstreams[key] for key in sorted(upstreams)),
        registries=tuple(
            RegistryNode(
                account=key[1],
                account_id=topology.account_id(key[1]),
                region=Region(key[2]),
                caches=tuple(sorted(found, key=lambda cache: cache.prefix)),
                key=key,
            )
            for key, found in sorted(cached.items())
        ),
        consumers=tuple(consumers[key] for key in sorted(consumers)),
        edges=(
            *(
                CacheEdge(source=source, target=target, caches=tuple(found), sides=_sides(found[0]))
                for (source, target), found in sorted(sources.items())
            ),
            *(
                GrantEdge(
                    source=registry,
                    target=consumer,
                    level=level,
                    grants=tuple(found),
                    sides=_grant_sides(topology, found[0]),
                    is_own_account=not found[0].crosses_accounts,
                )
                for (registry, consumer, level), found in sorted(pulls.items())
            ),
        ),
    )


def _registry_key(account: str, region: Region) -> Key:
    return (Column.REGISTRY, account, region)


def source_key(topology: Topology, cache: Cache) -> Key:
    """The node that a cache takes its images from."""
    if cache.upstream_account is None or cache.upstream_region is None:
        return (Column.UPSTREAM, cache.upstream.name, cache.upstream_host)
    if cache.upstream_account in topology.accounts:
        return _registry_key(cache.upstream_account, cache.upstream_region)
    return (Column.UPSTREAM, cache.upstream_account, cache.upstream_region)


def consumer_key(grant: Grant) -> Key:
    """The node of those whom a grant lets in."""
    return (Column.CONSUMER, grant.consumer.policy_name, grant.scope, grant.consumer.who)


def _upstream(cache: Cache, key: Key) -> UpstreamNode:
    if cache.upstream_account is None:
        return UpstreamNode(title=cache.upstream.name, host=cache.upstream_host, key=key)
    return UpstreamNode(title=f"account {key[1]}", host=f"ECR, {key[2]}", key=key)


def _consumer(topology: Topology, grant: Grant, key: Key) -> ConsumerNode:
    return ConsumerNode(
        consumer=grant.consumer,
        scope=grant.scope,
        account=grant.consumer_account,
        account_id=topology.consumer_account_id(grant),
        key=key,
    )


def _sides(cache: Cache) -> tuple[str, ...]:
    if cache.crosses_accounts:
        return ("registry policy there", "role here")
    if cache.credential is not None:
        return ("with a credential",)
    return ()


def _grant_sides(topology: Topology, grant: Grant) -> tuple[str, ...]:
    return (registry_side(topology, grant), OWN_POLICY[grant.identity])
