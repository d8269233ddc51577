"""What a topology means, as rows: registries, cache rules, grants, root modules."""

from collections.abc import Iterator, Mapping, Sequence

from generator.export.images import written_host
from generator.frozen_data import frozen
from generator.intent.handover import handovers
from generator.intent.records import intend
from generator.intent.registry_policies import is_exported, registry_statements
from generator.model.terraform_settings import fill
from generator.model.topology import (
    AppliedFor,
    Cache,
    Grant,
    IdentitySide,
    PlacedTemplate,
    Topology,
)
from generator.model.values import Region, registry_host

_EXAMPLES = {
    "chainguard": "chainguard/static:latest",
    "docker-hub": "library/alpine:latest",
    "ecr-public": "docker/library/alpine:latest",
    "github-container-registry": "actions/actions-runner:latest",
    "gitlab-container-registry": "gitlab-org/gitlab-runner:latest",
    "k8s": "pause:latest",
    "quay": "prometheus/prometheus:latest",
}
"""A public image of each upstream that everybody may know."""

_UNKNOWN_IMAGE = "IMAGE:TAG"
"""Stands in pull URIs of upstreams whose images nobody outside can know."""


@frozen
class RegistryRow:
    """One private registry; `registry_policy` says whether a policy gives other accounts access."""

    account: str
    account_id: str
    region: str
    host: str
    rules: int
    registry_policy: bool


@frozen
class RuleRow:
    """One cache rule; `upstream` is a host, `uri` an image as a consumer pulls it.

    `creation_template` is the template that ECR takes for new repositories of the cache, if any.
    """

    account: str
    region: str
    prefix: str
    upstream: str
    upstream_prefix: str
    credential: str | None
    creation_template: str | None
    uri: str


@frozen
class GrantRow:
    """One consumer's grant on one cache, with both of its sides.

    `registry_side` is what lets the consumer in: `registry policy` (`registry policy, owned elsewhere`
    where it is only exported), or `same account` where nothing is needed. `identity_side` is who writes the consumer's own policy; `policy` is its name where
    forebay does. `consumer_account` is `None` for a unit and for the organization, which `scope`
    names in words. `notes` say what a reader might not expect.
    """

    consumer: str
    scope: str
    consumer_account: str | None
    role: str | None
    permission_set: str | None
    level: str
    account: str
    region: str
    prefix: str
    repositories: str
    registry_side: str
    identity_side: str
    policy: str | None
    notes: tuple[str, ...]


@frozen
class OutsideRow:
    """What somebody else has to add: `path` is a folder below the output folder, with these files."""

    owner: str
    path: str
    adds: tuple[str, ...]
    files: tuple[str, ...]


@frozen
class RootRow:
    """One root module; `path` is relative to the output folder, `role` what its provider assumes."""

    account: str
    account_id: str
    regions: tuple[str, ...]
    path: str
    role: str | None


def registry_rows(topology: Topology) -> tuple[RegistryRow, ...]:
    """Every registry that caches something or gives other accounts access."""
    statements = registry_statements(topology)
    registries = {(cache.account, cache.region) for cache in topology.caches} | set(statements)
    return tuple(
        RegistryRow(
            account=account,
            account_id=topology.accounts[account].id,
            region=region,
            host=registry_host(region, topology.accounts[account].id),
            rules=len(topology.caches_by_registry.get((account, region), ())),
            registry_policy=(account, region) in statements,
        )
        for account, region in sorted(registries)
    )


def rule_rows(topology: Topology) -> tuple[RuleRow, ...]:
    """Every cache rule with the URI to pull from it."""
    templates: dict[tuple[str, Region], list[PlacedTemplate]] = {}
    for placed in topology.templates:
        templates.setdefault((placed.account, placed.region), []).append(placed)
    return tuple(
        RuleRow(
            account=cache.account,
            region=cache.region,
            prefix=cache.prefix,
            upstream=cache.upstream_host,
            upstream_prefix=cache.upstream_prefix,
            credential=None if cache.credential is None else cache.credential.secret,
            creation_template=_template_of(cache, templates),
            uri=pull_uri(topology, cache),
        )
        for cache in topology.caches
    )


def _template_of(
    cache: Cache, templates: Mapping[tuple[str, Region], Sequence[PlacedTemplate]]
) -> str | None:
    """The name of the template with the longest prefix that fits the cache's repositories."""
    fitting = [
        placed
        for placed in templates.get((cache.account, cache.region), ())
        if placed.prefix.is_root or f"{cache.prefix}/".startswith(f"{placed.prefix}/")
    ]
    fitting.sort(key=lambda placed: 0 if placed.prefix.is_root else len(placed.prefix))
    if not fitting or AppliedFor.PULL_THROUGH_CACHE not in fitting[-1].template.applied_for:
        return None
    return fitting[-1].template.name


def pull_uri(topology: Topology, cache: Cache) -> str:
    """An example image of the cache's upstream as a consumer names it."""
    host = registry_host(cache.region, topology.accounts[cache.account].id)
    image = _example(cache) or _UNKNOWN_IMAGE
    return f"{host}/{image}" if cache.prefix.is_root else f"{host}/{cache.prefix}/{image}"


