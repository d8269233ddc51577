"""Judge registry policies against the grants of their registry.

What a registry's policy gives too much is asked of it alone; what it lacks, the policies of repositories
may give.
"""

from collections.abc import Iterator

from generator.estate.attached_policies import (
    NO_STATEMENTS,
    parse_record,
)
from generator.grants.case import Case
from generator.grants.declared_access import (
    organization_of,
    registry_access,
)
from generator.grants.judged_policy import JudgedPolicy
from generator.grants.kept_statements import judge_with_kept, kept_refusals
from generator.grants.repository_grants import Beside, with_repositories
from generator.iam import (
    Judgement,
    Policy,
    PolicyKind,
    parse_policy,
)
from generator.intent.registry_policies import is_exported, kept_statements
from generator.model.estate import (
    Json,
    Kind,
    Record,
    evidence_of,
)
from generator.model.topology import Account, Topology
from generator.model.values import Region


def registry_policies(case: Case) -> Iterator[JudgedPolicy]:
    """Judge each registry policy alone: putting one replaces another, so two do not add up."""
    for account in case.topology.managed_accounts.values():
        for region in account.regions:
            statements = case.statements.get((account.name, region), ())
            found = [
                record
                for record in case.records(Kind.REGISTRY_POLICY, account.id)
                if record.region == region
            ]
            # A policy that other code writes is given where it is not there, and judged where it is.
            if statements and not found and not is_exported(case.topology, account.name):
                missing = case.wanted(Kind.REGISTRY_POLICY, account.id, "", region)
                yield _registry_policy(case, account, region, None, missing)
            for record in found:
                yield _registry_policy(case, account, region, record, record)


def _registry_policy(
    case: Case, account: Account, region: Region, found: Record | None, missing: Record
) -> JudgedPolicy:
    policy = parse_policy(NO_STATEMENTS, source=missing.address)
    if found is not None:
        policy = parse_record(found, "policy")
    statements = case.statements.get((account.name, region), ())

    def answer(policy: Policy) -> Beside:
        alone = _registry_judgement(case, account, region, policy)
        return with_repositories(case, account, region, policy, alone)

    beside = answer(policy)
    kept = _kept(case.topology, account.name, region)
    return case.judged(
        f"the registry policy of account {account.name} in {region}",
        PolicyKind.REGISTRY,
        sources=[] if found is None else [(found, "policy")],
        policies=[policy],
        missing=missing,
        topology=statements[0].span if statements else account.span,
        judgement=beside.judgement,
        wanted=statements,
        is_elsewhere=is_exported(case.topology, account.name),
        templates=beside.templates,
        limits=_scope(case, account, region),
        kept_refusals=kept_refusals(
            policy, kept, beside.judgement, lambda other: answer(other).judgement
        ),
    )


def _scope(case: Case, account: Account, region: Region) -> str:
    """The scope of a registry's policy where it is not V2: under V1 most of the policy says nothing."""
    settings = [
        record
        for record in case.records(Kind.ACCOUNT_SETTING, account.id)
        if record.key == "REGISTRY_POLICY_SCOPE" and record.region == region
    ]
    values = [evidence_of(record.get("value")) for record in settings]
    return "" if set(values) <= {evidence_of("V2")} else f" under {', '.join(sorted(values))}"


def _registry_judgement(case: Case, account: Account, region: Region, policy: Policy) -> Judgement:
    """What a registry policy gives too much and too little."""
    topology = case.topology

    def judged(kept: Policy | None, base: Policy | None) -> Judgement:
        return case.proofs.judge_resource_policy(
            policy,
            registry_account=account.id,
            region=region,
            intended=registry_access(topology, account.id, region),
            known_accounts=[other.id for other in topology.accounts.values()],
            organization=organization_of(topology),
            kept=kept,
            base=base,
            now=topology.asked_at,
        )

    return judge_with_kept(judged, _kept(topology, account.name, region))


def _kept(topology: Topology, account: str, region: Region) -> Policy | None:
    """The statements that stay in a registry's policy, as a policy of their own."""
    statements = kept_statements(topology, account, region)
    if not statements:
        return None
    document: Json = {"Version": "2012-10-17", "Statement": statements}
    return parse_policy(document, source="keep_statements")
