"""Under-grants: requests that are demanded of policies and that they certainly refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
from generator.iam.keys import Bearers, KeyRole, KeyValue
from generator.iam.networks import Passage, network_of, passage_of
from generator.iam.universe import Universe, bits_of


@dataclass(frozen=True, slots=True)
class _Network:
    """What holds in every case with one set of values of the network keys."""

    case: Case
    outcome: Outcome
    refused: int
    allowed: int
    asked: int

    def joined(self, other: "_Network") -> "_Network":
        """What holds in the cases of both."""
        return replace(
            self,
            refused=self.refused & other.refused,
            allowed=self.allowed & other.allowed,
            asked=self.asked | other.asked,
        )


@dataclass(frozen=True, slots=True)
class _Failure:
    """Principals that certainly cannot do the actions of a case though some must.

    `open_networks` are those from which some get in, for a failure that is a matter of networks.
    """

    case: Case
    principals: int
    open_networks: tuple[_Network, ...] | None = None


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
        Callers use TLS. What is demanded is demanded from every network, so a network from which a
        call is refused is a failure of its own; a service calls from AWS, through no endpoint.
        """
        universe = self._universe
        wants = wants_of(demands)
        failures: list[_Failure] = []
        for ground in grounds_of(universe, wants, self._compiled):
            if needed := callers_wanted(wants, ground):
                failures.extend(self._failures(ground, needed, given))
        for demand in demands if failures else ():
            for by_network in (False, True):
                self._report(
                    demand,
                    [one for one in failures if (one.open_networks is not None) is by_network],
                )

    def _report(self, demand: Demand, failures: Sequence[_Failure]) -> None:
        """Note what of a demand fails, with the first request that shows it."""
        universe = self._universe
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
        if first is None:
            return
        if len(self.found) >= REPORTED_AT_MOST:
            self.omitted += 1
            return
        number, action, failure = first
        open_network = next(
            (one for one in failure.open_networks or () if (one.allowed & one.asked) >> number & 1),
            None,
        )
        self.found.append(
            UnderGrant(
                request=request_of(universe, number, action, failure.case),
                access=demand.access,
                actions=tuple(universe.actions[place] for place in sorted(actions)),
                statements=_denying(self._compiled, action, failure.case, number),
                principals_affected=affected.bit_count(),
                by_network=failure.open_networks is not None,
                otherwise=None
                if open_network is None
                else request_of(universe, number, action, open_network.case),
            )
        )

    def _failures(self, ground: Ground, needed: int, given: int) -> Iterator[_Failure]:
        """Who of the needed is certainly not allowed; who is only perhaps allowed is undecided."""
        universe = self._universe
        (policy,) = ground.readings
        people = universe.bearers[Bearers.PEOPLE]
        certain, possible = universe.everyone, 0
        networks: dict[tuple[Passage, int], _Network] = {}
        places: dict[tuple[tuple[str, KeyValue], ...], tuple[Passage, int]] = {}
        doubtful: list[tuple[Case, tuple[Passage, int], int]] = []
        for case in cases(universe, ground):
            values = {
                universe.context_keys[key].role: universe.context_keys[key].values[place]
                for key, place in case.cell.items()
            }
            if values.get(KeyRole.TRANSPORT, "true") != "true":
                continue
            network = network_of(universe, case)
            if network not in places:
                places[network] = (passage_of(network), len(places))
            place = places[network]
            if place[0] is Passage.IMPOSSIBLE:
                continue
            result = outcome(universe, policy, case)
            callers = callers_of(universe, case)
            # Who cannot make such requests misses nothing.
            absent = universe.everyone & ~callers
            sure = result.allowed_surely | (given & ~result.may_be_denied) | absent
            may = result.may_be_allowed | (given & ~result.denied_surely)
            certain &= sure
            if needed & ~sure:
                doubtful.append((case, place, needed & ~sure))
            if place[0] is not Passage.BY_A_SERVICE:
                possible |= may if place[0] is Passage.PUBLIC else may & people
            here = _Network(case, result, absent | (universe.everyone & ~may), sure, callers)
            networks[place] = networks[place].joined(here) if place in networks else here
        missing = needed & ~certain
        if not missing:
            return
        unsure = 0
        for variants in universe.variants():
            if self._stands_for_many(variants):
                continue
            if possible & variants & needed or self._is_perhaps_needed(variants, needed):
                unsure |= variants
        possible |= unsure
        known = [networks[place] for place in sorted(networks) if place[0].is_known]
        left = missing & possible & people & ~unsure
        bound = 0
        for closed in known:
            if hit := left & ~bound & closed.refused & closed.asked:
                bound |= hit
                yield _Failure(closed.case, hit, tuple(known))
        for case, place, principals in doubtful:
            decided = bound & networks[place].refused
            self._note_open_demand(policy, case, principals & possible & ~decided)
        if definite := missing & ~possible:
            yield _Failure(known[0].case, definite)

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
                reason = (
                    f"whether {principal.name} says for whom it acts, and how, is not documented; "
                    "the operator with IfExists lets it in either way"
                )
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


def _denying(compiled: Compiled, action: int, case: Case, principal: int) -> tuple[Statement, ...]:
    return tuple(
        reading.statement
        for reading in compiled.may_deny
        if reading.actions >> action & 1
        and reading.resources >> case.resource & 1
        and reading.principals >> principal & 1
        and reading.holds(case.cell)
    )
