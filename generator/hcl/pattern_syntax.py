"""The syntax of regular expressions as Go, and so Terraform, reads it: a pattern as a tree.

Syntax: https://github.com/google/re2/wiki/Syntax.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as Word
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.hcl.values import EvaluationError, NotComputedError

MOST_REPEATS = 1000
DEEPEST_PATTERN = 100

NOT_EVALUATED = "the pattern is not evaluated"
_LAST = 0x10FFFF
_DIGITS = ((48, 57),)
_WORDS = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACES = ((9, 10), (12, 13), (32, 32))
_CLASSES = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_SIGNS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_NAMED_CLASSES: Mapping[str, "Ranges"] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGITS,
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _WORDS,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_REPEAT = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_GROUP_NAME = re.compile(r"\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_FLAGS = re.compile(r"\?([imsU]*)(?:-([imsU]+))?([:)])")
_HEX = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_CLASS_NAME = re.compile(r"\[:(\^?)([a-z]+):\]")

Ranges: TypeAlias = tuple[tuple[int, int], ...]
Assertion = Word["text-begin", "text-end", "line-begin", "line-end", "word", "no-word"]


@dataclass(frozen=True, slots=True)
class Signs:
    """One sign that is in the ranges."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the text, without taking a sign."""

    kind: Assertion


