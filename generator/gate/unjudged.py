"""Single policies that were given and that the topology says nothing about: each is said once."""

from collections.abc import Iterator, Sequence

from generator.estate.spellings import matches_role
from generator.gate.policy_results import PolicyResult
from generator.model.estate import Kind, Record
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading, Source
from generator.model.topology import Account, Topology
from generator.model.values import Region

_OF_ROLES = frozenset({Kind.ROLE, Kind.ROLE_POLICY})


def unjudged_findings(
    topology: Topology, reading: Reading, results: Sequence[PolicyResult]
) -> Iterator[Finding]:
    """One note for each policy file that no judgement is about, with the reason."""
    if reading.source is not Source.POLICY:
        return
    judged = {record.address for result in results for record, _ in result.policy.records.values()}
    told: set[str] = set()
    for record in reading.estate.records:
        account = topology.managed_accounts_by_id.get(record.account)
        # What is outside of the topology has a note of its own.
        is_inside = account is not None and (
            not isinstance(record.region, Region) or record.region in account.regions
        )
        if account is None or not is_inside or record.address in judged | told:
            continue
        if (why := _reason(topology, account, record)) is None:
            continue
        told.add(record.address)
        yield Finding(
            kind=FindingKind.FINDING,
            rule="policy-not-judged",
            severity=Severity.INFO,
            title="A policy that was given was not judged against the topology",
            message=(
                f"`{record.address}`: {why}, so only the rules that need no topology looked at it."
            ),
            subject=f"policy {record.address}",
            address=record.address,
            location=record.span,
        )


def _reason(topology: Topology, account: Account, record: Record) -> str | None:
    """Why the topology says nothing about a policy; `None` for the secret of a cache."""
    key = str(record.key)
    if record.kind in _OF_ROLES:
        return _reason_of_role(topology, account, key, is_trust=record.kind is Kind.ROLE)
    match record.kind:
        case Kind.SECRET_POLICY:
            secrets = {
                cache.credential.secret
                for cache in topology.caches
                if cache.credential is not None and cache.account == account.name
            }
            return None if key in secrets else f"no cache of account {account.name} has this secret"
        case Kind.KMS_KEY_POLICY:
            return "the topology declares no access to keys"
        case Kind.REPOSITORY_POLICY:
            return f"no cache of account {account.name} fills {key}"
        case _:
            return f"nothing is declared about it in account {account.name}"


def _reason_of_role(topology: Topology, account: Account, key: str, *, is_trust: bool) -> str:
    role = key if is_trust else key.rpartition(":")[0]
    if is_trust:
        return f"no cache rule and no creation template of account {account.name} has role {role}"
    names = [
        grant.consumer
        for grant in topology.grants
        if grant.consumer_account == account.name
        and (
            not grant.consumer.role_patterns
            or any(matches_role(pattern, role) for pattern in grant.consumer.role_patterns)
        )
    ]
    if names:
        return (
            f"what is granted to account {account.name} is granted to all of its principals, and "
            f"nothing says what role {role} alone must have"
        )
    return f"role {role} is no consumer of the topology and no role that ECR assumes"
