"""Functions of regular expressions, in Go's syntax."""

import re
from collections.abc import Mapping

from generator.hcl.conversions import as_text
from generator.hcl.functions.signatures import Arguments, Function, function, list_of
from generator.hcl.regular_expressions import Match, Pattern, pattern_of
from generator.hcl.values import (
    LONGEST_TEXT,
    Content,
    EvaluationError,
    Fields,
    Items,
    NotComputedError,
    Value,
)

_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\$)")


def _group(text: str, match: Match, number: int) -> str | None:
    begin, end = match[2 * number : 2 * number + 2]
    return None if begin < 0 or end < 0 else text[begin:end]


def _compiled(argument: Value) -> Pattern:
    pattern = pattern_of(as_text(argument))
    if pattern.names and len(pattern.names) < pattern.groups:
        raise EvaluationError("the pattern has groups with a name and groups without")
    return pattern


def _matched(pattern: Pattern, text: str, match: Match) -> Content:
    if pattern.names:
        return Fields(
            values={
                name: Value(_group(text, match, number)) for name, number in pattern.names.items()
            }
        )
    if pattern.groups:
        numbers = range(1, pattern.groups + 1)
        return Items(values=tuple(Value(_group(text, match, number)) for number in numbers))
    return _group(text, match, 0)


def _regex(arguments: Arguments) -> Content:
    pattern, text = _compiled(arguments[0]), as_text(arguments[1])
    for match in pattern.matches(text, all_of_them=False):
        return _matched(pattern, text, match)
    raise EvaluationError("the pattern does not match")


def _regexall(arguments: Arguments) -> Content:
    pattern, text = _compiled(arguments[0]), as_text(arguments[1])
    matches = pattern.matches(text, all_of_them=True)
    return list_of([Value(_matched(pattern, text, match)) for match in matches])


def _replace(arguments: Arguments) -> str:
    text, old, new = (as_text(argument) for argument in arguments)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return _replaced(pattern_of(old[1:-1]), text, new)
    if text.count(old) * len(new) > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return text.replace(old, new)


def _replaced(pattern: Pattern, text: str, new: str) -> str:
    pieces: list[str] = []
    length = 0
    for piece, match in pattern.replacements(text):
        pieces.append(piece)
        if match is not None:
            pieces.append(_expanded(pattern, text, match, new))
            length += len(pieces[-1])
        if length > LONGEST_TEXT:
            raise NotComputedError("the text is too long")
    return "".join(pieces)


def _expanded(pattern: Pattern, text: str, match: Match, new: str) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdecimal():
            number = int(name[:9])
            return (_group(text, match, number) or "") if number <= pattern.groups else ""
        return (_group(text, match, pattern.names[name]) or "") if name in pattern.names else ""

    return _REFERENCE.sub(group, new)


FUNCTIONS: Mapping[str, Function] = {
    "regex": function(_regex, 2),
    "regexall": function(_regexall, 2),
    "replace": function(_replace, 3),
}
