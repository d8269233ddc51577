"""Type constraints of variables: conversion, `optional()` and its defaults."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from generator.hcl.conversions import as_boolean, as_number, as_text
from generator.hcl.equality import make_set
from generator.hcl.syntax import Call, Expression, Literal, Name, ObjectLiteral, TupleLiteral
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
    type_name,
    unknown_in,
)

_QUOTED = frozenset({"string", "list", "map"})
Evaluate: TypeAlias = Callable[[Expression], Value]


def convert(value: Value, constraint: Expression, evaluate: Evaluate) -> Value:
    """The value as the constraint wants it; `evaluate` gives the defaults of `optional()`.

    Raises `EvaluationError` where Terraform would refuse the value.
    """
    if value.content is None or isinstance(value.content, (UnknownContent, Deferred)):
        return value
    match constraint:
        case Name(name=name):
            return _primitive(value, name)
        case Literal(value=str() as name) if name in _QUOTED:
            # As Terraform 0.11 wanted it; later versions warn, and then refuse.
            return _primitive(value, name)
        case Call(name="optional", arguments=[inner, *_]):
            return convert(value, inner, evaluate)
        case Call(name="list" | "set" | "map" as kind, arguments=[element]):
            return _collection(value, kind, element, evaluate)
        case Call(name="tuple", arguments=[TupleLiteral(items=elements)]):
            return _tuple(value, elements, evaluate)
        case Call(name="object", arguments=[ObjectLiteral() as members]):
            return _object(value, members, evaluate)
        case _:
            raise EvaluationError("the type is not understood")


def _primitive(value: Value, name: str) -> Value:
    match name:
        case "any":
            return value
        case "string":
            if isinstance(value.content, (str, JsonText, PartialText)):
                return value
            return Value(as_text(value), value.span)
        case "number" | "bool" if isinstance(value.content, PartialText):
            return Value(unknown_in(value), value.span)
        case "number":
            return Value(as_number(value), value.span)
        case "bool":
            return Value(as_boolean(value), value.span)
        case "list" | "set" | "map":
            return _collection(value, name, None, None)
        case _:
            raise EvaluationError(f"`{name}` is not a type")


def _collection(
    value: Value, kind: str, element: Expression | None, evaluate: Evaluate | None
) -> Value:
    def inner(item: Value) -> Value:
        if element is None or evaluate is None:
            return item
        return convert(item, element, evaluate)

    content = value.content
    wants_any = element is None or (isinstance(element, Name) and element.name == "any")
    if kind == "map":
        if not isinstance(content, Fields):
            raise EvaluationError(f"a map is needed, not {type_name(value)}")
        values = {key: inner(item) for key, item in content.values.items()}
        if wants_any:
            values = dict(zip(values, unified(tuple(values.values())), strict=True))
        return Value(Fields(values=values, key_spans=content.key_spans, kind="map"), value.span)
    if not isinstance(content, Items):
        raise EvaluationError(f"a list is needed, not {type_name(value)}")
    items = tuple(inner(item) for item in content.values)
    if wants_any:
        items = unified(items)
    if kind == "set":
        return Value(make_set(items), value.span)
    return Value(Items(values=items, kind="list"), value.span)


def _tuple(value: Value, elements: Sequence[Expression], evaluate: Evaluate) -> Value:
    if not isinstance(value.content, Items) or len(value.content.values) != len(elements):
        raise EvaluationError(f"a tuple of {len(elements)} elements is needed")
    items = tuple(
        convert(item, element, evaluate)
        for item, element in zip(value.content.values, elements, strict=True)
    )
    return Value(Items(values=items), value.span)


def _object(value: Value, members: ObjectLiteral, evaluate: Evaluate) -> Value:
    content = value.content
    if not isinstance(content, Fields):
        raise EvaluationError(f"an object is needed, not {type_name(value)}")
    values: dict[str, Value] = {}
    for member in members.items:
        if not isinstance(member.key, Literal) or not isinstance(member.key.value, str):
            raise EvaluationError("the type is not understood")
        name = member.key.value
        given = content.values.get(name)
        optional = isinstance(member.value, Call) and member.value.name == "optional"
        if given is not None and not (optional and given.content is None):
            values[name] = convert(given, member.value, evaluate)
            continue
        if not optional:
            raise EvaluationError(f"the attribute `{name}` is required")
        default = _default(member.value, evaluate)
        span = given.span if given is not None else value.span
        values[name] = Value(default.content, span)
    spans = {key: span for key, span in content.key_spans.items() if key in values}
    return Value(Fields(values=values, key_spans=spans), value.span)


def _default(constraint: Expression, evaluate: Evaluate) -> Value:
    match constraint:
        case Call(arguments=[inner, default]):
            return convert(evaluate(default), inner, evaluate)
        case _:
            return Value(None)


def unified(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Elements of one type: next to a text, numbers and booleans become texts."""
    texts = any(isinstance(item.content, (str, JsonText, PartialText)) for item in values)
    groups = any(isinstance(item.content, (Items, Fields)) for item in values)
    if groups and (texts or any(isinstance(item.content, (bool, int, Decimal)) for item in values)):
        raise NotComputedError("it mixes collections and single values")
    if not texts:
        booleans = any(isinstance(item.content, bool) for item in values)
        if booleans and any(_is_number(item) for item in values):
            raise NotComputedError("it mixes numbers and booleans")
        return values
    return tuple(
        Value(as_text(item), item.span) if isinstance(item.content, (bool, int, Decimal)) else item
        for item in values
    )


