"""Collections that are worked out when somebody looks: most are never looked at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

_Item_co = TypeVar("_Item_co", covariant=True)
_Key = TypeVar("_Key")
_Value_co = TypeVar("_Value_co", covariant=True)


class LateSequence(Sequence[_Item_co]):
    """A sequence whose items are made at the first look."""

    __slots__ = ("_items", "_make")

    def __init__(self, make: Callable[[], Iterable[_Item_co]]) -> None:
        self._make = make
        self._items: tuple[_Item_co, ...] | None = None

    def _all(self) -> tuple[_Item_co, ...]:
        if self._items is None:
            self._items = tuple(self._make())
        return self._items

    @overload
    def __getitem__(self, index: int) -> _Item_co: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[_Item_co]: ...

    def __getitem__(self, index: int | slice) -> _Item_co | Sequence[_Item_co]:
        return self._all()[index]

    def __iter__(self) -> Iterator[_Item_co]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        """Whether the other sequence holds the same items."""
        if isinstance(other, Sequence):
            return self._all() == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())


class LateMapping(Mapping[_Key, _Value_co]):
    """A mapping whose items are made at the first look."""

    __slots__ = ("_items", "_make")

    def __init__(self, make: Callable[[], Mapping[_Key, _Value_co]]) -> None:
        self._make = make
        self._items: Mapping[_Key, _Value_co] | None = None

    def _all(self) -> Mapping[_Key, _Value_co]:
        if self._items is None:
            self._items = self._make()
        return self._items

    def __getitem__(self, key: _Key) -> _Value_co:
        return self._all()[key]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class LateText:
    """A text that is made at the first look; two are the same when what they say is."""

    __slots__ = ("_make", "_text")

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._text: str | None = None

    def __str__(self) -> str:
        if self._text is None:
            self._text = self._make()
        return self._text

    def __repr__(self) -> str:
        return repr(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, LateText | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))
