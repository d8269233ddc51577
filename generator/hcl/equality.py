"""Which values are equal: sets, and lists without duplicates."""

from collections.abc import Hashable, Iterable
from decimal import Decimal

from generator.hcl.conversions import as_text
from generator.hcl.scalars import check_digits
from generator.hcl.values import (
    Fields,
    Items,
    JsonText,
    NotComputedError,
    Value,
    first_unknown,
)


def same(left: Value, right: Value) -> bool:
    """Whether two fully known values have the same type and content, as far as types are kept."""
    first, second = left.content, right.content
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, JsonText):
        first = as_text(left)
    if isinstance(second, JsonText):
        second = as_text(right)
    match first, second:
        case (Items(values=a), Items(values=b)):
            return len(a) == len(b) and all(map(same, a, b))
        case (Fields(values=a), Fields(values=b)):
            return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
        case (int() | Decimal(), int() | Decimal()):
            check_digits(first)
            check_digits(second)
            return first == second
        case _:
            return type(first) is type(second) and first == second


def make_set(values: Iterable[Value]) -> Items:
    """A set: duplicates removed, sorted where the order is defined."""
    return Items(values=tuple(sorted(without_duplicates(values), key=_set_order)), kind="set")


def without_duplicates(values: Iterable[Value]) -> list[Value]:
    """The values, each once, in the order of their first appearance."""
    seen: set[Hashable] = set()
    found: list[Value] = []
    for value in values:
        if first_unknown((value,)) is None:
            key = key_of(value)
            if key in seen:
                continue
            seen.add(key)
        found.append(value)
    return found


def key_of(value: Value) -> Hashable:
    """What two fully known values have in common exactly when they are the same."""
    content = value.content
    match content:
        case JsonText():
            return as_text(value)
        case Items(values=items):
            return (list, *map(key_of, items))
        case Fields(values=fields):
            return (dict, *((name, key_of(fields[name])) for name in sorted(fields)))
        case bool():
            return (bool, content)
        case int() | Decimal():
            check_digits(content)
            return (int, Decimal(content))
        case str() | None:
            return content
        case _:
            raise NotComputedError("what is not known cannot be compared")


def _set_order(value: Value) -> tuple[int, Decimal, str]:
    content = value.content
    match content:
        case bool():
            return (0, Decimal(int(content)), "")
        case int() | Decimal():
            return (1, Decimal(content), "")
        case str():
            return (2, Decimal(0), content)
        case _:
            return (3, Decimal(0), "")
