"""`data "aws_iam_policy_document"`: the JSON document that the provider would make of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from generator.hcl.bodies import NestedBlock, nested_blocks, possible_blocks
from generator.hcl.conversions import as_text
from generator.hcl.equality import without_duplicates
from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.json_text import decode
from generator.hcl.scope import Scope, TooMuchWorkError
from generator.hcl.syntax import Body
from generator.hcl.values import (
    EvaluationError,
    Fields,
    Items,
    JsonText,
    PartialText,
    UnknownContent,
    Value,
    unknown,
    unknown_in,
)
from generator.model.span import Span

_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)
_PRINCIPALS = (("principals", "Principal"), ("not_principals", "NotPrincipal"))
_DEFAULT_VERSION = "2012-10-17"


def policy_document(body: Body, scope: Scope, span: Span) -> Value:
    """The attribute `json`: a JSON text whose statements know where they were written."""
    try:
        return _document(body, scope, span)
    except TooMuchWorkError:
        return unknown("it takes too many steps", "this document", span)


def _document(body: Body, scope: Scope, span: Span) -> Value:

    def attribute(name: str) -> Value | None:
        written = body.attributes.get(name)
        if written is None:
            return None
        value = evaluate_or_unknown(written.expression, scope)
        return None if value.content is None else value

    statements = _Statements(scope)
    sources = (
        *_elements(attribute("source_json")),
        *_elements(attribute("source_policy_documents")),
    )
    _lay_documents(sources, statements)
    for statement in _written(body, scope, span):
        statements.lay(statement)
    _lay_documents(
        (
            *_elements(attribute("override_json")),
            *_elements(attribute("override_policy_documents")),
        ),
        statements,
    )
    fields = {"Version": attribute("version") or Value(_DEFAULT_VERSION, span)}
    if (policy_id := attribute("policy_id")) is not None:
        fields["Id"] = policy_id
    fields["Statement"] = Value(Items(values=tuple(statements.all)), span)
    return Value(JsonText(document=Value(Fields(values=fields), span), is_exact=False), span)


def _elements(value: Value | None) -> Sequence[Value]:
    if value is None:
        return ()
    match value.content:
        case Items(values=items):
            return items
        case _:
            return (value,)


class _Statements:
    """Statements laid over each other: one replaces the one below with the same `Sid`."""

    def __init__(self, scope: Scope) -> None:
        self.all: list[Value] = []
        self._places: dict[str, int] = {}
        self._scope = scope

    def lay(self, statement: Value) -> None:
        """Lay a statement over those that are there."""
        self._scope.names.count_step()
        sid = _sid(statement)
        content = statement.content
        if isinstance(content, UnknownContent) and content.candidate is not None:
            # Where it replaces another one, it is not known which of the two is there.
            below = self._places.get(_sid(content.candidate))
            if below is not None:
                self.all[below] = Value(replace(content, candidate=None), statement.span)
                return
        if sid and sid in self._places:
            self.all[self._places[sid]] = statement
            return
        if sid:
            self._places[sid] = len(self.all)
        self.all.append(statement)


def _lay_documents(documents: Iterable[Value], statements: _Statements) -> None:
    for document in documents:
        if document.content in (None, ""):
            continue
        try:
            parsed = decode(document)
        except EvaluationError as error:
            missing = UnknownContent(reason=str(error), reference="a policy")
            statements.lay(Value(missing, document.span))
            continue
        if not isinstance(parsed.content, Fields):
            missing = unknown_in(parsed) or UnknownContent(
                reason="it is not a policy", reference="a policy"
            )
            statements.lay(Value(missing, document.span))
            continue
        for statement in _elements(parsed.content.values.get("Statement")):
            statements.lay(statement)


def _sid(statement: Value) -> str:
    if not isinstance(statement.content, Fields):
        return ""
    sid = statement.content.values.get("Sid")
    return sid.content if sid is not None and isinstance(sid.content, str) else ""


def _written(body: Body, scope: Scope, span: Span) -> list[Value]:
    return [
        Value(block, span) if isinstance(block, UnknownContent) else _statement(block)
        for block in possible_blocks(body, "statement", scope)
    ]


def _statement(block: NestedBlock) -> Value:
    """A statement; where a part of it may not be there, one that is not known, as the most it may say."""
    fields: dict[str, Value] = {}
    doubts = [] if block.doubt is None else [block.doubt]

    def attribute(name: str) -> Value | None:
        written = block.body.attributes.get(name)
        if written is None:
            return None
        value = evaluate_or_unknown(written.expression, block.scope)
        return None if value.content in (None, "") else value

    if (sid := attribute("sid")) is not None:
        fields["Sid"] = sid
    fields["Effect"] = attribute("effect") or Value("Allow", block.span)
    for name, key in _LISTS:
        values = attribute(name)
        if values is not None and (listed := _listed(values)) is not None:
            fields[key] = listed
    for name, key in _PRINCIPALS:
        # Whom it leaves out, it may as well not leave out.
        asked = possible_blocks if key == "Principal" else nested_blocks
        principals = asked(block.body, name, block.scope)
        doubts += _doubts(principals)
        if principals:
            fields[key] = _principals(principals, block.span)
    conditions = possible_blocks(block.body, "condition", block.scope)
    doubts += _doubts(conditions)
    conditions = [each for each in conditions if isinstance(each, UnknownContent) or not each.doubt]
    if conditions:
        fields["Condition"] = _conditions(conditions, block.span)
    statement = Value(Fields(values=fields), block.span)
    if not doubts:
        return statement
    return Value(replace(doubts[0], candidate=statement), block.span)


def _doubts(blocks: Iterable[NestedBlock | UnknownContent]) -> list[UnknownContent]:
    return [
        each.doubt for each in blocks if isinstance(each, NestedBlock) and each.doubt is not None
    ]


def _listed(values: Value, *, is_set: bool = True) -> Value | None:
    """A list as the provider writes it: one element stands alone, none is left out."""
    if not isinstance(values.content, Items):
        return values
    items = [_as_element(item) for item in values.content.values]
    if is_set and all(isinstance(item.content, str) for item in items):
        # The provider sorts sets backwards.
        items = sorted(without_duplicates(items), key=as_text, reverse=True)
    if not items:
        return None
    if len(items) == 1 and not isinstance(items[0].content, UnknownContent):
        return items[0]
    return Value(Items(values=tuple(items)), values.span)


def _as_element(item: Value) -> Value:
    """The element as a text; `&{…}` is the provider's spelling of a policy variable, `${…}`."""
    match item.content:
        case bool() | int() | Decimal():
            return Value(as_text(item), item.span)
        case str() as text if "&{" in text:
            return Value(text.replace("&{", "${"), item.span)
        case PartialText(parts=parts):
            replaced = tuple(
                part.replace("&{", "${") if isinstance(part, str) else part for part in parts
            )
            return Value(PartialText(parts=replaced), item.span)
        case _:
            return item


