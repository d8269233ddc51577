"""Results that a person has accepted: what, why, until when, and exactly which access."""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.finding import Finding, FindingKind
from generator.model.span import Span

UNDECIDED_PREFIX = "undecided/"
"""Before a rule's name: not what the rule finds, but what it could not decide."""

RENAMED = {"immutable-cache": "cache-immutable"}
"""Rules that had another name once, by that name: people still write it."""


def name_of_today(rule: str) -> str:
    """The name that a rule has now, by this or an earlier one."""
    name = rule.removeprefix(UNDECIDED_PREFIX)
    return f"{rule.removesuffix(name)}{RENAMED.get(name, name)}"


_ALWAYS_UNDECIDED = frozenset(
    {"grant-undecided", "nothing-compared", "unread-code", "unread-module"}
)


@frozen
class AcceptedAccess:
    """Access that is accepted: who may do what on what, with `*` and `?` as in policies.

    `principal` is an account id, the ARN (or pattern) of a role or user, an organization's id, a
    service, or `*`.
    """

    principal: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]


@frozen
class AtLine:
    """Results at one line of a file, by a comment on it or above it."""

    file: Path
    line: int

    def fits(self, finding: Finding) -> bool:
        """Whether the finding is at that line, or within what begins there."""
        return any(
            place is not None and place.line == self.line and _same(place.file, self.file)
            for place in (finding.location, finding.within)
        )


@frozen
class Described:
    """Results that fit a description in a file; `files` are patterns of absolute paths."""

    fingerprint: str | None = None
    address: str | None = None
    file: str | None = None

    def fits(self, finding: Finding) -> bool:
        """Whether all that is described fits the finding."""
        place = finding.location
        file = None if place is None else _absolute(place.file)
        return (
            (self.fingerprint is None or finding.fingerprint == self.fingerprint)
            and (self.address is None or _matches(self.address, finding.address))
            and (self.file is None or _matches(self.file, file))
        )


@frozen
class Suppression:
    """One accepted result, or several of the same sort; `place` is where that is written."""

    rules: frozenset[str]
    target: AtLine | Described
    reason: str
    place: Span
    until: date | None = None
    access: tuple[AcceptedAccess, ...] = ()

    def fits(self, finding: Finding) -> bool:
        """Whether the finding is one of those; an error never is."""
        return self._names(finding) and self.target.fits(finding)

    def _names(self, finding: Finding) -> bool:
        match finding.kind:
            case FindingKind.ERROR:
                return False
            case FindingKind.UNDECIDED:
                return f"{UNDECIDED_PREFIX}{finding.rule}" in self.rules or (
                    finding.rule in self.rules & _ALWAYS_UNDECIDED
                )
            case FindingKind.FINDING | FindingKind.DRIFT:
                return finding.rule in self.rules


@frozen
class WrongSuppression:
    """What was meant to accept a result and does not; `reason` is a whole sentence."""

    place: Span
    reason: str


@frozen
class Silenced:
    """A result that is not shown, and the reason that a person gave."""

    finding: Finding
    reason: str


def parse_day(text: str) -> date | None:
    """A day as YYYY-MM-DD."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_access(text: str) -> AcceptedAccess | None:
    """An access in words: a principal, actions, resources."""
    words = text.split()
    if len(words) != 3:
        return None
    principal, actions, resources = words
    if not all(":" in action or action == "*" for action in actions.split(",")):
        return None
    return AcceptedAccess(
        principal=principal,
        actions=tuple(actions.split(",")),
        resources=tuple(resources.split(",")),
    )


def _matches(pattern: str, text: str | None) -> bool:
    """Whether the whole text fits a pattern of `*` and `?`; brackets are ordinary characters."""
    if text is None or any(piece not in text for piece in _pieces(pattern)):
        return False
    # Where the pattern goes on after its last star, and how far that star has reached: going back to
    # that star alone is enough, so no pattern takes longer than its length times that of the text.
    place, after, reached = 0, None, 0
    index = 0
    while index < len(text):
        sign = pattern[place] if place < len(pattern) else ""
        if sign == "*":
            place += 1
            after, reached = place, index
        elif sign and sign in {"?", text[index]}:
            place += 1
            index += 1
        elif after is not None:
            reached += 1
            place, index = after, reached
        else:
            return False
    return not pattern[place:].strip("*")


@lru_cache(maxsize=65_536)
def _pieces(pattern: str) -> frozenset[str]:
    """What every text that fits has in it: to look for that first is quick."""
    return frozenset(re.split(r"[*?]", pattern)) - {""}


def _same(one: Path, other: Path) -> bool:
    return one == other or _absolute(one) == _absolute(other)


def _absolute(file: Path) -> str:
    return _resolved(file.absolute())


@lru_cache(maxsize=4096)
def _resolved(file: Path) -> str:
    return file.resolve().as_posix()
