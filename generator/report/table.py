"""Tables for terminals: plain columns, nothing that would break a grep."""

import textwrap
from collections.abc import Iterator, Sequence

from generator.model.printable import one_line


def table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
) -> str:
    """A titled table with columns as wide as their widest text; `none` for no rows.

    One that is wider than `width` shows each row as a block, a line for each column.
    """
    if not rows:
        return f"{title}: none"
    lines = [list(map(str.upper, headings)), *(list(map(one_line, row)) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    if width is not None and 2 + sum(widths) + 2 * (len(widths) - 1) > width:
        blocks = ("\n".join(_block(lines[0], line, width)) for line in lines[1:])
        return f"{title}\n" + "\n\n".join(blocks)
    shown = (
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join((title, *(f"  {line}" for line in shown)))


def _block(headings: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    """One row, a line for each column; a text that is too long goes on below itself."""
    indent = 4 + max(map(len, headings))
    for heading, text in zip(headings, row, strict=True):
        # A name is never broken: it is there to be copied.
        wrapped = textwrap.wrap(
            text, max(width - indent, 20), break_long_words=False, break_on_hyphens=False
        )
        for number, line in enumerate(wrapped or [""]):
            label = heading if number == 0 else ""
            yield f"  {label.ljust(indent - 2)}{line}".rstrip()
