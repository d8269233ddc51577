"""Policies compiled to bits over a finite universe, and the walk over all of its cases.

Principals are the bits of one number, so that one `and` decides a case for all of them. A case is a
class of actions, one resource and one value for each open context key.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from generator.iam.access import Request
from generator.iam.callers import Principal, Setting
from generator.iam.conditions import accepted_values, holds_when_missing, null_wants
from generator.iam.context_keys import ContextKey
from generator.iam.document import (
    Comparison,
    Condition,
    Effect,
    Patterns,
    Policy,
    PolicyKind,
    Principals,
    Statement,
    misfits,
)
from generator.iam.globs import (
    Glob,
    TooComplexError,
    is_literal,
    literal_beginning,
    literal_glob,
    matches,
    text_glob,
)
from generator.iam.keys import Bearers, KeyRole, key_facts
from generator.iam.readings import (
    action_readings,
    condition_readings,
    may_mean_everything,
    means_everything,
    resource_readings,
)

_CELL_LIMIT = 20_000


class Universe:
    """Everything a question is about, with an index from values to the principals that have them."""

    def __init__(
        self,
        setting: Setting,
        *,
        principals: Sequence[Principal],
        actions: Sequence[str],
        resources: Sequence[str],
        context_keys: Sequence[ContextKey],
    ) -> None:
        self.setting = setting
        self.principals = tuple(principals)
        self.actions = tuple(actions)
        self.resources = tuple(resources)
        self.context_keys = tuple(context_keys)
        self.everyone = (1 << len(self.principals)) - 1
        self.every_action = (1 << len(self.actions)) - 1
        self.every_resource = (1 << len(self.resources)) - 1
        self.by_account = self._index(lambda principal: principal.account)
        self.by_arn = self._index(lambda principal: principal.arn)
        self.by_session = self._index(lambda principal: principal.session)
        self.by_service = self._index(lambda principal: principal.service)
        self.by_provider = self._index(lambda principal: principal.provider)
        self.people = self._union(self.by_account.values())
        self.bearers = {
            Bearers.ANYBODY: self.everyone,
            Bearers.PEOPLE: self.people,
            Bearers.SERVICES: self._union(self.by_service.values()),
            Bearers.FEDERATED: self._union(self.by_provider.values()),
        }
        self.own_people = self.by_account.get(setting.account, 0)
        self.values = self._values()
        self._variants: tuple[int, ...] | None = None
        self._cache: dict[tuple[str, Glob], int] = {}
        self._sorted: dict[str, list[str]] = {}
        self._resources = sorted(
            (text, number) for number, text in enumerate(self.resources) if text != "*"
        )

    def _index(self, word: Callable[[Principal], str]) -> dict[str, int]:
        bits: dict[str, list[int]] = {}
        for number, principal in enumerate(self.principals):
            if name := word(principal):
                bits.setdefault(name, []).append(number)
        return {name: mask_of(numbers) for name, numbers in bits.items()}

    def _values(self) -> dict[str, dict[str, int]]:
        """For each key that the principal decides: value, and who has it."""
        bits: dict[str, dict[str, list[int]]] = {}
        for number, principal in enumerate(self.principals):
            for key, value in principal.key_values().items():
                bits.setdefault(key, {}).setdefault(value, []).append(number)
        return {
            key: {value: mask_of(numbers) for value, numbers in values.items()}
            for key, values in bits.items()
        }

    @staticmethod
    def _union(masks: Iterable[int]) -> int:
        union = 0
        for mask in masks:
            union |= mask
        return union

    def who_matches(self, key: str, globs: Iterable[Glob]) -> int:
        """The principals whose value of a key matches any of the patterns."""
        return self._union(self._who_matches_one(key, glob) for glob in globs)

    def _who_matches_one(self, key: str, glob: Glob) -> int:
        values = self.values.get(key, {})
        if is_literal(glob):
            return values.get("".join(glob), 0)
        found = self._cache.get((key, glob))
        if found is None:
            if key not in self._sorted:
                self._sorted[key] = sorted(values)
            # With thousands of role ARNs, only those that begin like the pattern are worth a look.
            beginning = literal_beginning(glob)
            ordered = self._sorted[key]
            found = 0
            for place in range(bisect_left(ordered, beginning), len(ordered)):
                value = ordered[place]
                if not value.startswith(beginning):
                    break
                if matches(glob, value):
                    found |= values[value]
            self._cache[key, glob] = found
        return found

    def has_key(self, key: str) -> int:
        """The principals for whom a key has a value."""
        found = self._cache.get((key, ()))
        if found is None:
            found = self._union(self.values.get(key, {}).values())
            self._cache[key, ()] = found
        return found

    def who_fits(self, globs: Iterable[Glob]) -> int:
        """Everybody whom a principal text with gaps may turn out to name."""
        found = 0
        root = f"arn:{self.setting.partition}:iam::{{}}:root"
        for glob in globs:
            if matches(glob, "*"):
                return self.everyone
            for account, mask in self.by_account.items():
                if matches(glob, account) or matches(glob, root.format(account)):
                    found |= mask
            for names in (self.by_arn, self.by_session):
                found |= self._union(mask for name, mask in names.items() if matches(glob, name))
        return found

    def resource_account(self, resource: int) -> str:
        """The value of aws:ResourceAccount for a resource."""
        text = self.resources[resource]
        return text.split(":")[4] if text.startswith("arn:") else self.setting.account

    def resources_matching(self, globs: Sequence[Glob]) -> int:
        """The resources (other than `*`) that match any of the patterns."""
        found = 0
        for glob in globs:
            mask = self._cache.get(("", glob))
            if mask is None:
                mask = mask_of(self._resources_matching_one(glob))
                self._cache["", glob] = mask
            found |= mask
        return found

    def _resources_matching_one(self, glob: Glob) -> Iterator[int]:
        beginning = literal_beginning(glob)
        start = bisect_left(self._resources, (beginning, 0))
        for text, number in islice(self._resources, start, None):
            if not text.startswith(beginning):
                break
            if matches(glob, text):
                yield number

    @property
    def no_resource(self) -> int:
        """The place of `*`, which stands for actions without a resource type."""
        return mask_of(number for number, text in enumerate(self.resources) if text == "*")

    def variants(self) -> tuple[int, ...]:
        """Groups of principals that are one caller under different assumptions about it.

        Which organization an account is in, and for whom a service acts, may not be known.
        """
        if self._variants is None:
            groups: dict[tuple[str, str], list[int]] = {}
            for number, principal in enumerate(self.principals):
                groups.setdefault((principal.name, principal.arn), []).append(number)
            self._variants = tuple(
                mask_of(numbers) for numbers in groups.values() if len(numbers) > 1
            )
        return self._variants

    def request(self, principal: int, action: int, case: "Case") -> Request:
        """A case and one of its principals as a request that anybody can replay."""
        caller = self.principals[principal]
        return Request(
            principal=caller.name,
            action=self.actions[action],
            resource=self.resources[case.resource],
            context={**caller.context(), **case.context},
        )


def mask_of(numbers: Iterable[int]) -> int:
    """The number with just these bits set."""
    # Setting bits one by one copies the whole number each time; bytes do not.
    chosen = list(numbers)
    if not chosen:
        return 0
    octets = bytearray(max(chosen) // 8 + 1)
    for number in chosen:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def bits_of(mask: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a statement: the principals, actions, resources and key values it matches."""

    statement: Statement
    principals: int
    actions: int
    resources: int
    tests: tuple[tuple[int, int], ...]

    def holds(self, cell: Mapping[int, int]) -> bool:
        """Whether the open context keys have values (their places) that the conditions take."""
        return all(accepted >> cell[key] & 1 for key, accepted in self.tests)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy in its two readings: what its statements match for sure, and what they may match."""

    allows_surely: tuple[Reading, ...]
    may_allow: tuple[Reading, ...]
    denies_surely: tuple[Reading, ...]
    may_deny: tuple[Reading, ...]


def compile_policies(policies: Iterable[Policy], universe: Universe, kind: PolicyKind) -> Compiled:
    """Compile the statements of policies that act together."""
    allows_surely: list[Reading] = []
    may_allow: list[Reading] = []
    denies_surely: list[Reading] = []
    may_deny: list[Reading] = []
    for policy in policies:
        for statement in policy.statements:
            compiler = _Compiler(universe, statement, kind)
            if statement.effect is not Effect.DENY:
                compiler.add(allows_surely, may_allow, denies=False)
            if statement.effect is not Effect.ALLOW:
                compiler.add(denies_surely, may_deny, denies=True)
    return Compiled(tuple(allows_surely), tuple(may_allow), tuple(denies_surely), tuple(may_deny))


@lru_cache(maxsize=4096)
def _actions_matching(element: Patterns, actions: tuple[str, ...], widest: bool) -> int:  # noqa: FBT001
    """Which of the actions an element matches, as bits; policies repeat the same few lists."""
    globs = action_readings(element.texts).patterns(widest=widest is not element.negated)
    literal = {"".join(glob) for glob in globs if is_literal(glob)}
    wild = [glob for glob in globs if not is_literal(glob)]
    found = mask_of(
        number
        for number, action in enumerate(actions)
        if action.lower() in literal or any(matches(glob, action.lower()) for glob in wild)
    )
    return ((1 << len(actions)) - 1) & ~found if element.negated else found


class _Compiler:
    """Compiles one statement."""

    def __init__(self, universe: Universe, statement: Statement, kind: PolicyKind) -> None:
        self._universe = universe
        self._statement = statement
        self._kind = kind
        self._is_sure = (
            statement.effect is not None and not statement.doubts and not misfits(statement, kind)
        )

    def add(self, surely: list[Reading], possibly: list[Reading], *, denies: bool) -> None:
        """Append both readings, where they match anything; one object when they are equal."""
        widest = self._read(widest=True, denies=denies)
        if not (widest.principals and widest.actions and widest.resources):
            return
        possibly.append(widest)
        if not self._is_sure:
            return
        narrowest = self._read(widest=False, denies=denies)
        if narrowest == widest:
            surely.append(widest)
        elif narrowest.principals and narrowest.actions and narrowest.resources:
            surely.append(narrowest)

    def _read(self, *, widest: bool, denies: bool) -> Reading:
        universe = self._universe
        principals = self._principals(widest=widest, denies=denies)
        resources = self._resources(widest=widest)
        tests: list[tuple[int, int]] = []
        places = {key.name.lower(): number for number, key in enumerate(universe.context_keys)}
        for condition in self._statement.conditions:
            if condition.comparison is None:
                continue
            facts = key_facts(condition.key)
            if facts is None:
                continue
            match facts.role:
                case KeyRole.PRINCIPAL:
                    principals &= self._principals_where(condition, widest=widest)
                case KeyRole.RESOURCE:
                    resources &= self._resources_where(condition, widest=widest)
                case _:
                    place = places[facts.name]
                    key = universe.context_keys[place]
                    tests.append((place, accepted_values(condition, key.values, widest=widest)))
        return Reading(
            statement=self._statement,
            principals=principals,
            actions=self._actions(widest=widest),
            resources=resources,
            tests=tuple(tests),
        )

    def _principals(self, *, widest: bool, denies: bool) -> int:
        universe = self._universe
        principals = self._statement.principals
        if principals is None or not self._kind.names_principals:
            return universe.everyone
        if principals.negated:
            return universe.everyone & ~self._excepted(principals, widest=widest)
        direct, delegated = self._listed(principals, widest=widest)
        if not denies and self._kind is not PolicyKind.TRUST:
            # Naming the own account hands the decision to its identity policies: it gives nothing.
            delegated &= ~universe.own_people
        return direct | delegated

    def _excepted(self, principals: Principals, *, widest: bool) -> int:
        """Whom a NotPrincipal leaves out: at least these (`widest`), or at most these."""
        universe = self._universe
        if not widest:
            direct, delegated = self._listed(principals, widest=True)
            return direct | delegated
        direct, delegated = self._listed(principals, widest=False)
        if principals.everyone:
            return direct
        excepted = (direct | delegated) & ~universe.people
        plain = {text.plain for text in principals.aws}
        for number in bits_of(delegated):
            principal = universe.principals[number]
            is_root = (
                principal.arn == f"arn:{universe.setting.partition}:iam::{principal.account}:root"
            )
            named_fully = ":user/" in principal.arn or principal.session
            names = {principal.arn, principal.session} - {""}
            # AWS leaves out a role's session only when session, role and account are all listed.
            if is_root or (named_fully and names <= plain):
                excepted |= 1 << number
        return excepted

    def _listed(self, principals: Principals, *, widest: bool) -> tuple[int, int]:
        """Who is named directly, and whose account is named."""
        universe = self._universe
        if principals.everyone or (widest and principals.unseen):
            return universe.everyone, 0
        direct = delegated = 0
        root = f"arn:{universe.setting.partition}:iam::"
        for text in principals.aws:
            plain = text.plain
            if plain is None:
                if widest:
                    direct |= universe.who_fits((text_glob(text, literal_glob),))
            elif plain in universe.by_account:
                delegated |= universe.by_account[plain]
            elif plain.startswith(root) and plain.endswith(":root"):
                delegated |= universe.by_account.get(plain[len(root) : -len(":root")], 0)
            else:
                direct |= universe.by_arn.get(plain, 0) | universe.by_session.get(plain, 0)
        for text in principals.federated:
            direct |= universe.by_provider.get(text.plain or "", 0)
        for text in principals.services:
            if text.plain is not None:
                direct |= universe.by_service.get(text.plain, 0)
            elif widest:
                glob = text_glob(text, literal_glob)
                for name, mask in universe.by_service.items():
                    direct |= mask if matches(glob, name) else 0
        return direct, delegated

    def _actions(self, *, widest: bool) -> int:
        element = self._statement.actions
        if element is None:
            return self._universe.every_action
        return _actions_matching(element, self._universe.actions, widest)

    def _resources(self, *, widest: bool) -> int:
        universe = self._universe
        element = self._statement.resources
        if element is None:
            return universe.every_resource
        inner_widest = widest is not element.negated
        found = self._resources_listed(element, widest=inner_widest)
        return universe.every_resource & ~found if element.negated else found

    def _resources_listed(self, element: Patterns, *, widest: bool) -> int:
        universe = self._universe
        found = universe.resources_matching(
            resource_readings(element.texts).patterns(widest=widest)
        )
        covers = may_mean_everything if widest else means_everything
        if any(covers(text) for text in element.texts):
            found |= universe.no_resource
        return found

    def _principals_where(self, condition: Condition, *, widest: bool) -> int:
        universe = self._universe
        key = condition.key.lower()
        present = universe.has_key(key)
        absent = universe.everyone & ~present
        if condition.comparison is Comparison.NULL:
            wants_absent, wants_present = null_wants(condition, widest=widest)
            return (absent if wants_absent else 0) | (present if wants_present else 0)
        globs = condition_readings(condition).patterns(widest=widest is not condition.negated)
        found = universe.who_matches(key, globs)
        if condition.negated:
            found = present & ~found
        return found | (absent if holds_when_missing(condition) else 0)

    def _resources_where(self, condition: Condition, *, widest: bool) -> int:
        universe = self._universe
        accounts = [universe.resource_account(number) for number in range(len(universe.resources))]
        values = tuple(dict.fromkeys(account or None for account in accounts))
        accepted = accepted_values(condition, values, widest=widest)
        good = {value for number, value in enumerate(values) if accepted >> number & 1}
        return mask_of(
            number for number, account in enumerate(accounts) if (account or None) in good
        )


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
    action_sets = tuple(
        dict.fromkeys((*(reading.actions for reading in readings), *actions_of_interest))
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
        narrowed = tuple(_live(policy, action=first) for policy in policies)
        for resource in bits_of(resources):
            yield Ground(
                tuple(members),
                resource,
                tuple(_live(policy, resource=resource) for policy in narrowed),
            )


def _all_readings(policy: Compiled) -> Iterator[Reading]:
    # What matches for sure may match too, but with other actions.
    yield from policy.allows_surely
    yield from policy.may_allow
    yield from policy.denies_surely
    yield from policy.may_deny


def _live(policy: Compiled, *, action: int | None = None, resource: int | None = None) -> Compiled:
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
    total = 1
    for key in keys:
        total *= len(key.values)
    if total > _CELL_LIMIT:
        names = ", ".join(key.name for key in keys)
        raise TooComplexError(f"{total} combinations of {names}")
    for places in product(*(range(len(key.values)) for key in keys)):
        context = {
            key.name: value
            for key, place in zip(keys, places, strict=True)
            if (value := key.values[place]) is not None
        }
        yield Case(ground.actions, ground.resource, dict(zip(used, places, strict=True)), context)


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
