"""Judge the policies of cached repositories and of creation templates."""

from collections.abc import Iterator

from generator.estate.attached_policies import (
    parse_record,
)
from generator.grants.case import Case
from generator.grants.declared_access import (
    is_cached,
    lies_below,
    organization_of,
    registry_access,
)
from generator.grants.judged_policy import JudgedPolicy, only_over_grants
from generator.iam import (
    Judgement,
    PolicyKind,
    Question,
    Undecided,
    judge_resource_policy,
)
from generator.model.estate import (
    Absent,
    Kind,
    Unknown,
)
from generator.model.values import Prefix, Region


def repository_policies(case: Case) -> Iterator[JudgedPolicy]:
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
            judgement=only_over_grants(judgement),
        )


def unplaced_policies(case: Case) -> Iterator[JudgedPolicy]:
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
