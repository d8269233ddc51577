"""Over-grants: requests that policies certainly allow and nobody intends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from generator.iam.access import (
    REPORTED_AT_MOST,
    OverGrant,
    PrincipalKind,
    Question,
)
from generator.iam.actions import (
    ActionKind,
    kind_of,
)
from generator.iam.canonical import canonical
from generator.iam.cases import (
    Case,
    cases,
    outcome,
    request_of,
)
from generator.iam.compiled import Compiled, Reading, compile_policies
from generator.iam.demands import Want, callers_wanted, grounds_of
from generator.iam.document import Effect, Policy, Statement
from generator.iam.doubts import Doubts
from generator.iam.universe import Universe, bits_of
from generator.model.values import AccountId


@dataclass(slots=True)
class _Surplus:
    """An over-grant while it is collected: its first request and everything it affects."""

    principal: int
    action: int
    case: Case
    statements: tuple[Statement, ...]
    principals: int = 0
    actions: set[int] = field(default_factory=set)


_SurplusKey = tuple[tuple[tuple[str, int], ...], PrincipalKind, ActionKind]


class OverGrants:
    """Collects over-grants of policies that act together, the same surplus as one."""

    def __init__(
        self,
        universe: Universe,
        compiled: Compiled,
        resolved: Sequence[Policy],
        doubts: Doubts,
    ) -> None:
        """`resolved` are the policies that were compiled, without policy variables."""
        self._universe = universe
        self._compiled = compiled
        self._resolved = resolved
        self._doubts = doubts
        self._surplus: dict[_SurplusKey, _Surplus] = {}
        self._counts: dict[tuple[PrincipalKind, ActionKind], int] = {}
        self._omitted = 0

    def find(
        self,
        wants: Sequence[Want],
        accepted: Sequence[Policy] = (),
        limits: Sequence[Policy] = (),
    ) -> None:
        """Look for requests that are allowed and neither wanted nor allowed by what is accepted.

        Only what all `limits` allow as well is allowed.
        """
        universe = self._universe
        compiled = _without_accepted(self._compiled, self._resolved, accepted)
        others = [
            compile_policies((policy,), universe, universe.setting.kind)
            for policy in (*limits, *accepted)
        ]
        for ground in grounds_of(universe, wants, compiled, *others):
            policy, *beside = ground.readings
            ceilings, declared = beside[: len(limits)], beside[len(limits) :]
            if not policy.may_allow:
                continue
            wanted = callers_wanted(wants, ground)
            for case in cases(universe, ground):
                result = outcome(universe, policy, case)
                intended = wanted
                for other in declared:
                    intended |= outcome(universe, other, case).allowed_surely
                surely = result.allowed_surely & ~intended
                possibly = result.may_be_allowed & ~intended
                for ceiling in ceilings:
                    left = outcome(universe, ceiling, case)
                    surely &= left.allowed_surely
                    possibly &= left.may_be_allowed
                if surely:
                    self._note_surplus(policy, case, surely)
                if open_ended := possibly & ~surely:
                    for asked in (policy, *ceilings):
                        self._doubts.note_statements(Question.OVER_GRANT, asked, case, open_ended)

    def _note_surplus(self, policy: Compiled, case: Case, surplus: int) -> None:
        allows = [reading for reading in policy.allows_surely if reading.holds(case.cell)]
        by_kind: dict[ActionKind, list[int]] = {}
        for action in case.actions:
            by_kind.setdefault(kind_of(self._universe.actions[action]), []).append(action)
        for kind, members in self._universe.by_kind.items():
            left = surplus & members
            while left:
                if all(self._counts.get((kind, one), 0) >= REPORTED_AT_MOST for one in by_kind):
                    self._omitted += 1
                    break
                number = next(bits_of(left))
                same = left
                deciding = []
                for reading in allows:
                    if reading.principals >> number & 1:
                        same &= reading.principals
                        deciding.append(reading.statement)
                    else:
                        same &= ~reading.principals
                left &= ~same
                places = tuple((statement.source, statement.index) for statement in deciding)
                for action_kind, actions in by_kind.items():
                    key = (places, kind, action_kind)
                    if key not in self._surplus:
                        self._surplus[key] = _Surplus(number, actions[0], case, tuple(deciding))
                        count = self._counts.get((kind, action_kind), 0)
                        self._counts[kind, action_kind] = count + 1
                    found = self._surplus[key]
                    found.principals |= same
                    found.actions.update(actions)

    def in_order(self) -> tuple[tuple[OverGrant, ...], int]:
        """What was found, most public first, and how much more there is at least."""
        universe = self._universe
        ordered = sorted(
            self._surplus.items(), key=lambda item: (item[0][1].rank, item[0][2].rank, item[0][0])
        )
        over = []
        for (_, kind, action_kind), found in ordered[:REPORTED_AT_MOST]:
            account = universe.principals[found.principal].account
            over.append(
                OverGrant(
                    request=request_of(universe, found.principal, found.action, found.case),
                    principal_kind=kind,
                    action_kind=action_kind,
                    actions=tuple(universe.actions[number] for number in sorted(found.actions)),
                    account=AccountId(account) if account else None,
                    statements=found.statements,
                    principals_affected=found.principals.bit_count(),
                )
            )
        return tuple(over), self._omitted + len(ordered) - len(over)


def _without_accepted(
    compiled: Compiled, policies: Iterable[Policy], accepted: Iterable[Policy]
) -> Compiled:
    """The policy without the Allow statements that are accepted word for word.

    What they allow is declared even where the engine cannot say what it is.
    """
    here = {
        canonical(statement)
        for policy in policies
        for statement in policy.statements
        if statement.is_complete
    }
    declared = {
        canonical(statement)
        for policy in accepted
        for statement in policy.statements
        # Without a Deny that stood beside it, the same Allow gives more than it did.
        if statement.is_complete
        and all(
            other.effect is Effect.ALLOW or (other.is_complete and canonical(other) in here)
            for other in policy.statements
        )
    }

    def others(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        return tuple(
            reading
            for reading in readings
            if not (
                declared
                and reading.statement.is_complete
                and canonical(reading.statement) in declared
            )
        )

    return Compiled(
        others(compiled.allows_surely),
        others(compiled.may_allow),
        compiled.denies_surely,
        compiled.may_deny,
    )
