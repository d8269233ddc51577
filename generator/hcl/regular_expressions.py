"""Regular expressions as Go, and so Terraform, matches them: in time that grows with the text alone.

Python's own engine tries again and again, and differs in many small ways. Here a pattern becomes a
program, and all ways through it are followed at once, one sign of the text after the other.
Syntax: https://github.com/google/re2/wiki/Syntax.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal as Word
from typing import TypeAlias

from generator.hcl.values import EvaluationError, NotComputedError

MOST_STEPS = 1_000_000
LARGEST_PROGRAM = 20_000
LONGEST_PATTERN = 2_000
MOST_REPEATS = 1000
DEEPEST_PATTERN = 100

_NOT_EVALUATED = "the pattern is not evaluated"
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
class _Signs:
    ranges: Ranges


@dataclass(frozen=True, slots=True)
class _Place:
    kind: Assertion


@dataclass(frozen=True, slots=True)
class _Row:
    parts: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Choice:
    parts: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"
    least: int
    most: int | None
    is_greedy: bool


@dataclass(frozen=True, slots=True)
class _Group:
    part: "_Node"
    number: int


_Node: TypeAlias = _Signs | _Place | _Row | _Choice | _Repeat | _Group


@dataclass(frozen=True, slots=True)
class _Take:
    """Go on if the next sign is in the ranges."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class _Check:
    kind: Assertion


@dataclass(slots=True)
class _Fork:
    """Go on at both places, the first one preferred."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class _Note:
    """Note the place in the text as the begin or end of a group."""

    slot: int


@dataclass(slots=True)
class _Jump:
    target: int


@dataclass(frozen=True, slots=True)
class _Done:
    pass


_Step: TypeAlias = _Take | _Check | _Fork | _Note | _Jump | _Done

Match: TypeAlias = tuple[int, ...]
"""Begin and end of the whole match and then of each group; -1 for a group that took no part."""


class Pattern:
    """A compiled pattern; raises `NotComputedError` for what is not understood or too large."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST_PATTERN:
            raise NotComputedError(_NOT_EVALUATED)
        parser = _Parser(pattern)
        node = parser.whole()
        self.groups = parser.groups
        self.names: Mapping[str, int] = parser.names
        self._folds = parser.folds
        self._steps: list[_Step] = []
        self._compile(_Group(node, 0))
        self._steps.append(_Done())
        self._in_ranges: dict[tuple[Ranges, str], bool] = {}

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= LARGEST_PROGRAM:
            raise NotComputedError(_NOT_EVALUATED)
        self._steps.append(step)
        return len(self._steps) - 1

    def _compile(self, node: _Node) -> None:
        match node:
            case _Signs(ranges):
                self._add(_Take(ranges))
            case _Place(kind):
                self._add(_Check(kind))
            case _Row(parts):
                for part in parts:
                    self._compile(part)
            case _Group(part, number):
                self._add(_Note(2 * number))
                self._compile(part)
                self._add(_Note(2 * number + 1))
            case _Choice(parts):
                jumps: list[_Jump] = []
                for part in parts[:-1]:
                    fork = _Fork(0, 0)
                    fork.first = self._add(fork) + 1
                    self._compile(part)
                    jumps.append(_Jump(0))
                    fork.second = self._add(jumps[-1]) + 1
                self._compile(parts[-1])
                for jump in jumps:
                    jump.target = len(self._steps)
            case _Repeat():
                self._compile_repeat(node)

    def _compile_repeat(self, node: _Repeat) -> None:
        for _ in range(node.least - (1 if node.most is None and node.least else 0)):
            self._compile(node.part)
        if node.most is None:
            if node.least or _may_be_empty(node.part):
                # `x*` of something that may be empty is `(x+)?`, as in Go.
                skip = None if node.least else _Fork(0, 0)
                if skip is not None:
                    self._add(skip)
                begin = len(self._steps)
                self._compile(node.part)
                again = _Fork(0, 0)
                end = self._add(again) + 1
                again.first, again.second = (begin, end) if node.is_greedy else (end, begin)
                if skip is not None:
                    skip.first, skip.second = (begin, end) if node.is_greedy else (end, begin)
                return
            fork = _Fork(0, 0)
            begin = self._add(fork)
            self._compile(node.part)
            end = self._add(_Jump(begin)) + 1
            fork.first, fork.second = (begin + 1, end) if node.is_greedy else (end, begin + 1)
            return
        forks: list[tuple[int, _Fork]] = []
        for _ in range(node.most - node.least):
            fork = _Fork(0, 0)
            forks.append((self._add(fork), fork))
            self._compile(node.part)
        end = len(self._steps)
        for begin, fork in forks:
            fork.first, fork.second = (begin + 1, end) if node.is_greedy else (end, begin + 1)

    def matches(self, text: str, *, all_of_them: bool) -> Iterator[Match]:
        """The first match of the text, or all that Go finds one after the other."""
        searched = self._searched(text)
        work = _Work()
        position, before = 0, -1
        while position <= len(text):
            found = self._search(searched, position, work)
            if found is None:
                return
            is_accepted = True
            if found[1] == position:
                # No empty match right behind another match.
                is_accepted = found[0] != before
                position += 1
            else:
                position = found[1]
            before = found[1]
            if is_accepted:
                yield found
                if not all_of_them:
                    return

    def replacements(self, text: str) -> Iterator[tuple[str, Match | None]]:
        """The pieces of the text, each with the match behind it that is replaced, if any."""
        searched = self._searched(text)
        work = _Work()
        last = position = 0
        while position <= len(text):
            found = self._search(searched, position, work)
            if found is None:
                break
            is_replaced = found[1] > last or found[0] == 0
            yield text[last : found[0]], found if is_replaced else None
            last = found[1]
            position = max(found[1], position + 1)
        yield text[last:], None

    def _searched(self, text: str) -> str:
        if not self._folds:
            return text
        if not text.isascii():
            # A few letters beyond ASCII fold to letters of it.
            raise NotComputedError(_NOT_EVALUATED)
        return text.lower()

    def _search(self, text: str, start: int, work: "_Work") -> Match | None:
        """The leftmost match from `start` on, of those the one that Perl would prefer."""
        slots = (-1,) * (2 * self.groups + 2)
        threads: list[tuple[int, Match]] = []
        found: Match | None = None
        position = start
        while True:
            if found is None:
                threads = self._followed([*threads, (0, slots)], text, position, work)
            else:
                threads = self._followed(threads, text, position, work)
            sign = text[position] if position < len(text) else None
            following: list[tuple[int, Match]] = []
            for at, noted in threads:
                step = self._steps[at]
                if isinstance(step, _Take):
                    if sign is not None and self._is_in(sign, step.ranges):
                        following.append((at + 1, noted))
                else:
                    found = noted
                    break
            threads = following
            position += 1
            if position > len(text) or (found is not None and not threads):
                return found

    def _followed(
        self, threads: Sequence[tuple[int, Match]], text: str, position: int, work: "_Work"
    ) -> list[tuple[int, Match]]:
        """The threads, each led on to where it needs the next sign or is done; the first at a place wins."""
        seen: set[int] = set()
        led: list[tuple[int, Match]] = []
        stack = list(reversed(threads))
        while stack:
            at, noted = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            work.count()
            match self._steps[at]:
                case _Take() | _Done():
                    led.append((at, noted))
                case _Jump(target):
                    stack.append((target, noted))
                case _Fork(first, second):
                    stack.append((second, noted))
                    stack.append((first, noted))
                case _Note(slot):
                    stack.append((at + 1, (*noted[:slot], position, *noted[slot + 1 :])))
                case _Check(kind):
                    if _holds(kind, text, position):
                        stack.append((at + 1, noted))
        return led

    def _is_in(self, sign: str, ranges: Ranges) -> bool:
        key = (ranges, sign)
        if key not in self._in_ranges:
            code = ord(sign)
            self._in_ranges[key] = any(low <= code <= high for low, high in ranges)
        return self._in_ranges[key]


