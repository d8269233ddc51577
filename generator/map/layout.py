"""Where everything of the picture stands: columns from the left to the right, edges as curves.

A registry stands one step to the right of the registries that it caches from. Within a column nodes stand
near what they are joined with, so that edges cross little. Nothing is measured, so one drawing has one
layout.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from generator.frozen_data import frozen
from generator.map.folding import Bundle, Drawing, Group, shortened
from generator.map.graph import CacheEdge, Column, RegistryNode

LINE, ROW, PAD = 17, 19, 10
GAP = 18
TOP = 40
WIDTHS = {Column.UPSTREAM: 208, Column.REGISTRY: 256, Column.CONSUMER: 256}
SPACE = 128
"""What is left between columns for the edges."""

BROAD, NARROW = 8.8, 7.1
"""How wide a letter is, at most on average, in a name and in a smaller line."""

MOST_STEPS = 3
"""Columns of registries beside the first; what caches from still further stands in the last."""

ROWS_SHOWN = 12
"""The caches that a registry lists."""

STEP = 16
"""What is left between the ends of edges at one side of a node, where there is room."""


@frozen
class Box:
    """A node's place; `rows` are what it lists, with the middle of each."""

    position: int
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]
    more: int


@frozen
class Curve:
    """An edge's way and its ends; `is_alone` says that no other ends at the same node."""

    position: int
    path: str
    x1: int
    y1: int
    x2: int
    y2: int
    is_alone: bool


