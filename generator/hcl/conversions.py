"""Values read as a text, a number, a boolean or a collection, as Terraform converts them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from generator.hcl.json_text import encode, encode_parts
from generator.hcl.scalars import (
    NUMBERS,
    number_content,
    number_text,
    scalar_text,
)
from generator.hcl.unicode_text import normalised
from generator.hcl.values import (
    INEXACT,
    LONGEST_TEXT,
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
    wrong_type,
)
from generator.model.span import Span

MOST_UNKNOWN_PIECES = 10_000

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def as_number(value: Value) -> int | Decimal:
    """The value as a number; raises `EvaluationError`."""
    content = _scalar(value)
    if isinstance(content, (int, Decimal)) and not isinstance(content, bool):
        return content
    if isinstance(content, str) and _NUMBER.fullmatch(content):
        try:
            number = NUMBERS.create_decimal(content)
            if number.is_zero() and number.is_signed():
                raise NotComputedError("zero with a sign is not computed")
            return number_content(number)
        except ArithmeticError:
            raise NotComputedError("the number is too large") from None
    raise wrong_type("a number", value)


def as_integer(value: Value) -> int:
    """The value as a whole number; raises `EvaluationError`."""
    number = as_number(value)
    if not isinstance(number, int):
        raise EvaluationError(f"a whole number is needed, not {number_text(number)}")
    return number


def as_boolean(value: Value) -> bool:
    """The value as a boolean; raises `EvaluationError`."""
    content = _scalar(value)
    if isinstance(content, bool):
        return content
    if content in ("true", "1") and isinstance(content, str):
        return True
    if content in ("false", "0") and isinstance(content, str):
        return False
    raise wrong_type("a boolean", value)


def _scalar(value: Value) -> Content:
    """The content of a value; a text that is JSON is a text like any other."""
    return as_text(value) if isinstance(value.content, JsonText) else value.content


def as_text(value: Value) -> str:
    """The value as a known text; raises `EvaluationError`."""
    match value.content:
        case JsonText(is_exact=False):
            raise NotComputedError(INEXACT)
        case JsonText(document=document):
            return encode(document)
        case _:
            return scalar_text(value)


def as_items(value: Value) -> tuple[Value, ...]:
    """The elements of a list, tuple or set; raises `EvaluationError`."""
    if isinstance(value.content, Items):
        return value.content.values
    raise wrong_type("a list", value)


def as_fields(value: Value) -> Mapping[str, Value]:
    """The fields of an object or map; raises `EvaluationError`."""
    match value.content:
        case Fields(values=fields):
            return fields
        case Deferred(names=names, read=read) if names is not None:
            return {name: read(name) for name in names}
        case _:
            raise wrong_type("a map", value)


def pairs(value: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and elements in Terraform's order; raises `EvaluationError` for what is no collection."""
    match value.content:
        case Items(values=items, kind="set"):
            for item in items:
                yield item, item
        case Items(values=items):
            for index, item in enumerate(items):
                yield Value(index, item.span), item
        case Fields(values=fields, key_spans=spans):
            for key in sorted(fields):
                yield Value(key, spans.get(key) or fields[key].span), fields[key]
        case Deferred(names=names, read=read) if names is not None:
            for key in sorted(names):
                yield Value(key, None), read(key)
        case _:
            raise wrong_type("a list, set or map", value)


def text_of(parts: Iterable["str | UnknownContent"], span: Span | None) -> Value:
    """A text from pieces: known when all of them are; raises `EvaluationError` when too long."""
    joined: list[str | UnknownContent] = []
    run: list[str] = []
    length = 0
    for part in parts:
        if isinstance(part, str):
            length += len(part)
            if length > LONGEST_TEXT:
                raise NotComputedError("the text is too long")
            run.append(part)
            continue
        if any(run):
            joined.append("".join(run))
        run.clear()
        joined.append(part)
        if len(joined) > MOST_UNKNOWN_PIECES:
            raise NotComputedError("the text has too many unknown pieces")
    if not joined:
        return Value(normalised("".join(run)), span)
    if any(run):
        joined.append("".join(run))
    return Value(PartialText(parts=tuple(joined)), span)


def parts_of(value: Value) -> tuple["str | UnknownContent", ...]:
    """The pieces of a value used inside a text; raises `EvaluationError` for what is no text."""
    match value.content:
        case UnknownContent() as content:
            return (content,)
        case PartialText(parts=parts):
            return parts
        case JsonText(is_exact=False):
            raise NotComputedError(INEXACT)
        case JsonText(document=document):
            return encode_parts(document)
        case _:
            return (as_text(value),)