class _Work:
    """Counts the steps of one call, so that a long text under a long pattern ends."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise NotComputedError("matching the pattern takes too many steps")


@lru_cache(maxsize=500)
def pattern_of(text: str) -> Pattern:
    """The compiled pattern; raises `EvaluationError`."""
    try:
        return Pattern(text)
    except RecursionError:
        raise NotComputedError(_NOT_EVALUATED) from None


def _holds(kind: Assertion, text: str, position: int) -> bool:
    match kind:
        case "text-begin":
            return position == 0
        case "text-end":
            return position == len(text)
        case "line-begin":
            return position == 0 or text[position - 1] == "\n"
        case "line-end":
            return position == len(text) or text[position] == "\n"
        case _:
            before = position > 0 and _is_word(text[position - 1])
            after = position < len(text) and _is_word(text[position])
            return (before != after) == (kind == "word")


def _is_word(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign == "_")


def _may_be_empty(node: _Node) -> bool:
    match node:
        case _Signs():
            return False
        case _Place():
            return True
        case _Row(parts):
            return all(map(_may_be_empty, parts))
        case _Choice(parts):
            return any(map(_may_be_empty, parts))
        case _Repeat(part=part, least=least):
            return least == 0 or _may_be_empty(part)
        case _Group(part=part):
            return _may_be_empty(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Modes:
    folds: bool = False
    many_lines: bool = False
    dot_takes_all: bool = False
    is_lazy: bool = False


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.folds = False
        self._takes_case_as_it_is = False

    def whole(self) -> _Node:
        node, _ = self._choice(_Modes(), 0)
        # Parts that fold beside parts that do not: the text would have to be searched twice.
        if self._at < len(self._text) or (self.folds and self._takes_case_as_it_is):
            raise NotComputedError(_NOT_EVALUATED)
        return node

    def _choice(self, modes: _Modes, depth: int) -> tuple[_Node, _Modes]:
        if depth > DEEPEST_PATTERN:
            raise NotComputedError(_NOT_EVALUATED)
        choices: list[_Node] = []
        while True:
            row, modes = self._row(modes, depth)
            choices.append(row)
            if not self._take("|"):
                return (choices[0] if len(choices) == 1 else _Choice(tuple(choices))), modes

    def _take(self, sign: str) -> bool:
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _row(self, modes: _Modes, depth: int) -> tuple[_Node, _Modes]:
        parts: list[_Node] = []
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
                    raise NotComputedError(_NOT_EVALUATED)
            else:
                node = self._atom(modes)
            parts.append(self._repeated(node, modes))
        return (parts[0] if len(parts) == 1 else _Row(tuple(parts))), modes

    def _group(self, modes: _Modes, depth: int) -> _Node:
        name = _GROUP_NAME.match(self._text, self._at)
        if name is None and self._text.startswith("?", self._at):
            raise NotComputedError(_NOT_EVALUATED)
        self.groups += 1
        number = self.groups
        if name is not None:
            self._at = name.end()
            if name[1] in self.names:
                raise EvaluationError("the pattern has two groups of one name")
            self.names[name[1]] = number
        node, _ = self._choice(modes, depth + 1)
        if not self._take(")"):
            raise NotComputedError(_NOT_EVALUATED)
        return _Group(node, number)

    def _repeated(self, node: _Node, modes: _Modes) -> _Node:
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
                raise NotComputedError(_NOT_EVALUATED)
            is_repeated = True
            is_lazy = self._take("?") != modes.is_lazy
            node = _Repeat(node, least, most, not is_lazy)
        return node

    def _atom(self, modes: _Modes) -> _Node:
        sign = self._text[self._at]
        self._at += 1
        match sign:
            case "*" | "+" | "?":
                raise NotComputedError(_NOT_EVALUATED)
            case ".":
                all_but_lines = ((0, 9), (11, _LAST))
                return _Signs(((0, _LAST),) if modes.dot_takes_all else all_but_lines)
            case "^":
                return _Place("line-begin" if modes.many_lines else "text-begin")
            case "$":
                return _Place("line-end" if modes.many_lines else "text-end")
            case "[":
                return _Signs(self._class(modes))
            case "\\":
                return self._escape(modes)
            case _:
                return _Signs(self._literal(ord(sign), modes))

    def _literal(self, code: int, modes: _Modes) -> Ranges:
        return self._folded(((code, code),), modes)

    def _folded(self, ranges: Ranges, modes: _Modes) -> Ranges:
        """The ranges as they meet a text in small letters."""
        if not modes.folds:
            self._takes_case_as_it_is = True
            return ranges
        if any(high > 127 for _, high in ranges):
            raise NotComputedError(_NOT_EVALUATED)
        small = [
            ((max(low, 65) + 32), (min(high, 90) + 32))
            for low, high in ranges
            if low <= 90 and high >= 65
        ]
        return (*ranges, *small)

    def _escape(self, modes: _Modes) -> _Node:
        sign = self._text[self._at : self._at + 1]
        if sign == "A":
            self._at += 1
            return _Place("text-begin")
        if sign == "z":
            self._at += 1
            return _Place("text-end")
        if sign in ("b", "B"):
            self._at += 1
            return _Place("word" if sign == "b" else "no-word")
        if sign and sign.lower() in _CLASSES:
            self._at += 1
            ranges = _CLASSES[sign.lower()]
            return _Signs(_others(ranges) if sign.isupper() else ranges)
        return _Signs(self._literal(self._code(), modes))

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
        raise NotComputedError(_NOT_EVALUATED)

    def _class(self, modes: _Modes) -> Ranges:
        is_negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        is_first = True
        while is_first or not self._text.startswith("]", self._at):
            is_first = False
            if self._at >= len(self._text):
                raise NotComputedError(_NOT_EVALUATED)
            if self._text.startswith("[:", self._at):
                named = _CLASS_NAME.match(self._text, self._at)
                if named is None or named[2] not in _NAMED_CLASSES:
                    raise NotComputedError(_NOT_EVALUATED)
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
            raise NotComputedError(_NOT_EVALUATED)
        folded = self._folded(tuple(ranges), modes)
        return _others(folded) if is_negated else folded

    def _class_sign(self) -> int:
        sign = self._text[self._at : self._at + 1]
        self._at += 1
        if not sign:
            raise NotComputedError(_NOT_EVALUATED)
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
