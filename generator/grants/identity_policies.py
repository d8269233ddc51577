"""The identity policies of one role or consumer, judged together."""

from collections.abc import Sequence
from dataclasses import replace

from generator.estate.attached_policies import held_policies
from generator.estate.boundaries import boundary_policy
from generator.grants.case import Case
from generator.grants.declared_access import organization_of
from generator.grants.identity_judgement import judged_apart
from generator.grants.judged_policy import only_over_grants
from generator.iam import Access, Judgement, Policy, Question
from generator.model.estate import Kind, Record
from generator.model.values import AccountId


def role_policies(
    case: Case, account: AccountId, role: str
) -> tuple[list[tuple[Record, str]], list[Policy]]:
    """The policies in the code that a role has: inline ones and attached ones."""
    held = list(held_policies(case.estate, account, role.rsplit("/", 1)[-1]))
    return [(record, name) for record, name, _ in held], [policy for _, _, policy in held]


def judge_needs_and_rights(
    case: Case,
    account_name: str,
    role_key: str | None,
    policies: Sequence[Policy],
    *,
    needed: Sequence[Access],
    possible: Sequence[Access],
    signs_in: bool = True,
) -> Judgement:
    """Judge identity policies that must give what is needed, and may give all that is possible."""

    def judge_against(intended: Sequence[Access]) -> Judgement:
        return judge_rights(
            case, account_name, role_key, policies, intended=intended, signs_in=signs_in
        )

    own = judge_against(needed)
    if set(needed) == set(possible):
        return own
    most = only_over_grants(judge_against(possible))
    lacking = [
        question for question in own.undecided if question.question is not Question.OVER_GRANT
    ]
    return replace(most, under=own.under, undecided=(*most.undecided, *lacking))


def judge_rights(
    case: Case,
    account_name: str,
    role: str | None,
    policies: Sequence[Policy],
    *,
    intended: Sequence[Access],
    signs_in: bool = True,
) -> Judgement:
    """Judge identity policies of a role, within its boundary, against one list of access."""
    account = case.topology.accounts[account_name].id
    boundary = None if role is None else _boundary(case, account, role)

    def judge(among: Sequence[Policy], base: Policy | None) -> Judgement:
        return case.proofs.judge_identity_policies(
            among,
            account=account,
            role=role,
            intended=intended,
            judged_prefixes=case.scopes[account_name],
            organization=organization_of(case.topology),
            signs_in=signs_in,
            boundary=boundary,
            base=base,
            now=case.topology.asked_at,
        )

    return judged_apart(case, account_name, policies, judge)


def _boundary(case: Case, account: AccountId, role: str) -> Policy | None:
    """The boundary of a role, where both are in the code and certainly there."""
    roles = [record for record in case.records(Kind.ROLE, account) if record.key == role]
    if len(roles) != 1 or roles[0].uncertain is not None:
        return None
    found = boundary_policy(case.estate, roles[0])
    return None if found is None or found[0].uncertain is not None else found[1]
