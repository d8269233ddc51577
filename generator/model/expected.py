"""What `generate` would write, and what that code would say: for readers that know it already."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from generator.frozen_data import frozen
from generator.model.estate import Attribute, Estate, Record
from generator.model.late import LateMapping

if TYPE_CHECKING:
    from generator.model.filetree import FileTree


@frozen
class Expected:
    """The files that `generate` would write for a topology, and the records that it asks for."""

    tree: "FileTree"
    estate: Estate


class WrittenAttributes(LateMapping[str, Attribute]):
    """The attributes of a record whose code is what `generate` writes for an intended record."""

    __slots__ = ("intended",)

    def __init__(self, intended: Record, make: Callable[[], Mapping[str, Attribute]]) -> None:
        super().__init__(make)
        self.intended = intended
