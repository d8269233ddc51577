"""What the page says about one node or edge: facts, tables, statements, commands."""

from collections.abc import Callable

from generator.frozen_data import frozen
from generator.model.span import Span


@frozen
class Quote:
    """A place in a file: its name and line, and the line's text, empty where nobody may see it."""

    place: str
    text: str


Quoter = Callable[[Span], Quote]
"""Quotes a place; whoever gives it decides what may be seen."""


@frozen
class Fact:
    """One thing that is so, in words or as code."""

    label: str
    text: str
    is_code: bool = False


@frozen
class Table:
    """Rows of texts below heads; `more` rows are left out."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0


@frozen
class Block:
    """A text to read or to copy: a statement, a line of the topology, a command."""

    title: str
    text: str
    is_command: bool = False


@frozen
class Detail:
    """Everything about one node or edge, by its id in the page."""

    id: str
    kind: str
    title: str
    subtitle: str
    facts: tuple[Fact, ...] = ()
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
