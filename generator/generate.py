"""Turn a topology into the files of its Terraform root modules."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from generator import addresses, resources
from generator.intent import created_credentials, filled_document
from generator.model.estate import Json, Unknown
from generator.model.filetree import CacheLine, FileTree, RootFiles
from generator.model.topology import (
    AppliedFor,
    Cache,
    Credential,
    CredentialValue,
    Encryption,
    Mutability,
    PlacedTemplate,
    RegistryPolicyMode,
    Topology,
)
from generator.policies import (
    PullerPolicy,
    RegistryStatement,
    TemplateRole,
    UpstreamRole,
    handed_over_policies,
    is_exported,
    kept_statements,
    puller_document,
    puller_policies,
    registry_policy_document,
    registry_statements,
    template_key,
    template_role_name,
    template_roles,
    upstream_roles,
    upstreams_of,
)
from generator.render import Encoded, Reference, render
from generator.render.literal import Value
from generator.values import Region, fill_placeholders, registry_host, role_arn

MODULES_FOLDER = "modules"
"""Where the copies of the modules lie below the output folder."""

HANDOVER_FOLDER = "handover"
"""Where that is written which the owners of other accounts and roles must add."""

_SOURCE = "ephemeral.aws_secretsmanager_secret_version.source"
"""The secrets that are copied, by their ARNs, in a root that has any."""


def file_tree(topology: Topology) -> FileTree:
    """Everything that `generate` writes for the topology; accounts that need nothing get no root."""
    plans = [_plan(topology, account) for account in sorted(topology.accounts)]
    plans = [plan for plan in plans if plan.calls or plan.exported]
    modules = sorted({call.module for plan in plans for call in plan.calls})
    return FileTree(
        roots=tuple(_root(topology, plan) for plan in plans),
        shared={
            **{
                f"{MODULES_FOLDER}/{module}/{name}": text
                for module in modules
                for name, text in resources.module_files(module).items()
            },
            **_handover(topology),
        },
    )


def _handover(topology: Topology) -> dict[str, str]:
    """What the owners of consumers must add themselves, by path below the output folder."""
    files = {}
    by_account: dict[str, list[PullerPolicy]] = {}
    for (account, name), policy in handed_over_policies(topology).items():
        text = json.dumps(puller_document(policy), indent=2, ensure_ascii=False)
        files[f"{HANDOVER_FOLDER}/{account}/{name}.json"] = f"{text}\n"
        by_account.setdefault(account, []).append(policy)
    for account, policies in by_account.items():
        files[f"{HANDOVER_FOLDER}/{account}/README.md"] = render(
            "handover/README.md.j2",
            {
                "account": account,
                "policies": [
                    {
                        "file": f"{policy.name}.json",
                        "who": "those who pull"
                        if policy.role is None
                        else f"the role {policy.role}",
                    }
                    for policy in policies
                ],
            },
        )
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One module call of a root."""

    name: str
    module: str
    file: str
    arguments: dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class _RootPlan:
    """What one account's root holds, before it becomes text."""

    account: str
    region: Region
    caches: tuple[Cache, ...]
    secrets: tuple[tuple[Region, str, Credential], ...]
    pullers: tuple[PullerPolicy, ...]
    calls: list[_Call] = field(default_factory=list)
    imports: list[dict[str, Value]] = field(default_factory=list)
    exported: dict[Region, Json] = field(default_factory=dict)


