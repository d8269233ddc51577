"""Writes docs/reference/topology-reference.md from the field table of the topology; run by `make docs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from generator.topology.fields import TOPOLOGY
from generator.topology.shapes import (
    EitherShape,
    IntegerShape,
    ListShape,
    MapShape,
    RecordShape,
    StatementsShape,
    TextShape,
    TrueShape,
    WordShape,
    YesNoShape,
    example_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.topology.shapes import Field, Shape

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "topology-reference.md"

HEAD = """\
# Every key of a topology

<!-- Written by `make docs` from the table that the reader itself uses: change that, not this page. -->

What the language is for and how its parts fit together: [the topology language](topology.md). Where a
key may be left out, its default is shown; a dash means that nothing happens without it.
"""


def page() -> str:
    """The page as it should be."""
    return HEAD + "".join(
        "\n" + "\n".join(_section(record, places)) + "\n" for record, places in _records()
    )


def _records() -> list[tuple[RecordShape, list[str]]]:
    """Every mapping with fixed keys, once, in the order of the file, with the places where it can stand."""
    found: dict[int, tuple[RecordShape, list[str]]] = {}
    waiting: list[tuple[Shape, str]] = [(TOPOLOGY, "")]
    while waiting:
        shape, place = waiting.pop(0)
        match shape:
            case RecordShape():
                known = found.setdefault(id(shape), (shape, []))
                if place in known[1]:
                    continue
                known[1].append(place)
                prefix = f"{place}." if place else ""
                waiting[:0] = [(field.shape, f"{prefix}{field.name}") for field in shape.fields]
            case MapShape():
                waiting.insert(0, (shape.value, f"{place}.NAME"))
            case ListShape():
                waiting.insert(0, (shape.item, f"{place}[]"))
            case EitherShape():
                forms = (shape.text, shape.listing, shape.mapping)
                waiting[:0] = [(form, place) for form in forms if form is not None]
            case (
                TextShape()
                | WordShape()
                | IntegerShape()
                | TrueShape()
                | YesNoShape()
                | StatementsShape()
            ):
                pass
            case _:
                assert_never(shape)
    return list(found.values())


def _section(record: RecordShape, places: list[str]) -> Iterator[str]:
    yield f"## {places[0] or 'The file'}"
    if len(places) > 1:
        yield ""
        yield f"Also at {', '.join(f'`{place}`' for place in places[1:])}."
    yield from ("", "| key | value | default | |", "| --- | --- | --- | --- |")
    for field in record.fields:
        yield (
            f"| `{field.name}` | {_value(field.shape)} | {_default(field)} "
            f"| {_cell(field.description)} |"
        )


def _default(field: Field) -> str:
    if field.is_required:
        return "required"
    default = field.default
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return "-" if default is None else f"`{_cell(text)}`"


def _value(shape: Shape) -> str:
    match shape:
        case WordShape():
            return " or ".join(f"`{word}`" for word in shape.words)
        case IntegerShape():
            return " or ".join(
                str(low) if low == high else f"{low} to {high}" for low, high in shape.ranges
            )
        case EitherShape():
            return _cell(shape.noun)
        case TextShape() | TrueShape() | ListShape() | MapShape() | RecordShape():
            return f"{_cell(shape.noun)}, such as `{_cell(example_of(shape))}`"
        case StatementsShape() | YesNoShape():
            return _cell(shape.noun)
        case _:
            assert_never(shape)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
