"""The condition operators: what each compares, and which values and keys fit it."""

from generator.iam.document import (
    Comparison,
    Quantifier,
    Text,
)
from generator.iam.keys import KeyFacts, KeySort
from generator.iam.scalars import instant_in, network_in, number_in

OPERATORS: dict[str, tuple[Comparison, bool]] = {
    "stringequals": (Comparison.EQUALS, False),
    "stringnotequals": (Comparison.EQUALS, True),
    "stringequalsignorecase": (Comparison.EQUALS_IGNORE_CASE, False),
    "stringnotequalsignorecase": (Comparison.EQUALS_IGNORE_CASE, True),
    "stringlike": (Comparison.LIKE, False),
    "stringnotlike": (Comparison.LIKE, True),
    "arnequals": (Comparison.ARN, False),
    "arnlike": (Comparison.ARN, False),
    "arnnotequals": (Comparison.ARN, True),
    "arnnotlike": (Comparison.ARN, True),
    "bool": (Comparison.BOOL, False),
    "null": (Comparison.NULL, False),
    "ipaddress": (Comparison.ADDRESS, False),
    "notipaddress": (Comparison.ADDRESS, True),
    "numericequals": (Comparison.NUMBER_EQUALS, False),
    "numericnotequals": (Comparison.NUMBER_EQUALS, True),
    "numericlessthan": (Comparison.NUMBER_BELOW, False),
    "numericlessthanequals": (Comparison.NUMBER_UP_TO, False),
    "numericgreaterthan": (Comparison.NUMBER_ABOVE, False),
    "numericgreaterthanequals": (Comparison.NUMBER_FROM, False),
    "dateequals": (Comparison.DATE_EQUALS, False),
    "datenotequals": (Comparison.DATE_EQUALS, True),
    "datelessthan": (Comparison.DATE_BEFORE, False),
    "datelessthanequals": (Comparison.DATE_UP_TO, False),
    "dategreaterthan": (Comparison.DATE_AFTER, False),
    "dategreaterthanequals": (Comparison.DATE_FROM, False),
}
"""What each operator compares, in lower case, and whether it is negated."""


def fits(comparison: Comparison, facts: KeyFacts) -> bool:
    """Whether an operator compares what the values of a key are."""
    if comparison is Comparison.NULL:
        return True
    match facts.sort:
        case KeySort.TEXT | KeySort.BOOL:
            return comparison.is_of_texts
        case KeySort.NUMBER:
            return comparison.is_of_numbers
        case KeySort.DATE:
            return comparison.is_of_dates
        case KeySort.SECONDS:
            return comparison.is_of_dates or comparison.is_of_numbers
        case KeySort.ADDRESS:
            return comparison is Comparison.ADDRESS


def takes_variables(comparison: Comparison) -> bool:
    """Whether an operator replaces policy variables: those of texts and of ARNs alone do.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    return comparison.is_of_texts and comparison is not Comparison.BOOL


def is_readable(comparison: Comparison, text: Text) -> bool:
    """Whether a value is what its operator compares; what is not known may be."""
    plain = text.plain
    if plain is None or comparison.is_of_texts or comparison is Comparison.NULL:
        return True
    if comparison is Comparison.ADDRESS:
        return network_in(plain) is not None
    read = number_in(plain) if comparison.is_of_numbers else instant_in(plain)
    return read is not None


def wanted_by(comparison: Comparison) -> str:
    """What the values of an operator have to be."""
    if comparison is Comparison.ADDRESS:
        return "IP addresses"
    return "a number" if comparison.is_of_numbers else "a date"


def split_quantifier(operator: str) -> tuple[Quantifier | None, str]:
    """The set operator in front of an operator, and the rest."""
    for quantifier in Quantifier:
        mark = f"{quantifier}:"
        if operator.lower().startswith(mark.lower()):
            return quantifier, operator[len(mark) :]
    return None, operator
