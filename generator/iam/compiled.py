"""Statements compiled to bits over a universe, in their narrowest and their widest reading."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from generator.iam.conditions import accepted_values, holds_when_missing, null_wants
from generator.iam.document import (
    Comparison,
    Condition,
    Effect,
    Patterns,
    Policy,
    PolicyKind,
    Principals,
    Statement,
)
from generator.iam.globs import is_literal, literal_glob, matches, text_glob
from generator.iam.keys import KeyRole, KeyValue, key_facts
from generator.iam.readings import (
    action_readings,
    condition_readings,
    may_mean_everything,
    means_everything,
    resource_readings,
)
from generator.iam.universe import Universe, bits_of, mask_of


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
            statement.effect is not None and not statement.doubts and not statement.doubts_in(kind)
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
                    resources &= self._resources_where(
                        condition,
                        lambda number: (universe.resource_account(number) or None,),
                        widest=widest,
                    )
                case KeyRole.REGION if universe.setting.regions:
                    resources &= self._resources_where(
                        condition, universe.resource_regions, widest=widest
                    )
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

    def _resources_where(
        self,
        condition: Condition,
        values_of: Callable[[int], tuple[KeyValue, ...]],
        *,
        widest: bool,
    ) -> int:
        """The resources for which a key that they decide has a value that the condition takes.

        Where it may have several, all of them count in the narrowest reading and any in the widest.
        """
        each = [values_of(number) for number in range(len(self._universe.resources))]
        values = tuple(dict.fromkeys(value for some in each for value in some))
        accepted = accepted_values(condition, values, widest=widest)
        good = {value for number, value in enumerate(values) if accepted >> number & 1}
        enough = any if widest else all
        return mask_of(
            number for number, some in enumerate(each) if enough(value in good for value in some)
        )
