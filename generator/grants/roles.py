"""Judge the roles that ECR assumes: who may assume them, and what they may do."""

from collections.abc import Iterator, Sequence

from generator.estate.attached_policies import (
    NO_STATEMENTS,
    held_policies,
    parse_record,
)
from generator.grants.boundaries import bounded
from generator.grants.case import Case
from generator.grants.declared_access import (
    template_access,
    upstream_access,
)
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import (
    Access,
    Policy,
    PolicyKind,
    judge_identity_policies,
    judge_trust_policy,
    parse_policy,
)
from generator.intent.records import TEMPLATE_ROLE_POLICY, UPSTREAM_ROLE_POLICY
from generator.intent.service_roles import TemplateRole, UpstreamRole
from generator.model.estate import (
    Kind,
    Record,
)
from generator.model.levels import (
    PULL_THROUGH_SERVICE,
    TEMPLATE_SERVICE,
)
from generator.model.values import AccountId


def service_roles(case: Case) -> Iterator[JudgedPolicy]:
    """Judge the trust and the rights of each role that the topology's rules and templates use."""
    managed = case.topology.managed_accounts
    for role in case.upstream_roles.values():
        if role.account not in managed:
            continue
        yield _trust(case, role, PULL_THROUGH_SERVICE)
        yield _service_role(
            case,
            role,
            policy_name=UPSTREAM_ROLE_POLICY,
            intended=upstream_access(case.topology, role),
        )
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


def _trust(case: Case, role: UpstreamRole | TemplateRole, service: str) -> JudgedPolicy:
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
        sources=sources,
        policies=policies,
        missing=missing,
        topology=role.span,
        judgement=bounded(
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


def own_roles(case: Case, account: str) -> set[str]:
    """The names of the roles that forebay writes in an account; each is judged by itself."""
    found = (case.upstream_roles.get(account), case.template_roles.get(account))
    return {role.name for role in found if role is not None}


def role_policies(
    case: Case, account: AccountId, role: str
) -> tuple[list[tuple[Record, str]], list[Policy]]:
    """The policies in the code that reach a role: inline ones and attached ones."""
    held = list(held_policies(case.estate, account, role.rsplit("/", 1)[-1]))
    return [(record, name) for record, name, _ in held], [policy for _, _, policy in held]
