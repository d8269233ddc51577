"""Values of evaluated HCL: what is known, what is not and why, and where it was written."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Literal as Word
from typing import TypeAlias, assert_never

from generator.model.span import Span

LONGEST_TEXT = 4_000_000
MOST_UNKNOWN_PIECES = 10_000
MOST_COMPARED = 2_000
LARGEST_VALUE = 200_000
DEEPEST_VALUE = 100
INEXACT = "the provider lays the document out in its own way"
"""Why the text of a policy document is not known, although its meaning is."""

NUMBERS = Context(prec=160, Emax=4000, Emin=-4000)
"""Terraform computes with 512 bits; this is at least as exact."""
MOST_DIGITS = 150
"""A number with more is rounded by Terraform in ways that are not repeated here."""

_TEXTS = frozenset({"arn", "id", "registry_id", "repository_url", "secret_arn", "secret_id"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class EvaluationError(Exception):
    """An expression that Terraform would refuse too; the message says why, without a full stop."""


class NotComputedError(EvaluationError):
    """Something that Terraform may well accept, but that is not computed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The attribute of a resource or data source that only AWS knows."""

    address: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownContent:
    """Something that the code alone does not say.

    `reference` is the expression in the code's own words. `origin` is set while the value is exactly
    that attribute, untouched.
    """

    reason: str
    reference: str
    origin: Origin | None = None
    is_ephemeral: bool = False

    @property
    def is_never_null(self) -> bool:
        """Whether the value will be something, whatever it is: every resource has an ARN."""
        return self.origin is not None and self.origin.attribute in ("arn", "id")

    @property
    def is_text(self) -> bool:
        """Whether the value will be a text, whatever it says."""
        return self.origin is not None and self.origin.attribute in _TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialText:
    """A text of which some pieces are unknown."""

    parts: "tuple[str | UnknownContent, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonText:
    """A text that is the JSON form of a value; the value keeps its places and unknown leaves.

    `is_exact` is false when the text may be laid out in another way than `jsonencode` does it.
    """

    document: "Value"
    is_exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list, tuple or set; sets are sorted and without duplicates."""

    values: "tuple[Value, ...]"
    kind: Word["tuple", "list", "set"] = "tuple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object or map, with the places of its keys."""

    values: "Mapping[str, Value]"
    key_spans: Mapping[str, Span] = field(default_factory=dict)
    kind: Word["object", "map"] = "object"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deferred:
    """A resource or module whose attributes are evaluated when they are asked for."""

    reference: str
    read: "Callable[[str], Value]"
    names: tuple[str, ...] | None = None


