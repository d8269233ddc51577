"""The module calls of a root that make caches and their secrets."""

from collections.abc import Mapping

from generator.generate.root_plan import Call, RootPlan, looked_up_key
from generator.intent import addresses
from generator.intent.records import filled_document
from generator.intent.service_roles import template_role_name
from generator.model.estate import Json, Unknown
from generator.model.topology import (
    AppliedFor,
    CredentialValue,
    Encryption,
    Mutability,
    PlacedTemplate,
    Topology,
)
from generator.model.values import Region, fill_placeholders, role_arn
from generator.render import Encoded, Reference
from generator.render.literal import Value

_SOURCE = "ephemeral.aws_secretsmanager_secret_version.source"
"""The secrets that are copied, by their ARNs, in a root that has any."""


def caches_call(topology: Topology, plan: RootPlan, region: Region) -> Call:
    """The call that makes a region's cache rules and creation templates."""
    rules: dict[str, Value] = {}
    made: dict[str, Value] = {}
    role = plan.upstream_role
    for cache in plan.caches:
        if cache.region != region:
            continue
        rule: dict[str, Value] = {"upstream_registry_url": cache.upstream_host}
        if not cache.upstream_prefix.is_root:
            rule["upstream_repository_prefix"] = str(cache.upstream_prefix)
        if cache.credential is not None:
            name = cache.credential.secret
            rule["credential_secret_name"] = name
            if cache.credential.value is not CredentialValue.EXISTING:
                # The rules themselves refer to nothing, so that a plan tells which secret is whose.
                made["credential_arns"] = Reference(f"{addresses.credentials(region)}.arns")
        if cache.named_role is not None:
            rule["custom_role_arn"] = role_arn(
                region.aws_partition.id, topology.accounts[plan.account].id, cache.named_role
            )
        elif role is not None and cache.crosses_accounts:
            rule["custom_role_name"] = role.name
            made["custom_role_arns"] = Reference(f"{addresses.UPSTREAM_ACCESS}.role_arns")
        rules[str(cache.prefix)] = rule
    arguments: dict[str, Value] = {
        "region": str(region),
        **dict(sorted(made.items())),
        "rules": rules,
    }
    templates: dict[str, Value] = {
        str(placed.prefix): _template(topology, placed)
        for placed in plan.templates
        if placed.region == region
    }
    if templates:
        arguments["creation_templates"] = templates
    return Call(
        name=addresses.call_name(addresses.caches(region)),
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
    if template.mutability_exclusions:
        values["image_tag_mutability_exclusion_filters"] = list(template.mutability_exclusions)
    if template.encryption is not Encryption.AES256:
        values["encryption_type"] = template.encryption.value
    if placed.kms_key is not None:
        values["kms_key_arn"] = looked_up_key(placed) or placed.kms_key
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


def credentials_call(topology: Topology, plan: RootPlan, region: Region) -> Call:
    """The call that makes a region's secrets."""
    credentials: dict[str, Value] = {}
    values: dict[str, Value] = {}
    documents: dict[str, Value] = {}
    account_id = topology.accounts[plan.account].id
    for where, name, credential in plan.secrets:
        if where != region:
            continue
        entry: dict[str, Value] = {"recovery_window_in_days": credential.recovery_days}
        if credential.version is not None:
            entry["value_version"] = credential.version
        if credential.copy_of is not None:
            source = fill_placeholders(credential.copy_of, account=account_id, region=region)
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
    return Call(
        name=addresses.call_name(addresses.credentials(region)),
        module="upstream-credential",
        file="main.tf",
        arguments=arguments,
    )
