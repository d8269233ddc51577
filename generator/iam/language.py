"""Sets of texts (repository names, account ids, role ARNs) that AWS can have, as automata.

The grant engine asks which strings a policy's patterns can tell apart. Only strings that can exist
count: a pattern that matches nothing but impossible names grants nothing.
"""

import re
import unicodedata
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias, assert_never

ASCII = "".join(map(chr, range(32, 127)))
"""The characters that every text may have; others count where a policy writes them."""

BEYOND = "é"
"""A letter that stands for all that lie beyond ASCII, where no policy writes one."""


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

    Written in a small subset of regular expressions: letters, `.` (any character), `\\p` (a letter, a
    digit or a blank of any script), `[a-z]`, `(…|…)`, `*`, `+`, `?`, `{n}`, `{n,}` and `\\` before
    another sign. Of the characters beyond ASCII those of `beyond` count. A state is an int; `start`
    is the first one and `None` means that no text of the language goes on like this.
    """

    start = 1

    def __init__(self, pattern: str, beyond: str = BEYOND) -> None:
        self.pattern = pattern
        characters = frozenset((*ASCII, *beyond))
        self._letters: list[frozenset[str]] = [frozenset()]
        self._follow: list[int] = [0]
        nullable, first, last = self._number(_Parser(pattern, characters).parse())
        # Position 0 stands for "nothing read yet".
        self._follow[0] = first
        self._final = last | (1 if nullable else 0)
        # Examples are made of the first characters that fit, and read best with letters in them.
        self.alphabet = "".join(sorted(frozenset().union(*self._letters), key=_how_odd))
        self._columns = {
            character: sum(
                1 << number for number, letters in enumerate(self._letters) if character in letters
            )
            for character in self.alphabet
        }
        self._steps: dict[tuple[int, int], int] = {}
        # Our patterns are regular expressions, too, all but one sign.
        self._expression = None if "\\p" in pattern else re.compile(pattern, re.DOTALL)
        first_of: dict[tuple[int, bool], str] = {}
        for character in self.alphabet:
            first_of.setdefault((self._columns[character], character == ":"), character)
        self.different_letters = tuple(first_of.values())

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
        if self._expression is not None:
            return self._expression.fullmatch(text) is not None
        state = self.after(text)
        return state is not None and self.accepts(state)

    def after(self, text: str) -> int | None:
        """The state behind the beginning of a text."""
        state: int | None = self.start
        for character in text:
            if state is None:
                return None
            state = self.step(state, character)
        return state


def _how_odd(character: str) -> tuple[bool, bool, str]:
    return not character.isascii(), not character.isalnum(), character


def _bits(mask: int) -> list[int]:
    positions = []
    while mask:
        low = mask & -mask
        positions.append(low.bit_length() - 1)
        mask ^= low
    return positions


class _Parser:
    """Reads a pattern; the patterns are our own, so a mistake in one is a plain `ValueError`."""

    def __init__(self, pattern: str, characters: frozenset[str]) -> None:
        self._pattern = pattern
        self._characters = characters
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
                return _Letter(self._characters)
            case "\\":
                sign = self._take()
                return _Letter(self._words() if sign == "p" else frozenset(sign))
            case letter:
                return _Letter(frozenset(letter))

    def _words(self) -> frozenset[str]:
        """Letters, digits and blanks: the Unicode categories that AWS writes L, N and Z."""
        return frozenset(
            one for one in self._characters if unicodedata.category(one)[0] in {"L", "N", "Z"}
        )

    def _letters(self) -> frozenset[str]:
        letters: set[str] = set()
        while (letter := self._take()) != "]":
            if self._peek() == "-" and self._pattern[self._at + 1] != "]":
                self._take()
                letters.update(map(chr, range(ord(letter), ord(self._take()) + 1)))
            else:
                letters.add(letter)
        return frozenset(letters)


# A path may hold any sign; a name may not, but for the names that AWS gives its own roles on
# instances (`role/aws:ec2-infrastructure`).
_NAME = r"(aws:)?[A-Za-z0-9_+=,.@-]+"
_NAMED = rf"(role|user)/([!-{chr(0x7F)}]+/)?{_NAME}|root"
_FEDERATED = r"federated-user/[A-Za-z0-9_+=,.@-]{2,}"
_PARTITION = r"aws(-[a-z]+)*"
_REGION = r"[a-z]{2,}(-[a-z]+)+-[0-9]+"
_PATH = r"/r-[a-z0-9]+/(ou-[a-z0-9-]+/)*"
_TAG_SIGNS = r"(\p|[_.:/=+@-])"


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
    return Language(_NAMED)


@cache
def federated_name() -> Language:
    """What stands behind the account in the ARN of a federated user's session."""
    return Language(_FEDERATED)


