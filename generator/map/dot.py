"""The picture as Graphviz draws it: `forebay show --format dot | dot -Tsvg`."""

from collections.abc import Iterator

from generator.map.folding import Drawing, drawing
from generator.map.graph import CacheEdge, Column, Graph
from generator.map.labels import edge_lines, node_lines
from generator.model.levels import Level

_NODES, _EDGES = 300, 1000
_TITLES = {
    Column.UPSTREAM: "Upstreams",
    Column.REGISTRY: "Registries",
    Column.CONSUMER: "Consumers",
}
_SHAPES = {Column.UPSTREAM: "box", Column.REGISTRY: "cylinder", Column.CONSUMER: "ellipse"}
_STYLES = {Level.CACHED: "dashed", Level.PULL: "solid", Level.FIRST_PULL: "bold"}


def dot(graph: Graph) -> str:
    """The graph in the language of Graphviz; alike nodes of a large estate are drawn once."""
    drawn = drawing(graph, groups=_NODES, bundles=_EDGES)
    lines = (
        "digraph forebay {",
        '  charset="UTF-8"',
        "  rankdir=LR",
        '  node [fontname="Helvetica", fontsize=11]',
        '  edge [fontname="Helvetica", fontsize=9]',
        *_nodes(drawn),
        *_edges(drawn),
        "}",
    )
    return "\n".join(lines) + "\n"


def _nodes(drawn: Drawing) -> Iterator[str]:
    for column, title in _TITLES.items():
        groups = drawn.of(column)
        if not groups:
            continue
        yield f"  subgraph cluster_{title.lower()} {{"
        yield f"    label={_quoted((title,))}"
        for position, group in groups:
            shape = _SHAPES[column]
            yield f"    n{position} [shape={shape}, label={_quoted(node_lines(group))}]"
        yield "  }"


def _edges(drawn: Drawing) -> Iterator[str]:
    for bundle in drawn.bundles:
        first = bundle.first
        style = "solid" if isinstance(first, CacheEdge) else _STYLES[first.level]
        label = _quoted(edge_lines(bundle))
        yield f"  n{bundle.source} -> n{bundle.target} [style={style}, label={label}]"


def _quoted(lines: tuple[str, ...]) -> str:
    """Lines as one quoted text, in which neither a backslash nor an entity means anything else."""
    return '"' + "\\n".join(map(_escaped, lines)) + '"'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
