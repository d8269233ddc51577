"""The three judgements: is what a policy allows exactly what is intended?

Over-grant is judged on what the policy may allow, under-grant on what it certainly allows. Every
request that is reported has been replayed in the plain evaluator.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from generator.iam.access import (
    Access,
    Judgement,
    Organization,
    OverGrant,
    PrincipalKind,
    Question,
    RepositoryScope,
    Request,
    Undecided,
    UnderGrant,
)
from generator.iam.actions import (
    ASSUME_ACTIONS,
    STS_ACTIONS,
    ActionKind,
    acts_on_a_repository,
    ecr_actions,
    kind_of,
)
from generator.iam.callers import Principal, Setting, principals_of
from generator.iam.canonical import canonical
from generator.iam.cases import (
    Case,
    Ground,
    Outcome,
    callers_of,
    cases,
    grounds,
    outcome,
    request_of,
)
from generator.iam.compiled import Compiled, Reading, compile_policies
from generator.iam.context_keys import context_keys_of
from generator.iam.document import Effect, Policy, PolicyKind, Statement
from generator.iam.evaluate import decide
from generator.iam.globs import TooComplexError, like_glob, matches
from generator.iam.keys import KeyRole
from generator.iam.parse import parse_policy
from generator.iam.reach import scopes_in_reach
from generator.iam.resources import resources_of, scope_glob
from generator.iam.universe import Universe, bits_of, mask_of
from generator.iam.variables import Values, resolve, variables_of
from generator.model.errors import ToolError
from generator.model.levels import AUTHORIZATION_ACTION, HARMLESS_ACTIONS
from generator.model.values import AccountId, Region

REPORTED_AT_MOST = 100
"""How many over-grants, under-grants and undecided questions one judgement lists of each."""

_ALLOW_ALL = parse_policy(
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, source="everything"
)
_JUDGED_KINDS = {ActionKind.PULL, ActionKind.IMPORT, ActionKind.CREATE}


def judge_resource_policy(
    policy: Policy,
    *,
    registry_account: AccountId,
    region: Region,
    intended: Sequence[Access],
    known_accounts: Collection[AccountId],
    organization: Organization | None = None,
    repository: str | None = None,
    kept: Policy | None = None,
    base: Policy | None = None,
) -> Judgement:
    """Judge a registry policy alone, as if every foreign identity policy allowed everything.

    With `repository` (a name, or a pattern for a creation template) it is the policy of those
    repositories. What the statements of `kept` allow counts as intended, but is not demanded, and so
    does what an earlier policy allowed (`base`).
    Callers of the registry's own account need nothing of the policy; a Deny that hits them counts
    as missing access.
    """

    def again(earlier: Policy) -> Judgement:
        return judge_resource_policy(
            policy,
            registry_account=registry_account,
            region=region,
            intended=intended,
            known_accounts=known_accounts,
            organization=organization,
            repository=repository,
            kept=kept,
            base=earlier,
        )

    accepted = [one for one in (kept, base) if one is not None]
    here = [
        access
        for access in intended
        if access.region == region and access.registry_account == registry_account
    ]
    setting = Setting(
        kind=PolicyKind.REGISTRY if repository is None else PolicyKind.REPOSITORY,
        account=registry_account,
        partition=region.aws_partition.id,
        region=region,
        known_accounts={
            *known_accounts,
            *(access.account for access in here if access.account is not None),
        },
        organization=organization,
    )
    try:
        universe, resolved = _universe(
            (policy, *accepted),
            setting,
            intended=here,
            actions=ecr_actions(),
            repository=repository,
        )
        demands = _demands(universe, here)
        judge = _Judge(universe, resolved[:1], (policy,))
        wants = (*_wants(demands), *_harmless(universe, demands))
        judge.find_over_grants(wants, resolved[1:])
        judge.find_under_grants(demands, given=universe.own_people)
    except TooComplexError as problem:
        return _too_complex((policy,), problem)
    return replace(judge.judgement(), again=again)


def judge_identity_policies(
    policies: Sequence[Policy],
    *,
    account: AccountId,
    role: str | None,
    intended: Sequence[Access],
    judged_prefixes: Sequence[RepositoryScope],
    organization: Organization | None = None,
    signs_in: bool = True,
    base: Policy | None = None,
) -> Judgement:
    """Judge all identity policies of a role (a pattern of roles, every principal) together.

    Who pulls has to sign in; `signs_in` false is for a role that only creates repositories.

    Wider than intended counts for pulls, imports and CreateRepository on every repository that is
    not named literally outside the caches, and for writes on the caches (`judged_prefixes`). What an
    earlier policy allowed (`base`) counts as intended.
    """

    def again(earlier: Policy) -> Judgement:
        return judge_identity_policies(
            policies,
            account=account,
            role=role,
            intended=intended,
            judged_prefixes=judged_prefixes,
            organization=organization,
            signs_in=signs_in,
            base=earlier,
        )

    accepted = () if base is None else (base,)
    regions = [
        scope.region
        for scope in (*judged_prefixes, *map(_scope_of, intended))
        if scope.region is not None
    ]
    reached = scopes_in_reach((*policies, *accepted), judged_prefixes)
    partition = regions[0].aws_partition.id if regions else "aws"
    setting = Setting(
        kind=PolicyKind.IDENTITY,
        account=account,
        partition=partition,
        region=regions[0] if regions else "",
        known_accounts={account},
        organization=organization,
    )
    bearer = Access(
        account=account,
        role=role,
        actions=frozenset(),
        repositories="*",
        region=Region("us-east-1"),
        registry_account=account,
    )
    try:
        universe, resolved = _universe(
            (*policies, *accepted),
            setting,
            intended=(*intended, bearer),
            actions=ecr_actions(),
            judged=reached,
            bearer=bearer,
        )
        demands = _demands(universe, intended)
        own = resolved[: len(policies)]
        judge = _Judge(universe, own, policies)
        judge.find_over_grants(
            (*_wants(demands), *_not_judged(universe, own, reached)),
            resolved[len(policies) :],
        )
        if demands and signs_in:
            demands.append(_authorization(universe, demands))
        judge.find_under_grants(demands, given=0)
    except TooComplexError as problem:
        return _too_complex(policies, problem)
    return replace(judge.judgement(), again=again)


def judge_trust_policy(
    policy: Policy,
    *,
    account: AccountId,
    service: str,
    partition: str = "aws",
    base: Policy | None = None,
) -> Judgement:
    """Judge a role's trust policy: exactly this service may assume the role, nobody else.

    What an earlier policy allowed (`base`) counts as intended.
    """

    def again(earlier: Policy) -> Judgement:
        return judge_trust_policy(
            policy, account=account, service=service, partition=partition, base=earlier
        )

    accepted = () if base is None else (base,)
    setting = Setting(
        kind=PolicyKind.TRUST,
        account=account,
        partition=partition,
        known_accounts={account},
        services=(service,),
    )
    try:
        universe, resolved = _universe(
            (policy, *accepted), setting, intended=(), actions=STS_ACTIONS
        )
        assume = _bits_where(universe.actions, lambda action: action in ASSUME_ACTIONS)
        everywhere = universe.every_resource
        wanted = universe.by_service[service]
        judge = _Judge(universe, resolved[:1], (policy,))
        judge.find_over_grants(
            (
                _Want(wanted, universe.every_action, everywhere),
                _Want(universe.everyone, universe.every_action & ~assume, everywhere),
            ),
            resolved[1:],
        )
        # Whether the service sends the account or the ARN it acts for is not documented.
        ours = _mask_where(
            wanted,
            lambda number: (
                universe.principals[number].source_account in {None, account}
                and _account_of(universe.principals[number].source_arn) in {None, account}
            ),
        )
        action = _bits_where(universe.actions, lambda name: name == "sts:AssumeRole")
        judge.find_under_grants([_Demand(None, _Want(ours, action, everywhere))], given=0)
    except TooComplexError as problem:
        return _too_complex((policy,), problem)
    return replace(judge.judgement(), again=again)


@dataclass(frozen=True, slots=True)
class _Want:
    """Requests that are intended: principals, actions and resources as bits."""

    principals: int
    actions: int
    resources: int

    def covers(self, action: int, resource: int) -> bool:
        return bool(self.actions >> action & 1 and self.resources >> resource & 1)


@dataclass(frozen=True, slots=True)
class _Demand:
    """What an intended access needs; `access` is `None` for what needs no declaration."""

    access: Access | None
    want: _Want


def _universe(
    policies: Sequence[Policy],
    setting: Setting,
    *,
    intended: Sequence[Access],
    actions: Sequence[str],
    judged: Sequence[RepositoryScope] = (),
    repository: str | None = None,
    bearer: Access | None = None,
) -> tuple[Universe, tuple[Policy, ...]]:
    """The universe of a question, and the policies without policy variables.

    Of the `judged` scopes only their union matters.
    """
    scopes = list(dict.fromkeys(_scope_of(access) for access in intended if access is not bearer))
    together = judged
    if variables_of(policies):
        # A variable may take the account of each registry as its value, so each is needed.
        scopes, together = [*judged, *scopes], ()

    def make(among: Sequence[Policy], values: Values | None) -> Universe:
        statements = [statement for policy in among for statement in policy.statements]
        principals: Iterable[Principal] = principals_of(statements, intended, setting)
        resources: Iterable[str] = resources_of(
            statements,
            scopes,
            setting,
            repository=repository,
            together=together,
        )
        if bearer is not None and bearer.role is not None:
            pattern = like_glob(f"role/{bearer.role}")
            principals = (
                principal
                for principal in principals
                if matches(pattern, principal.arn.split(":", 5)[5])
            )
        if values is not None:
            principals = map(values.as_before, filter(values.keeps, principals))
            resources = filter(values.keeps_resource, resources)
        return Universe(
            setting,
            principals=tuple(principals),
            actions=actions,
            resources=tuple(resources),
            context_keys=context_keys_of(statements),
        )

    return resolve(policies, make)


def _scope_of(access: Access) -> RepositoryScope:
    return RepositoryScope(
        region=access.region,
        registry_account=access.registry_account,
        repositories=access.repositories,
    )


def _bits_where(words: Sequence[str], test: Callable[[str], bool]) -> int:
    return mask_of(number for number, word in enumerate(words) if test(word))


def _mask_where(among: int, test: Callable[[int], bool]) -> int:
    return mask_of(number for number in bits_of(among) if test(number))


def _account_of(arn: str | None) -> str | None:
    return (arn.split(":")[4] or None) if arn else None


def _demands(universe: Universe, intended: Sequence[Access]) -> list[_Demand]:
    """What each intended access needs, where it is about anybody in the universe."""
    who: dict[tuple[str | None, ...], int] = {}
    actions: dict[frozenset[str], int] = {}
    resources: dict[RepositoryScope, int] = {}
    demands = []
    partition = universe.setting.partition
    for access in intended:
        key = (access.account, access.role, access.service, access.organization, access.unit)
        if key not in who:
            who[key] = _who(universe, access)
        if access.actions not in actions:
            actions[access.actions] = _bits_where(universe.actions, access.actions.__contains__)
        scope = _scope_of(access)
        if scope not in resources:
            resources[scope] = (
                universe.resources_matching((scope_glob(scope, partition),)) | universe.no_resource
            )
        want = _Want(who[key], actions[access.actions], resources[scope])
        if want.principals and want.actions and want.resources:
            demands.append(_Demand(access, want))
    return demands


def _who(universe: Universe, access: Access) -> int:
    """The principals that an intended access is about."""
    if access.service is not None:
        return _mask_where(
            universe.by_service.get(access.service, 0),
            lambda number: _acts_for(universe, number, access.account),
        )
    if access.account is not None:
        found = universe.by_account.get(access.account, 0)
    else:
        found = universe.values.get("aws:principalorgid", {}).get(access.organization or "", 0)
        if access.unit is not None:
            found &= universe.who_matches(
                "aws:principalorgpaths", ((*access.unit, *like_glob("*")),)
            )
    if access.role is None:
        return found
    pattern = like_glob(f"role/{access.role}")
    return _mask_where(
        found,
        lambda number: matches(pattern, universe.principals[number].arn.split(":", 5)[5]),
    )


def _acts_for(universe: Universe, number: int, account: str | None) -> bool:
    """Whether a service acts for an account, or does not say for whom."""
    principal = universe.principals[number]
    named = _account_of(principal.source_arn)
    if named is not None:
        return named == account
    return principal.source_account in {None, account}


def _wants(demands: Iterable[_Demand]) -> list[_Want]:
    """The wants of demands, those for the same actions and resources merged."""
    merged: dict[tuple[int, int], int] = {}
    for demand in demands:
        key = (demand.want.actions, demand.want.resources)
        merged[key] = merged.get(key, 0) | demand.want.principals
    return [
        _Want(principals, actions, resources) for (actions, resources), principals in merged.items()
    ]


def _harmless(universe: Universe, demands: Iterable[_Demand]) -> list[_Want]:
    """Read-only surplus on repositories that were granted, and the authorization token."""
    actions = _bits_where(
        universe.actions,
        lambda action: action in HARMLESS_ACTIONS and acts_on_a_repository(action),
    )
    wants = _wants(demands)
    anybody = 0
    for want in wants:
        anybody |= want.principals
    return [
        *(_Want(want.principals, actions, want.resources) for want in wants),
        _token_want(universe, anybody),
    ]


def _token_want(universe: Universe, principals: int) -> _Want:
    action = _bits_where(universe.actions, lambda name: name == AUTHORIZATION_ACTION)
    return _Want(principals, action, universe.no_resource)


def _authorization(universe: Universe, demands: Iterable[_Demand]) -> _Demand:
    """Whoever pulls needs the authorization token, which is granted on `*`."""
    anybody = 0
    for demand in demands:
        anybody |= demand.want.principals
    return _Demand(None, _token_want(universe, anybody))


def _not_judged(
    universe: Universe, policies: Iterable[Policy], judged: Iterable[RepositoryScope]
) -> list[_Want]:
    """What an identity policy may hold without being too wide."""
    everyone, everywhere = universe.everyone, universe.every_resource
    caches = universe.resources_matching(
        [scope_glob(scope, universe.setting.partition) for scope in judged]
    )
    on_repositories = _bits_where(universe.actions, acts_on_a_repository)
    judged_anywhere = on_repositories & _bits_where(
        universe.actions, lambda action: kind_of(action) in _JUDGED_KINDS
    )
    writes = on_repositories & _bits_where(universe.actions, lambda action: kind_of(action).writes)
    neither = universe.every_action & ~judged_anywhere & ~writes
    literal = {
        text.plain
        for policy in policies
        for statement in policy.statements
        if statement.effect is Effect.ALLOW
        and statement.resources is not None
        and not statement.resources.negated
        for text in statement.resources.texts
        if text.plain is not None and not set("*?") & set(text.plain)
    }
    others = _bits_where(universe.resources, lambda resource: resource in literal) & ~caches
    return [
        _Want(everyone, neither, everywhere),
        _Want(everyone, writes, everywhere & ~caches),
        _Want(everyone, universe.every_action, others),
    ]


def _too_complex(policies: Sequence[Policy], problem: TooComplexError) -> Judgement:
    statements = tuple(statement for policy in policies for statement in policy.statements)
    reason = f"the policies are too complex to be decided: {problem}"
    return Judgement(
        undecided=tuple(
            Undecided(question=question, reason=reason, statements=statements)
            for question in (Question.OVER_GRANT, Question.UNDER_GRANT)
        )
    )


@dataclass(slots=True)
class _Surplus:
    """An over-grant while it is collected: its first request and everything it affects."""

    principal: int
    action: int
    case: Case
    statements: tuple[Statement, ...]
    principals: int = 0
    actions: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Principals that certainly cannot do the actions of a case though some must."""

    case: Case
    outcome: Outcome
    principals: int