@cache
def principal_arn() -> Language:
    """Values of aws:PrincipalArn: the ARN of a role (not of its session), user, root user or
    federated user's session.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    iam, sts = rf"iam::[0-9]{{12}}:({_NAMED})", rf"sts::[0-9]{{12}}:{_FEDERATED}"
    return Language(rf"arn:{_PARTITION}:({iam}|{sts})")


@cache
def registry_head() -> Language:
    """What stands between `arn:<partition>:` and the repository in an ECR repository ARN."""
    return Language(rf"ecr:{_REGION}:[0-9]{{12}}:repository/")


@cache
def region_name() -> Language:
    """Ids of regions, those that AWS has not opened yet included."""
    return Language(_REGION)


@lru_cache(maxsize=64)
def any_arn(beyond: str = BEYOND) -> Language:
    """ARNs of anything, in any partition; the name of an alarm or an object may hold any sign."""
    return Language(rf"arn:{_PARTITION}:[a-z0-9-]+:({_REGION})?:([0-9]{{12}})?:.+", beyond)


@cache
def organization_id() -> Language:
    """Ids of organizations."""
    return Language(r"o-[a-z0-9]{10,}")


@cache
def organization_path() -> Language:
    """What stands behind the organization's id in the path of an account: root, then units."""
    return Language(_PATH)


@cache
def whole_path() -> Language:
    """Values of aws:PrincipalOrgPaths and its kin."""
    return Language(rf"o-[a-z0-9]{{10,}}{_PATH}")


@cache
def service_name() -> Language:
    """Names of service principals."""
    return Language(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.(com(\.cn)?|eu)")


@cache
def action_name() -> Language:
    """Actions of any service, in lower case (actions are compared without regard to case)."""
    return Language(r"[a-z0-9-]+:[a-z0-9]+")


@cache
def truth() -> Language:
    """True and false."""
    return Language(r"true|false")


@cache
def endpoint_id() -> Language:
    """Ids of VPC endpoints."""
    return Language(r"vpce-[a-z0-9]+")


@cache
def network_id() -> Language:
    """Ids of VPCs."""
    return Language(r"vpc-[a-z0-9]+")


@cache
def external_id() -> Language:
    """Values of sts:ExternalId (API shape externalIdType)."""
    return Language(r"[A-Za-z0-9_+=,.@:/-]{2,}")


@cache
def session_name() -> Language:
    """Values of sts:RoleSessionName and sts:SourceIdentity (API shape roleSessionNameType)."""
    return Language(r"[A-Za-z0-9_+=,.@-]{2,}")


@lru_cache(maxsize=64)
def tag_value(beyond: str = BEYOND) -> Language:
    """Values of tags, the empty one included (API shape tagValueType of IAM)."""
    return Language(rf"{_TAG_SIGNS}*", beyond)


@lru_cache(maxsize=64)
def tag_key(beyond: str = BEYOND) -> Language:
    """Keys of tags (API shape tagKeyType of IAM)."""
    return Language(rf"{_TAG_SIGNS}+", beyond)


@lru_cache(maxsize=64)
def any_text(beyond: str = BEYOND) -> Language:
    """Texts that a caller can choose freely, the empty one included."""
    return Language(r".*", beyond)
