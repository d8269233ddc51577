"""Judge who else may assume the roles that pull or push: whoever does has their access.

The roles are those of consumers, and in an account with caches every role whose own policies reach
them. Services, identity providers and the account itself are its owner's affair; other accounts
need a grant of their own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.estate.attached_policies import parse_record
from generator.estate.spellings import matches_role
from generator.frozen_data import frozen
from generator.grants.boundaries import limits_of
from generator.grants.case import Case
from generator.grants.declared_access import granted_in, pull_access, role_access
from generator.grants.identity_judgement import outside_caches
from generator.grants.identity_policies import role_policies
from generator.grants.judged_policy import JudgedPolicy, only_over_grants
from generator.grants.roles import own_roles
from generator.iam import (
    Access,
    ActionKind,
    Effect,
    Judgement,
    Policy,
    PolicyKind,
    PrincipalKind,
    Question,
    Statement,
    Undecided,
    parse_policy,
)
from generator.iam.document import Text
from generator.model.estate import Json, Kind, Record, evidence_of
from generator.model.levels import TEMPLATE_SERVICE
from generator.model.span import Span
from generator.model.topology import Account, Topology
from generator.model.values import fill_placeholders

_OTHERS = frozenset(
    {
        PrincipalKind.ANONYMOUS,
        PrincipalKind.ANY_ACCOUNT,
        PrincipalKind.ORGANIZATION,
        PrincipalKind.OUTSIDE_ACCOUNT,
        PrincipalKind.KNOWN_ACCOUNT,
    }
)
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ASSUMING: Json = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")


@frozen
class _Worth:
    """The line of the topology that makes a role worth assuming, and why that is not certain."""

    place: Span
    doubt: str | None = None


def lent_roles(case: Case) -> Iterator[JudgedPolicy]:
    """Judge the trust of each role that pulls or pushes and that another account may assume."""
    for account in case.topology.managed_accounts.values():
        apart = own_roles(case, account.name)
        for record in case.records(Kind.ROLE, account.id):
            role = record.key
            if not isinstance(role, str) or role.rsplit("/", 1)[-1] in apart:
                continue
            trust = parse_record(record, "assume_role_policy")
            if not any(_is_about_others(statement, account) for statement in trust.statements):
                continue
            if _enters_the_account(case.topology, account, role):
                continue
            if (worth := _worth(case, account, role)) is not None:
                yield from _judged(case, account, record, role, trust, worth)


def _judged(
    case: Case, account: Account, record: Record, role: str, trust: Policy, worth: _Worth
) -> Iterator[JudgedPolicy]:
    """The answer about one role, where there is anything to say."""
    statements = tuple(one for one in trust.statements if _is_about_others(one, account))
    judgement = _judge(
        case, account, replace(trust, statements=statements), _declared(case, account, role, trust)
    )
    if judgement.over and worth.doubt is not None:
        judgement = replace(
            judgement, over=(), undecided=(*judgement.undecided, *_doubts(judgement, worth.doubt))
        )
    if judgement.over or judgement.undecided:
        yield case.judged(
            f"the trust policy of role {role} in account {account.name}",
            PolicyKind.TRUST,
            sources=[(record, "assume_role_policy")],
            policies=[trust],
            missing=record,
            topology=worth.place,
            judgement=judgement,
            is_elsewhere=True,
            limits=_rights(case, account, role),
        )


def _rights(case: Case, account: Account, role: str) -> str:
    """What a role has, as a text that is another one when that is."""
    sources, _ = role_policies(case, account.id, role)
    held = tuple(record.get(name) for record, name in sources)
    return f" with {evidence_of(held)}{limits_of(case, account.id, role)}"


def _doubts(judgement: Judgement, doubt: str) -> Iterator[Undecided]:
    """Who may assume a role of which it is not known whether it pulls, as open questions."""
    for grant in judgement.over:
        yield Undecided(
            question=Question.OVER_GRANT,
            reason=f"other accounts may assume the role, and whether it pulls or pushes: {doubt}",
            statements=grant.statements,
            request=grant.request,
        )


def _judge(case: Case, account: Account, trust: Policy, declared: Policy) -> Judgement:
    """Who of other accounts may assume a role, but those who have its access anyway."""

    def again(earlier: Policy) -> Judgement:
        both = replace(declared, statements=(*declared.statements, *earlier.statements))
        return _judge(case, account, trust, both)

    judgement = only_over_grants(
        case.proofs.judge_trust_policy(
            trust,
            account=account.id,
            service=TEMPLATE_SERVICE,
            partition=account.regions[0].aws_partition.id,
            base=declared,
            known_accounts=[other.id for other in case.topology.accounts.values()],
            now=case.topology.asked_at,
        )
    )
    over = tuple(grant for grant in judgement.over if grant.principal_kind in _OTHERS)
    return replace(judgement, over=over, again=again)


def _is_about_others(statement: Statement, account: Account) -> bool:
    """Whether a statement may let other accounts in, or keeps somebody out."""
    if statement.effect is Effect.DENY:
        return True
    principals = statement.principals
    if principals is None or principals.everyone or principals.negated:
        return True
    if principals.unseen and not principals.federated:
        return True
    return any(not _is_of(text, account) for text in principals.aws)


def _is_of(text: Text, account: Account) -> bool:
    """Whether a principal certainly belongs to an account."""
    head = text.pieces[0]
    if not isinstance(head, str):
        return False
    words = head.split(":")
    return head == account.id or (len(words) > 5 and words[4] == account.id)


def _enters_the_account(topology: Topology, account: Account, role: str) -> bool:
    """Whether it is the role by which the topology lets Terraform enter the account."""
    argument = (topology.terraform.assume_role or {}).get("role_arn")
    if not isinstance(argument, str):
        return False
    arn = fill_placeholders(argument, account=account.id, region=account.regions[0])
    return arn.endswith(f":{account.id}:role/{role}")


def _worth(case: Case, account: Account, role: str) -> _Worth | None:
    """What makes a role worth assuming; `None` for a role that reaches no cache."""
    granted = list(granted_in(case.topology, account.name))
    for grant, access in granted:
        if access.role is not None and matches_role(access.role, role):
            return _Worth(place=grant.span)
    # What is granted to a whole account, its roles have by their own policies.
    places = [grant.span for grant, access in granted if access.role is None]
    places += [cache.span for cache in case.topology.caches if cache.account == account.name]
    if not places:
        return None
    rights = _beyond(case, account, role, ())
    if any(grant.action_kind is not ActionKind.READ for grant in rights.over):
        return _Worth(place=places[0])
    if rights.undecided or rights.omitted:
        reasons = [question.reason for question in rights.undecided]
        return _Worth(place=places[0], doubt=(*reasons, "its policies say too much")[0])
    return None


def _beyond(case: Case, account: Account, role: str, access: Sequence[Access]) -> Judgement:
    """What a role's policies in the code let it do at the caches beyond some access."""
    _, policies = role_policies(case, account.id, role)
    if not policies:
        return Judgement()
    return only_over_grants(
        case.proofs.judge_identity_policies(
            policies,
            account=account.id,
            role=role,
            intended=access,
            judged_prefixes=case.scopes[account.name],
            base=outside_caches(case, (account.name, *_whole_grants(case, account))),
            now=case.topology.asked_at,
        )
    )


