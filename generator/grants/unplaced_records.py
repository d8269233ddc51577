"""Records of which nobody knows whether they have a say in a pull: their account or region is not known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.estate.boundaries import boundary_policy, has_boundary
from generator.estate.spellings import matches_role
from generator.grants.boundaries import boundary_policies
from generator.grants.case import Case
from generator.grants.judged_policy import JudgedPolicy
from generator.grants.repositories import repository_policies
from generator.iam import Question
from generator.model.estate import Kind, Record, Unknown
from generator.model.topology import Cache, Grant
from generator.model.values import AccountId, Region


def unplaced_doubts(
    case: Case, cache: Cache, repositories: str, asked: Sequence[Grant]
) -> Iterator[str]:
    """Each of them in words that may refuse a pull of repositories through a cache.

    A repository's policy, a creation template and a role's boundary are judged as if they were where the
    pull would meet them: what refuses nothing there is no doubt. A registry policy is one if none of
    the registry was read, since a registry has one.
    """
    if (policy := _registry_policy(case, cache)) is not None:
        yield (
            f"The registry policy `{policy.address}` may be the one of account {cache.account} in "
            f"{cache.region}"
        )
    for record in case.estate.records:
        if record.identity is not None:
            continue
        if record.kind in {Kind.REPOSITORY_POLICY, Kind.CREATION_TEMPLATE}:
            if _refuses_here(case, record, cache, repositories):
                yield (
                    f"The {record.kind.value} `{record.address}` may be one of account {cache.account} in "
                    f"{cache.region}, and would refuse the pull there"
                )
        elif record.kind is Kind.ROLE and isinstance(record.account, Unknown):
            for grant in asked:
                account = case.topology.consumer_account_id(grant)
                if account is not None and _is_bounded_there(case, record, account, grant):
                    yield (
                        f"The role `{record.address}` may be the one of account {grant.consumer_account}, "
                        "and its permissions boundary would refuse the pull"
                    )


def _registry_policy(case: Case, cache: Cache) -> Record | None:
    """A registry policy that may be that of a registry of which none was read."""
    account, region = case.topology.account_id(cache.account), cache.region
    found = [each for each in case.estate.records if each.kind is Kind.REGISTRY_POLICY]
    if any((each.account, each.region) == (account, region) for each in found):
        return None
    return next(
        (
            each
            for each in found
            if (isinstance(each.account, Unknown) or each.account == account)
            and (isinstance(each.region, Unknown) or each.region == region)
        ),
        None,
    )


def _refuses_here(case: Case, record: Record, cache: Cache, repositories: str) -> bool:
    is_of_repository = record.kind is Kind.REPOSITORY_POLICY
    somewhere = repositories.replace("*", "image").replace("?", "x")
    anywhere = somewhere if is_of_repository else str(cache.prefix)
    here = replace(
        record,
        account=case.topology.account_id(cache.account),
        region=record.region if isinstance(record.region, Region) else cache.region,
        key=anywhere if isinstance(record.key, Unknown) else record.key,
    )
    others = () if is_of_repository else case.estate.records
    return _refuses(repository_policies(_with(case, here, others)))


def _is_bounded_there(case: Case, role: Record, account: AccountId, grant: Grant) -> bool:
    """Whether a role may be one of those who pull, with a boundary that keeps it from that."""
    name = role.key
    if not isinstance(name, str) or not has_boundary(role):
        return False
    if not any(matches_role(pattern, name) for pattern in grant.consumer.role_patterns):
        return False
    # A name is taken once in an account, whatever the path.
    if _name(name) in {_name(other.key) for other in case.records(Kind.ROLE, account)}:
        return False
    if boundary_policy(case.estate, role) is None:
        return True
    policies = (each for each in case.estate.records if each.kind is Kind.MANAGED_POLICY)
    return _refuses(boundary_policies(_with(case, replace(role, account=account), policies)))


def _name(key: str | Unknown) -> str | Unknown:
    return key.rpartition("/")[2] if isinstance(key, str) else key


def _with(case: Case, record: Record, others: Iterable[Record]) -> Case:
    return replace(case, estate=replace(case.estate, records=(record, *others)))


def _refuses(judged: Iterable[JudgedPolicy]) -> bool:
    return any(
        policy.judgement.under
        or any(each.question is Question.UNDER_GRANT for each in policy.judgement.undecided)
        for policy in judged
    )
