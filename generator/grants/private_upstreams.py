"""What a pull takes of the private registry from which a cache imports: its policy, and ECR's role."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from generator.grants.case import Case
from generator.grants.judged_policy import JudgedPolicy
from generator.grants.pullers import overlaps
from generator.model.estate import Identity, Kind
from generator.model.levels import Level
from generator.model.topology import Cache, Topology
from generator.model.values import AccountId, Region

if TYPE_CHECKING:
    from generator.grants.named_roles import NamedRole
    from generator.intent.service_roles import UpstreamRole


def imports_privately(cache: Cache, level: Level) -> bool:
    """Whether a pull makes ECR import from another private registry."""
    return cache.upstream_account is not None and level is not Level.CACHED


def upstream_registry(cache: Cache, level: Level) -> Iterator[tuple[str, Region]]:
    """The registry of another account that has to let the role of a cache in, by account and region."""
    if imports_privately(cache, level) and cache.crosses_accounts:
        assert cache.upstream_account is not None  # noqa: S101 - both are set for private upstreams
        assert cache.upstream_region is not None  # noqa: S101
        yield cache.upstream_account, cache.upstream_region


def given_upstream(case: Case, cache: Cache, judged: Sequence[JudgedPolicy]) -> Iterator[str]:
    """What ECR's reading of the upstream rests on, as far as no policy of it was judged."""
    account, region = cache.upstream_account, cache.upstream_region
    if not cache.crosses_accounts or account is None:
        return
    if not is_registry_judged(judged, case.topology.account_id(account), region):
        yield f"{registry_policy_of(account, region)} lets the role of the cache in"
    read = {policy.service_role for policy in judged}
    named = [role for role in case.named_roles if role.caches]
    roles: list[UpstreamRole | NamedRole] = [*case.upstream_roles.values(), *named]
    for role in roles:
        if (role.account, role.name) not in read:
            yield f"role {role.name} in account {role.account} may read the upstream"


def cache_upstream(topology: Topology, cache: Cache) -> str | None:
    """What has to be so, and is not known, where a cache imports from another cache."""
    if cache.upstream_account is None or cache.upstream_region is None:
        return None
    upstream = (cache.upstream_account, cache.upstream_region)
    for other in topology.caches_by_registry.get(upstream, ()):
        if overlaps(other.prefix.repositories, cache.upstream_prefix.repositories):
            return (
                f"{cache.upstream_account}/{cache.upstream_region} has the image already: it is a cache "
                "itself, and AWS does not document that one cache imports for another"
            )
    return None


def is_registry_judged(
    judged: Iterable[JudgedPolicy], account: AccountId, region: Region | None
) -> bool:
    """Whether the policy of a registry is among those that were judged."""
    asked = Identity(kind=Kind.REGISTRY_POLICY, account=account, region=region, key="")
    return any(policy.about == asked for policy in judged)


def registry_policy_of(account: str, region: Region | None) -> str:
    """A registry's policy in the words of judgements."""
    return f"the registry policy of account {account} in {region}"
