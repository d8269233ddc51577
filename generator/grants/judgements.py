"""Judge every policy that code holds for the topology: exactly the declared access, no more, no less."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeGuard

from generator.estate.attached_policies import (
    NO_STATEMENTS,
    held_policies,
    means,
    opaque,
    parse_record,
    role_of,
    source_of,
)
from generator.estate.boundaries import (
    boundary_name,
    boundary_policy,
    has_boundary,
    is_only_a_boundary,
)
from generator.estate.normalise import matches_role
from generator.estate.places import place_of
from generator.estate.unread_modules import may_be_unread, unread_accounts
from generator.grants.declared_access import (
    access_of_a_name,
    cache_scopes,
    is_cached,
    lies_below,
    organization_of,
    pull_access,
    registry_access,
    role_access,
    template_access,
    upstream_access,
    written_access,
)
from generator.iam import (
    Access,
    Judgement,
    Policy,
    PolicyKind,
    PrincipalKind,
    Question,
    RepositoryScope,
    Statement,
    Undecided,
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
    parse_policy,
)
from generator.intent.policies import (
    PullerPolicy,
    TemplateRole,
    UpstreamRole,
    is_exported,
    kept_statements,
    puller_document,
    puller_policies,
    registry_statements,
    template_roles,
    upstream_roles,
)
from generator.intent.records import TEMPLATE_ROLE_POLICY, UPSTREAM_ROLE_POLICY, intend
from generator.intent.registry_forms import RegistryStatement
from generator.model.estate import (
    Absent,
    Estate,
    Identity,
    Json,
    Kind,
    Known,
    Record,
    Unknown,
)
from generator.model.levels import (
    PULL_THROUGH_SERVICE,
    TEMPLATE_SERVICE,
)
from generator.model.reading import UnreadModule
from generator.model.span import Span
from generator.model.topology import Account, Grant, IdentitySide, Topology
from generator.model.values import AccountId, Prefix, Region

_POLICY_KINDS = frozenset({Kind.ROLE_POLICY, Kind.MANAGED_POLICY})

StatementSpan: TypeAlias = Callable[[Record, int, str], Span | None]
"""Where one statement (by its position) of a record's policy attribute stands in the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPolicy:
    """The policies of one registry or role, and the answer about them.

    `what` names them in words. `records` are the records and attributes they come from, by the
    policies' sources; `place` is
    where a missing statement belongs, `topology` the line that declares the access.
    `attachment_seen` is false for a policy that code elsewhere may attach, or nobody. `service` is
    who alone may assume the role, for a trust policy; `wanted` are the statements that `generate`
    writes, for a registry policy.
    """

    what: str
    kind: PolicyKind
    policies: tuple[Policy, ...]
    records: Mapping[str, tuple[Record, str]]
    statement_span: StatementSpan
    address: str
    place: Span | None
    topology: Span
    judgement: Judgement
    account: AccountId | Unknown
    attachment_seen: bool = True
    service: str | None = None
    wanted: tuple[RegistryStatement, ...] = ()

    def place_in(self, source: str, position: int) -> Span | None:
        """Where a statement of one of the policies stands in the code."""
        if source not in self.records:
            return self.place
        record, name = self.records[source]
        return self.statement_span(record, position, name) or self.place

    def span_of(self, statement: Statement) -> Span | None:
        """Where a statement stands in the code."""
        return self.place_in(statement.source, statement.index)


