"""Numbers, and how Terraform writes a single value into a text."""

from decimal import Context, Decimal

from generator.hcl.values import (
    NotComputedError,
    Value,
    wrong_type,
)

NUMBERS = Context(prec=160, Emax=4000, Emin=-4000)
"""Terraform computes with 512 bits; this is at least as exact."""

MOST_DIGITS = 150
"""A number with more is rounded by Terraform in ways that are not repeated here."""


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


def scalar_text(value: Value) -> str:
    """A text, boolean or number as a text; raises `EvaluationError` for anything else."""
    content = value.content
    match content:
        case str():
            return str(content)
        case bool():
            return "true" if content else "false"
        case int() | Decimal():
            return number_text(content)
        case _:
            raise wrong_type("a text", value)
