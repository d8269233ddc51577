"""Writes docs/reference/topology-reference.md from the field table of the topology; run by `make docs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.topology.key_table import default_of, records, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.topology.shapes import RecordShape

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
        "\n" + "\n".join(_section(record, places)) + "\n" for record, places in records()
    )


def _section(record: RecordShape, places: list[str]) -> Iterator[str]:
    yield f"## {places[0] or 'The file'}"
    if len(places) > 1:
        yield ""
        yield f"Also at {', '.join(f'`{place}`' for place in places[1:])}."
    yield from ("", "| key | value | default | |", "| --- | --- | --- | --- |")
    for field in record.fields:
        yield (
            f"| `{field.name}` | {value_of(field.shape)} | {default_of(field)} "
            f"| {_cell(field.description)} |"
        )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