def _plan(topology: Topology, account: str) -> _RootPlan:
    caches = tuple(cache for cache in topology.caches if cache.account == account)
    secrets = tuple(
        (region, name, credential)
        for (owner, region, name), credential in _created(topology)
        if owner == account
    )
    pullers = tuple(
        policy for (owner, _), policy in puller_policies(topology).items() if owner == account
    )
    plan = _RootPlan(
        account=account,
        region=topology.accounts[account].regions[0],
        caches=caches,
        secrets=secrets,
        pullers=pullers,
    )
    role = upstream_roles(topology).get(account)
    templates = [placed for placed in topology.templates if placed.account == account]
    template_role = template_roles(topology).get(account)
    for region in sorted({cache.region for cache in caches} | {each.region for each in templates}):
        if any(where == region for where, _, _ in secrets):
            plan.calls.append(_credentials_call(topology, account, region))
        plan.calls.append(_caches_call(topology, account, region, role))
    for (owner, region), statements in registry_statements(topology).items():
        if owner != account:
            continue
        if is_exported(topology, account):
            plan.exported[region] = registry_policy_document(topology, account, region, statements)
            continue
        plan.calls.append(_access_call(topology, account, region, statements))
        if topology.accounts[account].registry_policy is RegistryPolicyMode.ADOPT:
            plan.imports.append(_import(topology, account, region, plan.region))
    if role is not None:
        plan.calls.append(_upstream_access_call(topology, role))
    if template_role is not None:
        plan.calls.append(_template_role_call(topology, template_role))
    if pullers:
        plan.calls.append(_pullers_call(plan.region, pullers))
    return plan


def _root(topology: Topology, plan: _RootPlan) -> RootFiles:
    account = topology.accounts[plan.account]
    folder = topology.folder(plan.account)
    up = "/".join([".."] * len(PurePosixPath(folder).parts)) or "."
    files = {
        "terraform.tf": _terraform(topology, plan),
        "providers.tf": _providers(topology, plan),
        "README.md": _readme(topology, plan),
    }
    for file in ("main.tf", "access.tf"):
        calls = [
            {
                "name": call.name,
                "source": f"{up}/{MODULES_FOLDER}/{call.module}",
                "arguments": call.arguments,
            }
            for call in plan.calls
            if call.file == file
        ]
        if calls:
            imports = plan.imports if file == "access.tf" else []
            files[file] = render("root/modules.tf.j2", {"calls": calls, "imports": imports})
    for region, document in plan.exported.items():
        text = json.dumps(document, indent=2, ensure_ascii=False)
        files[_exported_file(region)] = f"{text}\n"
    if sources := _sources(topology, plan):
        files["sources.tf"] = render("root/sources.tf.j2", {"sources": sources})
    if _variables(plan):
        files["variables.tf"] = _variables_file(plan)
    outputs = list(_outputs(topology, plan))
    if outputs:
        files["outputs.tf"] = render("root/outputs.tf.j2", {"outputs": outputs})
    return RootFiles(
        account=plan.account,
        account_id=account.id,
        folder=folder,
        files=files,
        caches=tuple(
            CacheLine(region=cache.region, prefix=cache.prefix, upstream=_upstream_text(cache))
            for cache in plan.caches
        ),
    )


def _caches_call(
    topology: Topology, account: str, region: Region, role: UpstreamRole | None
) -> _Call:
    rules: dict[str, Value] = {}
    for cache in topology.caches:
        if cache.account != account or cache.region != region:
            continue
        rule: dict[str, Value] = {"upstream_registry_url": cache.upstream_host}
        if not cache.upstream_prefix.is_root:
            rule["upstream_repository_prefix"] = str(cache.upstream_prefix)
        if cache.credential is not None:
            name = cache.credential.secret
            match cache.credential.value:
                case CredentialValue.EXISTING:
                    rule["credential_secret_name"] = name
                case _:
                    rule["credential_arn"] = Reference(
                        f'{addresses.credentials(region)}.arns["{name}"]'
                    )
        if role is not None and cache in role.caches:
            rule["custom_role_arn"] = Reference(
                f'{addresses.UPSTREAM_ACCESS}.role_arns["{role.name}"]'
            )
        rules[str(cache.prefix)] = rule
    arguments: dict[str, Value] = {"region": str(region), "rules": rules}
    templates: dict[str, Value] = {
        str(placed.prefix): _template(topology, placed)
        for placed in topology.templates
        if (placed.account, placed.region) == (account, region)
    }
    if templates:
        arguments["creation_templates"] = templates
    return _Call(
        name=_name(addresses.caches(region)),
        module="pull-through-cache",
        file="main.tf",
        arguments=arguments,
    )


