"""Sets of texts (repository names, account ids, role ARNs) that AWS can have, as automata.

The grant engine asks which strings a policy's patterns can tell apart. Only strings that can exist
count: a pattern that matches nothing but impossible names grants nothing.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, assert_never

PRINTABLE = "".join(map(chr, range(33, 127)))
"""Every character that a name, a path or a context value may have (no blank)."""


@dataclass(frozen=True, slots=True)
class _Letter:
    characters: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Choice:
    parts: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"


_Node: TypeAlias = _Letter | _Sequence | _Choice | _Repeat

_NOTHING = _Sequence(())


class Language:
    """A regular set of texts, walked one character at a time.

    Written in a small subset of regular expressions: letters, `.` (any printable character),
    `[a-z]`, `(…|…)`, `*`, `+`, `?`, `{n}`, `{n,}` and `\\` before a sign. A state is an int; `start`
    is the first one and `None` means that no text of the language goes on like this.
    """

    start = 1

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._letters: list[frozenset[str]] = [frozenset()]
        self._follow: list[int] = [0]
        nullable, first, last = self._number(_Parser(pattern).parse())
        # Position 0 stands for "nothing read yet".
        self._follow[0] = first
        self._final = last | (1 if nullable else 0)
        self.alphabet = "".join(sorted(frozenset().union(*self._letters)))
        self._columns = {
            character: sum(
                1 << number for number, letters in enumerate(self._letters) if character in letters
            )
            for character in self.alphabet
        }
        self._steps: dict[tuple[int, int], int] = {}

    def _number(self, node: _Node) -> tuple[bool, int, int]:
        """Give each letter a position; answer (matches nothing?, first positions, last ones)."""
        match node:
            case _Letter():
                bit = 1 << len(self._letters)
                self._letters.append(node.characters)
                self._follow.append(0)
                return False, bit, bit
            case _Sequence():
                nullable, first, last = True, 0, 0
                for part in node.parts:
                    part_nullable, part_first, part_last = self._number(part)
                    self._link(last, part_first)
                    first |= part_first if nullable else 0
                    last = part_last | (last if part_nullable else 0)
                    nullable = nullable and part_nullable
                return nullable, first, last
            case _Choice():
                numbered = [self._number(part) for part in node.parts]
                first = last = 0
                for _, part_first, part_last in numbered:
                    first |= part_first
                    last |= part_last
                return any(part[0] for part in numbered), first, last
            case _Repeat():
                _, first, last = self._number(node.part)
                self._link(last, first)
                return True, first, last
            case _:
                assert_never(node)

    def _link(self, earlier: int, later: int) -> None:
        for position in _bits(earlier):
            self._follow[position] |= later

    def column(self, character: str) -> Hashable:
        """What the language makes of a character: two with equal columns are interchangeable."""
        return self._columns.get(character, 0)

    def step(self, state: int, character: str) -> int | None:
        """The state after one more character."""
        column = self._columns.get(character, 0)
        key = (state, column)
        after = self._steps.get(key)
        if after is None:
            after = 0
            for position in _bits(state):
                after |= self._follow[position]
            after &= column
            self._steps[key] = after
        return after or None

    def accepts(self, state: int) -> bool:
        """Whether the text read so far belongs to the language."""
        return bool(state & self._final)

    def contains(self, text: str) -> bool:
        """Whether a text belongs to the language."""
        state: int | None = self.start
        for character in text:
            if state is None:
                return False
            state = self.step(state, character)
        return state is not None and self.accepts(state)


def _bits(mask: int) -> list[int]:
    positions = []
    while mask:
        low = mask & -mask
        positions.append(low.bit_length() - 1)
        mask ^= low
    return positions


class _Parser:
    """Reads a pattern; the patterns are our own, so a mistake in one is a plain `ValueError`."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def parse(self) -> _Node:
        node = self._choice()
        if self._at != len(self._pattern):
            raise ValueError(f"unexpected sign at {self._at} in {self._pattern!r}")
        return node

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _choice(self) -> _Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._take()
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Choice(tuple(parts))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._postfix(self._atom()))
        return _Sequence(tuple(parts))

    def _postfix(self, node: _Node) -> _Node:
        match self._peek():
            case "*":
                self._take()
                return _Repeat(node)
            case "+":
                self._take()
                return _Sequence((node, _Repeat(node)))
            case "?":
                self._take()
                return _Choice((_NOTHING, node))
            case "{":
                end = self._pattern.index("}", self._at)
                count, comma, _ = self._pattern[self._at + 1 : end].partition(",")
                self._at = end + 1
                copies: tuple[_Node, ...] = (node,) * int(count)
                return _Sequence((*copies, _Repeat(node)) if comma else copies)
            case _:
                return node

    def _atom(self) -> _Node:
        match self._take():
            case "(":
                node = self._choice()
                if self._take() != ")":
                    raise ValueError(f"a group is not closed in {self._pattern!r}")
                return node
            case "[":
                return _Letter(self._letters())
            case ".":
                return _Letter(frozenset(PRINTABLE))
            case "\\":
                return _Letter(frozenset(self._take()))
            case letter:
                return _Letter(frozenset(letter))

    def _letters(self) -> frozenset[str]:
        letters: set[str] = set()
        while (letter := self._take()) != "]":
            if self._peek() == "-" and self._pattern[self._at + 1] != "]":
                self._take()
                letters.update(map(chr, range(ord(letter), ord(self._take()) + 1)))
            else:
                letters.add(letter)
        return frozenset(letters)


_PATH_AND_NAME = r"([!-.0-~][!-~]*/)?[A-Za-z0-9_+=,.@-]+"


@cache
def repository_name() -> Language:
    """Names of ECR repositories (API shape RepositoryName, at least two characters)."""
    return Language(r"[a-z0-9](([._/]|__|-+)?[a-z0-9])+")


@cache
def account_number() -> Language:
    """Account ids: twelve digits."""
    return Language(r"[0-9]{12}")


@cache
def principal_name() -> Language:
    """What stands behind the account in the ARN of a role, a user or the root user."""
    return Language(rf"(role|user)/{_PATH_AND_NAME}|root")


@cache
def registry_head() -> Language:
    """What stands between `arn:<partition>:` and the repository in an ECR repository ARN."""
    return Language(r"ecr:[a-z0-9-]+:[0-9]{12}:repository/")


@cache
def any_arn() -> Language:
    """ARNs of anything, in any partition."""
    return Language(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:.+")


@cache
def organization_id() -> Language:
    """Ids of organizations."""
    return Language(r"o-[a-z0-9]{10,}")


@cache
def organization_path() -> Language:
    """What stands behind the organization's id in the path of an account: root, then units."""
    return Language(r"/r-[a-z0-9]+/(ou-[a-z0-9-]+/)*")


@cache
def service_name() -> Language:
    """Names of service principals."""
    return Language(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com")


@cache
def action_name() -> Language:
    """Actions of any service, in lower case (actions are compared without regard to case)."""
    return Language(r"[a-z0-9-]+:[a-z0-9]+")


@cache
def any_text() -> Language:
    """Texts that a caller can choose freely."""
    return Language(r".+")
