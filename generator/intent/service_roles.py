"""The roles that ECR assumes: for upstreams in other accounts and for creation templates."""

from generator.frozen_data import frozen
from generator.intent.statements import allow
from generator.model.estate import Json
from generator.model.levels import (
    AUTHORIZATION_ACTION,
    DOWNSTREAM_ACTIONS,
    KEY_ACTIONS,
    UPSTREAM_ACTIONS,
)
from generator.model.span import Span
from generator.model.topology import (
    AppliedFor,
    Cache,
    Encryption,
    PlacedTemplate,
    RoleScope,
    Topology,
)
from generator.model.values import Prefix, Region, key_of_alias, repository_arn


@frozen
class UpstreamRole:
    """The role with which one account's cache rules read registries of other accounts.

    `key` is its path and name.
    """

    account: str
    name: str
    key: str
    caches: tuple[Cache, ...]
    span: Span


@frozen
class TemplateRole:
    """The role with which ECR tags and encrypts what one account's creation templates make.

    `key` is its path and name.
    """

    account: str
    name: str
    key: str
    templates: tuple[PlacedTemplate, ...]
    span: Span


def upstream_role_name(topology: Topology) -> str:
    """The name of the role for cross-account upstreams, the same in every account."""
    return f"{topology.name_prefix}upstream"


def upstream_role_key(topology: Topology, cache: Cache) -> str:
    """The role with which a cache reads another account's registry, as `path/name`."""
    return cache.named_role or topology.iam.key(upstream_role_name(topology))


def upstream_roles(topology: Topology) -> dict[str, UpstreamRole]:
    """The role each account needs for its cross-account upstreams, by account.

    None is made for upstreams that name a role.
    """
    caches: dict[str, list[Cache]] = {}
    for cache in topology.caches:
        if cache.crosses_accounts and cache.named_role is None:
            caches.setdefault(cache.account, []).append(cache)
    return {
        account: UpstreamRole(
            account=account,
            name=upstream_role_name(topology),
            key=topology.iam.key(upstream_role_name(topology)),
            caches=tuple(needing),
            span=needing[0].span,
        )
        for account, needing in sorted(caches.items())
    }


def template_role_name(topology: Topology) -> str:
    """The name of the role for creation templates, the same in every account."""
    return f"{topology.name_prefix}template"


def template_roles(topology: Topology) -> dict[str, TemplateRole]:
    """The role each account needs for its creation templates, by account.

    None is made for templates that name a role, or that set neither tags nor KMS.
    """
    templates: dict[str, list[PlacedTemplate]] = {}
    for placed in topology.templates:
        if placed.template.needs_role and placed.template.role is None:
            templates.setdefault(placed.account, []).append(placed)
    return {
        account: TemplateRole(
            account=account,
            name=template_role_name(topology),
            key=topology.iam.key(template_role_name(topology)),
            templates=tuple(needing),
            span=needing[0].template.span,
        )
        for account, needing in sorted(templates.items())
    }


def template_actions(placed: PlacedTemplate) -> tuple[str, ...]:
    """What a template's role does on the repositories below the template's prefix."""
    actions = ["ecr:CreateRepository"]
    if AppliedFor.REPLICATION in placed.template.applied_for:
        actions.append("ecr:ReplicateImage")
    if placed.template.repository_tags:
        actions.append("ecr:TagResource")
    return tuple(actions)


def template_key(topology: Topology, placed: PlacedTemplate) -> str | None:
    """The ARN of the keys that a template's role uses, `None` without KMS.

    The id of AWS's own key for ECR cannot be known, so that is any key of the registry. For a key
    by its alias something stands for its ARN (`key_of_alias`).
    """
    if placed.template.encryption is not Encryption.KMS:
        return None
    account_id, region = topology.accounts[placed.account].id, placed.region
    if placed.kms_alias is not None:
        return key_of_alias(region, account_id, placed.kms_alias)
    any_key = f"arn:{region.aws_partition.id}:kms:{region}:{account_id}:key/*"
    return placed.kms_key or any_key


def template_role_document(topology: Topology, role: TemplateRole) -> Json:
    """The inline policy of an account's role for creation templates."""
    account_id = topology.accounts[role.account].id
    resources: dict[str, list[str]] = {}
    for placed in role.templates:
        arn = repository_arn(placed.region, account_id, placed.prefix.repositories)
        if topology.iam.role_scope is RoleScope.DOCUMENTED:
            arn = "*"
        for action in template_actions(placed):
            known = resources.setdefault(action, [])
            if arn not in known:
                known.append(arn)
    statements = [allow((action,), arns) for action, arns in sorted(resources.items())]
    keys = {template_key(topology, placed) for placed in role.templates} - {None}
    if keys:
        statements.append(allow(KEY_ACTIONS, sorted(key for key in keys if key is not None)))
    return {"Version": "2012-10-17", "Statement": tuple(statements)}


def upstream_role_document(topology: Topology, role: UpstreamRole) -> Json:
    """The inline policy of an account's role for cross-account upstreams."""
    if topology.iam.role_scope is RoleScope.DOCUMENTED:
        return {
            "Version": "2012-10-17",
            "Statement": (
                allow((AUTHORIZATION_ACTION, *UPSTREAM_ACTIONS, *DOWNSTREAM_ACTIONS), ("*",)),
            ),
        }
    return {
        "Version": "2012-10-17",
        "Statement": (
            allow((AUTHORIZATION_ACTION,), ("*",)),
            allow(
                UPSTREAM_ACTIONS,
                [
                    repository_arn(region, topology.account_id(account), prefix.repositories)
                    for account, region, prefix in upstreams_of(role)
                ],
            ),
            allow(
                DOWNSTREAM_ACTIONS,
                [
                    repository_arn(
                        cache.region,
                        topology.accounts[cache.account].id,
                        cache.prefix.repositories,
                    )
                    for cache in role.caches
                ],
            ),
        ),
    }


def upstreams_of(role: UpstreamRole) -> tuple[tuple[str, Region, Prefix], ...]:
    """What a role reads, each once: account, region and prefix of the upstream."""
    found = {
        (cache.upstream_account, cache.upstream_region, cache.upstream_prefix)
        for cache in role.caches
        if cache.upstream_account is not None and cache.upstream_region is not None
    }
    return tuple(sorted(found))


def trust_document(service: str) -> Json:
    """A trust policy that lets one AWS service assume the role."""
    return {
        "Version": "2012-10-17",
        "Statement": (
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"},
        ),
    }