_SurplusKey = tuple[tuple[tuple[str, int], ...], PrincipalKind, ActionKind]


class _Judge:
    """Collects what is wrong with policies that act together."""

    def __init__(
        self, universe: Universe, policies: Sequence[Policy], written: Sequence[Policy]
    ) -> None:
        """`written` are the policies with their policy variables, in which requests are replayed."""
        self._universe = universe
        self._policies = written
        self._resolved = policies
        self._kind = universe.setting.kind
        self._compiled = compile_policies(policies, universe, self._kind)
        self._surplus: dict[_SurplusKey, _Surplus] = {}
        self._under: list[UnderGrant] = []
        self._undecided: dict[tuple[Question, str, tuple[tuple[str, int], ...]], Undecided] = {}
        self._kinds: dict[PrincipalKind, int] = {}
        self._counts: dict[tuple[PrincipalKind, ActionKind], int] = {}
        self._omitted = 0
        members: dict[PrincipalKind, list[int]] = {}
        for number, principal in enumerate(universe.principals):
            members.setdefault(principal.kind, []).append(number)
        for kind in PrincipalKind:
            self._kinds[kind] = mask_of(members.get(kind, ()))

    def _grounds(self, wants: Iterable[_Want], *policies: Compiled) -> Iterator[Ground]:
        return grounds(
            self._universe,
            policies,
            [want.actions for want in wants],
            self._resources_of,
        )

    def _resources_of(self, action: int) -> int:
        universe = self._universe
        if self._kind is PolicyKind.TRUST:
            return universe.every_resource
        if acts_on_a_repository(universe.actions[action]):
            return universe.every_resource & ~universe.no_resource
        return universe.no_resource

    def find_over_grants(self, wants: Sequence[_Want], accepted: Sequence[Policy] = ()) -> None:
        """Look for requests that are allowed and neither wanted nor allowed by what is accepted."""
        universe = self._universe
        compiled = _without_accepted(self._compiled, self._resolved, accepted)
        others = [compile_policies((policy,), universe, self._kind) for policy in accepted]
        for ground in self._grounds(wants, compiled, *others):
            policy, *declared = ground.readings
            if not policy.may_allow:
                continue
            wanted = _wanted(wants, ground)
            for case in cases(universe, ground):
                result = outcome(universe, policy, case)
                intended = wanted
                for other in declared:
                    intended |= outcome(universe, other, case).allowed_surely
                surely = result.allowed_surely & ~intended
                if surely:
                    self._note_surplus(policy, case, surely)
                if open_ended := result.may_be_allowed & ~intended & ~surely:
                    self._note_doubts(Question.OVER_GRANT, policy, case, open_ended)

    def _note_surplus(self, policy: Compiled, case: Case, surplus: int) -> None:
        allows = [reading for reading in policy.allows_surely if reading.holds(case.cell)]
        by_kind: dict[ActionKind, list[int]] = {}
        for action in case.actions:
            by_kind.setdefault(kind_of(self._universe.actions[action]), []).append(action)
        for kind, members in self._kinds.items():
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

    def _note_doubts(
        self, question: Question, policy: Compiled, case: Case, principals: int
    ) -> bool:
        """Note the statements whose doubts leave a question open; whether there are any."""
        noted = False
        sides = (
            (policy.may_allow, policy.allows_surely),
            (policy.may_deny, policy.denies_surely),
        )
        for possible, sure in sides:
            surely = {
                id(reading.statement): reading.principals
                for reading in sure
                if reading.holds(case.cell)
            }
            for reading in possible:
                touched = principals & reading.principals & ~surely.get(id(reading.statement), 0)
                if touched and reading.holds(case.cell):
                    noted = True
                    number = self._most_public(touched)
                    self._note_undecided(
                        question, _why(reading, self._kind), (reading.statement,), case, number
                    )
        return noted

    def _most_public(self, principals: int) -> int:
        """The first of the principals of the most public kind."""
        found = next(
            members & principals for members in self._kinds.values() if members & principals
        )
        return next(bits_of(found))

    def _note_undecided(
        self,
        question: Question,
        reason: str,
        statements: tuple[Statement, ...],
        case: Case,
        principal: int,
    ) -> None:
        places = tuple((statement.source, statement.index) for statement in statements)
        self._undecided.setdefault(
            (question, reason, places),
            Undecided(
                question=question,
                reason=reason,
                statements=statements,
                request=request_of(self._universe, principal, case.actions[0], case),
            ),
        )

    def find_under_grants(self, demands: Sequence[_Demand], *, given: int) -> None:
        """Look for demands that are not certainly met.

        `given` are principals that another policy allows everything: only a Deny matters to them.
        Callers use TLS; where they come from is not known, so a network key is absent unless it
        would make a difference.
        """
        universe = self._universe
        wants = _wants(demands)
        failures: list[_Failure] = []
        for ground in self._grounds(wants, self._compiled):
            needed = _wanted(wants, ground)
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
                if len(self._under) >= REPORTED_AT_MOST:
                    self._omitted += 1
                    continue
                number, action, failure = first
                self._under.append(
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
        if self._note_doubts(Question.UNDER_GRANT, policy, case, principals):
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
        self._note_undecided(Question.UNDER_GRANT, reason, statements, case, number)

    def judgement(self) -> Judgement:
        """Everything that was found, replayed, in order, most public first."""
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
        for surplus in over:
            self._replay(surplus.request, allowed=True)
        for lack in self._under:
            self._replay(lack.request, allowed=False)
        undecided = tuple(self._undecided.values())
        omitted = self._omitted + len(ordered) - len(over) + len(undecided)
        undecided = undecided[:REPORTED_AT_MOST]
        return Judgement(
            over=tuple(over),
            under=tuple(self._under),
            undecided=undecided,
            omitted=omitted - len(undecided),
        )

    def _replay(self, request: Request, *, allowed: bool) -> None:
        if self._kind is PolicyKind.IDENTITY:
            decision = decide(
                request,
                resource_account=_owner(request, self._universe),
                identity_policies=self._policies,
            )
        else:
            own = f":{self._universe.setting.account}:" in request.principal
            covered = own and not allowed and self._kind is not PolicyKind.TRUST
            decision = decide(
                request,
                resource_account=self._universe.setting.account,
                resource_policies=self._policies,
                identity_policies=(_ALLOW_ALL,) if covered else None,
                kind=self._kind,
            )
        if decision.allowed is not allowed:
            raise ToolError(
                "internal error in the grant engine",
                f"The request {request!r} ought to be {'allowed' if allowed else 'refused'}, but "
                f"the evaluator says {decision.allowed}: {decision.reason}. Please report it "
                "together with the policy.",
            )


def _owner(request: Request, universe: Universe) -> str:
    """The account that owns the resource of a request."""
    if request.resource.startswith("arn:"):
        return request.resource.split(":")[4]
    return universe.setting.account


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


def _wanted(wants: Iterable[_Want], ground: Ground) -> int:
    action = ground.actions[0]
    wanted = 0
    for want in wants:
        if want.covers(action, ground.resource):
            wanted |= want.principals
    return wanted


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


def _why(reading: Reading, kind: PolicyKind) -> str:
    """Why a statement has two readings."""
    statement = reading.statement
    if reasons := statement.reasons(kind):
        return "; ".join(reasons)
    if statement.principals is not None and statement.principals.negated:
        return (
            "NotPrincipal leaves out a role for sure only when its session, the role and the "
            "account are all listed"
        )
    return "an ARN pattern with fewer than six parts is read in more than one way"
