"""The syntax tree of one HCL file: what was written, each piece with its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as Word
from typing import TypeAlias

from generator.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number, a boolean, `null`, or a text without interpolation."""

    value: str | int | Decimal | bool | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A first word of a reference (`var`, `local`, `aws_iam_role`, a loop's name) or a keyword."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeStep:
    """`.name` behind an expression."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStep:
    """`[key]` (or the old `.0`) behind an expression."""

    key: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SplatStep:
    """`[*]` or `.*` behind an expression: the steps after it apply to each element."""

    steps: tuple["AttributeStep | IndexStep", ...]
    span: Span


Step: TypeAlias = AttributeStep | IndexStep | SplatStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An expression with steps behind it, such as `var.rules["quay"].host`."""

    target: "Expression"
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function call; `expands` says that the last argument ends in `...`."""

    name: str
    arguments: tuple["Expression", ...]
    expands: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TupleLiteral:
    """`[a, b]`."""

    items: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectItem:
    """One `key = value` of an object; a bare word as key is already a text."""

    key: "Expression"
    value: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLiteral:
    """`{ key = value }`."""

    items: tuple[ObjectItem, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ForLoop:
    """The head of a `for`: names, what it goes over, and the condition after `if`."""

    key_name: str | None
    value_name: str
    collection: "Expression"
    condition: "Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForTuple:
    """`[for x in xs : value if condition]`."""

    loop: ForLoop
    value: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ForObject:
    """`{for k, v in xs : key => value if condition}`; `groups` is the `...` after the value."""

    loop: ForLoop
    key: "Expression"
    value: "Expression"
    groups: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    span: Span


BinaryOperator: TypeAlias = Word[
    "||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """An operator between two expressions."""

    operator: BinaryOperator
    left: "Expression"
    right: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """`-x` or `!x`."""

    operator: Word["-", "!"]
    operand: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """Plain text in a template, escapes and stripped white space already resolved."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateValue:
    """`${expression}` in a template."""

    expression: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateIf:
    """`%{if condition}…%{else}…%{endif}` in a template."""

    condition: "Expression"
    then: tuple["TemplatePart", ...]
    otherwise: tuple["TemplatePart", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFor:
    """`%{for x in xs}…%{endfor}` in a template."""

    loop: ForLoop
    body: tuple["TemplatePart", ...]


TemplatePart: TypeAlias = TemplateText | TemplateValue | TemplateIf | TemplateFor


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """`name = expression` in a body."""

    name: str
    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`type "label" { … }`; `header` reaches from the type to the opening brace."""

    type: str
    labels: tuple[str, ...]
    body: "Body"
    span: Span
    header: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The inside of a file or block."""

    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxMistake:
    """Why a file cannot be parsed, in one short sentence without a full stop, and where."""

    message: str
    span: Span
