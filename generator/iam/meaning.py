"""Whether two policies mean the same, and which statements make the difference.

What counts is which requests are allowed and which are explicitly denied, not how it is written:
order, lists of one, an account id for the ARN of its root, a wildcard for what it stands for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from generator.frozen_data import frozen
from generator.iam.access import Organization, PrincipalKind, Question, Request, Undecided
from generator.iam.actions import STS_ACTIONS, acts_on_a_repository, ecr_actions
from generator.iam.callers import principals_of
from generator.iam.canonical import canonical
from generator.iam.cases import Case, Ground, cases, grounds, live, outcome, request_of
from generator.iam.compiled import Reading, compile_policies
from generator.iam.context_keys import context_keys_of
from generator.iam.demands import bits_where
from generator.iam.document import Policy, PolicyKind, Statement
from generator.iam.globs import TooComplexError
from generator.iam.principals import Setting
from generator.iam.resources import other_actions_of, resources_of
from generator.iam.universe import Universe, bits_of
from generator.iam.variables import Values, resolve
from generator.model.levels import HARMLESS_ACTIONS
from generator.model.values import AccountId, Region


@frozen
class StatementDifference:
    """A statement that allows (or denies) something that the other policy does not.

    `request` is an example, `actions` are all that it certainly allows (or denies) of that. Not
    `is_certain` means that it only may do so. `is_shared` when some of what it allows, the other policy
    allows as well.
    """

    statement: Statement
    request: Request
    is_certain: bool
    actions: tuple[str, ...] = ()
    is_shared: bool = False


@frozen
class MeaningDifference:
    """How two policies differ; `undecided` says what keeps the answer open.

    `harmless` are read-only actions that the second gives beside what both give, where they were not to
    count as a difference.
    """

    only_in_first: tuple[StatementDifference, ...] = ()
    only_in_second: tuple[StatementDifference, ...] = ()
    undecided: Undecided | None = None
    harmless: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether the policies certainly mean different things."""
        both = (*self.only_in_first, *self.only_in_second)
        return any(difference.is_certain for difference in both)


def same_meaning(
    first: Policy,
    second: Policy,
    *,
    kind: PolicyKind,
    account: AccountId,
    region: Region,
    organization: Organization | None = None,
) -> bool | Undecided:
    """Whether two policies allow the same requests and deny the same requests.

    `account` is the one that owns the registry, the repository or the role.
    """
    difference = statement_difference(
        first, second, kind=kind, account=account, region=region, organization=organization
    )
    if difference.is_certain:
        return False
    return difference.undecided if difference.undecided is not None else True


def statement_difference(
    first: Policy,
    second: Policy,
    *,
    kind: PolicyKind,
    account: AccountId,
    region: Region,
    organization: Organization | None = None,
    beside_pulls: bool = False,
) -> MeaningDifference:
    """The statements of each policy that allow or deny what the other does not.

    With `beside_pulls`, harmless read-only actions of the second are no difference for those who may pull
    the same repository by the first.
    """
    setting = Setting(
        kind=kind,
        account=account,
        partition=region.aws_partition.id,
        region=region,
        known_accounts={account},
        organization=organization,
    )
    # Statements that stand in both and are not modelled mean the same, whatever they mean.
    reduced = _without_common_opaque(first, second, kind)
    if reduced is not None:
        difference = _compare(*reduced, setting, beside_pulls=beside_pulls)
        if not (difference.only_in_first or difference.only_in_second or difference.undecided):
            return difference
    return _compare(first, second, setting, beside_pulls=beside_pulls)


def _compare(
    first: Policy, second: Policy, setting: Setting, *, beside_pulls: bool
) -> MeaningDifference:
    try:
        universe, resolved = _joint_universe((first, second), setting)
        return _Comparison(universe, *resolved, beside_pulls=beside_pulls).difference()
    except TooComplexError as problem:
        return MeaningDifference(
            undecided=Undecided(
                question=Question.MEANING,
                reason=f"the policies are too complex to be compared: {problem}",
                statements=(*first.statements, *second.statements),
            )
        )


