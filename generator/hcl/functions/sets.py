"""Functions that treat lists as sets."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

from generator.hcl.conversions import as_items
from generator.hcl.equality import MOST_COMPARED, make_set, same
from generator.hcl.functions.signatures import (
    LARGEST_COLLECTION,
    Arguments,
    Function,
    function,
    list_of,
)
from generator.hcl.types import unified
from generator.hcl.values import Items, NotComputedError, Value


def _setproduct(arguments: Arguments) -> Items:
    groups = [as_items(argument) for argument in arguments]
    if math.prod(len(group) for group in groups) > LARGEST_COLLECTION:
        raise NotComputedError("the product is too large")
    rows = [Value(Items(values=row)) for row in itertools.product(*groups)]
    if any(
        isinstance(argument.content, Items) and argument.content.kind == "set"
        for argument in arguments
    ) and all(
        isinstance(argument.content, Items) and argument.content.kind == "set"
        for argument in arguments
    ):
        return Items(values=tuple(rows), kind="set")
    return list_of(rows)


def _set_of(arguments: Arguments, keep: Callable[[Value, list[tuple[Value, ...]]], bool]) -> Items:
    groups = [as_items(argument) for argument in arguments]
    if math.prod(max(len(group), 1) for group in groups[:2]) > MOST_COMPARED**2:
        raise NotComputedError("it compares too many values")
    together = iter(unified(tuple(item for group in groups for item in group)))
    first, *others = (tuple(itertools.islice(together, len(group))) for group in groups)
    return make_set(item for item in first if keep(item, others))


def is_in(item: Value, items: Sequence[Value]) -> bool:
    """Whether an equal value is among the items."""
    return any(same(item, other) for other in items)


FUNCTIONS: Mapping[str, Function] = {
    "setintersection": function(
        lambda a: _set_of(a, lambda item, others: all(is_in(item, other) for other in others)),
        1,
        None,
    ),
    "setproduct": function(_setproduct, 2, None, needs="shape"),
    "setsubtract": function(
        lambda a: _set_of(a, lambda item, others: not is_in(item, others[0])), 2
    ),
    "setunion": function(
        lambda a: make_set(unified(tuple(item for group in a for item in as_items(group)))),
        1,
        None,
        needs="shape",
    ),
}