def _is_number(value: Value) -> bool:
    return isinstance(value.content, (int, Decimal)) and not isinstance(value.content, bool)


def one_type(value: Value, other: Value) -> Value:
    """The value as the branch of a conditional whose other branch is `other`.

    Both branches have one type: next to a text a number becomes a text, and two tuples or two
    objects that differ in shape become a list or a map with elements of one type.
    """
    mine, theirs = value.content, other.content
    if mine is theirs:
        return value
    if _is_of_something(mine, theirs) or _is_of_something(theirs, mine):
        raise NotComputedError("of which type an empty list is is not followed")
    match mine, theirs:
        case (Items(values=a, kind="tuple"), Items(values=b, kind="tuple")) if len(a) == len(b):
            items = tuple(one_type(item, peer) for item, peer in zip(a, b, strict=True))
            return Value(Items(values=items), value.span)
        case (Items(values=a, kind="set"), Items(values=b)) | (
            Items(values=a),
            Items(values=b, kind="set"),
        ):
            return Value(make_set(_one_type_with(a, b)), value.span)
        case (Items(values=a, kind="tuple" | "list"), Items(values=b, kind="tuple" | "list")):
            return Value(Items(values=_one_type_with(a, b), kind="list"), value.span)
        case (Fields(values=c, kind="object"), Fields(values=d, kind="object")) if (
            c.keys() == d.keys()
        ):
            fields = {key: one_type(item, d[key]) for key, item in c.items()}
            return Value(Fields(values=fields, key_spans=mine.key_spans), value.span)
        case (Fields(values=c), Fields(values=d)):
            items = _one_type_with(tuple(c.values()), tuple(d.values()))
            fields = dict(zip(c, items, strict=True))
            return Value(Fields(values=fields, key_spans=mine.key_spans, kind="map"), value.span)
        case (
            (None, _)
            | (_, None)
            | (UnknownContent() | Deferred(), _)
            | (_, UnknownContent() | Deferred())
        ):
            return value
        case (Items() | Fields(), _) | (_, Items() | Fields()):
            # Sets and lists unify in some cases, all else is refused.
            raise NotComputedError("the two results of the condition have different types")
        case _:
            return unified((value, other))[0]


def _is_of_something(empty: Content, full: Content) -> bool:
    """Whether an empty list or map of some type meets one with elements, which take that type."""
    return (
        isinstance(empty, Items | Fields)
        and empty.has_type
        and isinstance(full, Items | Fields)
        and bool(full.values)
    )


def _one_type_with(values: tuple[Value, ...], others: tuple[Value, ...]) -> tuple[Value, ...]:
    return unified((*values, *others))[: len(values)]