def example_image(cache: Cache) -> str | None:
    """An image of the cache's upstream as people write it; `None` where none is known."""
    image = _example(cache)
    if image is None:
        return None
    path = "" if cache.upstream_prefix.is_root else f"{cache.upstream_prefix}/"
    return f"{written_host(cache)}/{path}{image}"


def _example(cache: Cache) -> str | None:
    """An example image below the part of the upstream that the cache takes, if one is known."""
    image = _EXAMPLES.get(cache.upstream.registry.name)
    if image is None or cache.upstream_prefix.is_root:
        return image
    inside = f"{cache.upstream_prefix}/"
    return image.removeprefix(inside) if image.startswith(inside) else None


def grant_rows(topology: Topology) -> tuple[GrantRow, ...]:
    """Every grant, one row a cache."""
    return tuple(
        GrantRow(
            consumer=grant.consumer.policy_name,
            scope=grant.scope,
            consumer_account=grant.consumer_account,
            role=grant.consumer.role,
            permission_set=grant.consumer.permission_set,
            level=grant.level.value,
            account=grant.cache.account,
            region=grant.cache.region,
            prefix=grant.cache.prefix,
            repositories=grant.repositories,
            registry_side=registry_side(topology, grant),
            identity_side=grant.identity.value,
            policy=None
            if grant.identity is IdentitySide.ELSEWHERE
            else topology.name_prefix + grant.consumer.policy_name,
            notes=_notes(topology, grant),
        )
        for grant in topology.grants
    )


def registry_side(topology: Topology, grant: Grant) -> str:
    """What lets a consumer into the registry, in words."""
    if not grant.crosses_accounts:
        return "same account"
    exported = is_exported(topology, grant.cache.account)
    return "registry policy, owned elsewhere" if exported else "registry policy"


def outside_rows(topology: Topology, account: str | None = None) -> tuple[OutsideRow, ...]:
    """What is outside of the generated code, all or one account's, and where it is written down."""
    return tuple(
        OutsideRow(
            owner=handover.owner,
            path=handover.path,
            adds=handover.adds,
            files=tuple(handover.files),
        )
        for handover in handovers(topology, account)
    )


def root_rows(topology: Topology) -> tuple[RootRow, ...]:
    """The root modules that `generate` writes: one for each account that needs anything."""
    needing = {record.account for record in intend(topology).records}
    needing |= {
        topology.accounts[account].id
        for account, _ in registry_statements(topology)
        if is_exported(topology, account)
    }
    return tuple(
        RootRow(
            account=name,
            account_id=account.id,
            regions=tuple(map(str, account.regions)),
            path=topology.folder(name),
            role=assumed_role(topology, name),
        )
        for name, account in sorted(topology.managed_accounts.items())
        if account.id in needing
    )


def assumed_role(topology: Topology, account: str) -> str | None:
    """The ARN of the role that the account's provider assumes, if any."""
    role = topology.terraform.assume_role
    if role is None or not isinstance(arn := role["role_arn"], str):
        return None
    return fill(arn, topology.words(account))


def _notes(topology: Topology, grant: Grant) -> tuple[str, ...]:
    notes = []
    prefix = grant.cache.prefix
    nested = [
        cache.prefix
        for cache in topology.caches_by_registry[grant.cache.account, grant.cache.region]
        if cache.prefix != prefix
        and not cache.prefix.is_root
        and (prefix.is_root or cache.prefix.startswith(f"{prefix}/"))
        and grant.pattern is None
    ]
    if grant.pattern is not None and set(grant.pattern) & set("*?"):
        notes.append("`*` and `?` in the repositories match `/`, too")
    if prefix.is_root and grant.pattern is None:
        notes.append("`ROOT` covers every repository of the registry, private images included")
    if nested:
        notes.append(f"the grant on `{prefix}` also covers {', '.join(sorted(nested))}")
    if grant.consumer.external_account is not None:
        notes.append("the consumer's account is outside the topology")
    if grant.consumer.is_group:
        notes.extend(_group_notes(topology, grant))
    elif grant.consumer_account in topology.accounts.keys() - topology.managed_accounts.keys():
        notes.append("the consumer's account is not managed: its owner adds the policy")
    if grant.consumer.is_pattern and "*" in (grant.consumer.role or ""):
        notes.append("`*` in the role matches `/`, too")
    elif grant.consumer.is_pattern:
        notes.append("`?` in the role matches `/`, too")
    return tuple(notes)


def _group_notes(topology: Topology, grant: Grant) -> Iterator[str]:
    where = "the organization"
    if grant.consumer.unit is not None:
        where = f"the unit {grant.consumer.unit} and the units below it"
    yield f"all accounts of {where} are let in, those that join later as well"
    registry = topology.accounts[grant.cache.account]
    path = topology.unit_path(grant.consumer)
    if path is None or registry.unit is None or registry.lies_below(path):
        # AWS lets in principals of its own account that a policy for everybody matches.
        perhaps = "" if path is None or registry.unit is not None else ", if it is one of them,"
        yield (
            f"the registry's own account{perhaps} needs a policy of its own only for "
            "`ecr:GetAuthorizationToken`"
        )
