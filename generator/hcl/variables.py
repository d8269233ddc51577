"""Values of variables: given or by default, as their type wants them."""

from generator.estate.wording import NO_VALUE, SENSITIVE
from generator.hcl.evaluation import evaluate
from generator.hcl.project import Project
from generator.hcl.scope import Scope
from generator.hcl.syntax import Attribute, Block, Literal, Name
from generator.hcl.types import convert
from generator.hcl.values import EvaluationError, UnknownContent, Value, unknown

_TYPES_OF_PLAIN_TEXT = frozenset({"string", "number", "bool"})


def ephemeral_variable(name: str, block: Block) -> Value | None:
    """The unknown value of a variable that Terraform keeps nowhere, `None` for any other."""
    if _constant(block.body.attributes.get("ephemeral")) is not True:
        return None
    return Value(
        UnknownContent(reason="it is ephemeral", reference=f"var.{name}", is_ephemeral=True)
    )


def sensitive_value(block: Block, reference: str) -> Value | None:
    """The unknown value of a variable or output that is marked as sensitive, `None` for any other.

    A plan does not show it either, and what is compared would be shown.
    """
    attribute = block.body.attributes.get("sensitive")
    if attribute is None or _constant(attribute) is False:
        return None
    return Value(UnknownContent(reason=SENSITIVE, reference=reference))


def variable_value(name: str, block: Block, given: Value | None, scope: Scope) -> Value:
    """The value of a variable with what it is given, if anything; raises `EvaluationError`."""
    attributes = block.body.attributes
    default = attributes.get("default")
    nullable = _constant(attributes.get("nullable")) is not False
    value = given
    if value is not None and value.content is None and not nullable:
        value = None
    if value is None:
        if default is None:
            return unknown(NO_VALUE, f"var.{name}", block.header)
        value = evaluate(default.expression, scope)
    constraint = attributes.get("type")
    if constraint is None:
        return value
    try:
        return convert(value, constraint.expression, lambda inner: evaluate(inner, scope))
    except EvaluationError as error:
        raise type(error)(f"var.{name}: {error}") from None


def command_line_value(text: str, block: Block, project: Project, scope: Scope) -> Value:
    """A value of `-var`: the text itself, unless the variable's type is a collection."""
    constraint = block.body.attributes.get("type")
    if constraint is None or (
        isinstance(constraint.expression, Name)
        and constraint.expression.name in _TYPES_OF_PLAIN_TEXT
    ):
        return Value(text)
    parsed = project.variable_text(text, block)
    if isinstance(parsed, str):
        raise EvaluationError(parsed)
    return evaluate(parsed, scope)


def _constant(attribute: Attribute | None) -> bool | None:
    match attribute:
        case Attribute(expression=Literal(value=bool() as written)):
            return written
        case _:
            return None
