"""What is written on the nodes and edges of a picture: lines of text, shortened and fit to be seen."""

from functools import lru_cache

from generator.map.folding import Bundle, Group, counted, shortened, some
from generator.map.graph import CacheEdge, ConsumerNode, RegistryNode, UpstreamNode
from generator.model.printable import one_line

LINE_LIMIT = 48
"""Characters of a line on a node or an edge."""

CACHES_SHOWN = 4
"""Caches that a node or an edge names."""


def node_lines(group: Group) -> tuple[str, ...]:
    """The lines on one node, its name first."""
    first, number = group.first, len(group.members)
    match first:
        case UpstreamNode():
            if number > 1:
                return shown_lines(counted(number, "upstream", "upstreams"), _titles(group))
            return shown_lines(first.title, first.host if first.host != first.title else "")
        case RegistryNode():
            caches = _caches(group)
            if number > 1:
                return shown_lines(
                    counted(number, "registry", "registries"), first.region, caches, _titles(group)
                )
            return shown_lines(first.account, f"{first.account_id} · {first.region}", caches)
        case ConsumerNode():
            who = first.consumer.who
            if number == 1:
                name = first.consumer.policy_name
                return shown_lines(name, f"{first.scope} · {who}")
            every = {node.consumer.who for node in group.members if isinstance(node, ConsumerNode)}
            kind = who if len(every) == 1 else "roles and accounts"
            return shown_lines(counted(number, "consumer", "consumers"), kind, _titles(group))


def edge_lines(bundle: Bundle) -> tuple[str, ...]:
    """The lines on one edge: what it is about, and what each side gives."""
    first = bundle.first
    sides = " + ".join(first.sides)
    if len({edge.sides for edge in bundle.edges}) > 1:
        sides = "sides differ"
    if isinstance(first, CacheEdge):
        prefixes = (
            cache.prefix.repositories
            for edge in bundle.edges
            if isinstance(edge, CacheEdge)
            for cache in edge.caches
        )
        return shown_lines(some(prefixes, CACHES_SHOWN), sides)
    return shown_lines(first.level.value, sides)


def _caches(group: Group) -> str:
    prefixes = (
        cache.prefix.repositories
        for node in group.members
        if isinstance(node, RegistryNode)
        for cache in node.caches
    )
    return some(prefixes, CACHES_SHOWN)


def _titles(group: Group) -> str:
    """The names of members, a few of them."""
    names = []
    for node in group.members:
        match node:
            case UpstreamNode():
                names.append(node.title)
            case RegistryNode():
                names.append(node.account)
            case ConsumerNode():
                names.append(node.scope)
    return some((shortened(name, 16) for name in names), 3)


# Roots of one topology say the same of most of their edges.
@lru_cache(maxsize=4096)
def shown_lines(*lines: str, limit: int = LINE_LIMIT) -> tuple[str, ...]:
    """Lines from outside, shortened and fit to be seen; without those that are empty."""
    return tuple(shortened(one_line(line), limit) for line in lines if line)
