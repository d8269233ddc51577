"""Alike nodes drawn once: what is a thousand times the same is seen at one look, with its count.

Nodes are alike when nothing but accounts tells them apart, and neither does anything that their edges
lead to, however far. That is found by colours: all nodes begin with one for what they are, and get a new
one for the colours around them until no colour splits any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from generator.frozen_data import frozen
from generator.map.graph import (
    CacheEdge,
    Column,
    ConsumerNode,
    Edge,
    GrantEdge,
    Graph,
    Key,
    Node,
    RegistryNode,
    UpstreamNode,
)

DRAWN_ONE_BY_ONE = 12
"""As many registries, and as many consumers, are drawn each for itself."""


class Scale(IntEnum):
    """How much is drawn together: nothing, what is alike, what is of one sort."""

    EACH = 0
    ALIKE = 1
    SORTS = 2


@frozen
class Group:
    """Nodes that are drawn once; the first stands for all of them."""

    members: tuple[Node, ...]

    @property
    def first(self) -> Node:
        """The member that is shown where one stands for all."""
        return self.members[0]

    @property
    def column(self) -> Column:
        """Where the group stands."""
        return Column(self.first.key[0])


@frozen
class Bundle:
    """Edges between two groups that are drawn once, by the groups' positions."""

    source: int
    target: int
    edges: tuple[Edge, ...]

    @property
    def first(self) -> Edge:
        """The edge that is shown where one stands for all."""
        return self.edges[0]


@frozen
class Drawing:
    """What is drawn: groups column by column, and bundles between them; `scale` is what is together."""

    scale: Scale

    groups: tuple[Group, ...]
    bundles: tuple[Bundle, ...]

    def of(self, column: Column) -> list[tuple[int, Group]]:
        """The groups of one column with their positions."""
        return [
            (position, group)
            for position, group in enumerate(self.groups)
            if group.column is column
        ]


def drawing(graph: Graph, *, groups: int, bundles: int) -> Drawing:
    """The finest drawing with at most so many groups and bundles; where none has, the coarsest."""
    few = max(len(graph.registries), len(graph.consumers)) <= DRAWN_ONE_BY_ONE
    for scale in (Scale.EACH, Scale.ALIKE) if few else (Scale.ALIKE,):
        found = folded(graph, scale)
        if len(found.groups) <= groups and len(found.bundles) <= bundles:
            return found
    return folded(graph, Scale.SORTS)


def folded(graph: Graph, scale: Scale) -> Drawing:
    """The graph with what the scale says drawn together."""
    colours = {node.key: node.key for node in graph.nodes}
    if scale is Scale.ALIKE:
        colours = _alike(graph)
    elif scale is Scale.SORTS:
        colours = {node.key: _sort(node) for node in graph.nodes}
    found: dict[Key, list[Node]] = {}
    for node in graph.nodes:
        found.setdefault(colours[node.key], []).append(node)
    groups = tuple(Group(members=tuple(members)) for members in found.values())
    places = {node.key: position for position, group in enumerate(groups) for node in group.members}
    edges: dict[tuple[int, int, str], list[Edge]] = {}
    for edge in graph.edges:
        between = (places[edge.source], places[edge.target], _word(edge))
        edges.setdefault(between, []).append(edge)
    return Drawing(
        scale=scale,
        groups=groups,
        bundles=tuple(
            Bundle(source=source, target=target, edges=tuple(of_one))
            for (source, target, _), of_one in sorted(edges.items(), key=lambda item: item[0])
        ),
    )


def _word(edge: Edge) -> str:
    return edge.level.value if isinstance(edge, GrantEdge) else ""


def _alike(graph: Graph) -> dict[Key, Key]:
    """A colour for each node; alike ones have the same."""
    kinds = {node.key: _kind(node) for node in graph.nodes}
    numbers = _numbered(kinds)
    around: dict[Key, list[tuple[str, Key, tuple[object, ...]]]] = {}
    for edge in graph.edges:
        says = _says(edge)
        around.setdefault(edge.source, []).append(("to", edge.target, says))
        around.setdefault(edge.target, []).append(("from", edge.source, says))
    while True:
        seen: dict[Key, object] = {
            key: (
                numbers[key],
                # A registry whose edges lead to many of one colour is like one with fewer of them.
                frozenset((way, numbers[other], says) for way, other, says in around.get(key, ())),
            )
            for key in kinds
        }
        finer = _numbered(seen)
        if len(set(finer.values())) == len(set(numbers.values())):
            return {key: (key[0], str(number)) for key, number in numbers.items()}
        numbers = finer


def _numbered(colours: Mapping[Key, object]) -> dict[Key, int]:
    numbers: dict[object, int] = {}
    return {key: numbers.setdefault(colour, len(numbers)) for key, colour in colours.items()}


def _kind(node: Node) -> object:
    match node:
        case UpstreamNode():
            return node.key
        case RegistryNode():
            return (Column.REGISTRY, node.region)
        case ConsumerNode():
            consumer = node.consumer
            return (Column.CONSUMER, consumer.who, node.account is None and node.scope)


def _says(edge: Edge) -> tuple[object, ...]:
    """What an edge says, whatever accounts it leads to."""
    if isinstance(edge, CacheEdge):
        caches = ((cache.prefix, cache.upstream_prefix) for cache in edge.caches)
        return (edge.sides, *sorted(caches))
    grants = ((grant.cache.prefix, grant.pattern or "") for grant in edge.grants)
    return (edge.level, edge.sides, edge.is_own_account, *sorted(grants))


def _sort(node: Node) -> Key:
    match node:
        case UpstreamNode():
            return (Column.UPSTREAM, "" if node.title.startswith("account ") else node.title)
        case RegistryNode():
            return (Column.REGISTRY, node.region, "caches" if node.caches else "is cached from")
        case ConsumerNode():
            return (Column.CONSUMER, "accounts" if node.account is not None else node.scope)


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def shortened(text: str, limit: int) -> str:
    """A text of at most so many characters; the middle goes, since names differ at their ends."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 3
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}"


def some(words: Iterable[str], limit: int) -> str:
    """Words of a list, and how many more there are."""
    found: Sequence[str] = list(dict.fromkeys(words))
    if len(found) <= limit:
        return ", ".join(found)
    return f"{', '.join(found[: limit - 1])} and {len(found) - limit + 1:,} more"
