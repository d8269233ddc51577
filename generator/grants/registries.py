"""Judge registry policies against the grants of their registry.

What a registry's policy gives too much is asked of it alone; what it lacks, the policies of repositories
may give.
"""

from collections.abc import Iterator
from dataclasses import replace

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
from generator.grants.repository_grants import with_repositories
from generator.iam import (
    Judgement,
    Policy,
    PolicyKind,
    PrincipalKind,
    parse_policy,
)
from generator.intent.registry_policies import is_exported, kept_statements
from generator.model.estate import (
    Json,
    Kind,
    Record,
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
    alone = _registry_judgement(case, account, region, policy)
    beside = with_repositories(case, account, region, policy, alone)
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
    )


def _registry_judgement(case: Case, account: Account, region: Region, policy: Policy) -> Judgement:
    """What a registry policy gives too much and too little.

    What a statement to keep allows is declared, but never that everybody in the world has it.
    """
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