@dataclass(frozen=True, slots=True)
class Row:
    """Parts that follow each other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    """Parts of which the first that fits is preferred."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part that repeats; `most` is `None` without a limit."""

    part: "Node"
    least: int
    most: int | None
    is_greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A part whose begin and end are noted; number 0 is the whole match."""

    part: "Node"
    number: int


Node: TypeAlias = Signs | Place | Row | Choice | Repeat | Group
"""A part of a pattern."""


@frozen
class _Modes:
    folds: bool = False
    many_lines: bool = False
    dot_takes_all: bool = False
    is_lazy: bool = False


class PatternParser:
    """Reads a pattern into its tree; raises `EvaluationError` and `NotComputedError`."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.folds = False
        self._takes_case_as_it_is = False

    def whole(self) -> Node:
        """The tree of the whole pattern."""
        node, _ = self._choice(_Modes(), 0)
        # Parts that fold beside parts that do not: the text would have to be searched twice.
        if self._at < len(self._text) or (self.folds and self._takes_case_as_it_is):
            raise NotComputedError(NOT_EVALUATED)
        return node

    def _choice(self, modes: _Modes, depth: int) -> tuple[Node, _Modes]:
        if depth > DEEPEST_PATTERN:
            raise NotComputedError(NOT_EVALUATED)
        choices: list[Node] = []
        while True:
            row, modes = self._row(modes, depth)
            choices.append(row)
            if not self._take("|"):
                return (choices[0] if len(choices) == 1 else Choice(tuple(choices))), modes

    def _take(self, sign: str) -> bool:
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _row(self, modes: _Modes, depth: int) -> tuple[Node, _Modes]:
        parts: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._take("("):
                flags = _FLAGS.match(self._text, self._at)
                if flags is not None:
                    self._at = flags.end()
                    inner = _with_flags(modes, flags[1], flags[2] or "")
                    self.folds = self.folds or inner.folds
                    if flags[3] == ")":
                        modes = inner
                        continue
                    node, _ = self._choice(inner, depth + 1)
                else:
                    node = self._group(modes, depth)
                if flags is not None and not self._take(")"):
                    raise NotComputedError(NOT_EVALUATED)
            else:
                node = self._atom(modes)
            parts.append(self._repeated(node, modes))
        return (parts[0] if len(parts) == 1 else Row(tuple(parts))), modes

    def _group(self, modes: _Modes, depth: int) -> Node:
        name = _GROUP_NAME.match(self._text, self._at)
        if name is None and self._text.startswith("?", self._at):
            raise NotComputedError(NOT_EVALUATED)
        self.groups += 1
        number = self.groups
        if name is not None:
            self._at = name.end()
            if name[1] in self.names:
                raise EvaluationError("the pattern has two groups of one name")
            self.names[name[1]] = number
        node, _ = self._choice(modes, depth + 1)
        if not self._take(")"):
            raise NotComputedError(NOT_EVALUATED)
        return Group(node, number)

    def _repeated(self, node: Node, modes: _Modes) -> Node:
        is_repeated = False
        while self._at < len(self._text):
            sign = self._text[self._at]
            least, most = 0, None
            if sign == "{":
                braces = _REPEAT.match(self._text, self._at)
                if braces is None:
                    return node
                self._at = braces.end()
                least = int(braces[1][:5])
                most = least if braces[2] is None else (int(braces[3][:5]) if braces[3] else None)
                if max(least, most or 0) > MOST_REPEATS or (most is not None and least > most):
                    raise EvaluationError("the pattern repeats too often")
            elif sign in "*+?":
                self._at += 1
                least, most = (1, None) if sign == "+" else (0, 1 if sign == "?" else None)
            else:
                return node
            if is_repeated:
                raise NotComputedError(NOT_EVALUATED)
            is_repeated = True
            is_lazy = self._take("?") != modes.is_lazy
            node = Repeat(node, least, most, not is_lazy)
        return node

    def _atom(self, modes: _Modes) -> Node:
        sign = self._text[self._at]
        self._at += 1
        match sign:
            case "*" | "+" | "?":
                raise NotComputedError(NOT_EVALUATED)
            case ".":
                all_but_lines = ((0, 9), (11, _LAST))
                return Signs(((0, _LAST),) if modes.dot_takes_all else all_but_lines)
            case "^":
                return Place("line-begin" if modes.many_lines else "text-begin")
            case "$":
                return Place("line-end" if modes.many_lines else "text-end")
            case "[":
                return Signs(self._class(modes))
            case "\\":
                return self._escape(modes)
            case _:
                return Signs(self._literal(ord(sign), modes))

    def _literal(self, code: int, modes: _Modes) -> Ranges:
        return self._folded(((code, code),), modes)

    def _folded(self, ranges: Ranges, modes: _Modes) -> Ranges:
        """The ranges as they meet a text in small letters."""
        if not modes.folds:
            self._takes_case_as_it_is = True
            return ranges
        if any(high > 127 for _, high in ranges):
            raise NotComputedError(NOT_EVALUATED)
        small = [
            ((max(low, 65) + 32), (min(high, 90) + 32))
            for low, high in ranges
            if low <= 90 and high >= 65
        ]
        return (*ranges, *small)

    def _escape(self, modes: _Modes) -> Node:
        sign = self._text[self._at : self._at + 1]
        if sign == "A":
            self._at += 1
            return Place("text-begin")
        if sign == "z":
            self._at += 1
            return Place("text-end")
        if sign in ("b", "B"):
            self._at += 1
            return Place("word" if sign == "b" else "no-word")
        if sign and sign.lower() in _CLASSES:
            self._at += 1
            ranges = _CLASSES[sign.lower()]
            return Signs(_others(ranges) if sign.isupper() else ranges)
        return Signs(self._literal(self._code(), modes))

    def _code(self) -> int:
        """The sign that an escape means."""
        sign = self._text[self._at : self._at + 1]
        if number := _HEX.match(self._text, self._at):
            self._at = number.end()
            code = int(number[1] or number[2], 16)
            if code <= _LAST:
                return code
        elif sign in _SIGNS:
            self._at += 1
            return _SIGNS[sign]
        elif sign.isascii() and sign and not sign.isalnum():
            self._at += 1
            return ord(sign)
        raise NotComputedError(NOT_EVALUATED)

    def _class(self, modes: _Modes) -> Ranges:
        is_negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        is_first = True
        while is_first or not self._text.startswith("]", self._at):
            is_first = False
            if self._at >= len(self._text):
                raise NotComputedError(NOT_EVALUATED)
            if self._text.startswith("[:", self._at):
                named = _CLASS_NAME.match(self._text, self._at)
                if named is None or named[2] not in _NAMED_CLASSES:
                    raise NotComputedError(NOT_EVALUATED)
                self._at = named.end()
                found = _NAMED_CLASSES[named[2]]
                ranges.extend(_others(found) if named[1] else found)
                continue
            escaped = self._text[self._at + 1 : self._at + 2]
            if self._text[self._at] == "\\" and escaped and escaped.lower() in _CLASSES:
                self._at += 2
                found = _CLASSES[escaped.lower()]
                ranges.extend(_others(found) if escaped.isupper() else found)
                continue
            low = high = self._class_sign()
            if self._text.startswith("-", self._at) and self._text[
                self._at + 1 : self._at + 2
            ] not in ("]", ""):
                self._at += 1
                high = self._class_sign()
                if high < low:
                    raise EvaluationError("the pattern has a range that ends before it begins")
            ranges.append((low, high))
        self._at += 1
        if modes.folds and is_negated:
            raise NotComputedError(NOT_EVALUATED)
        folded = self._folded(tuple(ranges), modes)
        return _others(folded) if is_negated else folded

    def _class_sign(self) -> int:
        sign = self._text[self._at : self._at + 1]
        self._at += 1
        if not sign:
            raise NotComputedError(NOT_EVALUATED)
        return self._code() if sign == "\\" else ord(sign)


def _with_flags(modes: _Modes, on: str, off: str) -> _Modes:
    def is_on(flag: str, before: bool) -> bool:  # noqa: FBT001
        return flag not in off and (flag in on or before)

    return _Modes(
        folds=is_on("i", modes.folds),
        many_lines=is_on("m", modes.many_lines),
        dot_takes_all=is_on("s", modes.dot_takes_all),
        is_lazy=is_on("U", modes.is_lazy),
    )


def _others(ranges: Ranges) -> Ranges:
    """All signs but those in the ranges."""
    found: list[tuple[int, int]] = []
    free = 0
    for low, high in sorted(ranges):
        if low > free:
            found.append((free, low - 1))
        free = max(free, high + 1)
    if free <= _LAST:
        found.append((free, _LAST))
    return tuple(found)
