"""Under-grants: requests that are demanded of policies and that they certainly refuse."""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.iam.access import (
    REPORTED_AT_MOST,
    PrincipalKind,
    Question,
    UnderGrant,
)
from generator.iam.cases import (
    Case,
    Ground,
    Outcome,
    callers_of,
    cases,
    outcome,
    request_of,
)
from generator.iam.compiled import Compiled
from generator.iam.demands import Demand, callers_wanted, grounds_of, wants_of
from generator.iam.document import Statement
from generator.iam.doubts import Doubts
from generator.iam.keys import KeyRole
from generator.iam.universe import Universe, bits_of


@dataclass(frozen=True, slots=True)
class _Failure:
    """Principals that certainly cannot do the actions of a case though some must."""

    case: Case
    outcome: Outcome
    principals: int


class UnderGrants:
    """Collects demands that policies which act together do not meet."""

    def __init__(self, universe: Universe, compiled: Compiled, doubts: Doubts) -> None:
        self._universe = universe
        self._compiled = compiled
        self._doubts = doubts
        self.found: list[UnderGrant] = []
        self.omitted = 0

    def find(self, demands: Sequence[Demand], *, given: int) -> None:
        """Look for demands that are not certainly met.

        `given` are principals that another policy allows everything: only a Deny matters to them.
        Callers use TLS; where they come from is not known, so a network key is absent unless it
        would make a difference.
        """
        universe = self._universe
        wants = wants_of(demands)
        failures: list[_Failure] = []
        for ground in grounds_of(universe, wants, self._compiled):
            needed = callers_wanted(wants, ground)
            if needed and (failure := self._failure(ground, needed, given)) is not None:
                failures.append(failure)
        if not failures:
            return
        for demand in demands:
            affected = 0
            actions: set[int] = set()
            first: tuple[int, int, _Failure] | None = None
            for failure in failures:
                common = failure.principals & demand.want.principals
                missing = [
                    action
                    for action in failure.case.actions
                    if common and demand.want.covers(action, failure.case.resource)
                ]
                if missing:
                    affected |= common
                    actions.update(missing)
                    if first is None:
                        first = (next(bits_of(common)), missing[0], failure)
            if first is not None:
                if len(self.found) >= REPORTED_AT_MOST:
                    self.omitted += 1
                    continue
                number, action, failure = first
                self.found.append(
                    UnderGrant(
                        request=request_of(universe, number, action, failure.case),
                        access=demand.access,
                        actions=tuple(universe.actions[place] for place in sorted(actions)),
                        statements=_denying(self._compiled, action, failure.case, number),
                        principals_affected=affected.bit_count(),
                    )
                )

    def _failure(self, ground: Ground, needed: int, given: int) -> _Failure | None:
        """Who of the needed is certainly not allowed; who is only perhaps allowed is undecided."""
        universe = self._universe
        (policy,) = ground.readings
        certain, possible = universe.everyone, 0
        plain: tuple[Case, Outcome] | None = None
        doubtful: list[tuple[Case, int]] = []
        for case in cases(universe, ground):
            values = {
                universe.context_keys[key].role: universe.context_keys[key].values[place]
                for key, place in case.cell.items()
            }
            if values.get(KeyRole.TRANSPORT, "true") != "true":
                continue
            result = outcome(universe, policy, case)
            sure = result.allowed_surely | (given & ~result.may_be_denied)
            # Who cannot make such requests misses nothing.
            sure |= universe.everyone & ~callers_of(universe, case)
            certain &= sure
            if needed & ~sure:
                doubtful.append((case, needed & ~sure))
            if not _names_a_network(universe, case):
                possible |= result.may_be_allowed | (given & ~result.denied_surely)
                plain = plain or (case, result)
        missing = needed & ~certain
        if not missing or plain is None:
            return None
        for variants in universe.variants():
            if self._stands_for_many(variants):
                continue
            if possible & variants & needed or self._is_perhaps_needed(variants, needed):
                possible |= variants
        for case, principals in doubtful:
            self._note_open_demand(policy, case, principals & possible)
        definite = missing & ~possible
        return _Failure(plain[0], plain[1], definite) if definite else None

    def _is_perhaps_needed(self, variants: int, needed: int) -> bool:
        """Whether a caller is meant only if it belongs to an organization it may not be in."""
        person = self._universe.principals[next(bits_of(variants))].is_person
        return person and bool(variants & ~needed)

    def _stands_for_many(self, variants: int) -> bool:
        """Whether these are accounts that nobody names: one is in each unit, so none is in doubt."""
        kind = self._universe.principals[next(bits_of(variants))].kind
        return kind in {PrincipalKind.ANY_ACCOUNT, PrincipalKind.ORGANIZATION}

    def _note_open_demand(self, policy: Compiled, case: Case, principals: int) -> None:
        if not principals:
            return
        if self._doubts.note_statements(Question.UNDER_GRANT, policy, case, principals):
            return
        universe = self._universe
        number = next(bits_of(principals))
        principal = universe.principals[number]
        keys = [universe.context_keys[key].name for key in case.cell]
        if any(group >> number & 1 for group in universe.variants()):
            if principal.is_person:
                reason = f"it is not known whether {principal.account} is in the organization"
            else:
                reason = f"it is not known for whom {principal.name} says that it acts"
        else:
            reason = f"it depends on {', '.join(keys)}, which are not known for the caller"
        statements = tuple(
            dict.fromkeys(
                reading.statement
                for reading in (*policy.may_allow, *policy.may_deny)
                if reading.tests or reading.statement.conditions
            )
        )
        self._doubts.note(Question.UNDER_GRANT, reason, statements, case, number)


def _names_a_network(universe: Universe, case: Case) -> bool:
    return any(
        universe.context_keys[key].role is KeyRole.NETWORK
        and universe.context_keys[key].values[place] is not None
        for key, place in case.cell.items()
    )


def _denying(compiled: Compiled, action: int, case: Case, principal: int) -> tuple[Statement, ...]:
    return tuple(
        reading.statement
        for reading in compiled.may_deny
        if reading.actions >> action & 1
        and reading.resources >> case.resource & 1
        and reading.principals >> principal & 1
        and reading.holds(case.cell)
    )
