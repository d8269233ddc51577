"""The picture as a Mermaid flowchart, which GitHub draws.

Mermaid takes signs in a text for orders: a picture is named after strangers' accounts and roles, so every
sign that is more than a letter stands there by its number (https://mermaid.js.org/syntax/flowchart.html,
"Entity codes to escape characters"). GitHub draws at most 50,000 characters and 500 edges.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from generator.map.folding import Drawing, Group, drawing
from generator.map.graph import CacheEdge, Column, Graph
from generator.map.labels import edge_lines, node_lines
from generator.model.levels import Level

_NODES, _EDGES = 100, 150
TITLES = {
    Column.UPSTREAM: "Upstreams",
    Column.REGISTRY: "Registries",
    Column.CONSUMER: "Consumers",
}
_ARROWS = {Level.CACHED: "-.->", Level.PULL: "-->", Level.FIRST_PULL: "==>"}
SHAPES = {
    Column.UPSTREAM: ("[", "]"),
    Column.REGISTRY: ("[(", ")]"),
    Column.CONSUMER: ("([", "])"),
}
# All but what no reading of a label, as Markdown or as HTML, takes for more than itself: no list begins
# with `1.` or `-`, and nothing becomes a link.
_SIGN = re.compile(r"[^A-Za-z0-9 ,./()+·…-]|^[^A-Za-z0-9]|(?<=www)\.|\.(?![A-Za-z0-9])")
_LIST = re.compile(r"^(\d+)\)")


def mermaid(graph: Graph) -> str:
    """The flowchart; a large estate has what is alike, or of one sort, drawn once."""
    drawn = drawing(graph, groups=_NODES, bundles=_EDGES)
    return "\n".join(("flowchart LR", *_nodes(drawn), *_edges(drawn))) + "\n"


def _nodes(drawn: Drawing) -> Iterator[str]:
    for column, title in TITLES.items():
        groups = drawn.of(column)
        if not groups:
            continue
        yield f'  subgraph {title.lower()} ["{title}"]'
        for position, group in groups:
            yield f"    {_node(position, group)}"
        yield "  end"


def _node(position: int, group: Group) -> str:
    opens, closes = SHAPES[group.column]
    return f'n{position}{opens}"{label(node_lines(group))}"{closes}'


def _edges(drawn: Drawing) -> Iterator[str]:
    for bundle in drawn.bundles:
        first = bundle.first
        arrow = "-->" if isinstance(first, CacheEdge) else _ARROWS[first.level]
        yield f'  n{bundle.source} {arrow}|"{label(edge_lines(bundle))}"| n{bundle.target}'


@lru_cache(maxsize=4096)
def label(lines: tuple[str, ...]) -> str:
    """Lines as the text of a node or an edge."""
    return "<br/>".join(map(_escaped, lines))


def _escaped(text: str) -> str:
    """A text of which a Mermaid label shows every sign."""
    return _LIST.sub(r"\1#41;", _SIGN.sub(lambda match: f"#{ord(match[0])};", text))
