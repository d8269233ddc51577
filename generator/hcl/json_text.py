"""JSON as Terraform writes and reads it, over values with unknown leaves."""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.hcl.json_nodes import JsonList, JsonNode, JsonObject, read_json
from generator.hcl.scalars import NUMBERS, number_content, number_text, scalar_text
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.hcl.unicode_text import normalised
from generator.hcl.values import (
    INEXACT,
    NULL,
    Deferred,
    EvaluationError,
    Fields,
    FileText,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    first_unknown,
    is_small,
)
from generator.model.quotes import quoted
from generator.model.span import Span

_ESCAPES = {
    "&": "\\u0026",
    "<": "\\u003c",
    ">": "\\u003e",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_ESCAPED = re.compile("[&<>\u2028\u2029]")
# Private-use characters: one of them stands around the number of an unknown piece while a partly
# known text is read as JSON.
_MARKS = range(0xE000, 0xF8FF)

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
    mark = ""
    if isinstance(value.content, PartialText):
        pieces: list[str] = []
        mark = _unused_mark(value.content.parts)
        for part in value.content.parts:
            if isinstance(part, str):
                pieces.append(part)
            else:
                pieces.append(f"{mark}{len(holes)}{mark}")
                holes.append(part)
        text = "".join(pieces)
    else:
        text = scalar_text(value)
    place = span or value.span
    reader = _Reader(holes=holes, mark=mark, span=place)
    try:
        parsed: _Parsed = json.loads(
            text,
            parse_float=_number,
            parse_int=_whole_number,
            parse_constant=_no_constant,
            object_pairs_hook=_without_repeats,
        )
        found = reader.decoded(parsed)
        if not is_small(found):
            raise NotComputedError("the JSON is too large")
        return _placed(found, value.content) if isinstance(value.content, FileText) else found
    except ValueError:
        # A hole outside of a string: the whole is unknown, not wrong.
        if holes:
            return Value(holes[0], place)
        raise EvaluationError("the text is not JSON") from None
    except RecursionError:
        raise NotComputedError("the JSON is nested too deeply") from None


def _placed(value: Value, text: FileText) -> Value:
    """What was read from a file, each piece with its place there."""
    try:
        return _at(value, read_json(SourceText(text.file, text)))
    except SyntaxMistakeError:
        return value


def _at(value: Value, node: JsonNode) -> Value:
    match node, value.content:
        case JsonList(items=nodes, span=span), Items(values=items):
            placed = tuple(_at(item, inner) for item, inner in zip(items, nodes, strict=True))
            return Value(Items(values=placed), span)
        case JsonObject(members=members, span=span), Fields(values=fields):
            return Value(
                Fields(
                    values={each.name: _at(fields[each.name], each.value) for each in members},
                    key_spans={each.name: each.name_span for each in members},
                ),
                span,
            )
        case _:
            return Value(value.content, node.span)


def _unused_mark(parts: Iterable[str | UnknownContent]) -> str:
    """A character that the known pieces hold neither as it is nor as an escape."""
    text = "".join(part for part in parts if isinstance(part, str))
    escaped = text.lower()
    for code in _MARKS:
        if chr(code) not in text and f"\\u{code:04x}" not in escaped:
            return chr(code)
    raise NotComputedError("the text uses every private character")


def _without_repeats(members: list[tuple[str, _Parsed]]) -> dict[str, _Parsed]:
    """An object; two members of one name are read one way by some programs and another way by others."""
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotComputedError(f"the key {quoted(twice)} stands twice in one object of the JSON")
    return found


def _number(text: str) -> Decimal:
    number = NUMBERS.create_decimal(text)
    if number.is_zero() and number.is_signed():
        raise NotComputedError("zero with a sign is not computed")
    return number


def _whole_number(text: str) -> int:
    return int(text) if text != "-0" else int(_number(text))


def _no_constant(word: str) -> Decimal:
    raise ValueError(word)


@frozen
class _Reader:
    """Turns parsed JSON into values, with the unknown pieces put back into its texts."""

    holes: list[UnknownContent]
    mark: str
    span: Span | None

    def decoded(self, parsed: _Parsed) -> Value:
        match parsed:
            case None:
                return NULL if self.span is None else Value(None, self.span)
            case str():
                return self._text(parsed)
            case Decimal():
                return Value(number_content(parsed), self.span)
            case bool() | int():
                return Value(parsed, self.span)
            case list():
                return Value(Items(values=tuple(map(self.decoded, parsed))), self.span)
            case dict():
                fields = {}
                for key, item in parsed.items():
                    if self.holes and self.mark in key:
                        return Value(self.holes[0], self.span)
                    fields[_sound(key)] = self.decoded(item)
                return Value(Fields(values=fields), self.span)

    def _text(self, text: str) -> Value:
        if not self.holes or self.mark not in text:
            return Value(_sound(text), self.span)
        pieces: list[str | UnknownContent] = []
        for number, piece in enumerate(text.split(self.mark)):
            if number % 2:
                pieces.append(self.holes[int(piece)])
            elif piece:
                pieces.append(_sound(piece))
        if len(pieces) == 1 and isinstance(pieces[0], UnknownContent):
            return Value(pieces[0], self.span)
        return Value(PartialText(parts=tuple(pieces)), self.span)


def _sound(text: str) -> str:
    """A text as Terraform holds it; half of a character is none."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise NotComputedError("the JSON holds half of a character")
    return normalised(text)
