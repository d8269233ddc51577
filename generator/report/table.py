"""Tables for terminals: plain columns, nothing that would break a grep."""

from collections.abc import Sequence

from generator.report.excerpt import printable


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled table with columns as wide as their widest text; `none` for no rows."""
    if not rows:
        return f"{title}: none"
    lines = [list(map(str.upper, headings)), *(list(map(printable, row)) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    shown = (
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join((title, *(f"  {line}" for line in shown)))
