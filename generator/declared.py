"""The access that a topology declares, in the grant engine's words."""

from collections.abc import Iterable
from dataclasses import replace

from generator.iam import Access, RepositoryScope
from generator.levels import DOWNSTREAM_ACTIONS, UPSTREAM_ACTIONS
from generator.model.topology import Cache, Grant, RoleScope, Topology
from generator.normalise import matches_role
from generator.policies import TemplateRole, UpstreamRole, template_actions, upstream_role_key
from generator.values import AccountId, Prefix, Region


def registry_access(topology: Topology, account: AccountId, region: Region) -> list[Access]:
    """Everything the topology lets anybody do in one registry."""
    access = [
        pull_access(topology, grant)
        for grant in topology.grants
        if topology.accounts[grant.cache.account].id == account and grant.cache.region == region
    ]
    for cache in topology.caches:
        upstream = _upstream_side(topology, cache)
        if upstream is not None and (upstream.registry_account, upstream.region) == (
            account,
            region,
        ):
            access.append(upstream)
    return access


def template_access(topology: Topology, role: TemplateRole) -> list[Access]:
    """What the role of creation templates may do, on the repositories of its templates."""
    account = topology.accounts[role.account].id
    if topology.iam.role_scope is RoleScope.DOCUMENTED:
        actions = {action for placed in role.templates for action in template_actions(placed)}
        return [_everywhere(account, role.key, actions)]
    return [
        Access(
            account=account,
            role=role.key,
            actions=frozenset(template_actions(placed)),
            repositories=placed.prefix.repositories,
            region=placed.region,
            registry_account=account,
        )
        for placed in role.templates
    ]


def pull_access(topology: Topology, grant: Grant) -> Access:
    """What one grant lets its consumer do."""
    return Access(
        account=topology.consumer_account_id(grant),
        role=grant.consumer.role,
        actions=frozenset(grant.level.actions),
        repositories=grant.repositories,
        region=grant.cache.region,
        registry_account=topology.accounts[grant.cache.account].id,
    )


def role_access(topology: Topology, account: str, role: str) -> list[Access]:
    """What all consumers that match a role may do, together."""
    return [
        pull_access(topology, grant)
        for grant in topology.grants
        if grant.consumer_account == account
        and (grant.consumer.role is None or matches_role(grant.consumer.role, role))
    ]


def access_of_a_name(topology: Topology, account: str, name: str) -> list[Access]:
    """What all consumers grant that may be the role of a name; an attachment does not say its path."""
    return [
        replace(pull_access(topology, grant), role=name)
        for grant in topology.grants
        if grant.consumer_account == account
        and (
            grant.consumer.role is None
            or matches_role(grant.consumer.role.rsplit("/", 1)[-1], name)
        )
    ]


def upstream_access(topology: Topology, role: UpstreamRole) -> list[Access]:
    """What a role for cross-account upstreams may do, upstream and in its own registries."""
    account = topology.accounts[role.account].id
    if topology.iam.role_scope is RoleScope.DOCUMENTED:
        return [_everywhere(account, role.key, {*UPSTREAM_ACTIONS, *DOWNSTREAM_ACTIONS})]
    access = []
    for cache in role.caches:
        upstream = _upstream_side(topology, cache)
        if upstream is not None:
            access.append(upstream)
        access.append(
            Access(
                account=account,
                role=role.key,
                actions=frozenset(DOWNSTREAM_ACTIONS),
                repositories=cache.prefix.repositories,
                region=cache.region,
                registry_account=account,
            )
        )
    return access


def _upstream_side(topology: Topology, cache: Cache) -> Access | None:
    """What the role of a cache may do upstream; `None` for an upstream of the same account."""
    if not cache.crosses_accounts or cache.upstream_account is None:
        return None
    return Access(
        account=topology.accounts[cache.account].id,
        role=upstream_role_key(topology, cache),
        actions=frozenset(UPSTREAM_ACTIONS),
        repositories=cache.upstream_prefix.repositories,
        region=cache.upstream_region,
        registry_account=topology.account_id(cache.upstream_account),
    )


def _everywhere(account: AccountId, role: str, actions: Iterable[str]) -> Access:
    """What a role may do on every repository of every registry, as AWS documents it."""
    return Access(
        account=account,
        role=role,
        actions=frozenset(actions),
        repositories="*",
        region=None,
        registry_account=None,
    )


def cache_scopes(topology: Topology, account: str) -> list[RepositoryScope]:
    """The repositories of every cache in an account's partition, which its policies can reach."""
    partition = topology.accounts[account].regions[0].aws_partition
    return [
        RepositoryScope(
            region=cache.region,
            registry_account=topology.accounts[cache.account].id,
            repositories=cache.prefix.repositories,
        )
        for cache in topology.caches
        if cache.region.aws_partition == partition
    ]


def is_cached(topology: Topology, account: str, region: Region, repository: str) -> bool:
    """Whether a repository lies below the prefix of one of the registry's caches."""
    return any(
        cache.account == account and cache.region == region and lies_below(cache.prefix, repository)
        for cache in topology.caches
    )


def lies_below(prefix: Prefix, repository: str) -> bool:
    """Whether a repository has the prefix; every repository has ROOT."""
    return prefix.is_root or repository.startswith(f"{prefix}/")
