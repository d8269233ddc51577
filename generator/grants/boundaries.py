"""Judge permissions boundaries: what they take away, and what an unseen one leaves open."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.estate.boundaries import (
    boundary_name,
    boundary_policy,
    has_boundary,
)
from generator.estate.spellings import matches_role
from generator.grants.case import Case
from generator.grants.declared_access import (
    role_access,
    template_access,
    template_needs,
    upstream_access,
    upstream_needs,
)
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import (
    Access,
    Judgement,
    PolicyKind,
    Question,
    Undecided,
)
from generator.model.estate import (
    Kind,
    Known,
    evidence_of,
)
from generator.model.values import AccountId

if TYPE_CHECKING:
    from generator.model.span import Span


def boundary_policies(case: Case) -> Iterator[JudgedPolicy]:
    """Judge what the boundaries of roles take away: all that a role needs, its boundary must allow.

    What a boundary allows too much is not asked: it gives nothing by itself.
    """
    topology = case.topology
    needs: dict[tuple[str, str], tuple[Sequence[Access], Span, bool]] = {}
    for upstream in case.upstream_roles.values():
        copied = upstream_access(topology, upstream)
        needs[upstream.account, upstream.key] = (copied, upstream.span, True)
    for template in case.template_roles.values():
        made = template_access(topology, template)
        needs[template.account, template.key] = (made, template.span, False)
    for named in case.named_roles:
        used = [*upstream_needs(topology, named), *template_needs(topology, named)]
        needs[named.account, named.key] = (used, named.span, bool(named.caches))
    consumers = (*case.consumers.items(), *case.consumers_elsewhere.items())
    for (account_name, role_key), grants in consumers:
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
            judgement = case.proofs.judge_identity_policies(
                [policy],
                account=account,
                role=role,
                intended=access,
                judged_prefixes=case.scopes[account_name],
                signs_in=signs_in,
                now=topology.asked_at,
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


def limits_of(case: Case, account: AccountId, role: str) -> str:
    """The permissions boundary of a role, as a text that is another one when the boundary is."""
    for record in case.records(Kind.ROLE, account):
        if record.key == role and has_boundary(record):
            found = boundary_policy(case.estate, record)
            known = record.get("permissions_boundary") if found is None else found[0].get("policy")
            return f" within {evidence_of(known)}"
    return ""


def bounded(
    case: Case,
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
                f"the permissions boundary (`{boundary_name(record)}`), which is not in what was read, "
                "may take rights away"
            ),
            statements=(),
        )
        return replace(judgement, undecided=(*judgement.undecided, question))
    return judgement
