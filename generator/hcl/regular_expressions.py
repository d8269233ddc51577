"""Regular expressions as Go, and so Terraform, matches them: in time that grows with the text alone.

Python's own engine tries again and again, and differs in many small ways. Here a pattern becomes a
program, and all ways through it are followed at once, one sign of the text after the other.
Syntax: https://github.com/google/re2/wiki/Syntax.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from generator.hcl.pattern_syntax import (
    NOT_EVALUATED,
    Assertion,
    Choice,
    Group,
    Node,
    PatternParser,
    Place,
    Ranges,
    Repeat,
    Row,
    Signs,
)
from generator.hcl.values import NotComputedError

MOST_STEPS = 1_000_000
LARGEST_PROGRAM = 20_000
LONGEST_PATTERN = 2_000


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


@dataclass(slots=True)
class _Taken:
    steps: int = 0


_taken = _Taken()


def steps_taken() -> int:
    """How many steps all patterns have taken so far: whoever has a budget looks before and after."""
    return _taken.steps


Match: TypeAlias = tuple[int, ...]
"""Begin and end of the whole match and then of each group; -1 for a group that took no part."""


class Pattern:
    """A compiled pattern; raises `NotComputedError` for what is not understood or too large."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST_PATTERN:
            raise NotComputedError(NOT_EVALUATED)
        parser = PatternParser(pattern)
        node = parser.whole()
        self.groups = parser.groups
        self.names: Mapping[str, int] = parser.names
        self._folds = parser.folds
        self._steps: list[_Step] = []
        self._compile(Group(node, 0))
        self._steps.append(_Done())
        self._in_ranges: dict[tuple[Ranges, str], bool] = {}

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= LARGEST_PROGRAM:
            raise NotComputedError(NOT_EVALUATED)
        _taken.steps += 1
        self._steps.append(step)
        return len(self._steps) - 1

    def _compile(self, node: Node) -> None:
        match node:
            case Signs(ranges):
                self._add(_Take(ranges))
            case Place(kind):
                self._add(_Check(kind))
            case Row(parts):
                for part in parts:
                    self._compile(part)
            case Group(part, number):
                self._add(_Note(2 * number))
                self._compile(part)
                self._add(_Note(2 * number + 1))
            case Choice(parts):
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
            case Repeat():
                self._compile_repeat(node)

    def _compile_repeat(self, node: Repeat) -> None:
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
            raise NotComputedError(NOT_EVALUATED)
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
        _taken.steps += 1
        self._left -= 1
        if self._left < 0:
            raise NotComputedError("matching the pattern takes too many steps")


@lru_cache(maxsize=500)
def pattern_of(text: str) -> Pattern:
    """The compiled pattern; raises `EvaluationError`."""
    try:
        return Pattern(text)
    except RecursionError:
        raise NotComputedError(NOT_EVALUATED) from None


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


def _may_be_empty(node: Node) -> bool:
    match node:
        case Signs():
            return False
        case Place():
            return True
        case Row(parts):
            return all(map(_may_be_empty, parts))
        case Choice(parts):
            return any(map(_may_be_empty, parts))
        case Repeat(part=part, least=least):
            return least == 0 or _may_be_empty(part)
        case Group(part=part):
            return _may_be_empty(part)
