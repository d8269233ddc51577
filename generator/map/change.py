"""What a change of a topology does, as one picture: the edges that it touches, before and after."""

from collections.abc import Collection, Iterator, Mapping

from generator.frozen_data import frozen
from generator.map.folding import Group, some
from generator.map.graph import CacheEdge, Column, Edge, Graph, Key, Node, graph_of
from generator.map.labels import CACHES_SHOWN, node_lines, shown_lines
from generator.map.mermaid import SHAPES, TITLES, label
from generator.model.topology import Topology

_MOST = 60
"""Edges that one picture has; of a larger change, a reviewer reads the rows."""

_LINE_LIMIT = 100

_ADDED, _REMOVED, _CHANGED = "#1a7f37", "#cf222e", "#9a6700"


@frozen
class _Touched:
    """One pair of nodes whose edges differ: what they say before, and what after."""

    source: Key
    target: Key
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def colour(self) -> str:
        """Green for what is new, red for what is gone, amber for what differs."""
        if not self.before:
            return _ADDED
        return _CHANGED if self.after else _REMOVED


def mermaid_of_change(before: Topology, after: Topology) -> str:
    """The flowchart of what differs between two topologies; empty where nothing does."""
    graphs = graph_of(before), graph_of(after)
    touched = list(_touched(*graphs))
    if not touched:
        return ""
    nodes: dict[Key, Node] = {node.key: node for graph in graphs for node in graph.nodes}
    shown = touched[:_MOST]
    keys = sorted({key for one in shown for key in (one.source, one.target)}, key=_order)
    places = {key: number for number, key in enumerate(keys)}
    lines = ["flowchart LR"]
    for column, title in TITLES.items():
        inside = [key for key in keys if key[0] == column]
        if inside:
            lines.append(f'  subgraph {title.lower()} ["{title}"]')
            opens, closes = SHAPES[column]
            for key in inside:
                text = label(node_lines(Group(members=(nodes[key],)))[:2])
                lines.append(f'    n{places[key]}{opens}"{text}"{closes}')
            lines.append("  end")
    for one in shown:
        said = (f"before: {_said(one.before)}", f"after: {_said(one.after)}")
        told = shown_lines(*said, limit=_LINE_LIMIT)
        lines.append(f'  n{places[one.source]} -->|"{label(told)}"| n{places[one.target]}')
    for number, one in enumerate(shown):
        lines.append(f"  linkStyle {number} stroke:{one.colour},stroke-width:2px")
    if more := len(touched) - len(shown):
        lines.append(f'  more["and {more:,} more {"edge" if more == 1 else "edges"}"]')
    return "\n".join(lines) + "\n"


def _order(key: Key) -> tuple[int, Key]:
    return list(Column).index(Column(key[0])), key


def _touched(before: Graph, after: Graph) -> Iterator[_Touched]:
    """The pairs of nodes between which an edge is new, gone or different."""
    then, now = _by_pair(before), _by_pair(after)
    for pair in sorted(then.keys() | now.keys()):
        old, new = then.get(pair, {}), now.get(pair, {})
        if old != new:
            gone = {what: sides for what, sides in old.items() if new.get(what) != sides}
            come = {what: sides for what, sides in new.items() if old.get(what) != sides}
            # The sides are the same for most changes, and told where they are the change.
            told = gone.keys() & come.keys()
            yield _Touched(
                source=pair[0], target=pair[1], before=_told(gone, told), after=_told(come, told)
            )


_About = tuple[str, str]
"""The level of a grant, or nothing for a cache, and the repositories."""


def _by_pair(graph: Graph) -> Mapping[tuple[Key, Key], Mapping[_About, str]]:
    """What the edges between two nodes are about, level by level and cache by cache, with their sides."""
    found: dict[tuple[Key, Key], dict[_About, str]] = {}
    for edge in graph.edges:
        sides = " + ".join(edge.sides)
        for about in _abouts(edge):
            found.setdefault((edge.source, edge.target), {})[about] = sides
    return found


def _abouts(edge: Edge) -> Iterator[_About]:
    if isinstance(edge, CacheEdge):
        for cache in edge.caches:
            path = "" if cache.upstream_prefix.is_root else f" of {cache.upstream_prefix}"
            yield "", f"{cache.prefix.repositories}{path}"
    else:
        for grant in edge.grants:
            yield edge.level.value, grant.repositories


def _told(abouts: Mapping[_About, str], with_sides: Collection[_About]) -> tuple[str, ...]:
    """What edges say, one text for each level."""
    levels: dict[str, list[str]] = {}
    for (level, repositories), sides in sorted(abouts.items()):
        is_told = (level, repositories) in with_sides
        text = f"{repositories} ({sides or 'public'})" if is_told else repositories
        levels.setdefault(level, []).append(text)
    return tuple(
        f"{level} on {some(texts, CACHES_SHOWN)}" if level else some(texts, CACHES_SHOWN)
        for level, texts in levels.items()
    )


def _said(words: tuple[str, ...]) -> str:
    return "; ".join(words) or "nothing"
