"""How far long work is: those who do it count, and whoever watches looks at it now and then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Stage:
    """What is being done, how much of it is done, and of how much; 0 where nobody knows that.

    `aside` is what else there is to say of it.
    """

    name: str
    of: int = 0
    done: int = 0
    aside: str = ""


_NOTHING = Stage("")
_now: list[Stage] = [_NOTHING]
"""The stage of this process, which another thread may read; a new one takes its place whole."""


def stage_now() -> Stage:
    """What is being done at the moment."""
    return _now[0]


def begin(name: str, of: int = 0) -> Stage:
    """Begin a stage, such as `reading code`; whoever does it raises `done`."""
    stage = Stage(name, of)
    _now[0] = stage
    return stage


def begin_nothing() -> None:
    """Say that nothing is being done: before a run and after it."""
    _now[0] = _NOTHING


def counted(items: Iterable[_Item], name: str, of: int = 0) -> Iterator[_Item]:
    """The items, each counted once it has been dealt with."""
    stage = begin(name, of)
    for item in items:
        yield item
        stage.done += 1
