"""The module calls of a root that give access: policies and roles."""

from collections.abc import Sequence

from generator.generate.root_plan import Call, literal, looked_up_key
from generator.intent import addresses
from generator.intent.consumer_policies import ConsumerPolicy, PullGrant
from generator.intent.registry_forms import RegistryStatement
from generator.intent.registry_policies import kept_statements
from generator.intent.service_roles import TemplateRole, UpstreamRole, template_key, upstreams_of
from generator.model.terraform_settings import ProviderBlock
from generator.model.topology import AppliedFor, RoleScope, Topology
from generator.model.values import Region, split_repositories
from generator.render import Reference
from generator.render.literal import Value


def template_role_call(topology: Topology, role: TemplateRole) -> Call:
    """The call that makes the role of creation templates."""
    templates: list[Value] = []
    for placed in role.templates:
        entry: dict[str, Value] = {"region": str(placed.region), "prefix": str(placed.prefix)}
        if placed.template.repository_tags:
            entry["tags"] = True
        if AppliedFor.REPLICATION in placed.template.applied_for:
            entry["replication"] = True
        if (key := template_key(topology, placed)) is not None:
            entry["kms_key_arn"] = looked_up_key(placed) or key
        templates.append(entry)
    return Call(
        name=addresses.call_name(addresses.TEMPLATE_ROLE),
        module="template-role",
        file="access.tf",
        arguments={
            "account_id": str(topology.accounts[role.account].id),
            "partition": role.templates[0].region.aws_partition.id,
            **_role_settings(topology, role.account),
            "roles": {role.name: {"templates": templates}},
        },
    )


def access_call(
    topology: Topology, account: str, region: Region, statements: tuple[RegistryStatement, ...]
) -> Call:
    """The call that puts a region's registry policy."""
    grants: dict[str, Value] = {
        statement.sid: registry_grant(statement) for statement in statements
    }
    arguments: dict[str, Value] = {
        "account_id": str(topology.accounts[account].id),
        "region": str(region),
        "partition": region.aws_partition.id,
        "grants": grants,
    }
    if kept := kept_statements(topology, account, region):
        arguments["kept_statements"] = literal(kept)
    return Call(
        name=addresses.call_name(addresses.access(region)),
        module="registry-access",
        file="access.tf",
        arguments=arguments,
    )


def registry_grant(statement: RegistryStatement) -> dict[str, Value]:
    """A statement of a registry policy as the module takes it."""
    grant: dict[str, Value] = {
        "level": statement.level,
        **repositories_argument(statement.repositories),
    }
    if statement.account_ids:
        grant["account_ids"] = [str(account_id) for account_id in statement.account_ids]
    if statement.organization is not None:
        grant["organization_id"] = statement.organization
    if statement.units:
        grant["organization_paths"] = list(statement.units)
    if statement.principal_arns:
        grant["principal_arns"] = list(statement.principal_arns)
    if statement.are_accounts_conditions and statement.account_ids:
        grant["accounts_as_condition"] = True
    return grant


def repositories_argument(patterns: Sequence[str]) -> dict[str, Value]:
    """The repositories of a grant as the modules take them: prefixes, and all other patterns."""
    prefixes, others = split_repositories(patterns)
    arguments: dict[str, Value] = {}
    if prefixes:
        arguments["prefixes"] = [str(prefix) for prefix in prefixes]
    if others:
        arguments["repositories"] = list(others)
    return arguments


def import_block(
    topology: Topology, account: str, region: Region, provider_region: Region
) -> dict[str, Value]:
    """The import block of a registry policy that exists; its plan fails when there is none."""
    account_id = topology.accounts[account].id
    # The provider's own region needs no naming; where others write the provider, it is not known.
    is_own = region == provider_region and topology.terraform.provider is ProviderBlock.GENERATE
    return {
        "to": Reference(f"{addresses.access(region)}.aws_ecr_registry_policy.this"),
        "id": str(account_id) if is_own else f"{account_id}@{region}",
    }


def upstream_access_call(topology: Topology, role: UpstreamRole) -> Call:
    """The call that makes the role with which caches read other accounts' registries."""
    upstreams: list[Value] = [
        {
            "account_id": str(topology.account_id(account)),
            "region": str(region),
            "prefix": str(prefix),
        }
        for account, region, prefix in upstreams_of(role)
    ]
    caches: list[Value] = [
        {"region": str(cache.region), "prefix": str(cache.prefix)} for cache in role.caches
    ]
    return Call(
        name=addresses.call_name(addresses.UPSTREAM_ACCESS),
        module="upstream-access",
        file="access.tf",
        arguments={
            "account_id": str(topology.accounts[role.account].id),
            "partition": role.caches[0].region.aws_partition.id,
            **_role_settings(topology, role.account),
            "roles": {role.name: {"upstreams": upstreams, "caches": caches}},
        },
    )


def pullers_call(
    topology: Topology, account: str, region: Region, pullers: tuple[ConsumerPolicy, ...]
) -> Call:
    """The call that makes the policies of consumers."""
    policies: dict[str, Value] = {}
    for policy in pullers:
        entry: dict[str, Value] = {"grants": [pull_entry(grant) for grant in policy.grants]}
        if policy.attach_to is not None:
            entry["roles"] = [policy.attach_to]
        policies[policy.name] = entry
    return Call(
        name=addresses.call_name(addresses.PULLERS),
        module="puller-access",
        file="access.tf",
        arguments={
            "account_id": str(topology.accounts[account].id),
            "partition": region.aws_partition.id,
            **_path(topology),
            "policies": policies,
        },
    )


def pull_entry(grant: PullGrant) -> dict[str, Value]:
    """One grant of a consumer's policy as the module takes it."""
    return {
        "level": grant.level.value,
        "account_id": str(grant.account_id),
        "region": str(grant.region),
        **repositories_argument(grant.repositories),
    }


def _path(topology: Topology) -> dict[str, Value]:
    return {} if topology.iam.path == "/" else {"path": topology.iam.path}


def _role_settings(topology: Topology, account: str) -> dict[str, Value]:
    """How the roles of an account are made, without what is the modules' default."""
    settings = _path(topology)
    if (boundary := topology.permissions_boundary(account)) is not None:
        settings["permissions_boundary"] = boundary
    if topology.iam.role_scope is not RoleScope.PREFIX:
        settings["role_scope"] = topology.iam.role_scope.value
    return settings
