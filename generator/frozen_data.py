"""The decorator of our data: a frozen dataclass that costs little to define and to make.

`dataclass(frozen=True)` writes the source of six methods for every class and has Python compile it, a
third of a millisecond each time. A command defines more than a hundred such classes before it does
anything, so that a short run spent most of its time on this. Here one method is written, `__init__`,
which is called most; the others are plain functions that do the same as those.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from types import FunctionType

_Made = TypeVar("_Made")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def frozen(described: type[_Made]) -> type[_Made]:
    """Make the class what `dataclass(frozen=True, slots=True, kw_only=True)` makes of it.

    Where its base is a dataclass, that base is frozen as well.
    """
    made = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True)(described)
    parts: tuple[Field[object], ...] = fields(made)  # type: ignore[arg-type] # a dataclass since
    written = {
        "__init__": _initializer(made, parts),
        "__repr__": _representation([part.name for part in parts if part.repr]),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        **_comparison([part.name for part in parts if part.compare]),
        **_copying([part.name for part in parts]),
    }
    for name, method in written.items():
        if name not in vars(described):
            setattr(made, name, method)
    return made


def changed(instance: _Made, **changes: object) -> _Made:
    """What `dataclasses.replace` makes, for a third of its cost: for what is done for each result."""
    kind = type(instance)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(part.name for part in fields(kind))  # type: ignore[arg-type] # ours
    return kind(**{name: getattr(instance, name) for name in names} | changes)


_NAMES: dict[type[object], tuple[str, ...]] = {}
_NOT_GIVEN = object()
"""The default of an argument for which every instance makes a value of its own."""


def _initializer(made: type[object], parts: tuple[Field[object], ...]) -> Callable[..., None]:
    """Write `__init__`: it puts each argument into its slot."""
    names: dict[str, object] = {"NOT_GIVEN": _NOT_GIVEN}
    defaults: dict[str, object] = {}
    lines = []
    for part in parts:
        name = value = part.name
        names[f"set_{name}"] = getattr(made, name).__set__
        if part.default is not MISSING:
            defaults[name] = part.default
        elif part.default_factory is not MISSING:
            defaults[name] = _NOT_GIVEN
            names[f"make_{name}"] = part.default_factory
            value = f"make_{name}() if {name} is NOT_GIVEN else {name}"
        lines.append(f"    set_{name}(self, {value})\n")
    if hasattr(made, "__post_init__"):
        lines.append("    self.__post_init__()\n")
    arguments = ", ".join(["self", *(["*"] if parts else []), *(part.name for part in parts)])
    source = f"def __init__({arguments}):\n{''.join(lines) or '    pass'}"
    made_by_exec: dict[str, FunctionType] = {}
    exec(source, names, made_by_exec)  # noqa: S102 - the names of our own fields
    initializer = made_by_exec["__init__"]
    initializer.__kwdefaults__ = defaults
    initializer.__qualname__ = f"{made.__qualname__}.__init__"
    return initializer


def _representation(shown: list[str]) -> Callable[..., object]:
    def __repr__(self: object) -> str:  # noqa: N807 - becomes a method
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    return __repr__


def _comparison(compared: list[str]) -> dict[str, Callable[..., object]]:
    values: Callable[[object], object] = attrgetter(*compared) if compared else type

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - becomes a method
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807 - becomes a method
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _copying(names: list[str]) -> dict[str, Callable[..., object]]:
    def __getstate__(self: object) -> list[object]:  # noqa: N807 - becomes a method
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: list[object]) -> None:  # noqa: N807 - becomes a method
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
