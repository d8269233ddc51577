"""May somebody pull some images? The question of a grant that is asked instead of declared.

It is decided as `check` decides a grant: by the topology that declares just this, and each refusal is
replayed request by request.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from generator.estate.spellings import matches_role
from generator.estate.wording import capital, describe_request
from generator.frozen_data import frozen
from generator.grants.boundaries import boundary_policies
from generator.grants.case import Case, case_of
from generator.grants.consumers import consumer_policies
from generator.grants.declared_access import declared_for, organization_of, pull_access
from generator.grants.judged_policy import JudgedPolicy, StatementSpan
from generator.grants.namesakes import namesake_of
from generator.grants.organization_policies import organization_policies
from generator.grants.private_upstreams import (
    cache_upstream,
    given_upstream,
    imports_privately,
    is_registry_judged,
    registry_policy_of,
    upstream_registry,
)
from generator.grants.pullers import Puller, grants_asked
from generator.grants.registries import registry_policies
from generator.grants.registry_scope import registry_scope
from generator.grants.replay import Layer, Replay, Side, replay, replay_request
from generator.grants.replay_policies import policies_of
from generator.grants.repositories import repository_policies
from generator.grants.roles import upstream_roles_of
from generator.grants.unplaced_records import unplaced_doubts
from generator.iam import Effect, PolicyKind, Question, Request, UnderGrant
from generator.model.estate import Estate, Identity, Kind, Record, Unknown
from generator.model.levels import AUTHORIZATION_ACTION, Level
from generator.model.reading import UnreadModule
from generator.model.span import Span
from generator.model.topology import Cache, Grant, IdentitySide, Topology
from generator.model.values import AccountId, repository_arn, role_arn

OF_A_REGISTRY = frozenset(
    {
        Kind.REGISTRY_POLICY,
        Kind.CREATION_TEMPLATE,
        Kind.REPOSITORY,
        Kind.REPOSITORY_POLICY,
        Kind.ACCOUNT_SETTING,
    }
)
"""What of a registry decides about pulls."""

OF_AN_ORGANIZATION = frozenset({Kind.ORGANIZATION_POLICY, Kind.ORGANIZATION_ATTACHMENT})
"""What of an organization does."""

_ANYBODY = AccountId("999999999999")
"""What stands for an account of an organization where none is known."""


@frozen
class PullQuestion:
    """Whether somebody may pull, at a level, repositories (a name or a pattern) through a cache."""

    puller: Puller
    cache: Cache
    repositories: str
    level: Level


@frozen
class Refusal:
    """Why somebody may not: the policy that should give it, and a request that nobody answers with yes.

    `policy` and `grant` are `None` where nothing was judged; `reason` is a whole sentence.
    """

    reason: str
    policy: JudgedPolicy | None = None
    grant: UnderGrant | None = None

    @property
    def request(self) -> Request | None:
        """The request that is refused."""
        return None if self.grant is None else self.grant.request


@frozen
class Allowing:
    """A statement that allows a request of the pull, on one of the sides."""

    layer: Layer
    what: str
    statement: str
    place: Span | None


@frozen
class PullAnswer:
    """Whether they may (`None`: cannot tell), and why.

    A yes holds for everybody who is meant and for all of the repositories; a no is shown by one request.
    `conditions` are what has to be so besides, `doubts` what leaves it open. `declared` are the
    grants of the topology that reach all who are asked about. `is_judged` is unset where what was read
    is about none of the accounts that have a say: then only the topology speaks.
    """

    question: PullQuestion
    verdict: bool | None
    refusals: tuple[Refusal, ...] = ()
    doubts: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    allowing: tuple[Allowing, ...] = ()
    declared: tuple[Grant, ...] = ()
    is_declared: bool = False
    is_judged: bool = True


@dataclass(frozen=True, kw_only=True)
class Pulls:
    """Answers questions about pulls from what was read, or from what the topology stands for.

    `asked` are the accounts that the source is about, `None` for all of the topology's.
    """

    topology: Topology
    estate: Estate
    statement_span: StatementSpan
    unread: Sequence[UnreadModule] = ()
    unanswered: Collection[Identity] = ()
    asked: frozenset[AccountId] | None = None

    def may(self, question: PullQuestion, *, shows_lines: bool = True) -> PullAnswer:
        """Whether everybody who is meant may pull all of the repositories.

        Without `shows_lines`, a yes does not name the statements that it rests on.
        """
        asked = self.grants(question)
        accesses = [access for grant in asked for access in pull_access(self.topology, grant)]
        declared, is_declared = declared_for(self.topology, accesses)
        case = self.case(asked)
        judged = tuple(filter(self.is_asked, _judged(case, question)))
        refusals = list(self._mistaken(asked))
        doubts: dict[str, None] = {}
        for policy in judged:
            if policy.is_perhaps_unread:
                doubts[f"{capital(policy.what)} may be in what was not read"] = None
            for lack in policy.judgement.under:
                if self._is_refused(lack.request, question):
                    refusals.append(_refusal(policy, lack))
                else:
                    doubts[_not_alone(lack)] = None
            for open_question in policy.judgement.undecided:
                if open_question.question is Question.UNDER_GRANT:
                    doubts[f"{capital(policy.what)}: {open_question.reason}"] = None
        cache = question.cache
        doubts.update(dict.fromkeys(unplaced_doubts(case, cache, question.repositories, asked)))
        conditions: dict[str, None] = {}
        for side in self._given_sides(question, asked, judged):
            if is_declared:
                conditions[f"{side} gives what the topology declares"] = None
            elif declared:
                refusals.append(Refusal(reason=_declared_less(side, question, declared)))
            else:
                doubts[
                    f"What {side} gives is not known, and the topology declares nothing of it"
                ] = None
        crossed = [(cache.account, cache.region)] if _crosses(asked, question) else []
        for account, region in (*crossed, *upstream_registry(cache, question.level)):
            if (scope := registry_scope(self.topology, self.estate, account, region)) is None:
                continue
            known, words = scope
            (conditions if known is None else doubts)[words] = None
            if known is False and not doubts.keys() - {words}:
                refusals.append(Refusal(reason=f"{words}."))
        if imports_privately(cache, question.level):
            conditions.update(dict.fromkeys(given_upstream(case, cache, judged)))
            if (chain := cache_upstream(self.topology, cache)) is not None:
                # Only a repository that is there can be refreshed for another registry.
                is_first = question.level is Level.FIRST_PULL
                (doubts if is_first else conditions)[chain] = None
        if refusals:
            # A refusal is certain, whatever is open besides.
            refusals.sort(
                key=lambda one: (one.grant is None, bool(one.grant and one.grant.by_network))
            )
            verdict: bool | None = False
        else:
            verdict = None if doubts else True
        allowing: tuple[Allowing, ...] = ()
        if verdict is True and shows_lines:
            allowing, provided = self._shown(question, asked)
            conditions.update(dict.fromkeys(provided))
        return PullAnswer(
            question=question,
            verdict=verdict,
            refusals=tuple(refusals),
            doubts=tuple(doubts),
            conditions=tuple(conditions),
            allowing=allowing,
            declared=tuple(declared),
            is_declared=is_declared,
            is_judged=self.asked is None or not self.asked.isdisjoint(self.accounts(question)),
        )

    def accounts(self, question: PullQuestion) -> frozenset[AccountId]:
        """The accounts that have a say in a pull: the registry's, those of who pulls, the upstream's."""
        cache = question.cache
        return frozenset(
            (
                self.topology.account_id(cache.account),
                *(
                    account
                    for grant in self.grants(question)
                    if (account := self.topology.consumer_account_id(grant)) is not None
                ),
                *(
                    self.topology.account_id(name)
                    for name, _ in upstream_registry(cache, question.level)
                ),
            )
        )

    def _mistaken(self, asked: Sequence[Grant]) -> Iterator[Refusal]:
        """Those who are meant and whom nobody is, since the role of that name has another path."""
        for grant in asked:
            found = namesake_of(self.topology, self.estate, grant)
            if found is not None:
                yield Refusal(
                    reason=(
                        f"Role {grant.consumer.role} of account {grant.scope} is `{found.key}` "
                        f"(`{found.address}`), and the registry's policy tells a role by its path as well."
                    )
                )

    def is_asked(self, policy: JudgedPolicy) -> bool:
        """Whether the source is about the account of a policy."""
        return (
            self.asked is None
            or isinstance(policy.account, Unknown)
            or policy.account in self.asked
        )

    def is_asked_of(self, account: AccountId) -> bool:
        """Whether the source is about an account."""
        return self.asked is None or account in self.asked

    def is_account_asked(self, grant: Grant) -> bool:
        """Whether the source is about the account of a grant's consumer, where it has one."""
        account = self.topology.consumer_account_id(grant)
        return self.asked is None or account is None or account in self.asked

    def allowed(self, question: PullQuestion, request: Request) -> tuple[Allowing, ...] | None:
        """What allows all that the pull takes, for one caller and repository; `None` if not all is."""
        allowing: dict[Allowing, None] = {}
        for action in question.level.actions:
            replayed = self._replayed(replace(request, action=action), question)
            if replayed.decision.allowed is not True:
                return None
            for layer in (Layer.REGISTRY, Layer.REPOSITORY, Layer.IDENTITY):
                allowing.update(dict.fromkeys(one for one, _ in _matching(replayed, layer)))
        return tuple(allowing)

    def grants(self, question: PullQuestion) -> tuple[Grant, ...]:
        """The grants that would declare what is asked."""
        whole = question.repositories == question.cache.prefix.repositories
        return grants_asked(
            self.topology,
            question.puller,
            question.cache,
            level=question.level,
            pattern=None if whole else question.repositories,
        )

    def case(self, asked: Sequence[Grant]) -> Case:
        """What is judged: the topology that declares only what is asked, and what is around it."""
        cache = asked[0].cache
        topology = replace(
            self.topology,
            grants=tuple(asked),
            # What other caches need of their upstreams says nothing about this one.
            caches=tuple(
                other
                for other in self.topology.caches_by_registry[cache.account, cache.region]
                if other.upstream_account is None
                or (other == cache and asked[0].level is not Level.CACHED)
            ),
            templates=tuple(
                placed
                for placed in self.topology.templates
                if (placed.account, placed.region) == (cache.account, cache.region)
            ),
        )
        return case_of(
            topology,
            self._around(asked),
            self.statement_span,
            unread=self.unread,
            unanswered=self.unanswered,
            lacks_only=True,
        )

    def _around(self, asked: Sequence[Grant]) -> Estate:
        """The records that have a say: of the registry, of the accounts of those who pull."""
        cache = asked[0].cache
        registry = self.topology.account_id(cache.account)
        accounts = {
            registry,
            *(account for grant in asked if (account := self.topology.consumer_account_id(grant))),
        }
        places = {(registry, cache.region)}
        if cache.upstream_account is not None and cache.upstream_region is not None:
            upstream = self.topology.account_id(cache.upstream_account)
            accounts.add(upstream)
            places.add((upstream, cache.upstream_region))

        def matters(record: Record) -> bool:
            if record.kind in OF_AN_ORGANIZATION:
                return True
            if not isinstance(record.account, Unknown) and record.account not in accounts:
                return False
            if record.kind in OF_A_REGISTRY:
                return any(record.may_be_in(owner, region) for owner, region in places)
            return True

        return replace(self.estate, records=tuple(filter(matters, self.estate.records)))

    def _given_sides(
        self, question: PullQuestion, asked: Sequence[Grant], judged: Sequence[JudgedPolicy]
    ) -> Iterator[str]:
        """The sides of a pull of which nothing was read, in words."""
        cache = question.cache
        account = self.topology.account_id(cache.account)
        if _crosses(asked, question) and not is_registry_judged(judged, account, cache.region):
            yield registry_policy_of(cache.account, cache.region)
        holders = {
            policy.holder
            for policy in judged
            if policy.kind is PolicyKind.IDENTITY and policy.holder is not None and policy.records
        }
        for grant in asked:
            patterns = grant.consumer.role_patterns
            is_read = bool(patterns) and holders.issuperset(patterns)
            if grant.identity is IdentitySide.ELSEWHERE and not is_read:
                yield f"the owner of {grant.consumer.who} in {grant.scope}"
            elif not self.is_account_asked(grant):
                yield f"what was not read of {grant.scope}"

    def _is_refused(self, request: Request, question: PullQuestion) -> bool:
        """Whether a request is refused by all the policies together."""
        return self._replayed(request, question).decision.allowed is not True

    def _replayed(self, request: Request, question: PullQuestion) -> Replay:
        cache = question.cache
        context = [
            (key, one)
            for key, value in request.context.items()
            for one in ((value,) if isinstance(value, str) else value)
        ]
        asked = replay_request(
            principal=request.principal,
            action=request.action,
            resource=request.resource or "*",
            context=context,
            registry=f"{self.topology.account_id(cache.account)}/{cache.region}",
            side=Side.IDENTITY if request.action == AUTHORIZATION_ACTION else Side.BOTH,
            now=self.topology.asked_at,
        )
        policies, notes = policies_of(asked, self.topology, self.estate, self.statement_span)
        return replay(asked, policies, notes)

    def _shown(
        self, question: PullQuestion, asked: Sequence[Grant]
    ) -> tuple[tuple[Allowing, ...], tuple[str, ...]]:
        """For one of those who are meant, the statements that let it pull, and what they rest on."""
        allowing: dict[Allowing, None] = {}
        provided: dict[str, None] = {}
        for action in question.level.actions:
            request = self.example(question, asked[0], action)
            replayed = self._replayed(request, question)
            if replayed.decision.allowed is not True:
                return (), ()
            for layer in (Layer.REGISTRY, Layer.REPOSITORY, Layer.IDENTITY):
                found = list(_matching(replayed, layer))
                if not found:
                    continue
                # What simply holds is better than what holds under a condition.
                one, condition = min(found, key=lambda each: bool(each[1]))
                allowing[one] = None
                if condition:
                    role = request.principal.partition(":role/")[2]
                    provided[condition.replace(f"role {role}", asked[0].consumer.who)] = None
        return tuple(allowing), tuple(provided)

    def example(self, question: PullQuestion, grant: Grant, action: str) -> Request:
        """A request of one of those who are meant."""
        cache = question.cache
        registry = self.topology.account_id(cache.account)
        account = self.topology.consumer_account_id(grant) or self._member(grant) or _ANYBODY
        patterns = grant.consumer.role_patterns
        role = self._role(account, patterns[0]) if patterns else "any"
        repository = question.repositories.replace("*", "image").replace("?", "x")
        context: dict[str, str | tuple[str, ...]] = {}
        organization = organization_of(self.topology)
        if organization is not None and (account in organization.paths or grant.consumer.is_group):
            context["aws:PrincipalOrgID"] = organization.id
            path = organization.paths.get(account) or self.topology.unit_path(grant.consumer)
            if path is not None:
                context["aws:PrincipalOrgPaths"] = (path,)
        return Request(
            principal=role_arn(cache.region.aws_partition.id, account, role),
            action=action,
            resource=repository_arn(cache.region, registry, repository),
            context=context,
        )

    def _role(self, account: AccountId, pattern: str) -> str:
        for record in self.estate.of_account(account):
            if (
                record.kind is Kind.ROLE
                and isinstance(record.key, str)
                and matches_role(pattern, record.key)
            ):
                return record.key
        return pattern.replace("*", "x").replace("?", "x")

    def _member(self, grant: Grant) -> AccountId | None:
        """An account that belongs to a unit or to the organization."""
        unit = self.topology.unit_path(grant.consumer)
        for account in self.topology.accounts.values():
            if account.id in self.topology.members and (unit is None or account.lies_below(unit)):
                return account.id
        return None


