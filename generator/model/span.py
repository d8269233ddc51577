"""Places in source files."""

from pathlib import Path

from generator.frozen_data import frozen


@frozen
class Span:
    """A stretch of one text file: lines and columns from 1, in characters, `end_column` exclusive."""

    file: Path
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def start(self) -> tuple[str, int, int]:
        """Sort key: file, line, column."""
        return (self.file.as_posix(), self.line, self.column)

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies inside this span (both ends included)."""
        return (
            self.file == other.file
            and (self.line, self.column) <= (other.line, other.column)
            and (other.end_line, other.end_column) <= (self.end_line, self.end_column)
        )


def first_line(file: Path) -> Span:
    """The first character of a file: the place to name when nothing better is known."""
    return Span(file=file, line=1, column=1, end_line=1, end_column=2)
