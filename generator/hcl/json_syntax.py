"""`.tf.json` and `.tfvars.json`: JSON text to the same syntax tree, with places.

A JSON string in code is a template. JSON does not say whether an object is a block or a value, so
an object inside a block is kept as both.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from generator.hcl.json_nodes import (
    JsonList,
    JsonMember,
    JsonNode,
    JsonObject,
    JsonScalar,
    read_json,
)
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
from generator.model.span import Span

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


_TERRAGRUNT_LABELS = {
    "terraform": 0,
    "locals": 0,
    "include": 1,
    "generate": 1,
    "dependency": 1,
    "dependencies": 0,
    "remote_state": 0,
    "feature": 1,
}
"""The blocks of a configuration of Terragrunt; all else in one is an argument, such as `inputs`."""

_NESTED_LABELS = frozenset({"dynamic", "extra_arguments"})


def parse_json_body(
    source: SourceText, *, cache_folder: Path | None = None
) -> Body | SyntaxMistake:
    """Parse a `.tf.json` file."""
    try:
        return _Converter(source, cache_folder).file(read_json(source))
    except SyntaxMistakeError as error:
        return error.mistake


def parse_json_configuration(
    source: SourceText, *, cache_folder: Path | None = None
) -> Body | SyntaxMistake:
    """Parse a `.hcl.json` file, as Terragrunt reads it."""
    try:
        return _Converter(source, cache_folder).configuration(read_json(source))
    except SyntaxMistakeError as error:
        return error.mistake


def parse_json_values(
    source: SourceText,
    *,
    cache_folder: Path | None = None,  # noqa: ARG001 - the same call as for code
) -> Body | SyntaxMistake:
    """Parse a `.tfvars.json` file: plain values, without templates."""
    try:
        return _values(read_json(source))
    except SyntaxMistakeError as error:
        return error.mistake


def element_places(text: str, name: str, *, file: Path, line: int) -> tuple[Span, ...]:
    """The places of the elements of one member of a JSON object, empty for anything else.

    `text` is whole lines of the file, of which the first is `line`.
    """
    try:
        whole = read_json(SourceText(file, "\n" * (line - 1) + text))
    except SyntaxMistakeError:
        return ()
    for member in whole.members if isinstance(whole, JsonObject) else ():
        if member.name == name:
            items = member.value.items if isinstance(member.value, JsonList) else (member.value,)
            return tuple(item.span for item in items)
    return ()


def _values(whole: JsonNode) -> Body:
    if not isinstance(whole, JsonObject):
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


class _Converter:
    def __init__(self, source: SourceText, cache_folder: Path | None) -> None:
        self._source = source
        self._cache_folder = cache_folder

    def file(self, node: JsonNode) -> Body:
        blocks: list[Block] = []
        for member in self._members(node):
            count = _LABELS.get(member.name)
            if count is None:
                continue
            for labels, body, span in self._labelled(member.value, count, member.name_span):
                blocks.append(self._block(member.name, labels, body, span))
        return Body(attributes={}, blocks=tuple(blocks))

    def configuration(self, node: JsonNode) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for member in self._members(node):
            count = _TERRAGRUNT_LABELS.get(member.name)
            if count is None:
                attributes[member.name] = Attribute(
                    name=member.name,
                    expression=self._expression(member.value),
                    span=_joined(member.name_span, member.value.span),
                )
                continue
            if member.name == "include" and _names_a_path(member.value):
                count = 0
            for labels, body, span in self._labelled(member.value, count, member.name_span):
                blocks.append(self._block(member.name, labels, body, span))
        return Body(attributes=attributes, blocks=tuple(blocks))

    def _members(self, node: JsonNode) -> Sequence[JsonMember]:
        nodes = node.items if isinstance(node, JsonList) else (node,)
        members: list[JsonMember] = []
        for entry in nodes:
            if not isinstance(entry, JsonObject):
                raise SyntaxMistakeError("a JSON object is needed here", entry.span)
            members.extend(member for member in entry.members if member.name != "//")
        return members

    def _labelled(
        self, node: JsonNode, count: int, start: Span
    ) -> Iterator[tuple[tuple[str, ...], JsonObject, Span]]:
        if count:
            for member in self._members(node):
                for labels, body, span in self._labelled(member.value, count - 1, member.name_span):
                    yield (member.name, *labels), body, span
            return
        for entry in node.items if isinstance(node, JsonList) else (node,):
            if not isinstance(entry, JsonObject):
                raise SyntaxMistakeError("a JSON object is needed here", entry.span)
            yield (), entry, _block_span(start, node, entry)

    def _block(self, kind: str, labels: tuple[str, ...], node: JsonObject, span: Span) -> Block:
        return Block(type=kind, labels=labels, body=self._body(node, kind), span=span, header=span)

    def _body(self, node: JsonObject, kind: str) -> Body:
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

    def _nested(self, member: JsonMember) -> Iterator[Block]:
        entries = member.value.items if isinstance(member.value, JsonList) else (member.value,)
        for entry in entries:
            if not isinstance(entry, JsonObject):
                continue
            if member.name not in _NESTED_LABELS:
                span = _block_span(member.name_span, member.value, entry)
                yield self._block(member.name, (), entry, span)
                continue
            for labels, body, span in self._labelled(entry, 1, member.name_span):
                yield self._block(member.name, labels, body, span)

    def _value(self, member: JsonMember, kind: str) -> Expression:
        bare = (kind == "variable" and member.name == "type") or member.name == "provider"
        if bare and isinstance(member.value, JsonScalar) and isinstance(member.value.value, str):
            parsed = self._parsed("${" + member.value.value + "}", member.value.span)
            match parsed:
                case Template(parts=[TemplateValue(expression=expression)]):
                    return expression
                case _:
                    return parsed
        if member.name == "providers" and isinstance(member.value, JsonObject):
            items = tuple(
                ObjectItem(
                    key=Literal(value=entry.name, span=entry.name_span),
                    value=self._value(
                        JsonMember(name="provider", name_span=entry.name_span, value=entry.value),
                        kind,
                    ),
                )
                for entry in member.value.members
            )
            return ObjectLiteral(items=items, span=member.value.span)
        return self._expression(member.value)

    def _expression(self, node: JsonNode) -> Expression:
        match node:
            case JsonScalar(value=str() as text, span=span):
                return self._parsed(text, span)
            case JsonScalar(value=value, span=span):
                return Literal(value=value, span=span)
            case JsonList(items=items, span=span):
                return TupleLiteral(items=tuple(map(self._expression, items)), span=span)
            case JsonObject(members=members, span=span):
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


def _names_a_path(include: JsonNode) -> bool:
    """Whether an `include` has no label: its object is the block itself."""
    return isinstance(include, JsonObject) and any(
        member.name == "path" and isinstance(member.value, JsonScalar) for member in include.members
    )


def _block_span(name: Span, value: JsonNode, entry: JsonObject) -> Span:
    """Where a block stands: its name and body, or in a list the body alone."""
    return entry.span if isinstance(value, JsonList) else _joined(name, entry.span)


def _refuse_repeats(members: Iterable[JsonMember]) -> None:
    """Refuse an object that is a value and has two members of one name, as Terraform does."""
    names: set[str] = set()
    for member in members:
        if member.name in names and member.name != "//":
            raise SyntaxMistakeError(f"`{member.name}` is set twice", member.name_span)
        names.add(member.name)


def _plain(node: JsonNode) -> Expression:
    match node:
        case JsonScalar(value=value, span=span):
            return Literal(value=value, span=span)
        case JsonList(items=items, span=span):
            return TupleLiteral(items=tuple(map(_plain, items)), span=span)
        case JsonObject(members=members, span=span):
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
