"""May nobody pull? The opposite question, for access that must never be there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from generator.estate.attached_policies import (
    held_policies,
    parse_record,
    policies_of_others,
    roles_in,
)
from generator.estate.resources.other_access import OTHER_ACCESS, Content
from generator.estate.spellings import matches_role
from generator.estate.wording import describe_request
from generator.frozen_data import frozen
from generator.grants.consumers import consumer_policies
from generator.grants.declared_access import organization_of, pull_access
from generator.grants.judged_policy import JudgedPolicy
from generator.grants.other_access import other_access
from generator.grants.pullers import contains_role, overlaps
from generator.grants.pulls import Allowing, PullQuestion, Pulls
from generator.grants.repositories import BEFORE_IT_EXISTS, without_template
from generator.iam import (
    Access,
    Judgement,
    Policy,
    Question,
    Request,
    given_by_identity_policies,
    given_by_resource_policy,
)
from generator.intent.registry_policies import is_exported
from generator.model.estate import Absent, Kind, Record, Unknown
from generator.model.levels import IMPORT_ACTION
from generator.model.topology import Account, Grant, IdentitySide
from generator.model.values import AccountId, Prefix

_MOST_TRIED = 200
"""Requests that are replayed at most in search of one that is allowed."""


@frozen
class Prohibition:
    """Whether nobody of those who are meant may pull any of the repositories (`None`: cannot tell).

    `request` is one that is allowed, and `allowing` what allows it. `doubts` leave it open;
    `conditions` are what is taken as given.
    """

    question: PullQuestion
    holds: bool | None
    request: Request | None = None
    allowing: tuple[Allowing, ...] = ()
    doubts: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Side:
    """What one side of a pull gives anybody: whether it may, why that is not known, and requests."""

    gives: bool = False
    doubts: dict[str, None] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()


def never(pulls: Pulls, question: PullQuestion) -> Prohibition:
    """Whether nobody who is meant may pull any of the repositories at the level.

    A pull takes all actions of its level, so it is impossible where one of them is given to nobody: on
    either side across accounts, on both sides in one account.
    """
    asker = _Asker(pulls=pulls, question=question)
    tried: dict[tuple[str, str], Request] = {}
    doubts: dict[str, None] = {}
    for action in _decisive_first(question):
        registry = asker.registry(action)
        # The policies of those who pull are many, and are asked only where they decide.
        if not registry.gives and not asker.is_within:
            return Prohibition(question=question, holds=True, conditions=tuple(asker.conditions))
        identity = asker.identity(action)
        closed = not identity.gives and (not registry.gives or not asker.is_within)
        if closed:
            return Prohibition(question=question, holds=True, conditions=tuple(asker.conditions))
        for side in (identity, registry):
            doubts.update(side.doubts)
            for request in side.requests:
                tried.setdefault((request.principal, request.resource), request)
    for request in (*list(tried.values())[:_MOST_TRIED], *asker.examples()):
        allowing = pulls.allowed(question, request)
        if allowing is not None:
            return Prohibition(
                question=question,
                holds=False,
                request=replace(request, action=_decisive_first(question)[0]),
                allowing=allowing,
            )
    return Prohibition(
        question=question,
        holds=None,
        doubts=tuple(doubts) or (asker.why_open,),
        conditions=tuple(asker.conditions),
    )


def _decisive_first(question: PullQuestion) -> tuple[str, ...]:
    """The actions of a level, those that tell it from the lower ones first."""
    rank = {"ecr:CreateRepository": 0, IMPORT_ACTION: 1}
    return tuple(sorted(question.level.actions, key=lambda action: rank.get(action, 2)))


class _Asker:
    """Asks each side of a pull what it gives to anybody."""

    def __init__(self, *, pulls: Pulls, question: PullQuestion) -> None:
        self._pulls = pulls
        self._question = question
        self._topology = pulls.topology
        self._asked = pulls.grants(question)
        self._case = pulls.case(self._asked)
        self.conditions: dict[str, None] = {}

    @cached_property
    def _identity(self) -> tuple[JudgedPolicy, ...]:
        return tuple(filter(self._pulls.is_asked, consumer_policies(self._case)))

    @property
    def is_within(self) -> bool:
        """Whether some of them are in the registry's own account, where one side is enough."""
        cache = self._question.cache
        account = self._topology.accounts[cache.account]
        for grant in self._asked:
            unit = self._topology.unit_path(grant.consumer)
            if grant.consumer_account == cache.account:
                return True
            if grant.consumer.is_organization and account.id in self._topology.members:
                return True
            if unit is not None and account.lies_below(unit):
                return True
        return False

    @property
    def why_open(self) -> str:
        """What is said where each side gives something, and no request gets through both."""
        return "each side gives some of it to some of them, and whether to the same is not decided"

    def examples(self) -> Iterator[Request]:
        """One request for each grant that the topology declares for some of them."""
        for grant in self._overlapping():
            asked = replace(self._question, repositories=self._narrower(grant))
            for mine in self._asked:
                if self._may_be_the_same(grant, mine):
                    both = self._of_both(grant, mine)
                    yield self._pulls.example(asked, both, self._question.level.actions[0])

    def _of_both(self, grant: Grant, mine: Grant) -> Grant:
        """A grant to somebody who is asked about and has the other grant."""
        if self._topology.consumer_account_id(mine) is None:
            return grant
        theirs, own = grant.consumer.role_patterns, mine.consumer.role_patterns
        is_narrower = own and (not theirs or contains_role(theirs[0], own[0]))
        if is_narrower or grant.consumer.is_group:
            return mine
        return grant

    def _narrower(self, grant: Grant) -> str:
        mine, theirs = self._question.repositories, grant.repositories
        return mine if len(mine.rstrip("*")) >= len(theirs.rstrip("*")) else theirs

    def _accesses(self, action: str) -> list[Access]:
        return [
            replace(access, actions=frozenset({action}))
            for grant in self._asked
            for access in pull_access(self._topology, grant)
        ]

    def registry(self, action: str) -> _Side:
        """What the registry's policies give anybody of them."""
        cache = self._question.cache
        account = self._topology.accounts[cache.account]
        side = _Side()
        found = False
        for record in self._case.estate.records:
            name = _POLICIES.get(record.kind)
            if name is None or isinstance(record.get(name), Absent):
                continue
            # The upstream of the cache may be a registry as well.
            if record.account != account.id and not isinstance(record.account, Unknown):
                continue
            if record.region != cache.region and not isinstance(record.region, Unknown):
                continue
            if record.kind is Kind.REGISTRY_POLICY:
                found = True
                repository: str | None = None
                without: tuple[str, ...] = ()
            elif action in BEFORE_IT_EXISTS or not self._is_near(record):
                continue
            elif record.kind is Kind.REPOSITORY_POLICY:
                repository, without = str(record.key), ()
            else:
                repository = Prefix(str(record.key).removesuffix("/")).repositories
                without = without_template(self._case, account, cache.region, record)
            judgement = given_by_resource_policy(
                parse_record(record, name),
                registry_account=account.id,
                region=cache.region,
                asked=self._accesses(action),
                known_accounts=[other.id for other in self._topology.accounts.values()],
                organization=organization_of(self._topology),
                repository=repository,
                without=without,
                now=self._topology.asked_at,
            )
            _add(side, judgement, f"`{record.address}`")
        if self._case.hidden.may_hold(self._missing(account.id)):
            side.gives = True
            more = (
                "another policy of the registry or of a repository"
                if found
                else "the registry policy"
            )
            _doubt(side, f"{more} of account {account.name} may be in what was not read")
        elif not found and not self._is_certainly_without(account.name):
            self._as_declared(side, action, f"the registry policy of account {account.name}")
        self._add_other_ways(side, {account.id}, OF_RESOURCES)
        return side

    def _add_other_ways(
        self, side: _Side, accounts: Collection[AccountId], contents: Collection[Content]
    ) -> None:
        """Count resources that may give access and are not judged."""
        for record in other_access(self._pulls.estate, self._topology):
            is_there = isinstance(record.account, Unknown) or record.account in accounts
            if is_there and OTHER_ACCESS[str(record.key)].content in contents:
                side.gives = True
                _doubt(side, f"what `{record.address}` gives is not judged")

    def _missing(self, account: AccountId) -> Record:
        """The policy of the registry, as a record that was not found."""
        return Record(
            kind=Kind.REGISTRY_POLICY,
            account=account,
            region=self._question.cache.region,
            key="",
            attributes={},
            address="",
            root="",
        )

    def _is_certainly_without(self, account: str) -> bool:
        """Whether the registry has no policy, as far as all code was read."""
        entry = self._topology.accounts[account]
        asked = self._pulls.asked
        is_read = asked is None or entry.id in asked
        return entry.is_managed and is_read and not is_exported(self._topology, account)

    def _is_near(self, record: Record) -> bool:
        """Whether a policy on repositories may be about some that are meant."""
        if not isinstance(record.key, str):
            return True
        name = record.key
        if record.kind is Kind.CREATION_TEMPLATE:
            name = Prefix(name.removesuffix("/")).repositories
        return overlaps(name, self._question.repositories)

    def identity(self, action: str) -> _Side:
        """What their own policies give anybody of them."""
        side = _Side()
        asked = self._accesses(action)
        for policy in self._identity:
            if policy.is_perhaps_unread:
                side.gives = True
                _doubt(side, f"{policy.what} may be in what was not read")
            if policy.policies:
                _add(side, self._given(policy, asked), policy.what)
        holders = {policy.holder for policy in self._identity if policy.records}
        for grant in self._asked:
            patterns = grant.consumer.role_patterns
            is_read = patterns and holders.issuperset(patterns)
            if grant.identity is IdentitySide.ELSEWHERE and not is_read:
                owner = f"the owner of {grant.consumer.who} in {grant.scope}"
                self._as_declared(side, action, owner)
            elif not self._pulls.is_account_asked(grant):
                self._as_declared(side, action, f"what was not read of {grant.scope}")
        self._add_others_in_code(side, asked)
        return side

    def _add_others_in_code(self, side: _Side, asked: Sequence[Access]) -> None:
        """Count what was read of roles, users and groups of which nothing is declared.

        An owner who writes policies elsewhere may give more than the topology says in the code as well.
        """
        judged = {(policy.account, policy.holder) for policy in self._identity}
        accounts = [account for account in self._topology.accounts.values() if account.regions]
        for account in accounts:
            meant = [grant for grant in self._asked if self._is_about(grant, account)]
            if not meant:
                continue
            patterns = {pattern for grant in meant for pattern in grant.consumer.role_patterns}
            is_anybody = any(not grant.consumer.role_patterns for grant in meant)
            for role in roles_in(self._pulls.estate, account.id):
                is_meant = is_anybody or any(matches_role(one, role) for one in patterns)
                if not is_meant or (account.id, role) in judged:
                    continue
                held = held_policies(self._pulls.estate, account.id, role.rsplit("/", 1)[-1])
                policies = tuple(policy for _, _, policy in held)
                if policies:
                    given = self._given_in(account, role, policies, asked)
                    _add(side, given, f"the policies of role {role} in account {account.name}")
            if not is_anybody:
                continue
            for record, policy in policies_of_others(self._pulls.estate, account.id):
                given = self._given_in(account, None, (policy,), asked)
                if given != Judgement():
                    side.gives = True
                    _doubt(
                        side,
                        f"`{record.address}` may give it to somebody who is not asked about alone",
                    )
            self._add_other_ways(side, {account.id}, OF_RESOURCES | OF_IDENTITIES)

    def _is_about(self, grant: Grant, account: Account) -> bool:
        """Whether principals of an account of the topology may be meant by a grant."""
        if not self._pulls.is_asked_of(account.id):
            return False
        own = self._topology.consumer_account_id(grant)
        if own is not None:
            return own == account.id
        unit = self._topology.unit_path(grant.consumer)
        return unit is None or account.unit is None or account.lies_below(unit)

    def _given(self, policy: JudgedPolicy, asked: Sequence[Access]) -> Judgement:
        account = next(one for one in self._topology.accounts.values() if one.id == policy.account)
        return self._given_in(account, policy.holder, policy.policies, asked)

    def _given_in(
        self,
        account: Account,
        holder: str | None,
        policies: Sequence[Policy],
        asked: Sequence[Access],
    ) -> Judgement:
        return given_by_identity_policies(
            policies,
            account=account.id,
            role=holder,
            asked=[
                replace(access, role=holder or access.role, account=account.id) for access in asked
            ],
            judged_prefixes=self._case.scopes[account.name],
            organization=organization_of(self._topology),
            now=self._topology.asked_at,
        )

    def _as_declared(self, side: _Side, action: str, who: str) -> None:
        """Count what was not read as what the topology declares."""
        self.conditions[f"{who} gives no more than the topology declares"] = None
        side.gives |= any(action in grant.level.actions for grant in self._overlapping())

    def _overlapping(self) -> Iterator[Grant]:
        """The declared grants that may be about some of them and some of the repositories."""
        cache = self._question.cache
        registry = (self._topology.account_id(cache.account), cache.region)
        for grant in self._topology.grants_by_registry.get(registry, ()):
            if overlaps(grant.repositories, self._question.repositories) and any(
                self._may_be_the_same(grant, mine) for mine in self._asked
            ):
                yield grant

    def _may_be_the_same(self, grant: Grant, mine: Grant) -> bool:
        topology = self._topology
        theirs, own = topology.consumer_account_id(grant), topology.consumer_account_id(mine)
        if theirs is not None and own is not None and theirs != own:
            return False
        for one, unit_of in ((theirs, mine), (own, grant)):
            unit = topology.unit_path(unit_of.consumer)
            if one is None or unit is None:
                continue
            path = topology.members.get(one)
            if one in topology.members and path is not None and not path.startswith(unit):
                return False
        return any(
            a is None or b is None or overlaps(a, b)
            for a in (grant.consumer.role_patterns or (None,))
            for b in (mine.consumer.role_patterns or (None,))
        )


