"""The text of one file: turns offsets into lines and columns."""

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from generator.hcl.syntax import SyntaxMistake
from generator.model.span import Span


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text (without a byte order mark) with the table of its line starts.

    `whole` stands for every place in a text whose offsets do not lead back to the file.
    """

    file: Path
    text: str
    whole: Span | None = None
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
        if self.whole is not None:
            return self.whole
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(
            file=self.file, line=line, column=column, end_line=end_line, end_column=end_column
        )


class SyntaxMistakeError(Exception):
    """Carries a syntax mistake from where it is seen to the edge of the parser."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.mistake = SyntaxMistake(message=message, span=span)
