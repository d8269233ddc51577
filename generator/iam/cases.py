"""The walk over all cases of a question, and who is allowed and who is denied in each.

A case is a class of actions, one resource and one value for each open context key.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from generator.iam.access import Request
from generator.iam.actions import takes_request_tags
from generator.iam.compiled import Compiled, Reading
from generator.iam.context_keys import ContextKey
from generator.iam.globs import TooComplexError
from generator.iam.keys import Bearers
from generator.iam.universe import Universe, bits_of, mask_of

_CELL_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Case:
    """One class of actions on one resource, with one value for each context key that matters.

    `cell` holds the place of each key's value; the reading lists are those that apply here.
    """

    actions: tuple[int, ...]
    resource: int
    cell: Mapping[int, int]
    context: Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ground:
    """The actions and the resource of a group of cases, and the readings that can matter there."""

    actions: tuple[int, ...]
    resource: int
    readings: tuple[Compiled, ...]


def grounds(
    universe: Universe,
    policies: Sequence[Compiled],
    actions_of_interest: Iterable[int],
    resources_of_action: Callable[[int], int],
) -> Iterator[Ground]:
    """Every combination of actions that no statement tells apart and a resource they act on.

    `actions_of_interest` are further sets of actions (as bits) that must not be mixed.
    """
    readings = [reading for policy in policies for reading in _all_readings(policy)]
    tagging = (
        [_tagging_actions(universe)] if any(map(_is_of_tagging, universe.context_keys)) else []
    )
    action_sets = tuple(
        dict.fromkeys((*(reading.actions for reading in readings), *actions_of_interest, *tagging))
    )
    classes: dict[tuple[int, int], list[int]] = {}
    for action in range(len(universe.actions)):
        signature = mask_of(
            number for number, actions in enumerate(action_sets) if actions >> action & 1
        )
        key = (signature, resources_of_action(action))
        classes.setdefault(key, []).append(action)
    for (_, resources), members in classes.items():
        first = members[0]
        narrowed = tuple(live(policy, action=first) for policy in policies)
        for resource in bits_of(resources):
            yield Ground(
                tuple(members),
                resource,
                tuple(live(policy, resource=resource) for policy in narrowed),
            )


def _all_readings(policy: Compiled) -> Iterator[Reading]:
    # What matches for sure may match too, but with other actions.
    yield from policy.allows_surely
    yield from policy.may_allow
    yield from policy.denies_surely
    yield from policy.may_deny


def live(policy: Compiled, *, action: int | None = None, resource: int | None = None) -> Compiled:
    """The readings of a policy that are about an action, or about a resource."""

    def choose(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        if action is not None:
            return tuple(reading for reading in readings if reading.actions >> action & 1)
        if resource is not None:
            return tuple(reading for reading in readings if reading.resources >> resource & 1)
        return readings

    return Compiled(
        choose(policy.allows_surely),
        choose(policy.may_allow),
        choose(policy.denies_surely),
        choose(policy.may_deny),
    )


def cases(universe: Universe, ground: Ground) -> Iterator[Case]:
    """Every combination of values of the context keys that the readings of a ground test."""
    used = sorted(
        {
            key
            for policy in ground.readings
            for reading in _all_readings(policy)
            for key, _ in reading.tests
        }
    )
    keys = [universe.context_keys[number] for number in used]
    takes_tags = takes_request_tags(universe.actions[ground.actions[0]])
    places_of = [
        [
            place
            for place, value in enumerate(key.values)
            if takes_tags or value is None or not key.is_of_tagging
        ]
        for key in keys
    ]
    total = 1
    for places in places_of:
        total *= len(places)
    if total > _CELL_LIMIT:
        names = ", ".join(key.name for key in keys)
        raise TooComplexError(f"{total} combinations of {names}")
    for chosen in product(*places_of):
        context = {
            key.name: value
            for key, place in zip(keys, chosen, strict=True)
            if (value := key.values[place]) is not None
        }
        yield Case(ground.actions, ground.resource, dict(zip(used, chosen, strict=True)), context)


def _is_of_tagging(key: ContextKey) -> bool:
    return key.is_of_tagging


def _tagging_actions(universe: Universe) -> int:
    return mask_of(
        number for number, action in enumerate(universe.actions) if takes_request_tags(action)
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who is allowed and who is denied in one case, in both readings."""

    allowed_surely: int
    may_be_allowed: int
    denied_surely: int
    may_be_denied: int


def outcome(universe: Universe, policy: Compiled, case: Case) -> Outcome:
    """Decide one case for all principals; a Deny wins over every Allow."""
    callers = callers_of(universe, case)
    denied_surely = _holding(policy.denies_surely, case)
    may_be_denied = _holding(policy.may_deny, case)
    return Outcome(
        allowed_surely=_holding(policy.allows_surely, case) & ~may_be_denied & callers,
        may_be_allowed=_holding(policy.may_allow, case) & ~denied_surely & callers,
        denied_surely=denied_surely & callers,
        may_be_denied=may_be_denied & callers,
    )


def callers_of(universe: Universe, case: Case) -> int:
    """The principals whose requests can be those of a case."""
    callers = universe.everyone
    for key, place in case.cell.items():
        open_key = universe.context_keys[key]
        # Nobody else's requests can carry the key, so for them there is no such case.
        if open_key.values[place] is not None and open_key.bearers is not Bearers.ANYBODY:
            callers &= universe.bearers[open_key.bearers]
    return callers


def _holding(readings: Iterable[Reading], case: Case) -> int:
    found = 0
    for reading in readings:
        if reading.holds(case.cell):
            found |= reading.principals
    return found


def request_of(universe: Universe, principal: int, action: int, case: Case) -> Request:
    """A case and one of its principals as a request that anybody can replay."""
    caller = universe.principals[principal]
    regions = universe.resource_regions(case.resource) if universe.asks_for_region else ()
    region = {"aws:RequestedRegion": regions[0]} if regions else {}
    return Request(
        principal=caller.name,
        action=universe.actions[action],
        resource=universe.resources[case.resource],
        context={**caller.context(), **region, **case.context},
    )
