"""The page: the picture, what stands beside it, and a run's results, as one HTML file."""

import base64
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Sequence

from generator.data import resources
from generator.frozen_data import frozen
from generator.map.details import Teller
from generator.map.folding import Bundle, Drawing, Scale, counted, drawing
from generator.map.graph import CacheEdge, Column, GrantEdge, graph_of
from generator.map.index import index_of, words_of
from generator.map.labels import edge_lines, node_lines
from generator.map.layout import Box, Curve, layout
from generator.map.panels import left_to_others, matrix, sizes, tokens
from generator.map.run import Run, Status, touched, worst
from generator.map.texts import Quoter
from generator.model.topology import Topology
from generator.render import Markup, render_html

_ORDER = re.compile(r"(^|[\n\r])(\s*):(?=:)")

_NODES, _EDGES = 160, 400
"""What a screen takes; where an estate has more, what is of one sort is drawn together."""


@frozen
class DrawnNode:
    """A node as the page draws it."""

    id: str
    column: str
    box: Box
    name: str
    status: str
    results: int
    is_many: bool


@frozen
class DrawnEdge:
    """An edge as the page draws it: its ends are `given`, `left` to others, or need nothing."""

    id: str
    kind: str
    curve: Curve
    name: str
    label: str
    tag_y: int
    start: str
    end: str
    status: str


def page(
    title: str,
    topology: Topology | None,
    quote: Quoter,
    run: Run | None = None,
    *,
    account: str | None = None,
) -> str:
    """The page of a topology, of a run, or of both; texts in it are as they come from outside."""
    style, script = resources.template("map/page.css"), resources.template("map/page.js")
    assert style is not None  # noqa: S101 - both ship with the package
    assert script is not None  # noqa: S101
    values: dict[str, object] = {
        "title": title,
        "run": run,
        "style": Markup(style),
        "script": Markup(script),
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "picture": None,
        "result_ids": ((),) * len(run.results) if run is not None else (),
    }
    if topology is not None:
        values.update(_of_topology(topology, quote, run, account))
    return _without_orders(render_html("map/page.html.j2", values))


def _without_orders(text: str) -> str:
    """The same page, with no line in it that a log of GitHub's takes for an order.

    Ours has no such line, so only words of others are touched; and in HTML this is the same text.
    """
    return _ORDER.sub(lambda order: f"{order[1]}{order[2]}&#58;", text).replace("##[", "&#35;#[")


def _of_topology(
    topology: Topology, quote: Quoter, run: Run | None, account: str | None
) -> dict[str, object]:
    graph = graph_of(topology, account)
    drawn = drawing(graph, groups=_NODES, bundles=_EDGES)
    full = [node_lines(group) for group in drawn.groups]
    placed = layout(drawn, [_without_caches(drawn, n, text) for n, text in enumerate(full)])
    ids = touched(topology, drawn, run.results) if run is not None else ()
    marks = worst(run.results, ids) if run is not None else {}
    all_sizes, more_sizes = sizes(topology, account)
    told: dict[str, list[int]] = defaultdict(list)
    for number, touching in enumerate(ids):
        for name in touching:
            told[name].append(number)
    nodes = [
        DrawnNode(
            id=f"n{box.position}",
            column=drawn.groups[box.position].column.value,
            box=box,
            name=", ".join(full[box.position]),
            status=_status(marks.get(f"n{box.position}")),
            results=marks.get(f"n{box.position}", (Status.NOTE, 0))[1],
            is_many=len(drawn.groups[box.position].members) > 1,
        )
        for box in placed.boxes
    ]
    edges = [
        _edge(drawn, full, curve, _status(marks.get(f"e{curve.position}")))
        for curve in placed.curves
    ]
    return {
        "picture": placed,
        "nodes": nodes,
        "edges": edges,
        "counts": _counts(topology)
        if account is None
        else f"what account {account} has to do with",
        "is_folded": any(node.is_many for node in nodes),
        "is_varied": drawn.scale is Scale.SORTS,
        "words": words_of(topology, drawn),
        "index": _json(index_of(topology, drawn)),
        "details": list(
            Teller(topology=topology, quote=quote, is_varied=drawn.scale is Scale.SORTS).details(
                drawn
            )
        ),
        "matrix": matrix(drawn, full),
        "tokens": tokens(topology, account),
        "sizes": all_sizes,
        "more_sizes": more_sizes,
        "left": left_to_others(topology, account),
        "result_ids": ids,
        "told": told,
    }


def _status(mark: tuple[Status, int] | None) -> str:
    return "" if mark is None or mark[0] is Status.NOTE else mark[0].value


def _without_caches(drawn: Drawing, number: int, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a box; a registry lists its caches below them."""
    group = drawn.groups[number]
    if group.column is not Column.REGISTRY:
        return lines
    return lines[:2] if len(group.members) == 1 else (*lines[:2], lines[-1])


def _edge(drawn: Drawing, lines: Sequence[tuple[str, ...]], curve: Curve, status: str) -> DrawnEdge:
    bundle = drawn.bundles[curve.position]
    first = bundle.first
    name = (
        f"{lines[bundle.source][0]} to {lines[bundle.target][0]}: {', '.join(edge_lines(bundle))}"
    )
    start, end = _ends(bundle)
    return DrawnEdge(
        id=f"e{curve.position}",
        kind="cache" if isinstance(first, CacheEdge) else first.level.value,
        curve=curve,
        name=name,
        label="" if isinstance(first, CacheEdge) else first.level.value,
        # Beside the curve, where it does not come from.
        tag_y=curve.y2 + (14 if curve.is_alone and curve.y1 < curve.y2 else -5),
        start=start,
        end=end,
        status=status,
    )


def _ends(bundle: Bundle) -> tuple[str, str]:
    """How each end is marked: a right is given by generated code, or left to others, or not needed."""
    first = bundle.first
    if isinstance(first, GrantEdge):
        there, here = first.sides
        start = "" if there == "same account" else "left" if "elsewhere" in there else "given"
        return start, "left" if "others" in here else "given"
    return ("given", "given") if len(first.sides) > 1 else ("", "")


def _counts(topology: Topology) -> str:
    registries = {(cache.account, cache.region) for cache in topology.caches}
    return " · ".join(
        (
            counted(len(topology.accounts), "account", "accounts"),
            counted(len(registries), "registry", "registries"),
            counted(len(topology.caches), "cache", "caches"),
            counted(len(topology.grants), "grant", "grants"),
        )
    )


def _json(value: object) -> Markup:
    """A JSON document for a script element, which nothing in it can end."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace("##[", "\\u0023#["))


def _hash(text: str) -> str:
    """The hash by which a browser is told to trust a style or a script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
