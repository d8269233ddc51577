"""How the plain evaluator compares: one element or condition with one concrete request.

It shares nothing with the engine's patterns, so that it can contradict them. Answers are `True`,
`False` or `None` (cannot tell).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import TypeAlias

from generator.iam.document import (
    Comparison,
    Condition,
    Exact,
    Gap,
    Patterns,
    Piece,
    Quantifier,
    Text,
    joined,
)
from generator.iam.scalars import instant_in, number_in

Verdict: TypeAlias = bool | None
"""`None` means: cannot tell."""

Context: TypeAlias = Mapping[str, tuple[str, ...]]
"""The values of condition keys, by the keys in lower case."""


def either(verdicts: Iterable[Verdict]) -> Verdict:
    """Whether any holds."""
    found = tuple(verdicts)
    if True in found:
        return True
    return None if None in found else False


def both(verdicts: Iterable[Verdict]) -> Verdict:
    """Whether all hold."""
    found = tuple(verdicts)
    if False in found:
        return False
    return None if None in found else True


def opposite(verdict: Verdict) -> Verdict:
    """The opposite verdict."""
    return None if verdict is None else not verdict


def resources_match(element: Patterns | None, resource: str, context: Context) -> Verdict:
    """Whether a Resource element matches, its policy variables looked up."""
    if element is None:
        return True
    found = [_looked_up(text, context) for text in element.texts]
    verdict = either(False if text is None else _resource_matches(text, resource) for text in found)
    if element.negated and verdict is False and any(_is_cut_short(text) for text in element.texts):
        # Whether what is no whole ARN names no resource or every one is not documented.
        return None
    if None in found and element.negated:
        # Whether a NotResource with a variable that has no value matches is not documented.
        return None if verdict is False else opposite(verdict)
    return opposite(verdict) if element.negated else verdict


def _looked_up(text: Text, context: Context) -> Text | None:
    """The text with the values of its policy variables; `None` when one of them has no value."""
    pieces: list[Piece] = []
    for piece in text.pieces:
        if not isinstance(piece, Gap) or piece.variable is None:
            pieces.append(piece)
            continue
        values = context.get(piece.variable, ())
        value = values[0] if len(values) == 1 else piece.default
        if value is None:
            return None
        pieces.append(Exact(text=value))
    return joined(pieces)


def patterns_match(
    element: Patterns | None, name: str, compare: Callable[[Text, str], Verdict]
) -> Verdict:
    """Whether an Action element matches a name."""
    if element is None:
        return True
    verdict = either(compare(text, name) for text in element.texts)
    return opposite(verdict) if element.negated else verdict


def action_matches(text: Text, action: str) -> Verdict:
    """Whether an action of a policy matches, in any case of letters."""
    if text.plain is not None:
        fits = glob_matches(text.plain.lower(), action.lower())
        service, colon, _ = text.plain.partition(":")
        # Access Analyzer calls a wildcard in the service an error; whether it matches is not said.
        return None if fits and colon and any(sign in service for sign in "*?") else fits
    lowered = Text(
        pieces=tuple(piece.lower() if isinstance(piece, str) else piece for piece in text.pieces)
    )
    return None if _may_match(lowered, action.lower()) else False


def _resource_matches(text: Text, resource: str) -> Verdict:
    if resource == "*":
        # The request has no resource; only the pattern that means everything covers it.
        if not text.gaps:
            return bool(text.plain) and not str(text.plain).strip("*")
        known = (piece for piece in text.pieces if not isinstance(piece, Gap))
        everything = all(isinstance(piece, str) and not piece.strip("*") for piece in known)
        return None if everything else False
    if text.plain is not None and text.plain and not text.plain.strip("*"):
        return True
    verdict = _arn_matches(text, resource)
    return None if verdict and _has_wild_type(text) else verdict


def _is_cut_short(text: Text) -> bool:
    """Whether a text is the beginning of an ARN, not `*` and not all six parts."""
    plain = text.plain
    return plain is not None and plain.replace("*", "") != "" and len(plain.split(":")) < 6


def _has_wild_type(text: Text) -> bool:
    """Whether a wildcard stands where an ARN of ECR has the word `repository`."""
    plain = text.plain
    parts = plain.split(":", 5) if plain is not None else []
    if len(parts) < 6 or not glob_matches(parts[2], "ecr") or parts[5].replace("*", "") == "":
        return False
    before_slash = parts[5].split("/")[0]
    return "*" in before_slash or "?" in before_slash


def _arn_matches(text: Text, arn: str) -> Verdict:
    """Six parts, each compared alone; patterns with fewer parts are read in more than one way."""
    if text.gaps:
        return None if _may_match(text, arn) else False
    if text.plain is None:
        return None if _may_match(text, arn) else False
    pattern = text.plain.split(":", 5)
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    if len(pattern) == 6:
        return all(glob_matches(one, part) for one, part in zip(pattern, parts, strict=True))
    padded = pattern + ["*"] * (6 - len(pattern))
    either = glob_matches(text.plain, arn) or all(
        glob_matches(one, part) for one, part in zip(padded, parts, strict=True)
    )
    return None if either else False


def condition_holds(condition: Condition, context: Context) -> Verdict:
    """Whether a condition is satisfied by the context of a request."""
    comparison = condition.comparison
    if comparison is None:
        return None
    present = context.get(condition.key.lower(), ())
    operator = condition.operator.lower().rpartition(":")[2]
    is_of_words = operator.startswith(("string", "arn"))
    if not is_of_words and any(_has_variable(text) for text in condition.values):
        # Dates, numbers, addresses, truth and presence take no policy variable.
        return None
    looked_up = [_looked_up(text, context) for text in condition.values]
    if None in looked_up:
        plain = not (condition.negated or condition.if_exists or condition.quantifier)
        rest = replace(condition, values=tuple(text for text in looked_up if text is not None))
        verdict = condition_holds(rest, context)
        if plain or (condition.negated and verdict is False):
            return verdict
        # Only where a missing value can match nothing is it clear what AWS makes of it.
        return None
    condition = replace(condition, values=tuple(text for text in looked_up if text is not None))
    if comparison is Comparison.NULL:
        return either(
            None if text.plain is None else (text.plain.lower() == "true") == (not present)
            for text in condition.values
        )
    if not present:
        return _passes_without_key(condition.operator)
    verdicts = []
    if operator.startswith("arnnot") and not _compares_arns(condition, present):
        return None
    for value in present:
        verdict = either(_compare(comparison, text, value) for text in condition.values)
        verdicts.append(opposite(verdict) if condition.negated else verdict)
    if condition.quantifier is Quantifier.ANY:
        return either(verdicts)
    if condition.quantifier is Quantifier.ALL or len(verdicts) == 1:
        return both(verdicts)
    return None


def _has_variable(text: Text) -> bool:
    return any(isinstance(piece, Gap) and "${" in piece.reason for piece in text.pieces)


def _compares_arns(condition: Condition, present: Iterable[str]) -> bool:
    """Whether both sides are ARNs; what a negated operator says of another text is not documented."""
    written = [text.plain for text in condition.values if text.plain is not None]
    return all(len(text.split(":")) >= 6 for text in (*written, *present))


def _passes_without_key(operator: str) -> bool:
    """Whether a request without the key satisfies an operator, read from its spelling alone.

    Roles in real accounts were refused by `ForAnyValue:…IfExists` without the key: it is the set
    operator that decides, and no value among none fits.
    """
    word = operator.lower()
    if word.startswith("foranyvalue:"):
        return False
    return word.startswith("forallvalues:") or word.endswith("ifexists") or "not" in word


def _compare(comparison: Comparison, text: Text, value: str) -> Verdict:
    if comparison is Comparison.ADDRESS:
        return _address_matches(text, value)
    if comparison.is_of_numbers or comparison.is_of_dates:
        return _scalar_matches(comparison, text, value)
    if comparison is Comparison.ARN:
        return _arn_matches(text, value)
    if comparison is Comparison.LIKE:
        if text.plain is not None:
            return glob_matches(text.plain, value)
        return (None if text.gaps else True) if _may_match(text, value) else False
    if comparison is Comparison.EQUALS_IGNORE_CASE or comparison is Comparison.BOOL:
        if text.plain is not None:
            return _same_but_for_case(text.plain, value)
        return (None if text.gaps else True) if may_spell(text, value, fold=True) else False
    if text.plain is not None:
        return text.plain == value
    return (None if text.gaps else True) if may_spell(text, value) else False


def _same_but_for_case(one: str, other: str) -> Verdict:
    """Whether two texts differ in the case of letters alone; of English ones that is sure."""
    pairs = [(ord(sign), ord(sign) ^ 0x20) for sign in (*map(chr, range(0x41, 0x5B)),)]
    if one.translate(dict(pairs)) == other.translate(dict(pairs)):
        return True
    return None if one.casefold() == other.casefold() else False


def _address_matches(text: Text, value: str) -> Verdict:
    """Whether the first bits of an address are those of the network."""
    if text.plain is None:
        return None
    start, slash, length = text.plain.partition("/")
    try:
        network, address = ip_address(start), ip_address(value)
    except ValueError:
        return None
    if network.version != address.version:
        return False
    if slash and not length.isdecimal():
        return None
    if not slash and network.version == 6:
        # The documents name one length for addresses without one, and it is that of version 4.
        return None
    free = network.max_prefixlen - (int(length) if slash else network.max_prefixlen)
    return None if free < 0 else int(network) >> free == int(address) >> free


def _scalar_matches(comparison: Comparison, text: Text, value: str) -> Verdict:
    """Whether a number or a date is where the operator wants it, seen from the policy's one."""
    if text.plain is None:
        return None
    read = number_in if comparison.is_of_numbers else instant_in
    bound, found = read(text.plain), read(value)
    if found is None and comparison.is_of_numbers:
        # aws:EpochTime compares a date as a number of seconds.
        found = instant_in(value)
    if bound is None or found is None:
        return None
    if found == bound:
        return not comparison.value.endswith("Than")
    if comparison.value.endswith("Equals") and "Than" not in comparison.value:
        return False
    return ("Less" in comparison.value) is (found < bound)


