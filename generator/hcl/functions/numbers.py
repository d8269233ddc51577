"""Functions of numbers."""

import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from generator.hcl.conversions import as_integer, as_items, as_number, as_text
from generator.hcl.functions.signatures import Arguments, Function, function
from generator.hcl.scalars import NUMBERS, number_content
from generator.hcl.values import EvaluationError, JsonText, NotComputedError

_DIGITS_OF_POWERS = 15


def _abs(arguments: Arguments) -> int | Decimal:
    number = as_number(arguments[0])
    return number if number >= 0 else -number


def _max(arguments: Arguments) -> int | Decimal:
    return max(as_number(argument) for argument in arguments)


def _min(arguments: Arguments) -> int | Decimal:
    return min(as_number(argument) for argument in arguments)


def _sum(arguments: Arguments) -> int | Decimal:
    items = as_items(arguments[0])
    if not items:
        raise EvaluationError("the list is empty")
    if not all(isinstance(as_number(item), int) for item in items):
        # Terraform adds them in base 2, and shows every digit of what comes out.
        raise NotComputedError("the sum may not be exact")
    total = Decimal(0)
    for item in items:
        total = NUMBERS.add(total, Decimal(as_number(item)))
    return number_content(total)


def _pow(arguments: Arguments) -> int | Decimal:
    base, exponent = (Decimal(as_number(argument)) for argument in arguments)
    result = NUMBERS.power(base, exponent)
    # Terraform computes powers with fewer digits than anything else.
    if any(len(each.as_tuple().digits) > _DIGITS_OF_POWERS for each in (base, exponent, result)):
        raise NotComputedError("the power has too many digits to be exact")
    return number_content(result)


def _parseint(arguments: Arguments) -> int:
    if not isinstance(arguments[0].content, str | JsonText):
        raise NotComputedError("only a text is read as a number")
    text, base = as_text(arguments[0]), as_integer(arguments[1])
    if not 2 <= base <= 36 or not re.fullmatch(r"[+-]?[0-9a-zA-Z]{1,200}", text):
        raise EvaluationError("the number cannot be read")
    if text.lstrip("+-").lower().startswith({16: "0x", 8: "0o", 2: "0b"}.get(base, " ")):
        raise EvaluationError("the number cannot be read")
    try:
        return int(text, base)
    except ValueError:
        raise EvaluationError("the number cannot be read") from None


def _rounded(mode: str) -> Callable[[Arguments], int]:
    def apply(arguments: Arguments) -> int:
        return int(Decimal(as_number(arguments[0])).to_integral_value(rounding=mode))

    return apply


def _signum(arguments: Arguments) -> int:
    number = as_integer(arguments[0])
    return (number > 0) - (number < 0)


def _log(arguments: Arguments) -> int:
    number, base = (float(as_number(argument)) for argument in arguments)
    if number <= 0 or base <= 0 or base == 1:
        raise NotComputedError("the logarithm is not evaluated")
    result = math.log(number) / math.log(base)
    if not result.is_integer() or not result:
        # Of nothing, the sign may be kept.
        raise NotComputedError("the logarithm is not exact")
    return int(result)


FUNCTIONS: Mapping[str, Function] = {
    "abs": function(_abs, 1),
    "ceil": function(_rounded(ROUND_CEILING), 1),
    "floor": function(_rounded(ROUND_FLOOR), 1),
    "log": function(_log, 2),
    "max": function(_max, 1, None),
    "min": function(_min, 1, None),
    "parseint": function(_parseint, 2),
    "pow": function(_pow, 2),
    "signum": function(_signum, 1),
    "sum": function(_sum, 1),
}
