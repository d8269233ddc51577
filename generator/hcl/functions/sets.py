"""Functions that treat lists as sets."""

import itertools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping

from generator.hcl.conversions import as_items
from generator.hcl.equality import key_of, make_set
from generator.hcl.functions.signatures import (
    LARGEST_COLLECTION,
    Arguments,
    Function,
    function,
    list_of,
)
from generator.hcl.types import unified
from generator.hcl.values import Fields, Items, NotComputedError, Value


def _setproduct(arguments: Arguments) -> Items:
    groups = [unified(as_items(argument)) for argument in arguments]
    if math.prod(len(group) for group in groups) > LARGEST_COLLECTION:
        raise NotComputedError("the product is too large")
    rows = [Value(Items(values=row)) for row in itertools.product(*groups)]
    if not rows:
        kinds = {each.content.kind for each in arguments if isinstance(each.content, Items)}
        return Items(values=(), kind="set" if "set" in kinds else "list", has_type=True)
    if any(
        isinstance(argument.content, Items) and argument.content.kind == "set"
        for argument in arguments
    ):
        if len(rows) > 1:
            raise NotComputedError("the order of a set of lists is not computed")
        return Items(values=tuple(rows), kind="set")
    return list_of(rows)


def _set_of(arguments: Arguments, keep: Callable[[Hashable, list[set[Hashable]]], bool]) -> Items:
    if any(_is_of_nothing(argument) for argument in arguments):
        raise NotComputedError("what an empty list is a list of is not known")
    groups = [unified(as_items(argument)) for argument in arguments]
    together = iter(unified(tuple(item for group in groups for item in group)))
    first, *others = (tuple(itertools.islice(together, len(group))) for group in groups)
    keys = [set(map(key_of, group)) for group in others]
    return set_of(item for item in first if keep(key_of(item), keys))


def _is_of_nothing(argument: Value) -> bool:
    content = argument.content
    return isinstance(content, Items) and content.kind == "list" and not content.values


def set_of(items: Iterable[Value]) -> Items:
    """A set; of several lists or maps, Terraform's order is not known here."""
    made = make_set(items)
    if len(made.values) > 1 and any(
        isinstance(item.content, (Items, Fields)) for item in made.values
    ):
        raise NotComputedError("the order of a set of lists or maps is not computed")
    return made


FUNCTIONS: Mapping[str, Function] = {
    "setintersection": function(
        lambda a: _set_of(a, lambda item, others: all(item in other for other in others)),
        1,
        None,
    ),
    "setproduct": function(_setproduct, 2, None, needs="shape"),
    "setsubtract": function(lambda a: _set_of(a, lambda item, others: item not in others[0]), 2),
    "setunion": function(
        lambda a: set_of(unified(tuple(item for group in a for item in unified(as_items(group))))),
        1,
        None,
        needs="shape",
    ),
}
