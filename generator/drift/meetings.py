"""How two policies differ, worked out once for all accounts that differ in nothing but their digits.

Which twelve digits an account has makes no difference to what a policy means, as long as nothing in it
looks at a part of them. A thousand accounts whose policies were changed in one way are then one question.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from generator.drift.words import ALIAS_REASON, compact
from generator.estate.spellings import named_alike
from generator.estate.wording import describe_request
from generator.frozen_data import frozen
from generator.iam import (
    Effect,
    MeaningDifference,
    Policy,
    PolicyKind,
    Undecided,
    parse_policy,
    parse_policy_of_aws,
    same_meaning,
    statement_difference,
)
from generator.model.estate import Json
from generator.model.values import AccountId, Region

# Both begin with what is rare in a policy, which is what makes looking for them cheap.
_ID = re.compile(r"[0-9](?<![0-9A-Za-z][0-9])[0-9]{11}(?![0-9A-Za-z])")
# Beside a wildcard, digits may be a part of an account's; so may they in a comparison of numbers.
_DIGITS_MATTER = re.compile(r"[*?](?:(?<=[0-9\0].)|(?=[0-9\0]))")
_NUMBERS = "Numeric"
_Shape: TypeAlias = tuple[PolicyKind, Region, str]
_Numbered: TypeAlias = tuple[int, Json]


@frozen
class Meeting:
    """Two documents of one policy, and whose it is."""

    wanted: Json
    found: Json
    kind: PolicyKind
    account: AccountId
    region: Region


@frozen
class StatementChange:
    """One difference: its rule, the number of the found statement it is about, and what it is."""

    rule: str
    statement: int | None
    reason: str


@frozen
class Outcome:
    """What came out: why it cannot be told, or the differences; neither where both mean the same."""

    undecided: str = ""
    differences: tuple[StatementChange, ...] = ()


class Meetings:
    """Compares documents, and remembers how those of other accounts compared."""

    def __init__(self) -> None:
        self._known: dict[_Shape, tuple[tuple[str, ...], Outcome]] = {}

    def of(self, meeting: Meeting) -> Outcome:
        """How the documents differ in meaning."""
        shape = _shape(meeting)
        if shape is None:
            return _compared(meeting)
        key, ids = shape
        known = self._known.get(key)
        if known is None:
            outcome = _compared(meeting)
            self._known[key] = (ids, outcome)
            return outcome
        return _renamed(known[1], known[0], ids) or _compared(meeting)


def _shape(meeting: Meeting) -> tuple[_Shape, tuple[str, ...]] | None:
    """The question without the digits of its accounts, and these in order; `None` where they matter."""
    try:
        text = json.dumps([meeting.account, meeting.wanted, meeting.found])
    except TypeError:  # a part of it is unknown
        return None
    ids: dict[str, str] = {}
    # As text, JSON has no zero byte of its own: it would be written as an escape.
    plain = _ID.sub(lambda found: ids.setdefault(found[0], f"\0{len(ids)}\0"), text)
    if _NUMBERS in plain or _DIGITS_MATTER.search(plain):
        return None
    return (meeting.kind, meeting.region, plain), tuple(ids)


def _renamed(outcome: Outcome, theirs: tuple[str, ...], ours: tuple[str, ...]) -> Outcome | None:
    """What came out for other accounts, with these in their place.

    `None` where an example has an account that stands in no policy there, and stands in one here.
    """
    if theirs == ours:
        return outcome
    names = dict(zip(theirs, ours, strict=True))

    def named(text: str) -> str:
        return _ID.sub(lambda found: names.get(found[0], found[0]), text)

    texts = [outcome.undecided, *(one.reason for one in outcome.differences)]
    made_up = {one for text in texts for one in _ID.findall(text)} - names.keys()
    if made_up & set(ours):
        return None
    return Outcome(
        undecided=named(outcome.undecided),
        differences=tuple(replace(one, reason=named(one.reason)) for one in outcome.differences),
    )


def _compared(meeting: Meeting) -> Outcome:
    ours = parse_policy(meeting.wanted, source="wanted")
    theirs = parse_policy_of_aws(meeting.found, source="found")
    difference = _difference(ours, theirs, meeting)
    if not difference.is_certain:
        undecided = difference.undecided
        return Outcome() if undecided is None else Outcome(undecided=undecided.reason)
    renamed = named_alike(meeting.wanted, meeting.found)
    if renamed is not None:
        theirs = parse_policy_of_aws(renamed, source="found")
        if _same(ours, theirs, meeting) is True:
            return Outcome(undecided=ALIAS_REASON)
    return Outcome(differences=tuple(_statement_changes(meeting, difference)))


def _statement_changes(
    meeting: Meeting, difference: MeaningDifference
) -> Iterator[StatementChange]:
    """Pair statements that mean the same; what is left over is changed, unexpected or missing."""
    ours, theirs = _left_over(meeting)
    pairs: list[tuple[int, int]] = []
    for mine in tuple(ours):
        partner = next((other for other in theirs if _sid(other[1]) == _sid(mine[1])), None)
        if partner is not None:
            ours.remove(mine)
            theirs.remove(partner)
            pairs.append((mine[0], partner[0]))
    while ours and theirs:
        pairs.append((ours.pop(0)[0], theirs.pop(0)[0]))
    for wanted_index, index in pairs:
        reason = _how_it_differs(difference, wanted_index, index)
        yield StatementChange(rule="different", statement=index, reason=reason)
    for index, statement in theirs:
        reason = f"the topology does not ask for this statement: {compact(statement)}"
        yield StatementChange(rule="unexpected", statement=index, reason=reason)
    for _, statement in ours:
        reason = f"a statement is missing: {compact(statement)}"
        yield StatementChange(rule="missing", statement=None, reason=reason)
    if not (pairs or theirs or ours):
        reason = _how_it_differs(difference, None, None)
        yield StatementChange(rule="different", statement=None, reason=reason)


def _left_over(meeting: Meeting) -> tuple[list[_Numbered], list[_Numbered]]:
    """The statements on each side that mean the same as none on the other."""
    ours: list[_Numbered] = list(enumerate(statements(meeting.wanted)))
    theirs: list[_Numbered] = list(enumerate(statements(meeting.found)))
    # Most are word for word the same, which takes no proof.
    _take_pairs(ours, theirs, lambda mine, other: mine == other)
    # Where one is left on each side, these are what makes the policies differ.
    if len(ours) != 1 or len(theirs) != 1:
        _take_pairs(ours, theirs, lambda mine, other: _same_statement(mine, other, meeting))
    return ours, theirs


def _take_pairs(
    ours: list[_Numbered], theirs: list[_Numbered], are_same: Callable[[Json, Json], bool]
) -> None:
    for mine in tuple(ours):
        for other in theirs:
            if are_same(mine[1], other[1]):
                ours.remove(mine)
                theirs.remove(other)
                break


def _how_it_differs(difference: MeaningDifference, wanted: int | None, found: int | None) -> str:
    """One example of what a changed statement gives too much, or of what it does not give.

    The statement is number `wanted` in the one policy and number `found` in the other; `None` means
    any.
    """
    for extra in difference.only_in_second:
        if found is None or extra.statement.index == found:
            verb = "allows" if extra.statement.effect is Effect.ALLOW else "denies"
            what = "a statement" if found is None else "this statement"
            return f"{what} also {verb} that {describe_request(extra.request)}"
    for lost in difference.only_in_first:
        if wanted is None or lost.statement.index == wanted:
            verb = "allowed" if lost.statement.effect is Effect.ALLOW else "denied"
            return f"it is not {verb} that {describe_request(lost.request)}"
    return "this statement does not mean what the topology asks for"


def _difference(ours: Policy, theirs: Policy, meeting: Meeting) -> MeaningDifference:
    return statement_difference(
        ours, theirs, kind=meeting.kind, account=meeting.account, region=meeting.region
    )


def _same(ours: Policy, theirs: Policy, meeting: Meeting) -> bool | Undecided:
    return same_meaning(
        ours, theirs, kind=meeting.kind, account=meeting.account, region=meeting.region
    )


def _same_statement(mine: Json, other: Json, meeting: Meeting) -> bool:
    if not isinstance(mine, Mapping) or not isinstance(other, Mapping):
        return mine == other
    if mine.get("Effect") != other.get("Effect"):
        return False
    # A Deny alone allows nothing; as an Allow its extent can be compared.
    ours, theirs = (_alone({**statement, "Effect": "Allow"}) for statement in (mine, other))
    return _same(ours, theirs, meeting) is True


def _alone(statement: Json) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": (statement,)}, source="statement")


def statements(document: Json) -> tuple[Json, ...]:
    """The statements of a policy's document."""
    if not isinstance(document, Mapping):
        return ()
    statements = document.get("Statement", ())
    return statements if isinstance(statements, tuple) else (statements,)


def _sid(statement: Json) -> Json:
    return statement.get("Sid", "") if isinstance(statement, Mapping) else ""
