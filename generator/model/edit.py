"""What would mend a result: one text of a YAML file in the place of another."""

from enum import StrEnum

from generator.frozen_data import frozen
from generator.model.span import Span


class Spelling(StrEnum):
    """How the new text is written: as the old one was, without quotes, or between quotes."""

    AS_BEFORE = "as-before"
    PLAIN = "plain"
    QUOTED = "quoted"


@frozen
class Edit:
    """The text that stands at `span` (`before`), and the one that belongs there."""

    span: Span
    before: str
    after: str
    spelling: Spelling = Spelling.AS_BEFORE

    def overlaps(self, other: "Edit") -> bool:
        """Whether both change the same characters; two equal edits do not disturb each other."""
        mine, its = self.span, other.span
        return (
            self != other
            and mine.file == its.file
            and (mine.line, mine.column) < (its.end_line, its.end_column)
            and (its.line, its.column) < (mine.end_line, mine.end_column)
        )


@frozen
class NoEdit:
    """Why a program must not mend a result that looks as if it could."""

    reason: str