def _joint_universe(
    policies: Sequence[Policy], setting: Setting
) -> tuple[Universe, tuple[Policy, ...]]:
    """The universe of both policies, and both without policy variables."""
    known = STS_ACTIONS if setting.kind is PolicyKind.TRUST else ecr_actions()

    def make(among: Sequence[Policy], values: Values | None) -> Universe:
        statements = [statement for policy in among for statement in policy.statements]
        others = other_actions_of(statements, known)
        if setting.kind is not PolicyKind.IDENTITY:
            # A policy on a registry or a role has no say in the actions of other services.
            service = "sts:" if setting.kind is PolicyKind.TRUST else "ecr:"
            others = tuple(action for action in others if action.lower().startswith(service))
        principals = principals_of(statements, (), setting)
        resources = resources_of(
            statements,
            (),
            setting,
            repository="*" if setting.kind is PolicyKind.REPOSITORY else None,
            any_service=True,
        )
        if values is not None:
            principals = tuple(filter(values.keeps, principals))
            resources = tuple(filter(values.keeps_resource, resources))
        return Universe(
            setting,
            principals=principals,
            actions=(*known, *others),
            resources=resources,
            context_keys=context_keys_of(statements, setting),
        )

    return resolve(policies, make)


class _Comparison:
    """Walks over all cases of two policies and notes where they differ."""

    def __init__(
        self, universe: Universe, first: Policy, second: Policy, *, beside_pulls: bool
    ) -> None:
        self._universe = universe
        self._beside_pulls = beside_pulls
        self._actions: tuple[dict[int, set[int]], dict[int, set[int]]] = ({}, {})
        self._shared: tuple[set[int], set[int]] = (set(), set())
        self._harmless: set[int] = set()
        self._kind = universe.setting.kind
        self._compiled = tuple(
            compile_policies((policy,), universe, self._kind) for policy in (first, second)
        )
        self._repositories = sum(
            1 << number
            for number, resource in enumerate(universe.resources)
            if ":repository/" in resource and resource.split(":")[2] == "ecr"
        )
        self._found: tuple[dict[int, StatementDifference], dict[int, StatementDifference]] = (
            {},
            {},
        )

    def _resources_of(self, action: int) -> int:
        """The resources an action can have; of actions outside the table nothing is known."""
        universe = self._universe
        if not self._kind.names_resources:
            return universe.every_resource
        name = universe.actions[action]
        if acts_on_a_repository(name):
            return self._repositories
        if name in ecr_actions():
            return universe.no_resource
        return universe.every_resource

    def difference(self) -> MeaningDifference:
        universe = self._universe
        harmless = bits_where(universe.actions, HARMLESS_ACTIONS.__contains__)
        apart = (harmless,) if self._beside_pulls else ()
        for ground in grounds(universe, self._compiled, apart, self._resources_of):
            if apart and harmless >> ground.actions[0] & 1:
                self._look(self._with_pulls(ground))
            else:
                self._look(ground)
        sides = tuple(
            tuple(self._whole(side, found[index]) for index in sorted(found))
            for side, found in enumerate(self._found)
        )
        return MeaningDifference(
            only_in_first=sides[0],
            only_in_second=sides[1],
            undecided=self._undecided((*sides[0], *sides[1])),
            harmless=tuple(universe.actions[action] for action in sorted(self._harmless)),
        )

    def _whole(self, side: int, found: StatementDifference) -> StatementDifference:
        """A difference with all that the walk has seen of its statement."""
        index = found.statement.index
        actions = sorted(self._actions[side].get(index, ()))
        return replace(
            found,
            actions=tuple(self._universe.actions[action] for action in actions),
            is_shared=index in self._shared[side],
        )

    def _with_pulls(self, ground: Ground) -> Ground:
        """A ground with a third reading: who may pull from the resource by the first policy."""
        pulls = self._universe.actions.index("ecr:BatchGetImage")
        return replace(
            ground,
            readings=(
                *ground.readings,
                live(live(self._compiled[0], action=pulls), resource=ground.resource),
            ),
        )

    def _look(self, ground: Ground) -> None:
        universe = self._universe
        for case in cases(universe, ground):
            first, second, *pulls = (outcome(universe, policy, case) for policy in ground.readings)
            # Signing in is nothing that a policy on a registry decides.
            free = 0
            if pulls:
                is_token = not acts_on_a_repository(universe.actions[case.actions[0]])
                free = universe.everyone if is_token else pulls[0].allowed_surely
                if self._kind is PolicyKind.IDENTITY and is_token:
                    free = 0
                if second.allowed_surely & ~first.may_be_allowed & free:
                    self._harmless.update(case.actions)
            for side, (mine, other) in enumerate(((first, second), (second, first))):
                policy = ground.readings[side]
                left = ~free if side else -1
                self._note(
                    side,
                    case,
                    (policy.allows_surely, policy.may_allow),
                    mine.allowed_surely & ~other.may_be_allowed & left,
                    mine.may_be_allowed & ~other.allowed_surely & left,
                )
                self._note(
                    side,
                    case,
                    (policy.denies_surely, policy.may_deny),
                    mine.denied_surely & ~other.may_be_denied,
                    mine.may_be_denied & ~other.denied_surely,
                )
                both = mine.allowed_surely & other.may_be_allowed
                self._shared[side].update(
                    reading.statement.index
                    for reading in policy.allows_surely
                    if both & reading.principals and reading.holds(case.cell)
                )

    def _note(
        self,
        side: int,
        case: Case,
        readings: tuple[tuple[Reading, ...], tuple[Reading, ...]],
        certain: int,
        possible: int,
    ) -> None:
        for is_certain, principals, candidates in (
            (True, certain, readings[0]),
            (False, possible, readings[1]),
        ):
            if not principals:
                continue
            for reading in candidates:
                touched = principals & reading.principals
                if not touched or not reading.holds(case.cell):
                    continue
                index = reading.statement.index
                if is_certain:
                    self._actions[side].setdefault(index, set()).update(case.actions)
                known = self._found[side].get(index)
                if known is not None and (known.is_certain or not is_certain):
                    continue
                number = min(bits_of(touched), key=self._tells_least)
                self._found[side][index] = StatementDifference(
                    statement=reading.statement,
                    request=request_of(self._universe, number, case.actions[0], case),
                    is_certain=is_certain,
                )

    def _tells_least(self, number: int) -> tuple[bool, int]:
        """Of two callers, the less public one tells less: everything but an anonymous one is signed."""
        kind = self._universe.principals[number].kind
        return kind is PrincipalKind.ANONYMOUS, kind.rank

    def _undecided(self, differences: Iterable[StatementDifference]) -> Undecided | None:
        open_ones = [difference for difference in differences if not difference.is_certain]
        if not open_ones:
            return None
        reasons = dict.fromkeys(
            reason
            for policy in self._compiled
            for reading in (*policy.may_allow, *policy.may_deny)
            for reason in reading.statement.reasons(self._kind)
        )
        return Undecided(
            question=Question.MEANING,
            reason="; ".join(reasons) or "a pattern in them is read in more than one way",
            statements=tuple(difference.statement for difference in open_ones),
            request=open_ones[0].request,
        )


def _without_common_opaque(
    first: Policy, second: Policy, kind: PolicyKind
) -> tuple[Policy, Policy] | None:
    """Both policies without the undecided statements that they share; `None` if they share none."""
    names = [
        {canonical(statement) for statement in policy.statements if _is_opaque(statement, kind)}
        for policy in (first, second)
    ]
    common = names[0] & names[1]
    if not common:
        return None
    reduced = [
        Policy(
            source=policy.source,
            statements=tuple(
                statement
                for statement in policy.statements
                if not (_is_opaque(statement, kind) and canonical(statement) in common)
            ),
        )
        for policy in (first, second)
    ]
    return reduced[0], reduced[1]


def _is_opaque(statement: Statement, kind: PolicyKind) -> bool:
    return statement.is_complete and bool(statement.reasons(kind))