def _principals(blocks: Sequence[NestedBlock | UnknownContent], span: Span) -> Value:
    found: dict[str, list[Value]] = {}
    for block in blocks:
        if isinstance(block, UnknownContent):
            return Value(block, span)
        kind = _attribute(block, "type")
        identifiers = _attribute(block, "identifiers")
        if not isinstance(kind.content, str):
            return Value(unknown_in(kind), span)
        if not isinstance(identifiers.content, Items):
            found.setdefault(kind.content, []).append(identifiers)
            continue
        found.setdefault(kind.content, []).extend(identifiers.content.values)
    if list(found) == ["*"] and [item.content for item in found["*"]] == ["*"]:
        return Value("*", span)
    return Value(_lists(found, span), span)


def _conditions(blocks: Sequence[NestedBlock | UnknownContent], span: Span) -> Value:
    tests: dict[str, dict[str, list[Value]]] = {}
    for block in blocks:
        if isinstance(block, UnknownContent):
            return Value(block, span)
        test, variable = _attribute(block, "test"), _attribute(block, "variable")
        if not isinstance(test.content, str) or not isinstance(variable.content, str):
            missing = unknown_in(test) or unknown_in(variable)
            return Value(missing, span)
        values = _attribute(block, "values")
        listed = values.content.values if isinstance(values.content, Items) else (values,)
        tests.setdefault(test.content, {}).setdefault(variable.content, []).extend(listed)
    return Value(
        Fields(
            values={
                test: Value(_lists(found, span, is_set=False), span)
                for test, found in tests.items()
            }
        ),
        span,
    )


def _lists(found: dict[str, list[Value]], span: Span, *, is_set: bool = True) -> Fields:
    values: dict[str, Value] = {}
    for key, items in found.items():
        whole = Value(Items(values=tuple(items)), items[0].span if items else span)
        values[key] = _listed(whole, is_set=is_set) or whole
    return Fields(values=values)


def _attribute(block: NestedBlock, name: str) -> Value:
    written = block.body.attributes.get(name)
    if written is None:
        return Value(UnknownContent(reason="the argument is missing", reference=name), block.span)
    return evaluate_or_unknown(written.expression, block.scope)