def _whole_grants(case: Case, account: Account) -> Iterator[str]:
    """The accounts whose caches are granted to every principal of an account."""
    for grant, access in granted_in(case.topology, account.name):
        if access.role is None:
            yield grant.cache.account


def _declared(case: Case, account: Account, role: str, trust: Policy) -> Policy:
    """Who may do by grants of their own whatever the role may do, as a trust policy."""
    topology = case.topology
    named = _named_accounts(trust)
    callers: dict[tuple[str | None, ...], list[Access]] = {}
    for grant in topology.grants:
        for access in pull_access(topology, grant):
            if access.account is None or access.account in named:
                who = (access.account, access.role, access.organization, access.unit)
                callers.setdefault(who, []).append(access)
    own = [
        access for access in role_access(topology, account.name, role) if access.role is not None
    ]
    partition = account.regions[0].aws_partition.id
    statements = tuple(
        _statement(partition, accesses[0])
        for accesses in callers.values()
        if (
            all(any(_covers(one, wanted) for one in accesses) for wanted in own)
            if own
            else _is_nothing(_beyond(case, account, role, _as_own(accesses, account)))
        )
    )
    document: Json = {"Version": "2012-10-17", "Statement": statements}
    return parse_policy(document, source="declared")


def _is_nothing(rights: Judgement) -> bool:
    kinds = {grant.action_kind for grant in rights.over}
    return kinds <= {ActionKind.READ} and not rights.undecided and not rights.omitted


def _named_accounts(trust: Policy) -> frozenset[str]:
    """The accounts that a policy names anywhere."""
    texts = [
        text
        for statement in trust.statements
        for text in (
            *(statement.principals.aws if statement.principals is not None else ()),
            *(value for condition in statement.conditions for value in condition.values),
        )
    ]
    words = (piece for text in texts for piece in text.pieces if isinstance(piece, str))
    return frozenset(found for word in words for found in _ACCOUNT.findall(word))


def _as_own(accesses: Iterable[Access], account: Account) -> list[Access]:
    """The access of somebody else, as if it were granted to the role's own account."""
    return [
        replace(access, account=account.id, role=None, organization=None, unit=None)
        for access in accesses
    ]


def _covers(access: Access, wanted: Access) -> bool:
    """Whether one access gives all that another one gives, to whomever."""
    return (
        wanted.actions <= access.actions
        and access.repositories == wanted.repositories
        and access.region == wanted.region
        and access.registry_account == wanted.registry_account
    )


def _statement(partition: str, access: Access) -> Json:
    """The callers of an access, as those who may assume a role."""
    conditions: dict[str, Json] = {}
    if access.account is not None:
        principal: Json = {"AWS": access.account}
    else:
        principal = "*"
        if access.unit is not None:
            conditions["ForAnyValue:StringLike"] = {"aws:PrincipalOrgPaths": f"{access.unit}*"}
        conditions["StringEquals"] = {"aws:PrincipalOrgID": access.organization}
    if access.role is not None:
        owner = access.account or "*"
        conditions["ArnLike"] = {
            "aws:PrincipalArn": f"arn:{partition}:iam::{owner}:role/{access.role}"
        }
    statement: dict[str, Json] = {"Effect": "Allow", "Principal": principal, "Action": _ASSUMING}
    return {**statement, "Condition": conditions} if conditions else statement