def glob_matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` matches the whole of a text."""
    return _walk(((sign, sign in "*?") for sign in pattern), text)


def _may_match(text: Text, value: str) -> bool:
    """Whether a text with gaps can turn out to match, its wildcards at work."""
    signs: list[tuple[str, bool]] = []
    for piece in text.pieces:
        match piece:
            case Gap():
                signs.append(("*", True))
            case Exact(text=exact):
                signs.extend((sign, False) for sign in exact)
            case str():
                signs.extend((sign, sign in "*?") for sign in piece)
    return _walk(signs, value)


def may_spell(text: Text, value: str, *, fold: bool = False) -> bool:
    """Whether a text with gaps can turn out to be this very value."""
    signs: list[tuple[str, bool]] = []
    for piece in text.pieces:
        match piece:
            case Gap():
                signs.append(("*", True))
            case Exact(text=exact):
                signs.extend((sign, False) for sign in exact)
            case str():
                signs.extend((sign, False) for sign in piece)
    if fold:
        return _walk([(sign.lower(), wild) for sign, wild in signs], value.lower())
    return _walk(signs, value)


def _walk(signs: Iterable[tuple[str, bool]], text: str) -> bool:
    """Match signs (with whether each is a wildcard) against a text: which ends can be reached."""
    reached = {0}
    for character, wild in signs:
        if wild and character == "*":
            reached = set(range(min(reached), len(text) + 1))
        else:
            reached = {
                at + 1 for at in reached if at < len(text) and (wild or character == text[at])
            }
        if not reached:
            return False
    return len(text) in reached
