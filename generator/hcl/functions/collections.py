"""Functions of lists, maps and sets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.hcl.choices import is_made
from generator.hcl.conversions import (
    as_boolean,
    as_fields,
    as_integer,
    as_items,
    as_number,
    as_text,
)
from generator.hcl.equality import key_of, same, without_duplicates
from generator.hcl.functions.signatures import (
    LARGEST_COLLECTION,
    Arguments,
    Function,
    function,
    key_spans_of,
    list_of,
    map_of,
    texts_of,
)
from generator.hcl.scalars import NUMBERS, number_content
from generator.hcl.types import unified
from generator.hcl.unicode_text import characters
from generator.hcl.values import (
    Content,
    Deferred,
    EvaluationError,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    derived,
    first_unknown,
    is_not_computed,
    type_name,
)

if TYPE_CHECKING:
    from generator.model.span import Span

LONGEST_RANGE = 1024


def _length(arguments: Arguments) -> int:
    (value,) = arguments
    match value.content:
        case str():
            return len(characters(value.content))
        case JsonText():
            return len(characters(as_text(value)))
        case Items(values=items):
            return len(items)
        case Fields(values=fields):
            return len(fields)
        case Deferred(names=names) if names is not None:
            return len(names)
        case _:
            if isinstance(value.content, Deferred):
                raise NotComputedError("a resource has attributes that are not in the code")
            raise EvaluationError(f"{type_name(value)} has no length")


def _length_of_set(value: Value) -> UnknownContent | None:
    if isinstance(value.content, Items) and value.content.kind == "set":
        return first_unknown(value.content.values)
    return None


def _safe_length(arguments: Arguments) -> Content:
    # Unknown elements of a set may turn out equal.
    return _length_of_set(arguments[0]) or _length(arguments)


def _merge(arguments: Arguments) -> Fields:
    values: dict[str, Value] = {}
    spans: dict[str, Span] = {}
    maps = all(
        isinstance(argument.content, Fields) and argument.content.kind == "map"
        for argument in arguments
    )
    for argument in arguments:
        if argument.content is None:
            continue
        for key, value in as_fields(argument).items():
            values[key] = value
            span = key_spans_of(argument).get(key)
            if span is not None:
                spans[key] = span
    return Fields(values=values, key_spans=spans, kind="map" if maps and arguments else "object")


def _concat(arguments: Arguments) -> Items:
    values = [item for argument in arguments for item in _in_order(argument)]
    all_lists = all(
        isinstance(argument.content, Items) and argument.content.kind == "list"
        for argument in arguments
    )
    if len(values) > LARGEST_COLLECTION:
        raise NotComputedError("the list is too long")
    return Items(values=tuple(values), kind="list" if all_lists else "tuple")


def _flatten(arguments: Arguments) -> Content:
    result: list[Value] = []
    stack = list(reversed(as_items(arguments[0])))
    while stack:
        item = stack.pop()
        if isinstance(item.content, Items):
            stack.extend(reversed(item.content.values))
        elif isinstance(item.content, UnknownContent) and item.content.origin is None:
            # It may be a list of any length.
            return replace(derived(item.content), is_made=is_made(arguments))
        else:
            result.append(item)
        if len(result) > LARGEST_COLLECTION:
            raise NotComputedError("the list is too long")
    return Items(values=tuple(result))


def _keys(arguments: Arguments) -> Items:
    fields, spans = as_fields(arguments[0]), key_spans_of(arguments[0])
    return list_of([Value(key, spans.get(key)) for key in sorted(fields)])


def _values(arguments: Arguments) -> Items:
    fields = as_fields(arguments[0])
    return list_of([fields[key] for key in sorted(fields)])


def _lookup(arguments: Arguments) -> Value:
    fields, key = as_fields(arguments[0]), as_text(arguments[1])
    if key in fields:
        return fields[key]
    if len(arguments) == 3:
        return arguments[2]
    raise EvaluationError(f"there is no key `{key}`")


def _contains(arguments: Arguments) -> Content:
    items, wanted = as_items(arguments[0]), arguments[1]
    if (missing := first_unknown((wanted,))) is not None:
        return derived(missing)
    if any(first_unknown((item,)) is None and same(item, wanted) for item in items):
        return True
    missing = first_unknown(items)
    return False if missing is None else derived(missing)


def _element(arguments: Arguments) -> Value:
    items, index = _in_order(arguments[0]), as_integer(arguments[1])
    if not items:
        raise EvaluationError("the list is empty")
    if index < 0:
        # An error up to Terraform 1.11, counted from the end in 1.15.
        raise NotComputedError("a negative index of element() depends on Terraform's version")
    return items[index % len(items)]


def _slice(arguments: Arguments) -> Items:
    items, start, end = as_items(arguments[0]), as_integer(arguments[1]), as_integer(arguments[2])
    if not 0 <= start <= end <= len(items):
        raise EvaluationError("the indexes are out of range")
    return _same_kind(arguments[0], items[start:end])


def _same_kind(argument: Value, items: Sequence[Value]) -> Items:
    kind = argument.content.kind if isinstance(argument.content, Items) else "tuple"
    return Items(values=tuple(items), kind="list" if kind == "set" else kind)


def _index(arguments: Arguments) -> int:
    for number, item in enumerate(as_items(arguments[0])):
        if same(item, arguments[1]):
            return number
    raise EvaluationError("the element is not in the list")


def _distinct(arguments: Arguments) -> Items:
    return list_of(without_duplicates(unified(as_items(arguments[0]))))


def _sort(arguments: Arguments) -> Items:
    texts = [Value(as_text(item), item.span) for item in as_items(arguments[0])]
    return list_of(sorted(texts, key=as_text))


def _coalesce(arguments: Arguments) -> Value:
    kinds = {type(argument.content) for argument in arguments if argument.content is not None}
    if len(kinds) > 1 and kinds & {Items, Fields} and not kinds & {UnknownContent, Deferred}:
        raise EvaluationError("the arguments have different types")
    if any(map(is_not_computed, arguments)):
        raise NotComputedError("an argument is not computed")
    only = _only_collection(arguments)
    if only is None and kinds & {Items, Fields} and not _is_of_one_type(arguments):
        raise NotComputedError("the arguments have different types")
    for argument in arguments:
        content = argument.content
        if isinstance(content, UnknownContent):
            if content.is_never_null:
                return argument
            return Value(derived(content))
        if content is not None and content != "":
            return argument if argument is only else unified((argument, *arguments))[0]
    raise EvaluationError("no argument has a value")


def _only_collection(arguments: Arguments) -> Value | None:
    """The one argument whose type all others take: a list, set or map beside empty `[]` or `{}`."""
    found: Value | None = None
    for argument in arguments:
        match argument.content:
            case None | Items(values=(), kind="tuple", has_type=False):
                continue
            case Fields(values=fields, kind="object", has_type=False) if not fields:
                continue
            case Items(kind="list" | "set") | Fields(kind="map") if found is None:
                found = argument
            case _:
                return None
    return found


def _is_of_one_type(arguments: Arguments) -> bool:
    """Whether collections certainly have one type: of one kind, with elements of one simple type."""
    kinds: set[str] = set()
    elements: set[str] = set()
    for argument in arguments:
        match argument.content:
            case Items(values=items, kind=kind):
                kinds.add("set" if kind == "set" else "list")
                elements.update(map(_simple_type, items))
            case Fields(values=fields):
                kinds.add("map")
                elements.update(map(_simple_type, fields.values()))
            case None | UnknownContent():
                pass
            case _:
                return False
    return len(kinds) < 2 and (not elements or elements in ({"text"}, {"number"}, {"boolean"}))


def _simple_type(value: Value) -> str:
    match value.content:
        case bool():
            return "boolean"
        case int() | Decimal():
            return "number"
        case str() | JsonText() | PartialText():
            return "text"
        case UnknownContent() as content if content.is_text:
            return "text"
        case _:
            return "other"


def _in_order(argument: Value) -> tuple[Value, ...]:
    """The elements of a list or tuple; Terraform does not take a set in its place."""
    if isinstance(argument.content, Items) and argument.content.kind == "set":
        raise NotComputedError("a set is no list")
    return as_items(argument)


def _coalescelist(arguments: Arguments) -> Value:
    for argument in arguments:
        if not isinstance(argument.content, Items):
            raise NotComputedError("an argument is no list")
    for argument in arguments:
        if _in_order(argument):
            _ = [_in_order(other) for other in arguments]
            return argument
    raise EvaluationError("no argument has an element")


def _one(arguments: Arguments) -> Value | Content:
    items = as_items(arguments[0])
    if len(items) > 1:
        raise EvaluationError("the list has more than one element")
    return items[0] if items else None


def _compact(arguments: Arguments) -> Content:
    kept: list[Value] = []
    for item in as_items(arguments[0]):
        if isinstance(item.content, UnknownContent) and not item.content.is_never_null:
            return derived(item.content)
        if isinstance(item.content, Items | Fields):
            raise EvaluationError("an element is no text")
        if item.content is not None and item.content != "":
            is_text = not isinstance(item.content, bool | int | Decimal)
            kept.append(item if is_text else Value(as_text(item), item.span))
    return list_of(kept)


def _zipmap(arguments: Arguments) -> Fields:
    keys, values = as_items(arguments[0]), _in_order(arguments[1])
    if len(keys) != len(values):
        raise EvaluationError("the lists differ in length")
    spans = {as_text(key): key.span for key in keys if key.span is not None}
    return Fields(
        values={as_text(key): value for key, value in zip(keys, values, strict=True)},
        key_spans=spans,
    )


def _chunklist(arguments: Arguments) -> Items:
    items, size = unified(as_items(arguments[0])), as_integer(arguments[1])
    if size < 0:
        raise EvaluationError("the size is negative")
    if not items:
        return list_of([])
    if size == 0:
        return list_of([Value(list_of(items))])
    return list_of(
        [Value(list_of(items[start : start + size])) for start in range(0, len(items), size)]
    )


def _range(arguments: Arguments) -> Items:
    numbers = [as_number(argument) for argument in arguments]
    start: int | Decimal = 0 if len(numbers) == 1 else numbers[0]
    end = numbers[0] if len(numbers) == 1 else numbers[1]
    step = numbers[2] if len(numbers) == 3 else (1 if end >= start else -1)
    if step == 0 and start == end:
        return list_of([])
    if step == 0:
        raise EvaluationError("the step is zero")
    if len(numbers) == 3 and (end > start) != (step > 0) and end != start:
        raise EvaluationError("the step leads away from the end")
    found: list[Value] = []
    while start < end if step > 0 else start > end:
        if len(found) >= LONGEST_RANGE:
            raise EvaluationError(f"the range has more than {LONGEST_RANGE} elements")
        found.append(Value(start))
        start = number_content(NUMBERS.add(Decimal(start), Decimal(step)))
    return list_of(found)


def _transpose(arguments: Arguments) -> Fields:
    turned: dict[str, list[str]] = {}
    fields = as_fields(arguments[0])
    for key in sorted(fields):
        for item in as_items(fields[key]):
            turned.setdefault(as_text(item), []).append(key)
    if not turned:
        return Fields(values={}, kind="map", has_type=True)
    return map_of({key: Value(texts_of(sorted(turned[key]))) for key in sorted(turned)})


def _matchkeys(arguments: Arguments) -> Items:
    values, keys, wanted = (as_items(argument) for argument in arguments)
    if len(values) != len(keys):
        raise EvaluationError("the lists differ in length")
    found = set(map(key_of, wanted))
    return list_of([value for value, key in zip(values, keys, strict=True) if key_of(key) in found])


def _booleans(argument: Value) -> list[bool]:
    """The elements of a list of booleans; `null` counts as false."""
    items = as_items(argument)
    if not items and isinstance(argument.content, Items) and argument.content.kind != "tuple":
        raise NotComputedError("whether the elements are booleans is not known")
    return [item.content is not None and as_boolean(item) for item in items]


def _alltrue(arguments: Arguments) -> bool:
    return all(_booleans(arguments[0]))


def _anytrue(arguments: Arguments) -> bool:
    return any(_booleans(arguments[0]))


FUNCTIONS: Mapping[str, Function] = {
    "alltrue": function(_alltrue, 1),
    "anytrue": function(_anytrue, 1),
    "chunklist": function(_chunklist, 2, needs="shape"),
    "coalesce": function(_coalesce, 1, None, needs="nothing"),
    "coalescelist": function(_coalescelist, 1, None, needs="shape"),
    "compact": function(_compact, 1, needs="shape"),
    "concat": function(_concat, 1, None, needs="shape"),
    "contains": function(_contains, 2, needs="shape"),
    "distinct": function(_distinct, 1),
    "element": function(_element, 2, needs="shape"),
    "flatten": function(_flatten, 1, needs="shape"),
    "index": function(_index, 2),
    "keys": function(_keys, 1, needs="shape"),
    "length": function(_safe_length, 1, needs="shape"),
    "lookup": function(_lookup, 2, 3, needs="shape"),
    "matchkeys": function(_matchkeys, 3),
    "merge": function(_merge, 0, None, needs="shape"),
    "one": function(_one, 1, needs="shape"),
    "range": function(_range, 1, 3),
    "reverse": function(lambda a: _same_kind(a[0], as_items(a[0])[::-1]), 1, needs="shape"),
    "slice": function(_slice, 3, needs="shape"),
    "sort": function(_sort, 1),
    "transpose": function(_transpose, 1),
    "values": function(_values, 1, needs="shape"),
    "zipmap": function(_zipmap, 2, needs="shape"),
}
