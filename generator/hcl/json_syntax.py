"""`.tf.json` and `.tfvars.json`: JSON text to the same syntax tree, with places.

A JSON string in code is a template. JSON does not say whether an object is a block or a value, so
an object inside a block is kept as both.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.hcl.parser import parse_template
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.hcl.syntax import (
    Attribute,
    Block,
    Body,
    Expression,
    Literal,
    ObjectItem,
    ObjectLiteral,
    SyntaxMistake,
    Template,
    TemplateText,
    TemplateValue,
    TupleLiteral,
)
from generator.hcl.unicode_text import normalised
from generator.model.span import Span

DEEPEST = 100
_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "check": 1,
    "locals": 0,
    "terraform": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_WORDS = {"true": True, "false": False, "null": None}


@frozen
class _Scalar:
    value: str | int | Decimal | bool | None
    span: Span


@frozen
class _List:
    items: "tuple[_Node, ...]"
    span: Span


@frozen
class _Member:
    name: str
    name_span: Span
    value: "_Node"


@frozen
class _Object:
    members: tuple[_Member, ...]
    span: Span


_Node: TypeAlias = _Scalar | _List | _Object


def parse_json_body(
    source: SourceText, *, cache_folder: Path | None = None
) -> Body | SyntaxMistake:
    """Parse a `.tf.json` file."""
    try:
        reader = _Reader(source)
        return _Converter(source, cache_folder).file(reader.whole())
    except SyntaxMistakeError as error:
        return error.mistake


def parse_json_values(
    source: SourceText,
    *,
    cache_folder: Path | None = None,  # noqa: ARG001 - the same call as for code
) -> Body | SyntaxMistake:
    """Parse a `.tfvars.json` file: plain values, without templates."""
    try:
        return _values(_Reader(source).whole())
    except SyntaxMistakeError as error:
        return error.mistake


def element_places(text: str, name: str, *, file: Path, line: int) -> tuple[Span, ...]:
    """The places of the elements of one member of a JSON object, empty for anything else.

    `text` is whole lines of the file, of which the first is `line`.
    """
    try:
        whole = _Reader(SourceText(file, "\n" * (line - 1) + text)).whole()
    except SyntaxMistakeError:
        return ()
    for member in whole.members if isinstance(whole, _Object) else ():
        if member.name == name:
            items = member.value.items if isinstance(member.value, _List) else (member.value,)
            return tuple(item.span for item in items)
    return ()


def _values(whole: _Node) -> Body:
    if not isinstance(whole, _Object):
        raise SyntaxMistakeError("the file is not a JSON object", whole.span)
    _refuse_repeats(whole.members)
    attributes = {
        member.name: Attribute(
            name=member.name,
            expression=_plain(member.value),
            span=_joined(member.name_span, member.value.span),
        )
        for member in whole.members
    }
    return Body(attributes=attributes, blocks=())


class _Reader:
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._text = source.text
        self._position = 0

    def whole(self) -> _Node:
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

    def _node(self, depth: int) -> _Node:
        self._blank()
        start = self._position
        if depth > DEEPEST:
            raise SyntaxMistakeError(
                "the JSON is nested too deeply", self._source.span(start, start + 1)
            )
        if self._take("{"):
            return self._object(start, depth)
        if self._take("["):
            items: list[_Node] = []
            if not self._take("]"):
                items.append(self._node(depth + 1))
                while self._take(","):
                    items.append(self._node(depth + 1))
                self._closed("]")
            return _List(items=tuple(items), span=self._source.span(start, self._position))
        if self._text.startswith('"', start):
            text, span = self._string()
            return _Scalar(value=text, span=span)
        if match := _NUMBER.match(self._text, start):
            self._position = match.end()
            number = Decimal(match[0])
            whole = number == number.to_integral_value()
            return _Scalar(
                value=int(number) if whole else number,
                span=self._source.span(start, self._position),
            )
        for word, value in _WORDS.items():
            if self._take(word):
                return _Scalar(value=value, span=self._source.span(start, self._position))
        raise self._unexpected()

    def _closed(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected()

    def _object(self, start: int, depth: int) -> _Object:
        members: list[_Member] = []
        if not self._take("}"):
            members.append(self._member(depth))
            while self._take(","):
                members.append(self._member(depth))
            self._closed("}")
        return _Object(members=tuple(members), span=self._source.span(start, self._position))

    def _member(self, depth: int) -> _Member:
        self._blank()
        name, span = self._string()
        self._closed(":")
        return _Member(name=name, name_span=span, value=self._node(depth + 1))

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


class _Converter:
    def __init__(self, source: SourceText, cache_folder: Path | None) -> None:
        self._source = source
        self._cache_folder = cache_folder

    def file(self, node: _Node) -> Body:
        blocks: list[Block] = []
        for member in self._members(node):
            count = _LABELS.get(member.name)
            if count is None:
                continue
            for labels, body, span in self._labelled(member.value, count, member.name_span):
                blocks.append(self._block(member.name, labels, body, span))
        return Body(attributes={}, blocks=tuple(blocks))

    def _members(self, node: _Node) -> Sequence[_Member]:
        nodes = node.items if isinstance(node, _List) else (node,)
        members: list[_Member] = []
        for entry in nodes:
            if not isinstance(entry, _Object):
                raise SyntaxMistakeError("a JSON object is needed here", entry.span)
            members.extend(member for member in entry.members if member.name != "//")
        return members

    def _labelled(
        self, node: _Node, count: int, start: Span
    ) -> Iterator[tuple[tuple[str, ...], _Object, Span]]:
        if count:
            for member in self._members(node):
                for labels, body, span in self._labelled(member.value, count - 1, member.name_span):
                    yield (member.name, *labels), body, span
            return
        for entry in node.items if isinstance(node, _List) else (node,):
            if not isinstance(entry, _Object):
                raise SyntaxMistakeError("a JSON object is needed here", entry.span)
            yield (), entry, _block_span(start, node, entry)

    def _block(self, kind: str, labels: tuple[str, ...], node: _Object, span: Span) -> Block:
        return Block(type=kind, labels=labels, body=self._body(node, kind), span=span, header=span)

    def _body(self, node: _Object, kind: str) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for member in node.members:
            if member.name == "//":
                continue
            if member.name in attributes:
                raise SyntaxMistakeError(f"`{member.name}` is set twice", member.name_span)
            attributes[member.name] = Attribute(
                name=member.name,
                expression=self._value(member, kind),
                span=_joined(member.name_span, member.value.span),
            )
            blocks.extend(self._nested(member))
        return Body(attributes=attributes, blocks=tuple(blocks))

    def _nested(self, member: _Member) -> Iterator[Block]:
        entries = member.value.items if isinstance(member.value, _List) else (member.value,)
        for entry in entries:
            if not isinstance(entry, _Object):
                continue
            if member.name != "dynamic":
                span = _block_span(member.name_span, member.value, entry)
                yield self._block(member.name, (), entry, span)
                continue
            for labels, body, span in self._labelled(entry, 1, member.name_span):
                yield self._block("dynamic", labels, body, span)

    def _value(self, member: _Member, kind: str) -> Expression:
        bare = (kind == "variable" and member.name == "type") or member.name == "provider"
        if bare and isinstance(member.value, _Scalar) and isinstance(member.value.value, str):
            parsed = self._parsed("${" + member.value.value + "}", member.value.span)
            match parsed:
                case Template(parts=[TemplateValue(expression=expression)]):
                    return expression
                case _:
                    return parsed
        if member.name == "providers" and isinstance(member.value, _Object):
            items = tuple(
                ObjectItem(
                    key=Literal(value=entry.name, span=entry.name_span),
                    value=self._value(
                        _Member(name="provider", name_span=entry.name_span, value=entry.value), kind
                    ),
                )
                for entry in member.value.members
            )
            return ObjectLiteral(items=items, span=member.value.span)
        return self._expression(member.value)

    def _expression(self, node: _Node) -> Expression:
        match node:
            case _Scalar(value=str() as text, span=span):
                return self._parsed(text, span)
            case _Scalar(value=value, span=span):
                return Literal(value=value, span=span)
            case _List(items=items, span=span):
                return TupleLiteral(items=tuple(map(self._expression, items)), span=span)
            case _Object(members=members, span=span):
                _refuse_repeats(members)
                return ObjectLiteral(
                    items=tuple(
                        ObjectItem(
                            key=self._parsed(member.name, member.name_span),
                            value=self._expression(member.value),
                        )
                        for member in members
                        if member.name != "//"
                    ),
                    span=span,
                )

    def _parsed(self, text: str, span: Span) -> Expression:
        if "${" not in text and "%{" not in text:
            return Literal(value=text, span=span)
        # Places inside the text would need a table of its escapes: the whole text stands for them.
        parsed = parse_template(
            SourceText(self._source.file, text, span), cache_folder=self._cache_folder
        )
        if isinstance(parsed, SyntaxMistake):
            raise SyntaxMistakeError(parsed.message, span)
        texts = [part.text for part in parsed.parts if isinstance(part, TemplateText)]
        if len(texts) == len(parsed.parts):
            return Literal(value="".join(texts), span=span)
        return Template(parts=parsed.parts, span=span)


def _block_span(name: Span, value: _Node, entry: _Object) -> Span:
    """Where a block stands: its name and body, or in a list the body alone."""
    return entry.span if isinstance(value, _List) else _joined(name, entry.span)


def _refuse_repeats(members: Iterable[_Member]) -> None:
    """Refuse an object that is a value and has two members of one name, as Terraform does."""
    names: set[str] = set()
    for member in members:
        if member.name in names and member.name != "//":
            raise SyntaxMistakeError(f"`{member.name}` is set twice", member.name_span)
        names.add(member.name)


def _plain(node: _Node) -> Expression:
    match node:
        case _Scalar(value=value, span=span):
            return Literal(value=value, span=span)
        case _List(items=items, span=span):
            return TupleLiteral(items=tuple(map(_plain, items)), span=span)
        case _Object(members=members, span=span):
            _refuse_repeats(members)
            return ObjectLiteral(
                items=tuple(
                    ObjectItem(
                        key=Literal(value=member.name, span=member.name_span),
                        value=_plain(member.value),
                    )
                    for member in members
                ),
                span=span,
            )


def _joined(first: Span, last: Span) -> Span:
    return Span(
        file=first.file,
        line=first.line,
        column=first.column,
        end_line=last.end_line,
        end_column=last.end_column,
    )
