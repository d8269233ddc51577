"""Functions of regular expressions, in Go's syntax."""

import math
import re
import warnings
from collections.abc import Mapping

from generator.hcl.conversions import as_text
from generator.hcl.functions.signatures import Arguments, Function, function, list_of
from generator.hcl.values import (
    LONGEST_TEXT,
    Content,
    EvaluationError,
    Fields,
    Items,
    NotComputedError,
    Value,
)

# What only Go or only Python has, or what they read differently.
_FOREIGN_PATTERN = re.compile(
    r"\\[0-9ZzpPQC]|\(\?[=!<#(]|\(\?P[=>]|[*+?}]\+|\(\?[a-zA-Z]*U|\{,|\[\[|\\x\{"
)

_REPETITION = re.compile(r"[*+]|\{[0-9]*,")

_REPEATED_GROUP = re.compile(r"\)[*+{]")

# Signs and classes of signs one after the other: nothing repeats and nothing is a choice.
_PLAIN_PATTERN = re.compile(r"(?:[^\\\[\](){}|*+?]|\\[^\w\s]|\\[dws]|\[\^?\]?[^\[\]\\]*\])*")


def _pattern(pattern: str, text: str) -> re.Pattern[str]:
    """A Go pattern as Python's, to search `text`."""
    ends_in_line_break = "$" in pattern and text.endswith("\n")
    if ends_in_line_break or _FOREIGN_PATTERN.search(pattern) or _is_costly(pattern, text):
        raise NotComputedError("the pattern is not evaluated")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, Warning):
        raise NotComputedError("the pattern is not evaluated") from None


def _is_costly(pattern: str, text: str) -> bool:
    """Whether Python's engine, which tries again and again, could take long; Go's never does."""
    if len(pattern) > 500:
        return True
    if _PLAIN_PATTERN.fullmatch(pattern):
        return len(text) * len(pattern) > 10_000_000
    if len(text) > 2000:
        return True
    if _REPEATED_GROUP.search(pattern) and len(text) > 18:
        return True
    return math.pow(len(text), len(_REPETITION.findall(pattern))) > 10_000_000


def _matched(match: re.Match[str]) -> Content:
    def group(text: str | None) -> Value:
        return Value(text)

    if match.re.groupindex:
        return Fields(values={name: group(match[name]) for name in match.re.groupindex})
    if match.re.groups:
        return Items(values=tuple(group(text) for text in match.groups()))
    return match[0]


def _regex(arguments: Arguments) -> Content:
    pattern, text = as_text(arguments[0]), as_text(arguments[1])
    match = _pattern(pattern, text).search(text)
    if match is None:
        raise EvaluationError("the pattern does not match")
    return _matched(match)


def _regexall(arguments: Arguments) -> Content:
    pattern, text = as_text(arguments[0]), as_text(arguments[1])
    matches = _pattern(pattern, text).finditer(text)
    return list_of([Value(_matched(match)) for match in matches])


_GROUP = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\$)")


def _replace(arguments: Arguments) -> str:
    text, old, new = (as_text(argument) for argument in arguments)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        pattern = _pattern(old[1:-1], text)

        def expand(match: re.Match[str]) -> str:
            def group(reference: re.Match[str]) -> str:
                name = reference[1] or reference[2]
                if name is None:
                    return "$"
                if name.isdecimal():
                    number = int(name)
                    return (match[number] or "") if number <= match.re.groups else ""
                return (match[name] or "") if name in match.re.groupindex else ""

            return _GROUP.sub(group, new)

        return pattern.sub(expand, text)
    if text.count(old) * len(new) > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return text.replace(old, new)


FUNCTIONS: Mapping[str, Function] = {
    "regex": function(_regex, 2),
    "regexall": function(_regexall, 2),
    "replace": function(_replace, 3),
}