def _template(topology: Topology, placed: PlacedTemplate) -> Value:
    """One creation template as the module takes it, without what is the module's default."""
    template = placed.template
    values: dict[str, Value] = {}
    if template.applied_for != (AppliedFor.PULL_THROUGH_CACHE,):
        values["applied_for"] = [word.value for word in template.applied_for]
    if template.mutability is not Mutability.MUTABLE:
        values["image_tag_mutability"] = template.mutability.value
    if template.encryption is not Encryption.AES256:
        values["encryption_type"] = template.encryption.value
    if placed.kms_key is not None:
        values["kms_key_arn"] = placed.kms_key
    if template.repository_tags:
        values["repository_tags"] = dict(sorted(template.repository_tags.items()))
    if template.expire_after_days is not None:
        values["expire_after_days"] = template.expire_after_days
    if template.keep_images is not None:
        values["keep_images"] = template.keep_images
    for name, document in (
        ("lifecycle_policy", template.lifecycle),
        ("repository_policy", template.repository_policy),
    ):
        if document is not None:
            filled = filled_document(topology, placed, document)
            values[name] = Encoded(document=_plain(filled))
    account = topology.accounts[placed.account]
    if template.role is not None:
        partition = placed.region.aws_partition.id
        values["custom_role_arn"] = role_arn(partition, account.id, template.role)
    elif template.needs_role:
        name = template_role_name(topology)
        values["custom_role_arn"] = Reference(f'{addresses.TEMPLATE_ROLE}.role_arns["{name}"]')
    return values


def _plain(document: Json) -> Value:
    """A document without unknown parts as a value that can be written."""
    match document:
        case Mapping():
            return {key: _plain(item) for key, item in document.items()}
        case tuple():
            return [_plain(item) for item in document]
        case float() | Unknown():
            raise TypeError(f"{document} is in no document of a topology")
        case _:
            return document


def _template_role_call(topology: Topology, role: TemplateRole) -> _Call:
    templates: list[Value] = []
    for placed in role.templates:
        entry: dict[str, Value] = {"region": str(placed.region), "prefix": str(placed.prefix)}
        if placed.template.repository_tags:
            entry["tags"] = True
        if AppliedFor.REPLICATION in placed.template.applied_for:
            entry["replication"] = True
        if (key := template_key(topology, placed)) is not None:
            entry["kms_key_arn"] = key
        templates.append(entry)
    return _Call(
        name=_name(addresses.TEMPLATE_ROLE),
        module="template-role",
        file="access.tf",
        arguments={
            "account_id": str(topology.accounts[role.account].id),
            "partition": role.templates[0].region.aws_partition.id,
            "roles": {role.name: {"templates": templates}},
        },
    )


def _credentials_call(topology: Topology, account: str, region: Region) -> _Call:
    credentials: dict[str, Value] = {}
    values: dict[str, Value] = {}
    documents: dict[str, Value] = {}
    for (owner, where, name), credential in _created(topology):
        if (owner, where) != (account, region):
            continue
        entry: dict[str, Value] = {"recovery_window_in_days": credential.recovery_days}
        if credential.version is not None:
            entry["value_version"] = credential.version
        if credential.copy_of is not None:
            source = fill_placeholders(
                credential.copy_of, account=topology.accounts[account].id, region=region
            )
            documents[name] = Reference(f'{_SOURCE}["{source}"].secret_string')
        if credential.variable is not None:
            values[name] = Reference(f"var.{credential.variable}")
        credentials[name] = entry
    arguments: dict[str, Value] = {
        "region": str(region),
        "settle_duration": topology.settle,
        "credentials": credentials,
    }
    if values:
        arguments["values"] = values
    if documents:
        arguments["documents"] = documents
    return _Call(
        name=_name(addresses.credentials(region)),
        module="upstream-credential",
        file="main.tf",
        arguments=arguments,
    )


def _access_call(
    topology: Topology, account: str, region: Region, statements: tuple[RegistryStatement, ...]
) -> _Call:
    grants: dict[str, Value] = {}
    for statement in statements:
        grant: dict[str, Value] = {
            "level": statement.level,
            "prefixes": [str(prefix) for prefix in statement.prefixes],
            "account_ids": [str(account_id) for account_id in statement.account_ids],
        }
        if statement.principal_arns:
            grant["principal_arns"] = list(statement.principal_arns)
        grants[statement.sid] = grant
    arguments: dict[str, Value] = {
        "account_id": str(topology.accounts[account].id),
        "region": str(region),
        "partition": region.aws_partition.id,
        "grants": grants,
    }
    if kept := kept_statements(topology, account, region):
        arguments["kept_statements"] = _literal(kept)
    return _Call(
        name=_name(addresses.access(region)),
        module="registry-access",
        file="access.tf",
        arguments=arguments,
    )


