"""The syntax tree of one HCL file: what was written, each piece with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Literal as Word
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.model.span import Span


@frozen
class Literal:
    """A number, a boolean, `null`, or a text without interpolation."""

    value: str | int | Decimal | bool | None
    span: Span


@frozen
class Name:
    """A first word of a reference (`var`, `local`, `aws_iam_role`, a loop's name) or a keyword."""

    name: str
    span: Span


@frozen
class AttributeStep:
    """`.name` behind an expression."""

    name: str
    span: Span


@frozen
class IndexStep:
    """`[key]` (or the old `.0`) behind an expression."""

    key: "Expression"
    span: Span


@frozen
class SplatStep:
    """`[*]` or `.*` behind an expression: the steps after it apply to each element."""

    steps: tuple["AttributeStep | IndexStep", ...]
    span: Span


Step: TypeAlias = AttributeStep | IndexStep | SplatStep


@frozen
class Access:
    """An expression with steps behind it, such as `var.rules["quay"].host`."""

    target: "Expression"
    steps: tuple[Step, ...]
    span: Span


@frozen
class Call:
    """A function call; `expands` says that the last argument ends in `...`."""

    name: str
    arguments: tuple["Expression", ...]
    expands: bool
    span: Span


@frozen
class TupleLiteral:
    """`[a, b]`."""

    items: tuple["Expression", ...]
    span: Span


@frozen
class ObjectItem:
    """One `key = value` of an object; a bare word as key is already a text."""

    key: "Expression"
    value: "Expression"


@frozen
class ObjectLiteral:
    """`{ key = value }`."""

    items: tuple[ObjectItem, ...]
    span: Span


@frozen
class ForLoop:
    """The head of a `for`: names, what it goes over, and the condition after `if`."""

    key_name: str | None
    value_name: str
    collection: "Expression"
    condition: "Expression | None" = None


@frozen
class ForTuple:
    """`[for x in xs : value if condition]`."""

    loop: ForLoop
    value: "Expression"
    span: Span


@frozen
class ForObject:
    """`{for k, v in xs : key => value if condition}`; `groups` is the `...` after the value."""

    loop: ForLoop
    key: "Expression"
    value: "Expression"
    groups: bool
    span: Span


@frozen
class Conditional:
    """`condition ? then : otherwise`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    span: Span


BinaryOperator: TypeAlias = Word[
    "||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"
]


@frozen
class Binary:
    """An operator between two expressions."""

    operator: BinaryOperator
    left: "Expression"
    right: "Expression"
    span: Span


@frozen
class Unary:
    """`-x` or `!x`."""

    operator: Word["-", "!"]
    operand: "Expression"
    span: Span


@frozen
class TemplateText:
    """Plain text in a template, escapes and stripped white space already resolved."""

    text: str


@frozen
class TemplateValue:
    """`${expression}` in a template."""

    expression: "Expression"


@frozen
class TemplateIf:
    """`%{if condition}…%{else}…%{endif}` in a template."""

    condition: "Expression"
    then: tuple["TemplatePart", ...]
    otherwise: tuple["TemplatePart", ...]


@frozen
class TemplateFor:
    """`%{for x in xs}…%{endfor}` in a template."""

    loop: ForLoop
    body: tuple["TemplatePart", ...]


TemplatePart: TypeAlias = TemplateText | TemplateValue | TemplateIf | TemplateFor


@frozen
class Template:
    """A quoted text or heredoc that is not plain text alone."""

    parts: tuple[TemplatePart, ...]
    span: Span


Expression: TypeAlias = (
    Literal
    | Name
    | Access
    | Call
    | TupleLiteral
    | ObjectLiteral
    | ForTuple
    | ForObject
    | Conditional
    | Binary
    | Unary
    | Template
)


@frozen
class Attribute:
    """`name = expression` in a body."""

    name: str
    expression: Expression
    span: Span


@frozen
class Block:
    """`type "label" { … }`; `header` reaches from the type to the opening brace."""

    type: str
    labels: tuple[str, ...]
    body: "Body"
    span: Span
    header: Span


@frozen
class Body:
    """The inside of a file or block."""

    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]


def parts_of(piece: object) -> Iterator[object]:
    """What a piece of syntax is made of, in the order of the code; nothing for a word or a place."""
    if isinstance(piece, tuple):
        yield from piece
    elif is_dataclass(piece) and not isinstance(piece, Span):
        yield from (getattr(piece, field.name) for field in fields(piece))


def nodes_in(piece: object) -> Iterator[object]:
    """An expression, or several, and all that stands in it: each before what it holds."""
    yield piece
    for part in parts_of(piece):
        yield from nodes_in(part)


@frozen
class SyntaxMistake:
    """Why a file cannot be parsed, in one short sentence without a full stop, and where."""

    message: str
    span: Span


def form_of(part: object) -> str:
    """A part of a tree as a text that is the same for the same words, wherever they stand."""
    if isinstance(part, Mapping):
        return "{" + ", ".join(f"{name}: {form_of(one)}" for name, one in part.items()) + "}"
    if isinstance(part, tuple):
        return "[" + ", ".join(map(form_of, part)) + "]"
    if not is_dataclass(part) or isinstance(part, type):
        return repr(part)
    said = (getattr(part, field.name) for field in fields(part))
    return f"{type(part).__name__}({', '.join(form_of(one) for one in said if not isinstance(one, Span))})"