Content: TypeAlias = (
    str
    | int
    | Decimal
    | bool
    | UnknownContent
    | PartialText
    | JsonText
    | Items
    | Fields
    | Deferred
    | None
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the place of the literal (or expression) it came from."""

    content: Content
    span: Span | None = None


NULL = Value(None)


def unknown(reason: str, reference: str, span: Span | None = None) -> Value:
    """A value that is unknown as a whole."""
    return Value(UnknownContent(reason=reason, reference=reference), span)


def unknown_in(value: Value) -> UnknownContent | None:
    """The first unknown in a value itself, not in its elements."""
    match value.content:
        case UnknownContent() as content:
            return content
        case PartialText(parts=parts):
            return next((part for part in parts if isinstance(part, UnknownContent)), None)
        case JsonText(document=document):
            return first_unknown((document,))
        case _:
            return None


def first_unknown(values: Iterable[Value]) -> UnknownContent | None:
    """The first unknown in any of the values, elements included.

    A value that holds itself many times over is unknown as a whole: see `is_small`.
    """
    stack = list(values)[::-1]
    visited = 0
    while stack:
        value = stack.pop()
        visited += 1
        if visited > LARGEST_VALUE:
            return UnknownContent(reason="it is too large", reference="this expression")
        match value.content:
            case UnknownContent() | PartialText():
                return unknown_in(value)
            case Deferred(reference=reference):
                return UnknownContent(
                    reason="it has attributes that only AWS knows", reference=reference
                )
            case content:
                stack.extend(reversed(_elements(content)))
    return None


def is_small(value: Value) -> bool:
    """Whether a value can be walked through: not too many elements, not nested too deeply.

    A few lines of code can make a value that holds another one twice, and that one twice again.
    """
    stack = [(value, 0)]
    visited = 0
    while stack:
        inner, depth = stack.pop()
        visited += 1
        if visited > LARGEST_VALUE or depth > DEEPEST_VALUE:
            return False
        stack.extend((element, depth + 1) for element in _elements(inner.content))
    return True


def _elements(content: Content) -> Sequence[Value]:
    match content:
        case JsonText(document=document):
            return (document,)
        case Items(values=items):
            return items
        case Fields(values=fields):
            return tuple(fields.values())
        case _:
            return ()


def type_name(value: Value) -> str:
    """What a message calls the value's type."""
    match value.content:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str() | JsonText() | PartialText():
            return "a text"
        case int() | Decimal():
            return "a number"
        case Items(kind=kind):
            return f"a {kind}"
        case Fields(kind=kind):
            return "an object" if kind == "object" else "a map"
        case Deferred():
            return "an object"
        case UnknownContent():
            return "an unknown value"
        case content:
            assert_never(content)


def _wrong_type(wanted: str, value: Value) -> EvaluationError:
    """The error for a value of another type; what is not known may still have the right one."""
    message = f"{wanted} is needed, not {type_name(value)}"
    if isinstance(value.content, Deferred) or unknown_in(value) is not None:
        return NotComputedError(message)
    return EvaluationError(message)


def number_content(number: Decimal) -> int | Decimal:
    """A number in its plainest form; raises `EvaluationError` for what is not finite."""
    if not number.is_finite():
        raise NotComputedError("the number is not finite")
    if number == number.to_integral_value(context=NUMBERS):
        return int(number)
    return number


def check_digits(number: int | Decimal) -> None:
    """Raise `NotComputedError` for a number that may have been rounded."""
    if len(Decimal(number).as_tuple().digits) > MOST_DIGITS:
        raise NotComputedError("the number has too many digits to be exact")


def number_text(number: int | Decimal) -> str:
    """A number as Terraform writes it into a text: never with an exponent."""
    check_digits(number)
    if isinstance(number, int):
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_number(value: Value) -> int | Decimal:
    """The value as a number; raises `EvaluationError`."""
    content = value.content
    if isinstance(content, (int, Decimal)) and not isinstance(content, bool):
        return content
    if isinstance(content, str) and _NUMBER.fullmatch(content):
        try:
            return number_content(NUMBERS.create_decimal(content))
        except ArithmeticError:
            raise NotComputedError("the number is too large") from None
    raise _wrong_type("a number", value)


def as_integer(value: Value) -> int:
    """The value as a whole number; raises `EvaluationError`."""
    number = as_number(value)
    if not isinstance(number, int):
        raise EvaluationError(f"a whole number is needed, not {number_text(number)}")
    return number


def as_boolean(value: Value) -> bool:
    """The value as a boolean; raises `EvaluationError`."""
    content = value.content
    if isinstance(content, bool):
        return content
    if content in ("true", "1") and isinstance(content, str):
        return True
    if content in ("false", "0") and isinstance(content, str):
        return False
    raise _wrong_type("a boolean", value)


def as_text(value: Value) -> str:
    """The value as a known text; raises `EvaluationError`."""
    content = value.content
    match content:
        case str():
            return content
        case bool():
            return "true" if content else "false"
        case int() | Decimal():
            return number_text(content)
        case JsonText(is_exact=False):
            raise NotComputedError(INEXACT)
        case JsonText(document=document):
            # json_text is built on this module.
            from generator.hcl.json_text import encode

            return encode(document)
        case _:
            raise _wrong_type("a text", value)


def as_items(value: Value) -> tuple[Value, ...]:
    """The elements of a list, tuple or set; raises `EvaluationError`."""
    if isinstance(value.content, Items):
        return value.content.values
    raise _wrong_type("a list", value)


def as_fields(value: Value) -> Mapping[str, Value]:
    """The fields of an object or map; raises `EvaluationError`."""
    match value.content:
        case Fields(values=fields):
            return fields
        case Deferred(names=names, read=read) if names is not None:
            return {name: read(name) for name in names}
        case _:
            raise _wrong_type("a map", value)


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
            raise _wrong_type("a list, set or map", value)


def same(left: Value, right: Value) -> bool:
    """Whether two fully known values have the same type and content, as far as types are kept."""
    first, second = left.content, right.content
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, JsonText):
        first = as_text(left)
    if isinstance(second, JsonText):
        second = as_text(right)
    match first, second:
        case (Items(values=a), Items(values=b)):
            return len(a) == len(b) and all(map(same, a, b))
        case (Fields(values=a), Fields(values=b)):
            return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
        case (int() | Decimal(), int() | Decimal()):
            check_digits(first)
            check_digits(second)
            return first == second
        case _:
            return type(first) is type(second) and first == second


def make_set(values: Iterable[Value]) -> Items:
    """A set: duplicates removed, sorted where the order is defined."""
    return Items(values=tuple(sorted(without_duplicates(values), key=_set_order)), kind="set")


def without_duplicates(values: Iterable[Value]) -> list[Value]:
    """The values, each once, in the order of their first appearance."""
    texts: set[str] = set()
    others: list[Value] = []
    found: list[Value] = []
    for value in values:
        if isinstance(value.content, str):
            if value.content in texts:
                continue
            texts.add(value.content)
        elif first_unknown((value,)) is None:
            if any(same(value, other) for other in others):
                continue
            others.append(value)
            if len(others) > MOST_COMPARED:
                raise NotComputedError("it compares too many values")
        found.append(value)
    return found


def _set_order(value: Value) -> tuple[int, Decimal, str]:
    content = value.content
    match content:
        case bool():
            return (0, Decimal(int(content)), "")
        case int() | Decimal():
            return (1, Decimal(content), "")
        case str():
            return (2, Decimal(0), content)
        case _:
            return (3, Decimal(0), "")


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
        return Value("".join(run), span)
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
            from generator.hcl.json_text import encode_parts

            return encode_parts(document)
        case _:
            return (as_text(value),)
