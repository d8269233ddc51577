"""A file's text with its templates masked for the grammar, and the way back to the file."""

from bisect import bisect_right
from dataclasses import dataclass, field

from generator.frozen_data import frozen


@dataclass(slots=True)
class TextItem:
    """Plain text of a template, no longer than a line where the template has lines."""

    text: str


@frozen
class SequenceItem:
    """A `${…}` or `%{…}`; `expression` is the number of its expression, if it has one."""

    word: str
    expression: int | None
    names: tuple[str, ...]
    start: int
    end: int


@frozen
class ScannedTemplate:
    """One quoted text, heredoc or template file, with its place in the file."""

    items: tuple[TextItem | SequenceItem, ...]
    start: int
    end: int


@frozen
class Piece:
    """A stretch of masked text, and the stretch of the file that it stands for."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class MaskedRegion:
    """Masked pieces of one stretch; stretches copied as they are stay one piece."""

    source: str
    pieces: list[Piece] = field(default_factory=list)
    copied_from: int = -1
    copied_to: int = -1

    def copy(self, start: int, end: int) -> None:
        """Take a stretch of the file as it is."""
        if self.copied_to != start or self.copied_from < 0:
            self.flush()
            self.copied_from = start
        self.copied_to = end

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text in the place of a stretch of the file."""
        self.flush()
        self.pieces.append(Piece(text=text, start=start, end=end))

    def flush(self) -> None:
        """End the piece that is being copied."""
        if self.copied_from >= 0:
            start, end = self.copied_from, self.copied_to
            self.pieces.append(Piece(text=self.source[start:end], start=start, end=end))
            self.copied_from = -1


@frozen
class MaskedText:
    """The text for the grammar, its templates by number, and the way back to the file.

    `length` is that of the code; behind it stand the expressions of its templates.
    """

    text: str
    length: int
    templates: tuple[ScannedTemplate, ...]
    expressions: int
    piece_starts: tuple[int, ...]
    pieces: tuple[Piece, ...]

    def start(self, offset: int) -> int:
        """The offset in the file of a character of the masked text."""
        index = bisect_right(self.piece_starts, offset) - 1
        piece = self.pieces[index]
        if len(piece.text) == piece.end - piece.start:
            return min(piece.start + offset - self.piece_starts[index], piece.end)
        return piece.start

    def end(self, offset: int) -> int:
        """The offset in the file behind a stretch that ends at `offset` (exclusive)."""
        index = bisect_right(self.piece_starts, max(offset - 1, 0)) - 1
        piece = self.pieces[index]
        if len(piece.text) == piece.end - piece.start:
            return min(piece.start + offset - self.piece_starts[index], piece.end)
        return piece.end