@frozen
class Layout:
    """The whole picture: its size, what stands above each column, boxes and curves."""

    width: int
    height: int
    heads: tuple[tuple[str, int], ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


@frozen
class _Lane:
    """The way of an edge through a column between its ends, so that it runs behind no node."""

    bundle: int
    column: int


_Item = int | _Lane
"""What stands in a column: a group by its position, or a lane."""


def layout(drawn: Drawing, lines: Sequence[tuple[str, ...]]) -> Layout:
    """Place a drawing whose groups have these lines."""
    columns = _columns(drawn)
    items = _ordered(drawn, _with_lanes(drawn, columns))
    boxes: dict[int, Box] = {}
    lanes: dict[_Lane, tuple[int, int, int]] = {}
    tops = [_heights(drawn, lines, column) for column in items]
    tallest = max((sum(heights) + GAP * len(heights) for heights in tops), default=0)
    x = 0
    heads = []
    for (title, column, _), members, heights in zip(columns, items, tops, strict=True):
        width = WIDTHS[column]
        heads.append((title, x))
        # Shorter columns stand in the middle, as long as one look takes in all of them.
        y = TOP + min((tallest - sum(heights) - GAP * len(heights)) // 2, 200)
        for item, height in zip(members, heights, strict=True):
            if isinstance(item, _Lane):
                lanes[item] = (x, x + width, y + height // 2)
            else:
                boxes[item] = _box(drawn, lines, item, x=x, y=y, width=width)
            y += height + GAP
        x += width + SPACE
    return Layout(
        width=max(x - SPACE, 1) + PAD,
        height=TOP + tallest + PAD,
        heads=tuple(heads),
        boxes=tuple(boxes[position] for position in sorted(boxes)),
        curves=_curves(drawn, boxes, lanes),
    )


def prefixes_of(group: Group) -> tuple[str, ...]:
    """The prefixes of the caches of a registry, or of alike ones, sorted."""
    found = {
        cache.prefix.repositories
        for node in group.members
        if isinstance(node, RegistryNode)
        for cache in node.caches
    }
    return tuple(sorted(found))


def _columns(drawn: Drawing) -> list[tuple[str, Column, list[int]]]:
    """The columns that have anything in them, each with its groups in order."""
    depths = _depths(drawn)
    by_depth: dict[int, list[int]] = {}
    for position, _ in drawn.of(Column.REGISTRY):
        by_depth.setdefault(depths[position], []).append(position)
    found: list[tuple[str, Column, list[int]]] = [
        ("Upstreams", Column.UPSTREAM, [p for p, _ in drawn.of(Column.UPSTREAM)]),
        *(
            ("Registries" if step == 0 else "Registries that cache from them", Column.REGISTRY, of)
            for step, (_, of) in enumerate(sorted(by_depth.items()))
        ),
        ("Consumers", Column.CONSUMER, [p for p, _ in drawn.of(Column.CONSUMER)]),
    ]
    return [column for column in found if column[2]]


def _with_lanes(
    drawn: Drawing, columns: Sequence[tuple[str, Column, list[int]]]
) -> list[list[_Item]]:
    """What stands in each column, with a lane for each edge that passes it."""
    items: list[list[_Item]] = [list(members) for _, _, members in columns]
    at = {
        position: number for number, (_, _, members) in enumerate(columns) for position in members
    }
    for number, bundle in enumerate(drawn.bundles):
        for column in range(at[bundle.source] + 1, at[bundle.target]):
            items[column].append(_Lane(bundle=number, column=column))
    return items


def _depths(drawn: Drawing) -> dict[int, int]:
    """How many registries stand before each one; accounts that cache from each other stand together."""
    depths = {position: 0 for position, _ in drawn.of(Column.REGISTRY)}
    steps = [
        (bundle.source, bundle.target)
        for bundle in drawn.bundles
        if bundle.source in depths and bundle.target in depths and bundle.source != bundle.target
    ]
    for _ in range(MOST_STEPS):
        further = dict(depths)
        for source, target in steps:
            further[target] = max(further[target], min(depths[source] + 1, MOST_STEPS))
        depths = further
    return depths


def _ordered(drawn: Drawing, columns: Sequence[list[_Item]]) -> list[list[_Item]]:
    """Each column in the order in which its edges cross least, seen from the columns beside it."""
    joined: dict[_Item, list[_Item]] = {}
    for way in _ways(drawn, columns):
        for left, right in pairwise(way):
            joined.setdefault(left, []).append(right)
            joined.setdefault(right, []).append(left)
    ranks: dict[_Item, float] = {}
    ordered = [list(members) for members in columns]
    first = {item: number for members in columns for number, item in enumerate(members)}

    def rank(members: Sequence[_Item]) -> None:
        for number, item in enumerate(members):
            ranks[item] = (number + 0.5) / len(members)

    for members in ordered:
        rank(members)
    for sweep in (range(len(columns)), range(len(columns) - 1, -1, -1), range(len(columns))):
        for number in sweep:
            ordered[number].sort(key=lambda item: (_middle(item, joined, ranks), first[item]))
            rank(ordered[number])
    return ordered


def _ways(drawn: Drawing, columns: Sequence[list[_Item]]) -> Iterator[list[_Item]]:
    """Each edge as what it passes, from its source to its target."""
    lanes: dict[int, list[_Item]] = {}
    for members in columns:
        for item in members:
            if isinstance(item, _Lane):
                lanes.setdefault(item.bundle, []).append(item)
    for number, bundle in enumerate(drawn.bundles):
        yield [bundle.source, *lanes.get(number, ()), bundle.target]


def _middle(
    item: _Item, joined: Mapping[_Item, Sequence[_Item]], ranks: Mapping[_Item, float]
) -> float:
    others = joined.get(item, ())
    if not others:
        return ranks[item]
    return round(sum(ranks[other] for other in others) / len(others), 6)


def _heights(
    drawn: Drawing, lines: Sequence[tuple[str, ...]], members: Sequence[_Item]
) -> list[int]:
    return [
        0 if isinstance(item, _Lane) else _box(drawn, lines, item, x=0, y=0, width=0).height
        for item in members
    ]


def _box(
    drawn: Drawing, lines: Sequence[tuple[str, ...]], position: int, *, x: int, y: int, width: int
) -> Box:
    prefixes = prefixes_of(drawn.groups[position])
    shown = prefixes if len(prefixes) <= ROWS_SHOWN else prefixes[: ROWS_SHOWN - 1]
    more = len(prefixes) - len(shown)
    text = lines[position]
    first = y + PAD + LINE * len(text) + 6
    height = PAD * 2 + LINE * len(text)
    if prefixes:
        height += 6 + ROW * (len(shown) + (more > 0))
    if drawn.groups[position].column is Column.CONSUMER:
        # Each edge to a consumer has its level written beside its end.
        edges = sum(bundle.target == position for bundle in drawn.bundles)
        height = max(height, STEP * min(edges, 10) + PAD)
    room = max(width - 24, 0)
    return Box(
        position=position,
        x=x,
        y=y,
        width=width,
        height=height,
        lines=tuple(
            shortened(line, int(room / (NARROW if number else BROAD)))
            for number, line in enumerate(text)
        )
        if room
        else (),
        rows=tuple(
            (shortened(prefix, int(room / BROAD)), first + ROW * number + ROW // 2)
            for number, prefix in enumerate(shown)
        )
        if room
        else (),
        more=more,
    )


def _curves(
    drawn: Drawing, places: Mapping[int, Box], lanes: Mapping[_Lane, tuple[int, int, int]]
) -> tuple[Curve, ...]:
    leaving: dict[int, list[int]] = {}
    arriving: dict[int, list[int]] = {}
    passed: dict[int, list[tuple[int, int, int]]] = {}
    for lane, way in sorted(lanes.items(), key=lambda item: item[0].column):
        passed.setdefault(lane.bundle, []).append(way)
    for number, bundle in enumerate(drawn.bundles):
        leaving.setdefault(bundle.source, []).append(number)
        arriving.setdefault(bundle.target, []).append(number)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for position, numbers in leaving.items():
        numbers.sort(key=lambda n: (_next(passed.get(n), places[drawn.bundles[n].target]), n))
        starts.update(zip(numbers, _spread(places[position], len(numbers)), strict=True))
    for position, numbers in arriving.items():
        box = places[position]
        numbers.sort(key=lambda n: (_last(passed.get(n), places[drawn.bundles[n].source]), n))
        for number, y in zip(numbers, _spread(box, len(numbers)), strict=True):
            ends[number] = _row_of(drawn.bundles[number], box, y)
    found = []
    for number, bundle in enumerate(drawn.bundles):
        source, target = places[bundle.source], places[bundle.target]
        start, end = (source.x + source.width, starts[number]), (target.x, ends[number])
        if start[0] > end[0]:
            # Two accounts that cache from each other: the edge leaves and enters at the right.
            end = (target.x + target.width, ends[number])
            out = max(start[0], end[0]) + SPACE // 2
            path = f"M{start[0]} {start[1]}C{out} {start[1]} {out} {end[1]} {end[0]} {end[1]}"
        else:
            path = f"M{start[0]} {start[1]}"
            at = start
            for left, right, y in passed.get(number, ()):
                path += f"{_bend(at, (left, y))}H{right}"
                at = (right, y)
            path += _bend(at, end)
        found.append(
            Curve(
                position=number,
                path=path,
                x1=start[0],
                y1=start[1],
                # A mark stands before the end, seen from where the edge comes from.
                x2=end[0] if start[0] <= target.x else end[0] + 14,
                y2=end[1],
                is_alone=len(arriving[bundle.target]) == 1,
            )
        )
    return tuple(found)


def _next(passed: Sequence[tuple[int, int, int]] | None, target: Box) -> int:
    """How high an edge goes on after its source."""
    return passed[0][2] if passed else target.y


def _last(passed: Sequence[tuple[int, int, int]] | None, source: Box) -> int:
    """How high an edge comes from before its target."""
    return passed[-1][2] if passed else source.y


def _bend(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A curve from one point to another, level at both."""
    bend = max((end[0] - start[0]) // 2, 40)
    return f"C{start[0] + bend} {start[1]} {end[0] - bend} {end[1]} {end[0]} {end[1]}"


def _spread(box: Box, number: int) -> list[int]:
    """Points along a box's side, in its middle as long as there are few."""
    room = box.height - PAD
    step = min(STEP, room / max(number, 1))
    first = box.y + box.height / 2 - step * (number - 1) / 2
    return [round(first + step * index) for index in range(number)]


def _row_of(bundle: Bundle, box: Box, otherwise: int) -> int:
    """The row of the only cache that an edge fills; else a point of the side."""
    prefixes = {
        cache.prefix.repositories
        for edge in bundle.edges
        if isinstance(edge, CacheEdge)
        for cache in edge.caches
    }
    if len(prefixes) != 1:
        return otherwise
    rows = [y for text, y in box.rows if text in prefixes]
    last = box.y + box.height - PAD - ROW // 2
    return rows[0] if rows else last if box.more else otherwise
