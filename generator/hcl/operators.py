"""Operators, comparison and arithmetic, over values that may be unknown."""

from decimal import Decimal

from generator.hcl.conversions import as_boolean
from generator.hcl.equality import same
from generator.hcl.scalars import NUMBERS, check_digits, number_content
from generator.hcl.syntax import BinaryOperator
from generator.hcl.values import (
    Content,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    derived,
    first_unknown,
    unknown_in,
)


def logic(decisive: bool, left: Value, right: Value) -> Content:  # noqa: FBT001
    """`&&` (which `false` decides) or `||` (which `true` decides); raises `EvaluationError`."""
    if left.content is None or right.content is None:
        # An error up to Terraform 1.11, a value in 1.15.
        raise NotComputedError("`null` beside && or || depends on Terraform's version")
    missing: UnknownContent | None = None
    for operand in (left, right):
        found = unknown_in(operand)
        if found is not None:
            missing = missing or found
        elif as_boolean(operand) is decisive:
            return decisive
    return not decisive if missing is None else derived(missing)


def equal(left: Value, right: Value) -> bool | UnknownContent:
    """Whether two values are equal, as far as that is known."""
    for one, other in ((left, right), (right, left)):
        content = one.content
        if other.content is None:
            if isinstance(content, UnknownContent):
                return False if content.is_never_null else derived(content)
            return content is None
        if other.content == "" and _is_never_empty(content):
            return False
    missing = first_unknown((left, right))
    if missing is not None:
        return derived(missing)
    verdict = same(left, right)
    if verdict and not _same_kinds(left, right):
        return UnknownContent(reason="it compares collections of two types", reference="==")
    return verdict


def _is_never_empty(content: Content) -> bool:
    """Whether a text says something, whatever is not known of it."""
    match content:
        case JsonText():
            return True
        case PartialText(parts=parts):
            return any(isinstance(part, str) and part for part in parts)
        case UnknownContent(is_never_null=is_there, is_text=is_text):
            return is_there and is_text
        case _:
            return False


def _same_kinds(left: Value, right: Value) -> bool:
    match left.content, right.content:
        case (Items(values=a, kind=first), Items(values=b, kind=second)):
            return first == second and all(map(_same_kinds, a, b))
        case (Fields(values=a, kind=first), Fields(values=b, kind=second)):
            return first == second and all(_same_kinds(a[key], b[key]) for key in a)
        case _:
            return True


def calculate(
    operator: BinaryOperator, left: int | Decimal, right: int | Decimal
) -> int | Decimal | bool:
    """Arithmetic and order of two numbers; raises `EvaluationError`."""
    if operator in ("<", ">", "<=", ">="):
        check_digits(left)
        check_digits(right)
    match operator:
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case _:
            pass
    first, second = Decimal(left), Decimal(right)
    match operator:
        case "+":
            result = NUMBERS.add(first, second)
        case "-":
            result = NUMBERS.subtract(first, second)
        case "*":
            result = NUMBERS.multiply(first, second)
        case "/" | "%" if second == 0:
            # An error in some places and infinite in others.
            raise NotComputedError("the division is by zero")
        case "/":
            result = NUMBERS.divide(first, second)
        case _:
            result = NUMBERS.remainder(first, second)
    if result == 0 and operator != "-" and (first < 0) != (second < 0):
        # Nothing keeps a sign there, which shows in its text.
        raise NotComputedError("zero with a sign is not computed")
    return number_content(result)
