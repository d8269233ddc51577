"""Which values of a condition key satisfy a condition, in its narrowest and its widest reading."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from ipaddress import ip_address
from math import floor

from generator.iam.document import Comparison, Condition, Quantifier
from generator.iam.globs import matches
from generator.iam.keys import KeyValue
from generator.iam.readings import condition_readings
from generator.iam.scalars import Network, instant_in, network_in, number_in


def accepted_values(condition: Condition, values: Iterable[KeyValue], *, widest: bool) -> int:
    """Which of the values of a key satisfy a condition, as bits."""
    if condition.comparison is Comparison.NULL:
        wants_absent, wants_present = null_wants(condition, widest=widest)
        answers = [wants_absent if value is None else wants_present for value in values]
    else:
        fits = _test(condition, widest=widest is not condition.negated)
        answers = [_holds(condition, value, fits) for value in values]
    return sum(1 << number for number, answer in enumerate(answers) if answer)


def null_wants(condition: Condition, *, widest: bool) -> tuple[bool, bool]:
    """Whether a Null test is satisfied by an absent key, and whether by a present one."""
    plain = {text.plain.lower() for text in condition.values if text.plain is not None}
    open_ended = widest and any(text.plain is None for text in condition.values)
    return "true" in plain or open_ended, "false" in plain or open_ended


def holds_when_missing(condition: Condition) -> bool:
    """Whether a condition other than Null is satisfied by a request without the key.

    ForAnyValue wants a value that fits, so it is never satisfied without one; IfExists behind it
    changes nothing.
    """
    match condition.quantifier:
        case Quantifier.ANY:
            return False
        case Quantifier.ALL:
            return True
        case _:
            return condition.if_exists or condition.negated


def _holds(condition: Condition, value: KeyValue, fits: Callable[[str], bool]) -> bool:
    if value is None:
        return holds_when_missing(condition)
    elements = (value,) if isinstance(value, str) else value
    verdicts = [fits(element) is not condition.negated for element in elements]
    return any(verdicts) if condition.quantifier is Quantifier.ANY else all(verdicts)


def _test(condition: Condition, *, widest: bool) -> Callable[[str], bool]:
    """The test of one value, negation left aside."""
    comparison = condition.comparison
    if comparison is None or comparison.is_of_texts:
        globs = condition_readings(condition).patterns(widest=widest)
        return lambda value: any(matches(glob, value) for glob in globs)
    texts = [text.plain for text in condition.values if text.plain is not None]
    if condition.doubts:
        return lambda _: widest
    if widest and len(texts) < len(condition.values):
        return lambda _: True
    if comparison is Comparison.ADDRESS:
        networks = [network for text in texts if (network := network_in(text)) is not None]
        return lambda value: _lies_in(value, networks)
    read = number_in if comparison.is_of_numbers else instant_in
    bounds = [bound for text in texts if (bound := read(text)) is not None]
    return lambda value: any(_compares(comparison, _scalar(value), bound) for bound in bounds)


def fits_number(comparison: Comparison, text: str) -> bool:
    """Whether some whole number from 0 compares with a number as the operator wants it."""
    bound = number_in(text)
    if bound is None:
        return True
    near = (0, *(floor(bound) + step for step in range(-1, 3)))
    return any(_compares(comparison, Fraction(one), bound) for one in near if one >= 0)


def _lies_in(value: str, networks: Iterable[Network]) -> bool:
    address = ip_address(value)
    return any(address in network for network in networks)


@lru_cache(maxsize=4096)
def _scalar(value: str) -> Fraction:
    """A number, or an instant in seconds; the values are our own, so they can be read."""
    read = number_in(value)
    found = instant_in(value) if read is None else read
    assert found is not None, value  # noqa: S101
    return found


def _compares(comparison: Comparison, value: Fraction, bound: Fraction) -> bool:
    match comparison:
        case Comparison.NUMBER_EQUALS | Comparison.DATE_EQUALS:
            return value == bound
        case Comparison.NUMBER_BELOW | Comparison.DATE_BEFORE:
            return value < bound
        case Comparison.NUMBER_UP_TO | Comparison.DATE_UP_TO:
            return value <= bound
        case Comparison.NUMBER_ABOVE | Comparison.DATE_AFTER:
            return value > bound
        case Comparison.NUMBER_FROM | Comparison.DATE_FROM:
            return value >= bound
        case _:
            raise ValueError(f"{comparison} does not compare numbers")
