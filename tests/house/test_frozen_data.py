"""What `@frozen` makes is what the standard library makes of the same class."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import TYPE_CHECKING

import pytest

from generator.frozen_data import changed, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class Plain:
    """A class without defaults."""

    name: str
    size: int


@frozen
class Filled(Plain):
    """One with defaults of both sorts, a field that is not compared, and a base."""

    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    note: str = "none"

    @property
    def title(self) -> str:
        """A property, beside the fields."""
        return f"{self.name} of {self.size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The same as the standard library makes it."""

    name: str
    size: int
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    note: str = "none"


def test_it_is_made_shown_and_listed_like_a_dataclass() -> None:
    ours, theirs = Filled(name="a", size=1), Standard(name="a", size=1)

    assert repr(ours) == repr(theirs).replace("Standard", "Filled")
    assert [(one.name, one.default) for one in fields(ours)] == [
        (one.name, one.default) for one in fields(theirs)
    ]
    assert ours.title == "a of 1"
    assert Filled(name="a", size=1).tags is not ours.tags


@pytest.mark.parametrize("changes", [{}, {"size": 2}, {"note": "x"}, {"tags": {"a": "b"}}])
def test_equality_and_hash_are_of_the_fields_that_are_compared(changes: dict[str, object]) -> None:
    ours, theirs = Filled(name="a", size=1), Standard(name="a", size=1)

    changed, same = replace(ours, **changes), replace(theirs, **changes) == theirs

    assert (changed == ours) is same
    assert (hash(changed) == hash(ours)) is same
    assert ours != theirs


def test_a_class_without_fields_is_equal_to_itself() -> None:
    @frozen
    class Empty:
        """Nothing."""

    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_another_class_is_never_equal() -> None:
    assert Plain(name="a", size=1) != Filled(name="a", size=1)
    assert Plain(name="a", size=1) != ("a", 1)


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"name": "a"}, "size"), ({"name": "a", "size": 1, "colour": "x"}, "colour")],
)
def test_arguments_are_asked_for_by_name(given: dict[str, object], missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        Filled(**given)


def test_what_is_made_can_be_checked() -> None:
    @frozen
    class Checked:
        """It has to be positive."""

        size: int

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError("too small")

    assert Checked(size=1).size == 1
    with pytest.raises(ValueError, match="too small"):
        Checked(size=-1)


def test_nothing_can_be_changed_or_added() -> None:
    made = Filled(name="a", size=1)

    for name in ("name", "colour"):
        with pytest.raises(FrozenInstanceError):
            setattr(made, name, "b")
    with pytest.raises(FrozenInstanceError):
        del made.name
    assert not hasattr(made, "__dict__")


def test_it_is_copied_whole() -> None:
    made = Filled(name="a", size=1, tags={"b": "c"})

    for copied in (copy.copy(made), copy.deepcopy(made)):
        assert copied == made
        assert copied.tags == {"b": "c"}


@pytest.mark.parametrize(
    "changes", [{}, {"size": 2}, {"note": "x", "name": "b"}, {"tags": {"a": "b"}}]
)
def test_what_is_changed_is_what_the_standard_library_makes_of_it(
    changes: dict[str, object],
) -> None:
    ours = Filled(name="a", size=1, tags={"c": "d"})

    made = changed(ours, **changes)

    assert made == replace(ours, **changes)  # type: ignore[arg-type] # a row of the table
    assert made.tags == replace(ours, **changes).tags  # type: ignore[arg-type] # as above


def test_what_has_no_such_field_is_refused() -> None:
    with pytest.raises(TypeError):
        changed(Plain(name="a", size=1), colour="red")
