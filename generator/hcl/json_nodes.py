"""JSON text to a tree with places."""

import json
import re
from decimal import Decimal
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.hcl.unicode_text import normalised
from generator.model.span import Span

DEEPEST = 100
_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_WORDS = {"true": True, "false": False, "null": None}


@frozen
class JsonScalar:
    """A text, number, boolean or null."""

    value: str | int | Decimal | bool | None
    span: Span


@frozen
class JsonList:
    """A list."""

    items: "tuple[JsonNode, ...]"
    span: Span


@frozen
class JsonMember:
    """A member of an object, with the place of its name."""

    name: str
    name_span: Span
    value: "JsonNode"


@frozen
class JsonObject:
    """An object, with its members in order."""

    members: tuple[JsonMember, ...]
    span: Span


JsonNode: TypeAlias = JsonScalar | JsonList | JsonObject


def read_json(source: SourceText) -> JsonNode:
    """The tree of a whole text; raises `SyntaxMistakeError`."""
    return _Reader(source).whole()


class _Reader:
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._text = source.text
        self._position = 0

    def whole(self) -> JsonNode:
        node = self._node(0)
        self._blank()
        if self._position < len(self._text):
            raise self._unexpected()
        return node

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._position)
        self._position = match.end() if match else self._position

    def _unexpected(self) -> SyntaxMistakeError:
        at = self._position
        sign = self._text[at : at + 1]
        message = f"`{sign}` is not expected here" if sign else "the file ends too early"
        return SyntaxMistakeError(message, self._source.span(at, at + len(sign)))

    def _take(self, sign: str) -> bool:
        self._blank()
        if self._text.startswith(sign, self._position):
            self._position += len(sign)
            return True
        return False

    def _node(self, depth: int) -> JsonNode:
        self._blank()
        start = self._position
        if depth > DEEPEST:
            raise SyntaxMistakeError(
                "the JSON is nested too deeply", self._source.span(start, start + 1)
            )
        if self._take("{"):
            return self._object(start, depth)
        if self._take("["):
            items: list[JsonNode] = []
            if not self._take("]"):
                items.append(self._node(depth + 1))
                while self._take(","):
                    items.append(self._node(depth + 1))
                self._closed("]")
            return JsonList(items=tuple(items), span=self._source.span(start, self._position))
        if self._text.startswith('"', start):
            text, span = self._string()
            return JsonScalar(value=text, span=span)
        if match := _NUMBER.match(self._text, start):
            self._position = match.end()
            number = Decimal(match[0])
            whole = number == number.to_integral_value()
            return JsonScalar(
                value=int(number) if whole else number,
                span=self._source.span(start, self._position),
            )
        for word, value in _WORDS.items():
            if self._take(word):
                return JsonScalar(value=value, span=self._source.span(start, self._position))
        raise self._unexpected()

    def _closed(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected()

    def _object(self, start: int, depth: int) -> JsonObject:
        members: list[JsonMember] = []
        if not self._take("}"):
            members.append(self._member(depth))
            while self._take(","):
                members.append(self._member(depth))
            self._closed("}")
        return JsonObject(members=tuple(members), span=self._source.span(start, self._position))

    def _member(self, depth: int) -> JsonMember:
        self._blank()
        name, span = self._string()
        self._closed(":")
        return JsonMember(name=name, name_span=span, value=self._node(depth + 1))

    def _string(self) -> tuple[str, Span]:
        match = _STRING.match(self._text, self._position)
        if match is None:
            raise self._unexpected()
        span = self._source.span(match.start(), match.end())
        try:
            text: str = json.loads(match[0])
            text.encode()
        except ValueError:
            raise SyntaxMistakeError("the text has a wrong escape", span) from None
        self._position = match.end()
        return normalised(text), span