def _import(
    topology: Topology, account: str, region: Region, provider_region: Region
) -> dict[str, Value]:
    """The import block of a registry policy that exists; its plan fails when there is none."""
    account_id = topology.accounts[account].id
    return {
        "to": Reference(f"{addresses.access(region)}.aws_ecr_registry_policy.this"),
        "id": str(account_id) if region == provider_region else f"{account_id}@{region}",
    }


def _exported_file(region: Region) -> str:
    return f"registry-policy.{region}.json"


def _literal(value: Json) -> Value:
    """A part of a policy as data for Terraform; policies of a topology hold no numbers."""
    match value:
        case str() | bool():
            return value
        case tuple():
            return [_literal(item) for item in value]
        case Mapping():
            return {key: _literal(item) for key, item in value.items()}
        case _:
            raise TypeError(f"{value!r} cannot stand in a policy")


def _upstream_access_call(topology: Topology, role: UpstreamRole) -> _Call:
    upstreams: list[Value] = [
        {
            "account_id": str(topology.accounts[account].id),
            "region": str(region),
            "prefix": str(prefix),
        }
        for account, region, prefix in upstreams_of(role)
    ]
    caches: list[Value] = [
        {"region": str(cache.region), "prefix": str(cache.prefix)} for cache in role.caches
    ]
    return _Call(
        name=_name(addresses.UPSTREAM_ACCESS),
        module="upstream-access",
        file="access.tf",
        arguments={
            "account_id": str(topology.accounts[role.account].id),
            "partition": role.caches[0].region.aws_partition.id,
            "roles": {role.name: {"upstreams": upstreams, "caches": caches}},
        },
    )


def _pullers_call(region: Region, pullers: tuple[PullerPolicy, ...]) -> _Call:
    policies: dict[str, Value] = {}
    for policy in pullers:
        entry: dict[str, Value] = {
            "grants": [
                {
                    "level": grant.level.value,
                    "account_id": str(grant.account_id),
                    "region": str(grant.region),
                    "prefixes": [str(prefix) for prefix in grant.prefixes],
                }
                for grant in policy.grants
            ]
        }
        if policy.attach_to is not None:
            entry["roles"] = [policy.attach_to]
        policies[policy.name] = entry
    return _Call(
        name=_name(addresses.PULLERS),
        module="puller-access",
        file="access.tf",
        arguments={"partition": region.aws_partition.id, "policies": policies},
    )


def _terraform(topology: Topology, plan: _RootPlan) -> str:
    providers: dict[str, Value] = {
        "aws": {"source": "hashicorp/aws", "version": topology.terraform.aws_provider}
    }
    if plan.secrets:
        providers["time"] = {
            "source": "hashicorp/time",
            "version": topology.terraform.time_provider,
        }
    return render(
        "root/terraform.tf.j2",
        {
            "required_version": topology.terraform.required_version,
            "required_providers": providers,
        },
    )


def _providers(topology: Topology, plan: _RootPlan) -> str:
    account = topology.accounts[plan.account]
    assume_role: dict[str, Value] = {}
    if topology.terraform.assume_role is not None:
        arn = topology.terraform.assume_role.replace("{account_id}", account.id)
        assume_role["role_arn"] = arn.replace("{partition}", plan.region.aws_partition.id)
    return render(
        "root/providers.tf.j2",
        {
            "arguments": {
                "region": str(plan.region),
                "allowed_account_ids": [str(account.id)],
            },
            "assume_role": assume_role,
        },
    )