def _judged(case: Case, question: PullQuestion) -> Iterator[JudgedPolicy]:
    """Every policy that can keep the asked from their pull, or ECR from importing for them."""
    if imports_privately(question.cache, question.level):
        yield from upstream_roles_of(case)
    for policies in (
        registry_policies,
        repository_policies,
        consumer_policies,
        boundary_policies,
        organization_policies,
    ):
        yield from policies(case)


def _crosses(asked: Sequence[Grant], question: PullQuestion) -> bool:
    return any(grant.consumer_account != question.cache.account for grant in asked)


def _refusal(policy: JudgedPolicy, lack: UnderGrant) -> Refusal:
    if lack.by_network:
        why = "is refused from some networks"
    elif lack.statements:
        why = "is refused by a Deny"
    else:
        why = "is not allowed"
    return Refusal(
        reason=f"In {policy.what}, {describe_request(lack.request)}, and {why}.",
        policy=policy,
        grant=lack,
    )


def _not_alone(lack: UnderGrant) -> str:
    return (
        f"{capital(describe_request(lack.request))}: the policies of the one side do not give it, and one of "
        "the other may name the caller directly"
    )


def _declared_less(side: str, question: PullQuestion, declared: Sequence[Grant]) -> str:
    levels = ", ".join(dict.fromkeys(f"`{grant.level}`" for grant in declared))
    return (
        f"{capital(side)} gives what the topology declares, and that is {levels}, not "
        f"`{question.level}`."
    )


def _matching(replayed: Replay, layer: Layer) -> Iterator[tuple[Allowing, str]]:
    for policy, steps in zip(replayed.policies, replayed.steps, strict=True):
        # What an owner writes elsewhere has no place, and is told as what the answer rests on.
        if policy.layer is not layer or policy.unseen or policy.place is None:
            continue
        for step in steps:
            if step.matches is True and step.statement.effect is Effect.ALLOW:
                name = step.statement.sid or f"statement {step.statement.index + 1}"
                place = policy.span_of(step.statement.index)
                yield (
                    Allowing(layer=layer, what=policy.what, statement=name, place=place),
                    policy.provided,
                )
