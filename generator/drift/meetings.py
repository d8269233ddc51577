"""How two policies differ, worked out once for all accounts that differ in nothing but their digits.

Which twelve digits an account has makes no difference to what a policy means, as long as nothing in it
looks at a part of them. A thousand accounts whose policies were changed in one way are then one question.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from generator.drift.words import ALIAS_REASON
from generator.estate.nearest_statement import nearest_statement
from generator.estate.spellings import named_alike
from generator.estate.wording import describe_request
from generator.frozen_data import frozen
from generator.iam import (
    Effect,
    MeaningDifference,
    Policy,
    PolicyKind,
    Statement,
    StatementDifference,
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
_SHOWN = 4
_Shape: TypeAlias = tuple[PolicyKind, Region, str]


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
    """One difference: its rule, the number of the found statement it is about, and what it is.

    `is_more` and `is_less` say whether access is too much and whether it is missing; `request` is one
    that is: who asks, for what, on what. `sid` names the statement, and `part` is the one part of it
    that is not as the topology asks, such as `Action`.
    """

    rule: str
    statement: int | None
    reason: str
    is_more: bool = False
    is_less: bool = False
    request: tuple[str, str, str] | None = None
    sid: str | None = None
    part: str | None = None


@frozen
class Outcome:
    """What came out: why it cannot be told, or the differences; neither where both mean the same.

    `harmless` are read-only actions that are given beside what is asked for.
    """

    undecided: str = ""
    differences: tuple[StatementChange, ...] = ()
    harmless: tuple[str, ...] = ()


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

    def named_request(request: tuple[str, str, str] | None) -> tuple[str, str, str] | None:
        if request is None:
            return None
        principal, action, resource = request
        return named(principal), action, named(resource)

    return Outcome(
        undecided=named(outcome.undecided),
        differences=tuple(
            replace(one, reason=named(one.reason), request=named_request(one.request))
            for one in outcome.differences
        ),
        harmless=outcome.harmless,
    )


def _compared(meeting: Meeting) -> Outcome:
    ours = parse_policy(meeting.wanted, source="wanted")
    theirs = parse_policy_of_aws(meeting.found, source="found")
    difference = statement_difference(
        ours,
        theirs,
        kind=meeting.kind,
        account=meeting.account,
        region=meeting.region,
        beside_pulls=meeting.kind is not PolicyKind.TRUST,
    )
    if not difference.is_certain:
        reason = difference.undecided.reason if difference.undecided is not None else ""
        return Outcome(undecided=reason, harmless=difference.harmless)
    renamed = named_alike(meeting.wanted, meeting.found)
    if renamed is not None:
        alike = parse_policy_of_aws(renamed, source="found")
        if _same(ours, alike, meeting) is True:
            return Outcome(undecided=ALIAS_REASON)
    return Outcome(
        differences=tuple(
            _with_part(change, meeting) for change in _changes(difference, theirs, meeting)
        ),
        harmless=difference.harmless,
    )


def _with_part(change: StatementChange, meeting: Meeting) -> StatementChange:
    """The change with the name of its statement, and the one part of it that differs."""
    found = statements(meeting.found)
    if change.statement is None or change.statement >= len(found):
        return change
    mine = found[change.statement]
    sid = mine.get("Sid") if isinstance(mine, Mapping) else None
    return replace(
        change,
        sid=sid if isinstance(sid, str) else None,
        part=differing_part(meeting.wanted, meeting.found, change.statement),
    )


def differing_part(wanted: Json, found: Json, number: int) -> str | None:
    """The one part of a found statement that is not as in the wanted one of its name, or its place.

    `None` where there is no such statement, or more than one part differs.
    """
    mine, others = statements(found)[number], statements(wanted)
    if not isinstance(mine, Mapping):
        return None
    sid = mine.get("Sid")
    other: Json = next(
        (each for each in others if isinstance(each, Mapping) and sid and each.get("Sid") == sid),
        None,
    )
    if other is None and not sid and len(statements(found)) == len(others):
        other = others[number]
    if not isinstance(other, Mapping):
        return None
    parts = [
        part
        for part in {**mine, **other}
        if _in_order(mine.get(part)) != _in_order(other.get(part))
    ]
    return parts[0] if len(parts) == 1 else None


def _in_order(value: Json) -> Json:
    """A part of a statement, whose lists have no order."""
    match value:
        case tuple():
            return tuple(sorted(value, key=str))
        case Mapping():
            return {key: _in_order(item) for key, item in value.items()}
        case _:
            return value


def _changes(
    difference: MeaningDifference, found: Policy, meeting: Meeting
) -> Iterator[StatementChange]:
    """What is too much, at the statements that give it, and what is missing, where it nearly is."""
    lacks = list(_lacks(difference, found, meeting))
    told: set[int] = set()
    for extra in difference.only_in_second:
        if not extra.is_certain:
            continue
        index = extra.statement.index
        if extra.statement.effect is not Effect.ALLOW:
            yield StatementChange(
                rule="different",
                statement=index,
                reason=f"{_called(extra.statement)} denies {_example(extra, meeting, 'calls')}",
                is_less=True,
            )
            continue
        beside = [lack for lack in lacks if lack.statement == index]
        told.update(map(id, beside))
        too_much = (
            f"{_called(extra.statement)} allows too much: {_example(extra, meeting, 'may call')}"
        )
        own = f"; {_name(extra.statement)} "
        reasons = [too_much, *(lack.reason.replace(own, "; it ") for lack in beside)]
        is_other = extra.is_shared or beside
        yield StatementChange(
            rule="different" if is_other else "unexpected",
            statement=index,
            reason="; ".join(reasons),
            is_more=True,
            is_less=bool(beside),
            request=beside[0].request if beside else _asked(extra),
        )
    yield from (lack for lack in lacks if id(lack) not in told)


def _lacks(
    difference: MeaningDifference, found: Policy, meeting: Meeting
) -> Iterator[StatementChange]:
    """What the topology asks for and is not given, once for each reason."""
    groups: dict[tuple[int | None, str], list[StatementDifference]] = {}
    changed = frozenset(extra.statement.index for extra in difference.only_in_second)
    for lost in difference.only_in_first:
        if not lost.is_certain:
            continue
        if lost.statement.effect is not Effect.ALLOW:
            reason = f"nothing denies {_example(lost, meeting, 'calls')}, as the topology keeps it"
            yield StatementChange(rule="missing", statement=None, reason=reason, is_more=True)
            continue
        near = nearest_statement(
            [found],
            lost.request,
            kind=meeting.kind,
            account=meeting.account,
            rather=partial(_is_farther, lost.statement, changed),
        )
        if near is not None and near.is_deny:
            # The Deny is a difference of its own, which says what it takes away.
            continue
        where = None if near is None else near.statement.index
        words = "no statement comes near to giving it"
        if near is not None:
            words = f"{near.name} {near.words}"
        groups.setdefault((where, words), []).append(lost)
    for (where, words), lost_by in groups.items():
        more = f" and {len(lost_by) - 1} more like it" if lost_by[1:] else ""
        yield StatementChange(
            rule="missing" if where is None else "different",
            statement=where,
            reason=f"access is missing: {_example(lost_by[0], meeting, 'may not call')}{more}; {words}",
            is_less=True,
            request=_asked(lost_by[0]),
        )


def _is_farther(
    wanted: Statement, changed: frozenset[int], statement: Statement
) -> tuple[bool, ...]:
    """Whether a statement is less likely the one that was meant to be the wanted one."""
    return (statement.sid != wanted.sid, statement.index not in changed)


def _name(statement: Statement) -> str:
    return f"statement `{statement.sid}`" if statement.sid else f"statement {statement.index + 1}"


def _called(statement: Statement) -> str:
    return f"statement `{statement.sid}`" if statement.sid else "this statement"


def _example(difference: StatementDifference, meeting: Meeting, verb: str) -> str:
    """What a statement makes of the difference: its actions, and one request."""
    # Who has an identity policy does not stand in it.
    who = "a role with this policy" if meeting.kind is PolicyKind.IDENTITY else None
    request = describe_request(difference.request, who=who, verb=verb)
    actions = difference.actions
    if len(actions) < 2:
        return request
    rest = len(actions) - _SHOWN
    names = ", ".join(actions[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
    return f"{names}; for one, {request}"


def _asked(difference: StatementDifference) -> tuple[str, str, str]:
    request = difference.request
    return request.principal, request.action, request.resource


def _same(ours: Policy, theirs: Policy, meeting: Meeting) -> bool | Undecided:
    return same_meaning(
        ours, theirs, kind=meeting.kind, account=meeting.account, region=meeting.region
    )


def statements(document: Json) -> tuple[Json, ...]:
    """The statements of a policy's document."""
    if not isinstance(document, Mapping):
        return ()
    statements = document.get("Statement", ())
    return statements if isinstance(statements, tuple) else (statements,)
