"""The shapes that values of a topology can have: the words in which the field table is written."""

from collections.abc import Callable
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.topology.mistakes import INVALID_VALUE, MistakeRule


@frozen
class Complaint:
    """What is wrong with a text: a rule, and full sentences that say why and what to write.

    `better` is the text that the sentences tell to write, where nothing else can be meant.
    """

    rule: MistakeRule
    reason: str
    better: str | None = None


@frozen
class TextShape:
    """A text.

    `pattern` is the whole of what editors can check; `check` has the last word and may be
    stricter. `candidates` are the texts to suggest when a wrong one is near; `are_names` says that
    they can be a letter apart and mean different things, `is_closed` that no others are possible. `may_look_like_number` says that other YAML parsers can take such a
    text for a number when it stands without quotes.
    """

    noun: str
    example: str
    pattern: str
    check: Callable[[str], Complaint | None]
    maximum: int
    minimum: int = 1
    candidates: Callable[[], tuple[str, ...]] = tuple
    are_names: bool = False
    is_closed: bool = False
    may_look_like_number: bool = False


@frozen
class WordShape:
    """One of a few fixed words."""

    noun: str
    words: tuple[str, ...]
    rule: MistakeRule = INVALID_VALUE
    explain: Callable[[str], str] | None = None


@frozen
class IntegerShape:
    """A whole number out of some ranges, both ends included."""

    noun: str
    ranges: tuple[tuple[int, int], ...]


@frozen
class TrueShape:
    """The word `true`: a key that says yes, or is left out."""

    noun: str = "`true`"
    example: str = "true"


@frozen
class YesNoShape:
    """The word `true` or the word `false`."""

    noun: str = "`true` or `false`"
    example: str = "false"


@frozen
class ListShape:
    """A list of at least one item and no more than `maximum`, no item twice."""

    noun: str
    example: str
    item: "Shape"
    maximum: int | None = None


@frozen
class MapShape:
    """A mapping from names that the author chooses to values of one shape."""

    noun: str
    example: str
    key: TextShape
    value: "Shape"


@frozen
class StatementsShape:
    """A list of policy statements as AWS takes them; every single value is a text."""

    noun: str
    example: str


@frozen
class ArgumentShape:
    """Whatever Terraform takes as an argument: a text, a number, yes or no, lists and mappings."""

    noun: str
    example: str
    key: TextShape
    text: TextShape


@frozen
class Field:
    """One key of a record, with its description for editors and its default, if any."""

    name: str
    shape: "Shape"
    description: str
    is_required: bool = False
    default: str | int | bool | None = None


@frozen
class RecordShape:
    """A mapping with fixed keys.

    `others` is what keys beside the fixed ones look like, where there can be any.
    """

    noun: str
    example: str
    fields: tuple[Field, ...]
    may_be_empty: bool = True
    others: ArgumentShape | None = None


@frozen
class EitherShape:
    """A value that can be written as a text, a list or a mapping, each with its own shape."""

    noun: str
    example: str
    text: TextShape | WordShape | None = None
    listing: ListShape | StatementsShape | None = None
    mapping: MapShape | RecordShape | None = None


Shape: TypeAlias = (
    TextShape
    | WordShape
    | IntegerShape
    | TrueShape
    | YesNoShape
    | ListShape
    | StatementsShape
    | ArgumentShape
    | MapShape
    | RecordShape
    | EitherShape
)


def example_of(shape: Shape) -> str:
    """How a value of the shape is spelled, for messages."""
    match shape:
        case WordShape():
            return shape.words[0]
        case IntegerShape():
            return str(shape.ranges[-1][0])
        case _:
            return shape.example
