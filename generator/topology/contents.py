"""What comes out of a topology file that fits its shapes: texts, lists and mappings with their places."""

from collections.abc import Mapping
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.model.estate import Json
from generator.model.terraform_settings import Argument
from generator.topology.mistakes import Place


@frozen
class Text:
    """A text that fits its shape."""

    text: str
    place: Place


@frozen
class Items:
    """A list; items with mistakes are left out, and `is_whole` says whether any were."""

    items: "tuple[Fitting, ...]"
    place: Place
    is_whole: bool


@frozen
class Entries:
    """A mapping in the order of the file.

    `values` has what fits. `keys` has the place of every legal key, also of those in `broken`,
    whose values have mistakes that are noted already. `guessed` are the keys, broken as well, that
    are probably meant by a key that is wrong, so that nobody can say they are missing.
    """

    values: "Mapping[str, Fitting]"
    keys: Mapping[str, Place]
    broken: frozenset[str]
    guessed: frozenset[str]
    place: Place

    def text(self, key: str) -> Text | None:
        """The text under a key, if there is a fitting one."""
        value = self.values.get(key)
        return value if isinstance(value, Text) else None

    def items(self, key: str) -> Items | None:
        """The list under a key, if there is a fitting one."""
        value = self.values.get(key)
        return value if isinstance(value, Items) else None

    def entries(self, key: str) -> "Entries | None":
        """The mapping under a key, if there is a fitting one."""
        value = self.values.get(key)
        return value if isinstance(value, Entries) else None

    def has(self, key: str) -> bool:
        """Whether the key is written, with or without mistakes."""
        return key in self.keys

    def may_have(self, key: str) -> bool:
        """Whether the key is written, or is probably meant by a key that is wrong."""
        return key in self.keys or key in self.guessed


@frozen
class Statements:
    """Policy statements, written in the topology as they are in JSON."""

    statements: tuple[Json, ...]
    place: Place


@frozen
class PlacedArgument:
    """An argument for Terraform."""

    value: Argument
    place: Place


Fitting: TypeAlias = Text | Items | Entries | Statements | PlacedArgument