def judge(
    topology: Topology,
    estate: Estate,
    statement_span: StatementSpan,
    *,
    unread: Sequence[UnreadModule] = (),
) -> Iterator[JudgedPolicy]:
    """Judge registry policies, the roles that are written, and the consumers' identity policies."""
    intended = {
        record.identity: record
        for record in intend(topology).records
        if record.identity is not None
    }
    case = _Case(
        topology=topology,
        intended=intended,
        estate=estate,
        statement_span=statement_span,
        hidden=unread_accounts(estate, unread) if unread else frozenset(),
        statements=registry_statements(topology),
        pullers=_pullers(topology),
        consumers=_consumers(topology),
        upstream_roles=upstream_roles(topology),
        template_roles=template_roles(topology),
        scopes=_scopes(topology),
    )
    yield from _registry_policies(case)
    yield from _repository_policies(case)
    yield from _unplaced_policies(case)
    managed = topology.managed_accounts
    for role in case.upstream_roles.values():
        if role.account not in managed:
            continue
        yield _trust(case, role, PULL_THROUGH_SERVICE)
        yield _service_role(
            case,
            role,
            policy_name=UPSTREAM_ROLE_POLICY,
            intended=upstream_access(topology, role),
        )
    for template_role in case.template_roles.values():
        if template_role.account not in managed:
            continue
        yield _trust(case, template_role, TEMPLATE_SERVICE)
        yield _service_role(
            case,
            template_role,
            policy_name=TEMPLATE_ROLE_POLICY,
            intended=template_access(topology, template_role),
            signs_in=False,
        )
    for (account, role_key), grants in case.consumers.items():
        yield from _consumer(case, account, role_key, grants)
    yield from _boundaries(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What every judgement looks at."""

    topology: Topology
    intended: Mapping[Identity, Record]
    estate: Estate
    statement_span: StatementSpan
    hidden: frozenset[AccountId] | None
    statements: Mapping[tuple[str, Region], tuple[RegistryStatement, ...]]
    pullers: Mapping[str, Sequence[PullerPolicy]]
    consumers: Mapping[tuple[str, str | None], Sequence[Grant]]
    upstream_roles: Mapping[str, UpstreamRole]
    template_roles: Mapping[str, TemplateRole]
    scopes: Mapping[str, Sequence[RepositoryScope]]

    def wanted(self, kind: Kind, account: AccountId, key: str, region: Region | None) -> Record:
        """The intended record of an identity that the intent is known to hold."""
        return self.intended[Identity(kind=kind, account=account, region=region, key=key)]

    def records(self, kind: Kind, account: AccountId) -> Iterator[Record]:
        """The found records of a kind in an account."""
        return (
            record
            for record in self.estate.of_account(account)
            if record.kind is kind and record.account == account
        )

    def judged(
        self,
        what: str,
        kind: PolicyKind,
        *,
        sources: Sequence[tuple[Record, str]],
        policies: Sequence[Policy],
        missing: Record,
        topology: Span,
        judgement: Judgement,
        attachment_seen: bool = True,
        service: str | None = None,
        wanted: tuple[RegistryStatement, ...] = (),
    ) -> JudgedPolicy:
        """Put an answer together; `missing` is a record of the intent, for when nothing was found."""
        place = place_of(self.estate, missing)
        address = missing.address
        if not sources and may_be_unread(missing, self.hidden):
            # The policy may be in a module that was not read, which is an open question of its own.
            judgement = replace(judgement, under=())
        if sources:
            record, name = sources[0]
            address, place = record.address, record.get(name).span or record.span or place
        return JudgedPolicy(
            what=what,
            kind=kind,
            policies=tuple(policies),
            records={source_of(record): (record, name) for record, name in sources},
            statement_span=self.statement_span,
            address=address,
            place=place,
            topology=topology,
            judgement=judgement,
            account=missing.account,
            attachment_seen=attachment_seen,
            service=service,
            wanted=wanted,
        )


def _registry_policies(case: _Case) -> Iterator[JudgedPolicy]:
    """Judge each registry policy alone: putting one replaces another, so two do not add up."""
    for account in case.topology.managed_accounts.values():
        if is_exported(case.topology, account.name):
            continue
        for region in account.regions:
            statements = case.statements.get((account.name, region), ())
            found = [
                record
                for record in case.records(Kind.REGISTRY_POLICY, account.id)
                if record.region == region
            ]
            if statements and not found:
                missing = case.wanted(Kind.REGISTRY_POLICY, account.id, "", region)
                yield _registry_policy(case, account, region, None, missing)
            for record in found:
                yield _registry_policy(case, account, region, record, record)


def _registry_policy(
    case: _Case, account: Account, region: Region, found: Record | None, missing: Record
) -> JudgedPolicy:
    policy = parse_policy(NO_STATEMENTS, source=missing.address)
    if found is not None:
        policy = parse_record(found, "policy")
    statements = case.statements.get((account.name, region), ())
    return case.judged(
        f"the registry policy of account {account.name} in {region}",
        PolicyKind.REGISTRY,
        sources=[] if found is None else [(found, "policy")],
        policies=[policy],
        missing=missing,
        topology=statements[0].span if statements else account.span,
        judgement=_registry_judgement(case.topology, account, region, policy),
        wanted=statements,
    )


def _registry_judgement(
    topology: Topology, account: Account, region: Region, policy: Policy
) -> Judgement:
    """What a registry policy gives too much and too little.

    What a statement to keep allows is declared, but never that everybody in the world has it.
    """

    def judged(kept: Policy | None, base: Policy | None) -> Judgement:
        return judge_resource_policy(
            policy,
            registry_account=account.id,
            region=region,
            intended=registry_access(topology, account.id, region),
            known_accounts=[other.id for other in topology.accounts.values()],
            organization=organization_of(topology),
            kept=kept,
            base=base,
        )

    kept = _kept(topology, account.name, region)

    def answer(base: Policy | None = None) -> Judgement:
        judgement = judged(kept, base)
        if kept is None:
            return judgement
        public = (
            grant
            for grant in judged(None, base).over
            if grant.principal_kind.rank <= PrincipalKind.ANY_ACCOUNT.rank
            and grant not in judgement.over
        )
        return replace(judgement, over=(*judgement.over, *public), again=answer)

    return answer()


def _kept(topology: Topology, account: str, region: Region) -> Policy | None:
    """The statements that stay in a registry's policy, as a policy of their own."""
    statements = kept_statements(topology, account, region)
    if not statements:
        return None
    document: Json = {"Version": "2012-10-17", "Statement": statements}
    return parse_policy(document, source="keep_statements")


def _repository_policies(case: _Case) -> Iterator[JudgedPolicy]:
    """Judge what policies on cached repositories, and on those of templates, give too much.

    What they lack is not asked: the registry policy gives all that is needed.
    """
    accounts = {account.id: account for account in case.topology.managed_accounts.values()}
    names = {Kind.REPOSITORY_POLICY: "policy", Kind.CREATION_TEMPLATE: "repository_policy"}
    for record in case.estate.records:
        name = names.get(record.kind)
        if name is None or isinstance(record.get(name), Absent):
            continue
        if isinstance(record.account, Unknown) or record.account not in accounts:
            continue
        if not isinstance(record.region, Region) or isinstance(record.key, Unknown):
            continue
        account = accounts[record.account]
        repository = record.key
        if record.kind is Kind.CREATION_TEMPLATE:
            repository = Prefix(record.key.removesuffix("/")).repositories
        elif not is_cached(case.topology, account.name, record.region, repository):
            continue
        policy = parse_record(record, name)
        judgement = judge_resource_policy(
            policy,
            registry_account=account.id,
            region=record.region,
            intended=registry_access(case.topology, account.id, record.region),
            known_accounts=[other.id for other in case.topology.accounts.values()],
            organization=organization_of(case.topology),
            repository=repository,
        )
        yield case.judged(
            f"the {record.kind.value} for {record.key} of account {account.name} in "
            f"{record.region}",
            PolicyKind.REPOSITORY,
            sources=[(record, name)],
            policies=[policy],
            missing=record,
            topology=account.span,
            judgement=_only_over_grants(judgement),
        )


def _unplaced_policies(case: _Case) -> Iterator[JudgedPolicy]:
    """Ask about each policy of which it is not known what it is about: it may open a cache."""
    names = {
        Kind.REGISTRY_POLICY: "policy",
        Kind.REPOSITORY_POLICY: "policy",
        Kind.CREATION_TEMPLATE: "repository_policy",
    }
    accounts = {account.id: account for account in case.topology.managed_accounts.values()}
    anywhere = next(iter(case.topology.accounts.values()))
    for record in case.estate.records:
        name = names.get(record.kind)
        if name is None or record.identity is not None or isinstance(record.get(name), Absent):
            continue
        account = anywhere
        if not isinstance(record.account, Unknown):
            if record.account not in accounts:
                continue
            account = accounts[record.account]
        elif (
            record.kind is Kind.REPOSITORY_POLICY
            and isinstance(record.key, str)
            and not any(lies_below(cache.prefix, record.key) for cache in case.topology.caches)
        ):
            # A repository outside of every cache is not what the topology is about.
            continue
        part = next(
            part
            for part in (record.key, record.region, record.account)
            if isinstance(part, Unknown)
        )
        policy = parse_record(record, name)
        yield case.judged(
            f"the {record.kind.value} `{record.address}`",
            PolicyKind.REGISTRY if record.kind is Kind.REGISTRY_POLICY else PolicyKind.REPOSITORY,
            sources=[(record, name)],
            policies=[policy],
            missing=record,
            topology=account.span,
            judgement=Judgement(
                undecided=(
                    Undecided(
                        question=Question.OVER_GRANT,
                        reason=f"what it is about is not known: {part.reason} ({part.reference})",
                        statements=(),
                    ),
                )
            ),
        )


def _trust(case: _Case, role: UpstreamRole | TemplateRole, service: str) -> JudgedPolicy:
    account = case.topology.accounts[role.account].id
    found = [record for record in case.records(Kind.ROLE, account) if record.key == role.key]
    missing = case.wanted(Kind.ROLE, account, role.key, None)
    policies = [parse_record(record, "assume_role_policy") for record in found]
    return case.judged(
        f"the trust policy of role {role.name} in account {role.account}",
        PolicyKind.TRUST,
        sources=[(record, "assume_role_policy") for record in found],
        policies=policies,
        missing=missing,
        topology=role.span,
        judgement=judge_trust_policy(
            policies[0] if policies else parse_policy(NO_STATEMENTS, source=missing.address),
            account=account,
            service=service,
            partition=case.topology.accounts[role.account].regions[0].aws_partition.id,
        ),
        service=service,
    )


def _service_role(
    case: _Case,
    role: UpstreamRole | TemplateRole,
    *,
    policy_name: str,
    intended: Sequence[Access],
    signs_in: bool = True,
) -> JudgedPolicy:
    """Judge the policies of a role that an AWS service assumes; `signs_in`: it needs a token."""
    account = case.topology.accounts[role.account].id
    sources, policies = _reaching(case, account, role.name)
    missing = case.wanted(Kind.ROLE_POLICY, account, f"{role.key}:{policy_name}", None)
    return case.judged(
        f"the policies of role {role.name} in account {role.account}",
        PolicyKind.IDENTITY,
        sources=sources,
        policies=policies,
        missing=missing,
        topology=role.span,
        judgement=_bounded(
            case,
            account,
            role.key,
            judge_identity_policies(
                policies or [parse_policy(NO_STATEMENTS, source=missing.address)],
                account=account,
                role=role.key,
                intended=intended,
                judged_prefixes=case.scopes[role.account],
                signs_in=signs_in,
            ),
            declared=case.topology.permissions_boundary(role.account),
        ),
    )


def _consumers(topology: Topology) -> dict[tuple[str, str | None], list[Grant]]:
    """The grants of each principal that the topology writes policies for."""
    grouped: dict[tuple[str, str | None], list[Grant]] = {}
    for grant in topology.grants:
        if grant.identity is not IdentitySide.ELSEWHERE:
            key = (grant.scope, grant.consumer.role)
            grouped.setdefault(key, []).append(grant)
    return dict(sorted(grouped.items(), key=lambda entry: (entry[0][0], entry[0][1] or "")))


def _pullers(topology: Topology) -> dict[str, list[PullerPolicy]]:
    """The policies for consumers that `generate` writes, by the account they are for."""
    found: dict[str, list[PullerPolicy]] = {}
    for policy in puller_policies(topology).values():
        if policy.account in topology.accounts:
            found.setdefault(topology.accounts[policy.account].id, []).append(policy)
    return found


def _scopes(topology: Topology) -> dict[str, Sequence[RepositoryScope]]:
    """The repositories of caches that the policies of each account can reach."""
    of_partition: dict[str, Sequence[RepositoryScope]] = {}
    placed = [account for account in topology.accounts.values() if account.regions]
    for account in placed:
        partition = account.regions[0].aws_partition.id
        if partition not in of_partition:
            of_partition[partition] = cache_scopes(topology, account.name)
    return {account.name: of_partition[account.regions[0].aws_partition.id] for account in placed}


def _own_roles(case: _Case, account: str) -> set[str]:
    """The names of the roles that forebay writes in an account; each is judged by itself."""
    found = (case.upstream_roles.get(account), case.template_roles.get(account))
    return {role.name for role in found if role is not None}


def _consumer(
    case: _Case, account_name: str, role_key: str | None, grants: Sequence[Grant]
) -> Iterator[JudgedPolicy]:
    """Judge what reaches a consumer: its roles when they are in the code, else its own policy."""
    topology = case.topology
    account = topology.accounts[account_name].id
    names = {
        topology.iam.key(topology.name_prefix + grant.consumer.policy_name) for grant in grants
    }
    missing = case.wanted(Kind.MANAGED_POLICY, account, min(names), None)
    ours = _own_roles(case, account_name)
    roles = [
        record.key
        for record in case.records(Kind.ROLE, account)
        if isinstance(record.key, str)
        and role_key is not None
        and matches_role(role_key, record.key)
        and record.key.rsplit("/", 1)[-1] not in ours
    ]
    for role in roles:
        sources, policies = _reaching(case, account, role)
        yield case.judged(
            f"the policies of role {role} in account {account_name}",
            PolicyKind.IDENTITY,
            sources=sources,
            policies=policies,
            missing=missing,
            topology=grants[0].span,
            judgement=_bounded(
                case,
                account,
                role,
                _judge_needs_and_rights(
                    case,
                    account_name,
                    role,
                    policies or [parse_policy(NO_STATEMENTS, source=missing.address)],
                    needed=written_access(topology, account_name, role),
                    possible=role_access(topology, account_name, role),
                ),
            ),
        )
    yield from _roles_elsewhere(case, account_name, role_key, grants, roles)
    if roles:
        return
    sources, policies, attached = _without_role(case, account, role_key, names)
    who = (
        f"account {account_name}"
        if role_key is None
        else f"role {role_key} in account {account_name}"
    )
    yield case.judged(
        f"the policy of {who}",
        PolicyKind.IDENTITY,
        sources=sources,
        policies=policies,
        missing=missing,
        topology=grants[0].span,
        judgement=_judge_without_role(
            case,
            account_name,
            role_key,
            grants,
            policies or [parse_policy(NO_STATEMENTS, source=missing.address)],
        ),
        attachment_seen=attached or not sources,
    )


def _judge_without_role(
    case: _Case,
    account_name: str,
    role_key: str | None,
    grants: Sequence[Grant],
    policies: Sequence[Policy],
) -> Judgement:
    """Judge a consumer's policies: they must give its own grants, and may give all that reach it.

    A named role also has what patterns grant that match it; its owner may give that elsewhere.
    """
    topology = case.topology
    own = [access for grant in grants for access in pull_access(topology, grant)]
    possible = role_access(topology, account_name, role_key) if _is_exact(role_key) else own
    return _judge_needs_and_rights(
        case, account_name, role_key, policies, needed=own, possible=possible
    )


def _judge_needs_and_rights(
    case: _Case,
    account_name: str,
    role_key: str | None,
    policies: Sequence[Policy],
    *,
    needed: Sequence[Access],
    possible: Sequence[Access],
) -> Judgement:
    """Judge identity policies that must give what is needed, and may give all that is possible."""

    def judge_against(intended: Sequence[Access]) -> Judgement:
        return judge_identity_policies(
            policies,
            account=case.topology.accounts[account_name].id,
            role=role_key,
            intended=intended,
            judged_prefixes=case.scopes[account_name],
            organization=organization_of(case.topology),
        )

    own = judge_against(needed)
    if set(needed) == set(possible):
        return own
    most = _only_over_grants(judge_against(possible))
    lacking = [
        question for question in own.undecided if question.question is not Question.OVER_GRANT
    ]
    return replace(most, under=own.under, undecided=(*most.undecided, *lacking))


def _is_exact(role_key: str | None) -> TypeGuard[str]:
    """Whether a consumer is one role, neither a pattern nor a whole account."""
    return role_key is not None and not set(role_key) & set("*?")


def _without_role(
    case: _Case, account: AccountId, role_key: str | None, names: Iterable[str]
) -> tuple[list[tuple[Record, str]], list[Policy], bool]:
    """The policies of a consumer whose role is not in the code, and whether one is attached.

    They are those of its name, those attached to its role, and those that mean the same as the one
    that would be written.
    """
    wanted = {policy.key: policy for policy in case.pullers.get(account, ()) if policy.key in names}
    held = (
        []
        if role_key is None
        else list(held_policies(case.estate, account, role_key.rsplit("/", 1)[-1]))
    )
    sources = {
        source_of(record): (record, name)
        for record, name, _ in held
        if record.kind in _POLICY_KINDS
    }
    others = [(record, name) for record, name, _ in held if record.kind not in _POLICY_KINDS]
    policies = {source_of(record): policy for record, _, policy in held}
    region = next(
        other.regions[0] for other in case.topology.accounts.values() if other.id == account
    )
    for record in case.estate.of_account(account):
        if record.kind is not Kind.MANAGED_POLICY or source_of(record) in sources:
            continue
        if isinstance(record.account, Unknown) and record.key in wanted:
            sources[source_of(record)] = (record, "policy")
            policies[source_of(record)] = opaque(record, record.account)
        elif record.account == account and (
            record.key in wanted
            or (
                any(
                    means(record, puller_document(policy), account=account, region=region)
                    for policy in wanted.values()
                )
                # A boundary gives nothing, so nobody holds it.
                and not is_only_a_boundary(case.estate, record)
            )
        ):
            sources[source_of(record)] = (record, "policy")
            policies[source_of(record)] = parse_record(record, "policy")
    every = [*sources.values(), *others]
    is_attached = any(record.kind is not Kind.ROLE_POLICY for record, _, _ in held)
    return every, [policies[source_of(record)] for record, _ in every], is_attached


def _roles_elsewhere(
    case: _Case,
    account_name: str,
    role_key: str | None,
    grants: Sequence[Grant],
    in_code: Sequence[str],
) -> Iterator[JudgedPolicy]:
    """Judge what the code gives too much to roles of a pattern that are not in the code.

    What they lack is not asked: their owners may give them more.
    """
    if role_key is None or _is_exact(role_key):
        return
    topology = case.topology
    account = topology.accounts[account_name].id
    judged_by_name = {
        named.rsplit("/", 1)[-1]
        for where, named in case.consumers
        if where == account_name and _is_exact(named)
    }
    known = {role.rsplit("/", 1)[-1] for role in in_code} | _own_roles(case, account_name)
    names = {
        name
        for kind in (Kind.ROLE_POLICY, Kind.ATTACHMENT)
        for record in case.records(kind, account)
        if (name := role_of(record)) is not None
        and name not in known | judged_by_name
        and matches_role(role_key.rsplit("/", 1)[-1], name)
    }
    for name in sorted(names):
        held = list(held_policies(case.estate, account, name))
        policies = [policy for _, _, policy in held]
        judgement = judge_identity_policies(
            policies,
            account=account,
            role=name,
            intended=access_of_a_name(topology, account_name, name),
            judged_prefixes=case.scopes[account_name],
            organization=organization_of(topology),
        )
        yield case.judged(
            f"the policies of role {name} in account {account_name}",
            PolicyKind.IDENTITY,
            sources=[(record, attribute) for record, attribute, _ in held],
            policies=policies,
            missing=held[0][0],
            topology=grants[0].span,
            judgement=_only_over_grants(judgement),
        )


def _only_over_grants(judgement: Judgement) -> Judgement:
    return replace(
        judgement,
        under=(),
        undecided=tuple(
            question for question in judgement.undecided if question.question is Question.OVER_GRANT
        ),
    )


def _bounded(
    case: _Case,
    account: AccountId,
    role: str,
    judgement: Judgement,
    *,
    declared: str | None = None,
) -> Judgement:
    """The judgement of a role's policies, with the question that an unseen boundary leaves open.

    The boundary that the topology declares for the role is its author's to answer for.
    """
    for record in case.records(Kind.ROLE, account):
        if record.key != role or not has_boundary(record):
            continue
        if boundary_policy(case.estate, record) is not None:
            continue
        boundary = record.get("permissions_boundary")
        if isinstance(boundary, Known) and boundary.value == declared:
            continue
        question = Undecided(
            question=Question.UNDER_GRANT,
            reason=(
                f"the permissions boundary (`{boundary_name(record)}`), which is not in the code, "
                "may take rights away"
            ),
            statements=(),
        )
        return replace(judgement, undecided=(*judgement.undecided, question))
    return judgement


def _boundaries(case: _Case) -> Iterator[JudgedPolicy]:
    """Judge what the boundaries of roles take away: all that a role needs, its boundary must allow.

    What a boundary allows too much is not asked: it gives nothing by itself.
    """
    topology = case.topology
    needs: dict[tuple[str, str], tuple[Sequence[Access], Span, bool]] = {}
    for upstream in case.upstream_roles.values():
        copied = upstream_access(topology, upstream)
        needs[upstream.account, upstream.name] = (copied, upstream.span, True)
    for template in case.template_roles.values():
        made = template_access(topology, template)
        needs[template.account, template.name] = (made, template.span, False)
    for (account_name, role_key), grants in case.consumers.items():
        for record in case.records(Kind.ROLE, topology.accounts[account_name].id):
            role = record.key
            if isinstance(role, str) and role_key is not None and matches_role(role_key, role):
                pulls = role_access(topology, account_name, role)
                needs.setdefault((account_name, role), (pulls, grants[0].span, True))
    for (account_name, role), (access, span, signs_in) in needs.items():
        account = topology.accounts[account_name].id
        for record in case.records(Kind.ROLE, account):
            found = boundary_policy(case.estate, record) if record.key == role else None
            if found is None:
                continue
            place, policy = found
            judgement = judge_identity_policies(
                [policy],
                account=account,
                role=role,
                intended=access,
                judged_prefixes=case.scopes[account_name],
                signs_in=signs_in,
            )
            yield case.judged(
                f"the permissions boundary of role {role} in account {account_name}",
                PolicyKind.IDENTITY,
                sources=[(place, "policy")],
                policies=[policy],
                missing=place,
                topology=span,
                judgement=replace(
                    judgement,
                    over=(),
                    undecided=tuple(
                        question
                        for question in judgement.undecided
                        if question.question is Question.UNDER_GRANT
                    ),
                ),
            )


def _reaching(
    case: _Case, account: AccountId, role: str
) -> tuple[list[tuple[Record, str]], list[Policy]]:
    """The policies in the code that reach a role: inline ones and attached ones."""
    held = list(held_policies(case.estate, account, role.rsplit("/", 1)[-1]))
    return [(record, name) for record, name, _ in held], [policy for _, _, policy in held]
