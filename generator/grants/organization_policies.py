"""Judge Denies of an organization's policies: none may hit a pull that the topology declares.

An organization's policy gives nothing, so what it allows is not asked, and what it leaves out may be
allowed by another one. It does not bind the account that manages the organization, which is taken to be
the account that the code acts in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.estate.attached_policies import parse_record
from generator.estate.ceilings import Ceiling, organization_ceiling, organization_targets
from generator.grants.case import Case
from generator.grants.declared_access import granted_in, organization_of, registry_access
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import (
    Access,
    Judgement,
    Policy,
    PolicyKind,
    judge_identity_policies,
    judge_resource_policy,
    parse_policy,
)
from generator.iam.document import Effect
from generator.model.estate import Estate, Json, Kind, Record
from generator.model.topology import Account, Grant, Topology
from generator.model.values import AccountId

if TYPE_CHECKING:
    from generator.model.values import Region

_EVERYTHING: Mapping[Ceiling, Json] = {
    Ceiling.SERVICE_CONTROL: {"Effect": "Allow", "Action": "*", "Resource": "*"},
    Ceiling.RESOURCE_CONTROL: {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
    },
}


def organization_policies(case: Case) -> Iterator[JudgedPolicy]:
    """Judge the Denies of each policy whose target is an account, unit or root of the topology."""
    for account in case.topology.accounts.values():
        for ceiling, record, denies in denies_on(case.estate, case.topology, account.id):
            rest: Json = {"Version": "2012-10-17", "Statement": (_EVERYTHING[ceiling],)}
            allowing = parse_policy(rest, source="everything else").statements
            policy = replace(denies, statements=(*denies.statements, *allowing))
            if ceiling is Ceiling.SERVICE_CONTROL:
                yield from _of_callers(case, record, policy, account)
            else:
                yield from _of_registries(case, record, policy, account)


def denies_on(
    estate: Estate, topology: Topology | None, account: AccountId
) -> Iterator[tuple[Ceiling, Record, Policy]]:
    """The Denies of the organization's policies that certainly bind an account."""
    for record in estate.records:
        if record.kind is not Kind.ORGANIZATION_POLICY or record.uncertain is not None:
            continue
        ceiling = organization_ceiling(record)
        policy = parse_record(record, "content")
        denies = tuple(each for each in policy.statements if each.effect is Effect.DENY)
        if ceiling is None or not denies or record.account == account:
            continue
        targets = set(organization_targets(estate, record))
        if account in targets or (topology is not None and _is_below(topology, account, targets)):
            yield ceiling, record, replace(policy, statements=denies)


def _is_below(topology: Topology, account: AccountId, targets: set[str]) -> bool:
    """Whether an account of the topology lies in a unit or root that is one of the targets."""
    entry = next((each for each in topology.accounts.values() if each.id == account), None)
    if entry is not None and entry.unit is not None:
        return not targets.isdisjoint(entry.unit.split("/"))
    organization = organization_of(topology)
    if topology.organization is None or organization is None or account not in organization.paths:
        return False
    roots = {path.split("/")[1] for path in topology.organization.units.values()}
    return not targets.isdisjoint(roots)


def _of_callers(
    case: Case, record: Record, policy: Policy, account: Account
) -> Iterator[JudgedPolicy]:
    """What a service control policy takes away from the consumers in an account."""
    found: dict[str | None, list[tuple[Grant, Access]]] = {}
    for grant, access in granted_in(case.topology, account.name):
        found.setdefault(access.role, []).append((grant, access))
    for role, granted in sorted(found.items(), key=lambda entry: entry[0] or ""):
        judgement = judge_identity_policies(
            [policy],
            account=account.id,
            role=role,
            intended=[access for _, access in granted],
            judged_prefixes=case.scopes[account.name],
            organization=organization_of(case.topology),
        )
        who = "every principal" if role is None else f"role {role}"
        yield _judged(
            case,
            f"the service control policy {_name(record)} for {who} in account {account.name}",
            PolicyKind.IDENTITY,
            record,
            policy,
            granted[0][0],
            judgement,
        )


def _of_registries(
    case: Case, record: Record, policy: Policy, account: Account
) -> Iterator[JudgedPolicy]:
    """What a resource control policy takes away from those who pull from an account's registries."""
    granted: dict[Region, Grant] = {}
    for grant in case.topology.grants:
        if grant.cache.account == account.name:
            granted.setdefault(grant.cache.region, grant)
    for region, grant in granted.items():
        judgement = judge_resource_policy(
            policy,
            registry_account=account.id,
            region=region,
            intended=registry_access(case.topology, account.id, region),
            known_accounts=[other.id for other in case.topology.accounts.values()],
            organization=organization_of(case.topology),
        )
        yield _judged(
            case,
            f"the resource control policy {_name(record)} for the registry of account "
            f"{account.name} in {region}",
            PolicyKind.REGISTRY,
            record,
            policy,
            grant,
            judgement,
        )


def _name(record: Record) -> str:
    return record.key if isinstance(record.key, str) else record.address


def _judged(
    case: Case,
    what: str,
    kind: PolicyKind,
    record: Record,
    policy: Policy,
    grant: Grant,
    judgement: Judgement,
) -> JudgedPolicy:
    """The certain part of an answer: what is not decided here is named as not judged."""
    return case.judged(
        what,
        kind,
        sources=[(record, "content")],
        policies=[policy],
        missing=record,
        topology=grant.span,
        judgement=replace(judgement, over=(), undecided=(), omitted=0),
    )
