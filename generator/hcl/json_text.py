"""JSON as Terraform writes and reads it, over values with unknown leaves."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from generator.hcl.scalars import NUMBERS, number_content, number_text, scalar_text
from generator.hcl.values import (
    INEXACT,
    NULL,
    Deferred,
    EvaluationError,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    first_unknown,
    is_small,
)
from generator.model.span import Span

_ESCAPES = {
    "&": "\\u0026",
    "<": "\\u003c",
    ">": "\\u003e",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_ESCAPED = re.compile("[&<>\u2028\u2029]")
# Stands for an unknown piece while a partly known text is read as JSON: private-use characters.
_HOLE = re.compile("\ue000([0-9]+)\ue001")

_Parsed: TypeAlias = "str | int | Decimal | bool | list[_Parsed] | dict[str, _Parsed] | None"


def encode(document: Value) -> str:
    """What `jsonencode` returns; raises `EvaluationError` while a leaf is unknown."""
    if (missing := first_unknown((document,))) is not None:
        raise NotComputedError(f"{missing.reference} is unknown")
    return "".join(part for part in encode_parts(document) if isinstance(part, str))


def encode_parts(document: Value) -> tuple[str | UnknownContent, ...]:
    """The pieces of the JSON text, unknown leaves as themselves."""
    return tuple(_encode(document))


def _encode(value: Value) -> Iterator[str | UnknownContent]:
    content = value.content
    match content:
        case None:
            yield "null"
        case bool():
            yield "true" if content else "false"
        case int() | Decimal():
            yield number_text(content)
        case str():
            yield _quoted(content)
        case JsonText(is_exact=False):
            raise NotComputedError(INEXACT)
        case JsonText(document=document):
            yield _quoted(encode(document))
        case PartialText(parts=parts):
            yield '"'
            for part in parts:
                yield _quoted(part)[1:-1] if isinstance(part, str) else part
            yield '"'
        case Items(values=items):
            yield "["
            for number, item in enumerate(items):
                if number:
                    yield ","
                yield from _encode(item)
            yield "]"
        case Fields(values=fields):
            yield "{"
            for number, key in enumerate(sorted(fields)):
                yield f"{',' if number else ''}{_quoted(key)}:"
                yield from _encode(fields[key])
            yield "}"
        case UnknownContent():
            yield from ('"', content, '"') if content.is_text else (content,)
        case Deferred(reference=reference):
            yield UnknownContent(
                reason="it has attributes that only AWS knows", reference=reference
            )


def _quoted(text: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], json.dumps(text, ensure_ascii=False))


def decode(value: Value, span: Span | None = None) -> Value:
    """What `jsondecode` returns, also for a text with unknown pieces inside its strings.

    Raises `EvaluationError` for a text that is not JSON.
    """
    if isinstance(value.content, JsonText):
        return value.content.document
    if isinstance(value.content, UnknownContent):
        reason, reference = value.content.reason, value.content.reference
        return Value(UnknownContent(reason=reason, reference=reference), span or value.span)
    holes: list[UnknownContent] = []
    if isinstance(value.content, PartialText):
        pieces: list[str] = []
        for part in value.content.parts:
            if isinstance(part, str):
                pieces.append(part)
            else:
                pieces.append(f"\ue000{len(holes)}\ue001")
                holes.append(part)
        text = "".join(pieces)
    else:
        text = scalar_text(value)
    place = span or value.span
    try:
        parsed: _Parsed = json.loads(
            text, parse_float=NUMBERS.create_decimal, parse_constant=_no_constant
        )
        value = _decoded(parsed, holes, place)
        if not is_small(value):
            raise NotComputedError("the JSON is too large")
    except ValueError:
        # A hole outside of a string: the whole is unknown, not wrong.
        if holes:
            return Value(holes[0], place)
        raise EvaluationError("the text is not JSON") from None
    except RecursionError:
        raise NotComputedError("the JSON is nested too deeply") from None
    return value


def _no_constant(word: str) -> Decimal:
    raise ValueError(word)


def _decoded(parsed: _Parsed, holes: list[UnknownContent], span: Span | None) -> Value:
    match parsed:
        case None:
            return NULL if span is None else Value(None, span)
        case str():
            return _with_holes(parsed, holes, span)
        case Decimal():
            return Value(number_content(parsed), span)
        case bool() | int():
            return Value(parsed, span)
        case list():
            return Value(Items(values=tuple(_decoded(item, holes, span) for item in parsed)), span)
        case dict():
            fields = {}
            for key, item in parsed.items():
                if holes and _HOLE.search(key):
                    return Value(holes[0], span)
                fields[key] = _decoded(item, holes, span)
            return Value(Fields(values=fields), span)


def _with_holes(text: str, holes: list[UnknownContent], span: Span | None) -> Value:
    if not holes or "\ue000" not in text:
        return Value(text, span)
    pieces: list[str | UnknownContent] = []
    for number, piece in enumerate(_HOLE.split(text)):
        if number % 2:
            pieces.append(holes[int(piece)])
        elif piece:
            pieces.append(piece)
    if len(pieces) == 1 and isinstance(pieces[0], UnknownContent):
        return Value(pieces[0], span)
    return Value(PartialText(parts=tuple(pieces)), span)
