"""Who gets which statement where: the plan behind policies, before it becomes JSON or HCL.

`intent` turns the plan into policy documents, `generate` into arguments of the modules; that both
mean the same is what the closing loop proves.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.data.aws_data import registry_policy_limits
from generator.intent.registry_forms import (
    UPSTREAM,
    RegistryPolicyForm,
    RegistryStatement,
    Wanted,
    merge,
    statement_document,
)
from generator.model.estate import Json
from generator.model.levels import (
    AUTHORIZATION_ACTION,
    DOWNSTREAM_ACTIONS,
    KEY_ACTIONS,
    UPSTREAM_ACTIONS,
    Level,
)
from generator.model.span import Span
from generator.model.topology import (
    AppliedFor,
    Cache,
    Consumer,
    Encryption,
    Grant,
    IdentitySide,
    PlacedTemplate,
    RegistryPolicyMode,
    RoleScope,
    Topology,
)
from generator.model.values import (
    AccountId,
    Prefix,
    Region,
    key_of_alias,
    repositories_order,
    repository_arn,
    role_arn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullGrant:
    """One statement of a puller's policy: a level on repositories (patterns) of one registry."""

    level: Level
    account_id: AccountId
    region: Region
    repositories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullerPolicy:
    """The identity policy of one consumer in one account; `attach_to` is its role's name or None.

    `key` is its path and name. `account` is a unit or the organization for a policy that is handed
    over; `who` has it, in words.
    """

    account: str
    name: str
    key: str
    role: str | None
    who: str
    grants: tuple[PullGrant, ...]
    attach_to: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRole:
    """The role with which one account's cache rules read registries of other accounts.

    `key` is its path and name.
    """

    account: str
    name: str
    key: str
    caches: tuple[Cache, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
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
    statements = [_allow((action,), arns) for action, arns in sorted(resources.items())]
    keys = {template_key(topology, placed) for placed in role.templates} - {None}
    if keys:
        statements.append(_allow(KEY_ACTIONS, sorted(key for key in keys if key is not None)))
    return {"Version": "2012-10-17", "Statement": tuple(statements)}


def registry_statements(
    topology: Topology,
) -> dict[tuple[str, Region], tuple[RegistryStatement, ...]]:
    """The statements each registry's policy needs, by account and region.

    Only access from other accounts needs one. Each policy has the first form that ECR has room for,
    and the smallest one when there is room for none.
    """
    limit = registry_policy_limits().maximum
    chosen = {}
    for (account, region), forms in statement_forms(topology).items():
        sizes = {}
        for form, statements in forms.items():
            document = registry_policy_document(topology, account, region, statements)
            sizes[form] = policy_size(document)
            if sizes[form] <= limit:
                chosen[account, region] = statements
                break
        else:
            chosen[account, region] = forms[min(sizes, key=sizes.__getitem__)]
    return chosen


def registry_policy_sizes(
    topology: Topology,
) -> dict[tuple[str, Region], dict[RegistryPolicyForm, int]]:
    """The characters that each registry's policy has in each form."""
    return {
        (account, region): {
            form: policy_size(registry_policy_document(topology, account, region, statements))
            for form, statements in forms.items()
        }
        for (account, region), forms in statement_forms(topology).items()
    }


def policy_size(document: Json) -> int:
    """The characters of a policy as AWS counts them, without white space between the parts."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def statement_forms(
    topology: Topology,
) -> dict[tuple[str, Region], dict[RegistryPolicyForm, tuple[RegistryStatement, ...]]]:
    """The statements of each registry's policy in every form."""
    wanted = {
        registry: wishes
        for registry, wishes in _upstream_wishes(topology).items()
        if registry[0] in topology.accounts
    }
    for grant in topology.grants:
        if grant.crosses_accounts:
            wanted.setdefault((grant.cache.account, grant.cache.region), []).extend(
                _wishes(topology, grant)
            )
    return {
        registry: {form: merge(entries, form) for form in RegistryPolicyForm}
        for registry, entries in sorted(wanted.items())
    }


def foreign_statements(
    topology: Topology,
) -> dict[tuple[str, Region], tuple[RegistryStatement, ...]]:
    """What registries outside the topology need that caches take images from, by account id."""
    return {
        registry: merge(wishes, RegistryPolicyForm.EACH_ROLE)
        for registry, wishes in sorted(_upstream_wishes(topology).items())
        if registry[0] not in topology.accounts
    }


def _upstream_wishes(topology: Topology) -> dict[tuple[str, Region], list[Wanted]]:
    """What caches ask of other accounts' registries, by account (name or id) and region."""
    wishes: dict[tuple[str, Region], list[Wanted]] = {}
    for cache in topology.caches:
        if not cache.crosses_accounts:
            continue
        assert cache.upstream_account is not None  # noqa: S101 - it crosses accounts
        assert cache.upstream_region is not None  # noqa: S101 - set together with the account
        account_id = topology.accounts[cache.account].id
        partition = cache.upstream_region.aws_partition.id
        wishes.setdefault((cache.upstream_account, cache.upstream_region), []).append(
            Wanted(
                level=UPSTREAM,
                repositories=cache.upstream_prefix.repositories,
                account_id=account_id,
                principal_arn=role_arn(partition, account_id, upstream_role_key(topology, cache)),
                span=cache.span,
            )
        )
    return wishes


def _wishes(topology: Topology, grant: Grant) -> Iterator[Wanted]:
    """What a grant asks of a registry's policy, once for each of its patterns of roles."""
    account_id = topology.consumer_account_id(grant)
    unit = topology.unit_path(grant.consumer)
    partition = grant.cache.region.aws_partition.id
    patterns: tuple[str | None, ...] = grant.consumer.role_patterns or (None,)
    for pattern in patterns:
        yield Wanted(
            level=grant.level.value,
            repositories=grant.repositories,
            account_id=account_id,
            organization=_organization_of(topology, grant.consumer),
            unit=unit,
            principal_arn=None
            if pattern is None
            else f"arn:{partition}:iam::{account_id or '*'}:role/{pattern}",
            span=grant.span,
        )


def _organization_of(topology: Topology, consumer: Consumer) -> str | None:
    if not consumer.is_organization or topology.organization is None:
        return None
    return topology.organization.id


def registry_policy_document(
    topology: Topology, account: str, region: Region, statements: Sequence[RegistryStatement]
) -> Json:
    """The registry policy of one registry, statements to keep first, as a JSON-like value."""
    account_id = topology.account_id(account)
    return {
        "Version": "2012-10-17",
        "Statement": (
            *kept_statements(topology, account, region),
            *(statement_document(entry, account_id, region) for entry in statements),
        ),
    }


def kept_statements(topology: Topology, account: str, region: Region) -> tuple[Json, ...]:
    """The statements that stay in one registry's policy, their placeholders filled in."""
    entry = topology.accounts.get(account)
    kept = entry.kept if entry is not None else None
    if kept is None:
        return ()
    words = {
        "{partition}": region.aws_partition.id,
        "{region}": str(region),
        "{account_id}": str(topology.accounts[account].id),
    }
    return tuple(_filled(statement, words) for statement in kept.statements)


def is_exported(topology: Topology, account: str) -> bool:
    """Whether other code owns the account's registry policies."""
    return topology.accounts[account].registry_policy is RegistryPolicyMode.EXPORT


def puller_policies(topology: Topology) -> dict[tuple[str, str], PullerPolicy]:
    """The identity policies that `generate` writes, by account and policy name."""
    return _policies_of(
        topology,
        (grant for grant in topology.grants if grant.identity is not IdentitySide.ELSEWHERE),
    )


def handed_over_policies(topology: Topology) -> dict[tuple[str, str], PullerPolicy]:
    """The identity policies that somebody else must add, by scope and policy name.

    The scope is an account's name or id, `unit NAME` or `organization`.
    """
    grants = (grant for grant in topology.grants if grant.is_handed_over)
    return _policies_of(topology, grants)


def _policies_of(
    topology: Topology, chosen: Iterable[Grant]
) -> dict[tuple[str, str], PullerPolicy]:
    grouped: dict[tuple[str, str], list[Grant]] = {}
    for grant in chosen:
        name = topology.name_prefix + grant.consumer.policy_name
        grouped.setdefault((grant.scope, name), []).append(grant)
    return {
        (account, name): PullerPolicy(
            account=account,
            name=name,
            key=topology.iam.key(name),
            role=grants[0].consumer.role,
            who=grants[0].consumer.who,
            grants=_pull_grants(topology, grants),
            attach_to=_attach_to(grants[0]),
            span=grants[0].consumer.span,
        )
        for (account, name), grants in sorted(grouped.items())
    }


def puller_document(policy: PullerPolicy) -> Json:
    """The identity policy of a consumer as a JSON-like value."""
    statements: list[Json] = [_allow((AUTHORIZATION_ACTION,), ("*",))]
    for grant in policy.grants:
        arns = (
            repository_arn(grant.region, grant.account_id, repositories)
            for repositories in grant.repositories
        )
        statements.append(_allow(grant.level.actions, tuple(arns)))
    return {"Version": "2012-10-17", "Statement": tuple(statements)}


def upstream_role_document(topology: Topology, role: UpstreamRole) -> Json:
    """The inline policy of an account's role for cross-account upstreams."""
    if topology.iam.role_scope is RoleScope.DOCUMENTED:
        return {
            "Version": "2012-10-17",
            "Statement": (
                _allow((AUTHORIZATION_ACTION, *UPSTREAM_ACTIONS, *DOWNSTREAM_ACTIONS), ("*",)),
            ),
        }
    return {
        "Version": "2012-10-17",
        "Statement": (
            _allow((AUTHORIZATION_ACTION,), ("*",)),
            _allow(
                UPSTREAM_ACTIONS,
                [
                    repository_arn(region, topology.account_id(account), prefix.repositories)
                    for account, region, prefix in upstreams_of(role)
                ],
            ),
            _allow(
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


def _filled(value: Json, words: Mapping[str, str]) -> Json:
    match value:
        case str():
            for word, text in words.items():
                value = value.replace(word, text)
            return value
        case tuple():
            return tuple(_filled(item, words) for item in value)
        case Mapping():
            return {key: _filled(item, words) for key, item in sorted(value.items())}
        case _:
            return value


def _pull_grants(topology: Topology, grants: Iterable[Grant]) -> tuple[PullGrant, ...]:
    """One grant for each registry and level, with what a higher level covers left out."""
    strongest: dict[tuple[AccountId, Region, str], Level] = {}
    for grant in grants:
        cache = grant.cache
        key = (topology.accounts[cache.account].id, cache.region, grant.repositories)
        known = strongest.get(key)
        if known is None or set(known.actions) < set(grant.level.actions):
            strongest[key] = grant.level
    grouped: dict[tuple[AccountId, Region, str], list[str]] = {}
    for (account_id, region, repositories), level in strongest.items():
        grouped.setdefault((account_id, region, level.value), []).append(repositories)
    return tuple(
        PullGrant(
            level=Level(level),
            account_id=account_id,
            region=region,
            repositories=tuple(sorted(of_level, key=repositories_order)),
        )
        for (account_id, region, level), of_level in sorted(grouped.items())
    )


def _attach_to(grant: Grant) -> str | None:
    """The role's own name, without its path: what an attachment takes."""
    if grant.identity is not IdentitySide.ATTACH or grant.consumer.role is None:
        return None
    return grant.consumer.role.rsplit("/", 1)[-1]


def _allow(actions: Sequence[str], resources: Sequence[str]) -> Json:
    return {"Effect": "Allow", "Action": tuple(actions), "Resource": tuple(resources)}
