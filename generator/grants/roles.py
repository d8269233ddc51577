"""Judge the roles that ECR assumes: who may assume them, and what they may do."""

from collections.abc import Iterator, Sequence

from generator.estate.attached_policies import (
    NO_STATEMENTS,
    parse_record,
)
from generator.grants.boundaries import bounded, limits_of
from generator.grants.case import Case
from generator.grants.declared_access import (
    named_role_rights,
    template_access,
    template_needs,
    upstream_access,
    upstream_needs,
)
from generator.grants.identity_policies import judge_needs_and_rights, judge_rights, role_policies
from generator.grants.judged_policy import JudgedPolicy, only_over_grants
from generator.grants.named_roles import NamedRole
from generator.iam import (
    Access,
    Policy,
    PolicyKind,
    parse_policy,
)
from generator.intent.records import TEMPLATE_ROLE_POLICY, UPSTREAM_ROLE_POLICY
from generator.intent.service_roles import TemplateRole, UpstreamRole, trust_document
from generator.model.estate import (
    Kind,
    Record,
)
from generator.model.levels import (
    PULL_THROUGH_SERVICE,
    TEMPLATE_SERVICE,
)


def service_roles(case: Case) -> Iterator[JudgedPolicy]:
    """Judge the trust and the rights of each role that the topology's rules and templates use."""
    managed = case.topology.managed_accounts
    yield from _upstream_roles(case)
    for template_role in case.template_roles.values():
        if template_role.account not in managed:
            continue
        yield _trust(case, template_role, TEMPLATE_SERVICE)
        yield _service_role(
            case,
            template_role,
            policy_name=TEMPLATE_ROLE_POLICY,
            intended=template_access(case.topology, template_role),
            signs_in=False,
        )
    for named in case.named_roles:
        yield from _named_role(case, named)


def upstream_roles_of(case: Case) -> Iterator[JudgedPolicy]:
    """Judge the roles with which ECR reads private upstreams, those that others write among them."""
    yield from _upstream_roles(case)
    for named in case.named_roles:
        if named.caches:
            yield from _named_role(case, named)


def _upstream_roles(case: Case) -> Iterator[JudgedPolicy]:
    for role in case.upstream_roles.values():
        if role.account not in case.topology.managed_accounts:
            continue
        yield _trust(case, role, PULL_THROUGH_SERVICE)
        yield _service_role(
            case,
            role,
            policy_name=UPSTREAM_ROLE_POLICY,
            intended=upstream_access(case.topology, role),
        )


def _named_role(case: Case, role: NamedRole) -> Iterator[JudgedPolicy]:
    """Judge a role that the topology names and others write, as far as it was read.

    Its trust is judged where the role is there, its rights where a policy of it is.
    """
    account = case.topology.accounts[role.account].id
    found = [record for record in case.records(Kind.ROLE, account) if record.key == role.key]
    if found:
        for service in role.services:
            yield _trust(case, role, service, missing=found[0])
    sources, policies = role_policies(case, account, role.name)
    if not sources:
        return
    judgement = judge_needs_and_rights(
        case,
        role.account,
        role.key,
        policies,
        needed=[*upstream_needs(case.topology, role), *template_needs(case.topology, role)],
        possible=named_role_rights(case.topology, role),
        signs_in=bool(role.caches),
    )
    yield case.judged(
        f"the policies of role {role.name} in account {role.account}",
        PolicyKind.IDENTITY,
        service_role=(role.account, role.name),
        sources=sources,
        policies=policies,
        missing=sources[0][0],
        topology=role.span,
        # Without the role, whether it has more policies is not known.
        judgement=bounded(case, account, role.key, judgement)
        if found
        else only_over_grants(judgement),
        is_elsewhere=True,
        limits=limits_of(case, account, role.key),
    )


def _trust(
    case: Case,
    role: UpstreamRole | TemplateRole | NamedRole,
    service: str,
    *,
    missing: Record | None = None,
) -> JudgedPolicy:
    """Judge who may assume a role; `missing` stands for it, where `generate` does not write it."""
    account = case.topology.accounts[role.account].id
    found = [record for record in case.records(Kind.ROLE, account) if record.key == role.key]
    is_elsewhere = missing is not None
    missing = missing or case.wanted(Kind.ROLE, account, role.key, None)
    others = role.services if isinstance(role, NamedRole) else (service,)
    statements = tuple(
        statement
        for other in others
        for statement in parse_policy(trust_document(other), source=other).statements
    )
    policies = [parse_record(record, "assume_role_policy") for record in found]
    return case.judged(
        f"the trust policy of role {role.name} in account {role.account}",
        PolicyKind.TRUST,
        sources=[(record, "assume_role_policy") for record in found],
        policies=policies,
        missing=missing,
        topology=role.span,
        judgement=case.proofs.judge_trust_policy(
            policies[0] if policies else parse_policy(NO_STATEMENTS, source=missing.address),
            account=account,
            service=service,
            partition=case.topology.accounts[role.account].regions[0].aws_partition.id,
            # One role may be for both of ECR's services.
            base=Policy(source="services", statements=statements) if len(others) > 1 else None,
            now=case.topology.asked_at,
        ),
        service=service,
        is_elsewhere=is_elsewhere,
    )


def _service_role(
    case: Case,
    role: UpstreamRole | TemplateRole,
    *,
    policy_name: str,
    intended: Sequence[Access],
    signs_in: bool = True,
) -> JudgedPolicy:
    """Judge the policies of a role that an AWS service assumes; `signs_in`: it needs a token."""
    account = case.topology.accounts[role.account].id
    sources, policies = role_policies(case, account, role.name)
    missing = case.wanted(Kind.ROLE_POLICY, account, f"{role.key}:{policy_name}", None)
    return case.judged(
        f"the policies of role {role.name} in account {role.account}",
        PolicyKind.IDENTITY,
        service_role=(role.account, role.name),
        sources=sources,
        policies=policies,
        missing=missing,
        topology=role.span,
        judgement=bounded(
            case,
            account,
            role.key,
            judge_rights(
                case,
                role.account,
                role.key,
                policies or [parse_policy(NO_STATEMENTS, source=missing.address)],
                intended=intended,
                signs_in=signs_in,
            ),
            declared=case.topology.permissions_boundary(role.account),
        ),
        limits=limits_of(case, account, role.key),
    )


def own_roles(case: Case, account: str) -> set[str]:
    """The names of the roles in an account that ECR assumes; each is judged by itself."""
    found = (case.upstream_roles.get(account), case.template_roles.get(account))
    named = {role.name for role in case.named_roles if role.account == account}
    return {role.name for role in found if role is not None} | named
