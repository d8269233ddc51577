"""The text of one file: turns offsets into lines and columns."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.hcl.syntax import SyntaxMistake
from generator.model.span import Span


@dataclass(frozen=True, slots=True)
class FileLine:
    """Where a line of a text stands in a file: by how much it is moved, or its first and last column.

    It is not moved as a whole where a part of it was put in.
    """

    line: int
    moved: int | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text (without a byte order mark) with the table of its line starts.

    `whole` stands for every place in a text whose offsets do not lead back to the file, but for lines of
    which `lines` says where they stand.
    """

    file: Path
    text: str
    whole: Span | None = None
    lines: Mapping[int, FileLine] = field(default_factory=dict)
    line_starts: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        object.__setattr__(self, "line_starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets, `end` exclusive."""
        if self.whole is not None and not self.lines:
            return self.whole
        starts = self.line_starts
        line = bisect_right(starts, start)
        column = start - starts[line - 1] + 1
        end_line = line
        # Nearly everything ends on the line on which it begins.
        if end < start or (line < len(starts) and end >= starts[line]):
            end_line = bisect_right(starts, end)
        end_column = end - starts[end_line - 1] + 1
        if self.whole is not None:
            first, last = self.lines.get(line), self.lines.get(end_line)
            if first is None or last is None:
                return self.whole
            return Span(
                file=self.file,
                line=first.line,
                column=first.first if first.moved is None else column + first.moved,
                end_line=last.line,
                end_column=last.last if last.moved is None else end_column + last.moved,
            )
        return Span(
            file=self.file, line=line, column=column, end_line=end_line, end_column=end_column
        )


def heredoc_lines(text: str, place: Span, file_text: str) -> dict[int, FileLine]:
    """Where the lines of a text stand that a heredoc at a place of a file makes; empty for anything else.

    A line into which something was put is known by its beginning and end, as long as what was put in has
    no lines of its own.
    """
    raw = file_text.split("\n")
    if not raw[place.line - 1].startswith("<<", place.column - 1):
        return {}
    written, made = raw[place.line : place.end_line - 1], text.removesuffix("\n").split("\n")
    if len(written) != len(made):
        return {}
    found: dict[int, FileLine] = {}
    for number, (before, after) in enumerate(zip(written, made, strict=True)):
        blank = len(before) - len(before.lstrip())
        is_same = before.endswith(after) and not before.removesuffix(after).strip()
        found[number + 1] = FileLine(
            line=place.line + number + 1,
            moved=len(before) - len(after) if is_same else None,
            first=blank + 1,
            last=len(before.rstrip()) + 1,
        )
    return found


class SyntaxMistakeError(Exception):
    """Carries a syntax mistake from where it is seen to the edge of the parser."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.mistake = SyntaxMistake(message=message, span=span)