def _outputs(topology: Topology, plan: _RootPlan) -> Iterator[dict[str, object]]:
    account = topology.accounts[plan.account].id
    if plan.caches:
        caches: dict[str, Value] = {}
        for region in sorted({cache.region for cache in plan.caches}):
            entries: dict[str, Value] = {}
            for cache in plan.caches:
                if cache.region == region:
                    host = registry_host(region, account)
                    entries[str(cache.prefix)] = {
                        "upstream_host": cache.upstream_host,
                        "upstream_prefix": str(cache.upstream_prefix),
                        "url": host if cache.prefix.is_root else f"{host}/{cache.prefix}",
                    }
            caches[str(region)] = entries
        yield {
            "name": "caches",
            "arguments": {
                "description": "What is cached here, by region and repository prefix.",
                "value": caches,
            },
        }
    if plan.exported:
        yield {
            "name": "registry_policy_statements",
            "arguments": {
                "description": "Statements for the registry policy, by region: its owner adds them.",
                "value": {
                    str(region): _literal(document["Statement"])
                    for region, document in plan.exported.items()
                    if isinstance(document, Mapping)
                },
            },
        }
    if plan.pullers:
        yield {
            "name": "puller_policy_arns",
            "arguments": {
                "description": "The policies of those who pull, by name: attach them to their roles.",
                "value": Reference(f"{addresses.PULLERS}.policy_arns"),
            },
        }


def _readme(topology: Topology, plan: _RootPlan) -> str:
    account = topology.accounts[plan.account]
    return render(
        "root/README.md.j2",
        {
            "account": account.name,
            "account_id": str(account.id),
            "caches": [
                {
                    "region": str(cache.region),
                    "here": cache.prefix.repositories,
                    "there": f"{_upstream_text(cache)}/*",
                }
                for cache in plan.caches
            ],
            "adopted": [
                {"region": str(region)}
                for owner, region in registry_statements(topology)
                if owner == plan.account and account.registry_policy is RegistryPolicyMode.ADOPT
            ],
            "exported": [
                {"region": str(region), "file": _exported_file(region)} for region in plan.exported
            ],
            "secrets": [
                {"region": str(region), "name": name}
                for region, name, credential in plan.secrets
                if credential.value is CredentialValue.PLACEHOLDER
            ],
            "variables": [
                {"name": name, "secrets": [_secret_text(*secret) for secret in secrets]}
                for name, secrets in _variables(plan).items()
            ],
            "copies": [
                {
                    "secret": _secret_text(region, name, credential),
                    "source": fill_placeholders(
                        credential.copy_of, account=account.id, region=region
                    ),
                }
                for region, name, credential in plan.secrets
                if credential.copy_of is not None
            ],
        },
    )


def _created(
    topology: Topology,
) -> list[tuple[tuple[str, Region, str], Credential]]:
    """The secrets that are made, by account, region and name, in that order."""
    found = created_credentials(topology)
    return [(key, found[key]) for key in sorted(found)]


def _sources(topology: Topology, plan: _RootPlan) -> list[str]:
    """The ARNs of the secrets that are copied, sorted."""
    account = topology.accounts[plan.account].id
    return sorted(
        {
            fill_placeholders(credential.copy_of, account=account, region=region)
            for region, _, credential in plan.secrets
            if credential.copy_of is not None
        }
    )


def _variables(plan: _RootPlan) -> dict[str, list[tuple[Region, str, Credential]]]:
    """The secrets that take their value from each variable of the root."""
    variables: dict[str, list[tuple[Region, str, Credential]]] = {}
    for region, name, credential in plan.secrets:
        if credential.variable is not None:
            variables.setdefault(credential.variable, []).append((region, name, credential))
    return dict(sorted(variables.items()))


def _secret_text(region: Region, name: str, credential: Credential) -> str:
    expires = f" (expires {credential.expires})" if credential.expires is not None else ""
    return f"{name} in {region}{expires}"


def _variables_file(plan: _RootPlan) -> str:
    variables = []
    for name, secrets in _variables(plan).items():
        names = ", ".join(sorted({secret for _, secret, _ in secrets}))
        variables.append(
            {"name": name, "description": f"User name and access token in the secret {names}."}
        )
    return render("root/variables.tf.j2", {"variables": variables})


def _upstream_text(cache: Cache) -> str:
    if cache.upstream_prefix.is_root:
        return cache.upstream_host
    return f"{cache.upstream_host}/{cache.upstream_prefix}"


def _name(address: str) -> str:
    return address.removeprefix("module.")
