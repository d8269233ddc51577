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
from generator.frozen_data import frozen
from generator.grants.case import Case
from generator.grants.declared_access import granted_in, organization_of, registry_access
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import (
    Access,
    Judgement,
    Policy,
    PolicyKind,
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


@frozen
class Denies:
    """The Denies of one policy of an organization, and the accounts, units and roots it is put on."""

    ceiling: Ceiling
    record: Record
    policy: Policy
    targets: frozenset[str]

    def bind(self, account: AccountId, topology: Topology | None) -> bool:
        """Whether they certainly bind an account."""
        if self.record.account == account:
            return False
        return account in self.targets or (
            topology is not None and _is_below(topology, account, self.targets)
        )


def denies_of(estate: Estate) -> tuple[Denies, ...]:
    """The Denies of every policy of an organization, where it is known that it is there."""
    return tuple(
        Denies(
            ceiling=ceiling,
            record=record,
            policy=replace(policy, statements=denies),
            targets=frozenset(organization_targets(estate, record)),
        )
        for record in estate.records
        if record.kind is Kind.ORGANIZATION_POLICY and record.uncertain is None
        for ceiling in (organization_ceiling(record),)
        for policy in (parse_record(record, "content"),)
        for denies in (tuple(each for each in policy.statements if each.effect is Effect.DENY),)
        if ceiling is not None and denies
    )


def organization_policies(case: Case) -> Iterator[JudgedPolicy]:
    """Judge the Denies of each policy whose target is an account, unit or root of the topology."""
    for denies in denies_of(case.estate):
        rest: Json = {"Version": "2012-10-17", "Statement": (_EVERYTHING[denies.ceiling],)}
        allowing = parse_policy(rest, source="everything else").statements
        policy = replace(denies.policy, statements=(*denies.policy.statements, *allowing))
        judge = _of_callers if denies.ceiling is Ceiling.SERVICE_CONTROL else _of_registries
        for account in case.topology.accounts.values():
            if denies.bind(account.id, case.topology):
                yield from judge(case, denies.record, policy, account)


def _is_below(topology: Topology, account: AccountId, targets: frozenset[str]) -> bool:
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
        judgement = case.proofs.judge_identity_policies(
            [policy],
            account=account.id,
            role=role,
            intended=[access for _, access in granted],
            judged_prefixes=case.scopes[account.name],
            organization=organization_of(case.topology),
            now=case.topology.asked_at,
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
        judgement = case.proofs.judge_resource_policy(
            policy,
            registry_account=account.id,
            region=region,
            intended=registry_access(case.topology, account.id, region),
            known_accounts=[other.id for other in case.topology.accounts.values()],
            organization=organization_of(case.topology),
            now=case.topology.asked_at,
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