OF_RESOURCES = frozenset(
    {Content.ANYTHING, Content.RESOURCE_POLICY, Content.TEMPLATE, Content.TYPE_NAME}
)
"""What may give access to registries and their repositories."""

OF_IDENTITIES = frozenset({Content.IDENTITY_POLICIES, Content.POLICY_ARN, Content.POLICY_NAME})
"""What may give it to roles and users."""

_POLICIES = {
    Kind.REGISTRY_POLICY: "policy",
    Kind.REPOSITORY_POLICY: "policy",
    Kind.CREATION_TEMPLATE: "repository_policy",
}


def _add(side: _Side, judgement: Judgement, what: str) -> None:
    """Add what a policy gives, or may give, to its side."""
    open_ones = [one for one in judgement.undecided if one.question is Question.OVER_GRANT]
    side.gives |= bool(judgement.over or open_ones or judgement.omitted)
    side.requests = (*side.requests, *(one.request for one in judgement.over))
    for one in open_ones:
        _doubt(side, f"{what}: {one.reason}")


def _doubt(side: _Side, reason: str) -> None:
    side.doubts[reason] = None


def told(prohibition: Prohibition) -> str:
    """The request that is allowed, and by what, as a sentence."""
    assert prohibition.request is not None  # noqa: S101 - it does not hold
    by = "; ".join(f"{one.statement} of {one.what}" for one in prohibition.allowing)
    return f"{describe_request(prohibition.request)}, and is allowed ({by})."
