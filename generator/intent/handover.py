"""What other people must add: owners of unmanaged and foreign accounts, units, permission sets.

Each of them gets one folder. Account names have neither dots nor capitals and do not begin with a
digit, so no folder of a unit, of the organization or of a foreign account can be that of an account.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import StrEnum

from generator.frozen_data import frozen
from generator.intent.consumer_policies import (
    ConsumerPolicy,
    consumer_document,
    handed_over_policies,
)
from generator.intent.records import (
    TEMPLATE_ROLE_POLICY,
    UPSTREAM_ROLE_POLICY,
    filled_document,
    lifecycle_document,
)
from generator.intent.registry_policies import (
    foreign_statements,
    registry_policy_document,
    registry_statements,
)
from generator.intent.service_roles import (
    TemplateRole,
    UpstreamRole,
    template_key,
    template_role_document,
    template_role_name,
    template_roles,
    trust_document,
    upstream_role_document,
    upstream_role_key,
    upstream_roles,
)
from generator.model.estate import Json
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.model.topology import (
    Cache,
    Credential,
    CredentialValue,
    Encryption,
    PlacedTemplate,
    Topology,
)
from generator.model.values import Region, fill_placeholders, role_arn

HANDOVER_FOLDER = "handover"
"""Where that is written, below the output folder, which other people must add."""


class Sort(StrEnum):
    """The sorts of things to add, in the order in which they are added."""

    SECRETS = "secrets"
    ROLES = "roles"
    TEMPLATES = "creation templates"
    RULES = "cache rules"
    REGISTRY_POLICY = "registry policy"
    POLICIES = "identity policies"


@frozen
class Part:
    """Things of one sort to add, as documents by file name; `whom` says whose each policy is."""

    sort: Sort
    files: Mapping[str, Json]
    whom: Mapping[str, str] = field(default_factory=dict)


@frozen
class Handover:
    """What one owner (in words) must add; `is_group` is for many accounts that nobody lists.

    `scope` is an account (by name or id), `unit NAME` or `organization`.
    """

    scope: str
    folder: str
    owner: str
    is_group: bool
    parts: tuple[Part, ...]

    @property
    def path(self) -> str:
        """The folder below the output folder."""
        return f"{HANDOVER_FOLDER}/{self.folder}"

    @property
    def adds(self) -> tuple[str, ...]:
        """What the owner adds, in words."""
        return tuple(part.sort.value for part in self.parts)

    @property
    def files(self) -> dict[str, Json]:
        """All files with their documents, by name."""
        return {name: document for part in self.parts for name, document in part.files.items()}


def handovers(topology: Topology, only: str | None = None) -> tuple[Handover, ...]:
    """Everything that is handed over, or to the owner of one scope alone, by folder."""
    policies: dict[str, list[ConsumerPolicy]] = {}
    for (scope, _), policy in handed_over_policies(topology).items():
        policies.setdefault(scope, []).append(policy)
    parts = {
        name: list(_account_parts(topology, name))
        for name in topology.accounts.keys() - topology.managed_accounts.keys()
    }
    for (account, region), statements in foreign_statements(topology).items():
        document = registry_policy_document(topology, account, region, statements)
        file = f"registry-policy.{region}.json"
        parts.setdefault(account, []).append(
            Part(sort=Sort.REGISTRY_POLICY, files={file: document})
        )
    for scope, of_scope in policies.items():
        parts.setdefault(scope, []).append(
            Part(
                sort=Sort.POLICIES,
                files={f"{policy.name}.json": consumer_document(policy) for policy in of_scope},
                whom={f"{policy.name}.json": _whom(policy) for policy in of_scope},
            )
        )
    found = (
        Handover(
            scope=scope,
            folder=folder_of(topology, scope),
            owner=_owner(topology, scope),
            is_group=scope == "organization" or scope.startswith("unit "),
            parts=tuple(of_scope),
        )
        for scope, of_scope in parts.items()
        if of_scope
    )
    asked = (each for each in found if only in {None, each.scope})
    return tuple(sorted(asked, key=lambda handover: handover.folder))


def folder_of(topology: Topology, scope: str) -> str:
    """The folder for an account (by name or id), for `unit NAME` or for `organization`."""
    if scope == "organization" and topology.organization is not None:
        return f"organization.{topology.organization.id}"
    return scope.replace(" ", ".")


def _owner(topology: Topology, scope: str) -> str:
    """Whose folder it is, in words."""
    organization = topology.organization
    if scope in topology.accounts:
        return f"account {scope} ({topology.accounts[scope].id})"
    if organization is None or scope.isdigit():
        return f"account {scope}"
    if scope == "organization":
        return f"every account of the organization {organization.id}"
    name = scope.removeprefix("unit ")
    return f"every account in the unit {name} ({organization.units[name]}) and in those below it"


def _whom(policy: ConsumerPolicy) -> str:
    return "those who pull" if policy.who == "every principal" else f"the {policy.who}"


def _account_parts(topology: Topology, account: str) -> Iterator[Part]:
    """What the owner of an account adds for its own registries."""
    caches = [cache for cache in topology.caches if cache.account == account]
    templates = [placed for placed in topology.templates if placed.account == account]
    documents: dict[Sort, tuple[str, Json]] = {
        Sort.SECRETS: ("secrets.json", _secrets(topology, caches)),
        Sort.ROLES: ("roles.json", _roles(topology, account)),
        Sort.TEMPLATES: ("creation-templates.json", _templates(topology, templates)),
        Sort.RULES: ("cache-rules.json", _rules(topology, caches)),
    }
    for sort, (name, document) in documents.items():
        if document:
            yield Part(sort=sort, files={name: document})
    policies = {
        f"registry-policy.{region}.json": registry_policy_document(
            topology, account, region, statements
        )
        for (owner, region), statements in registry_statements(topology).items()
        if owner == account
    }
    if policies:
        yield Part(sort=Sort.REGISTRY_POLICY, files=policies)


def _secrets(topology: Topology, caches: list[Cache]) -> Json:
    """The secrets that the caches need, each once."""
    needed: dict[tuple[Region, str], Credential] = {}
    for cache in caches:
        if cache.credential is not None:
            needed.setdefault((cache.region, cache.credential.secret), cache.credential)
    entries: list[Json] = []
    for (region, name), credential in sorted(needed.items(), key=lambda item: item[0]):
        entry: dict[str, Json] = {"region": str(region), "name": name}
        if credential.value is CredentialValue.EXISTING:
            entry["value"] = "exists already"
        if credential.copy_of is not None:
            account = topology.accounts[caches[0].account].id
            entry["copyOf"] = fill_placeholders(credential.copy_of, account=account, region=region)
        if credential.expires is not None:
            entry["expires"] = credential.expires.isoformat()
        entries.append(entry)
    return tuple(entries)


def _roles(topology: Topology, account: str) -> Json:
    upstream, template = upstream_roles(topology), template_roles(topology)
    entries: list[Json] = []
    if account in upstream:
        role = upstream[account]
        document = upstream_role_document(topology, role)
        entries.append(
            _role(topology, role, PULL_THROUGH_SERVICE, {UPSTREAM_ROLE_POLICY: document})
        )
    if account in template:
        template_role = template[account]
        document = template_role_document(topology, template_role)
        entries.append(
            _role(topology, template_role, TEMPLATE_SERVICE, {TEMPLATE_ROLE_POLICY: document})
        )
    return tuple(entries)


def _role(
    topology: Topology,
    role: UpstreamRole | TemplateRole,
    service: str,
    policies: Mapping[str, Json],
) -> Json:
    ((policy, document),) = policies.items()
    entry: dict[str, Json] = {"roleName": role.name}
    if topology.iam.path != "/":
        entry["path"] = topology.iam.path
    if (boundary := topology.permissions_boundary(role.account)) is not None:
        entry["permissionsBoundary"] = boundary
    return {
        **entry,
        "assumeRolePolicyDocument": trust_document(service),
        "policyName": policy,
        "policyDocument": document,
    }


def _rules(topology: Topology, caches: list[Cache]) -> Json:
    by_region: dict[str, list[Json]] = {}
    for cache in caches:
        account = topology.accounts[cache.account].id
        rule: dict[str, Json] = {
            "ecrRepositoryPrefix": str(cache.prefix),
            "upstreamRegistry": cache.upstream.registry.name,
            "upstreamRegistryUrl": cache.upstream_host,
        }
        if not cache.upstream_prefix.is_root:
            rule["upstreamRepositoryPrefix"] = str(cache.upstream_prefix)
        if cache.credential is not None:
            rule["credentialSecretName"] = cache.credential.secret
        if cache.crosses_accounts or cache.named_role is not None:
            partition = cache.region.aws_partition.id
            rule["customRoleArn"] = role_arn(partition, account, upstream_role_key(topology, cache))
        by_region.setdefault(str(cache.region), []).append(rule)
    return {region: tuple(rules) for region, rules in by_region.items()}


def _templates(topology: Topology, templates: list[PlacedTemplate]) -> Json:
    by_region: dict[str, list[Json]] = {}
    for placed in templates:
        by_region.setdefault(str(placed.region), []).append(_template(topology, placed))
    return {region: tuple(entries) for region, entries in by_region.items()}


def _template(topology: Topology, placed: PlacedTemplate) -> Json:
    template, account = placed.template, topology.accounts[placed.account].id
    entry: dict[str, Json] = {
        "prefix": str(placed.prefix),
        "appliedFor": tuple(word.value for word in template.applied_for),
        "imageTagMutability": template.mutability.value,
        "encryptionConfiguration": {"encryptionType": template.encryption.value},
    }
    if template.mutability_exclusions:
        entry["imageTagMutabilityExclusionFilters"] = tuple(
            {"filterType": "WILDCARD", "filter": text} for text in template.mutability_exclusions
        )
    if template.encryption is Encryption.KMS and placed.kms_key is not None:
        key = placed.kms_key if placed.kms_alias is None else template_key(topology, placed)
        entry["encryptionConfiguration"] = {"encryptionType": "KMS", "kmsKey": key}
    if template.repository_tags:
        entry["resourceTags"] = tuple(
            {"Key": key, "Value": value} for key, value in sorted(template.repository_tags.items())
        )
    for name, document in (
        ("lifecyclePolicy", lifecycle_document(topology, placed)),
        ("repositoryPolicy", filled_document(topology, placed, template.repository_policy)),
    ):
        if document is not None:
            entry[name] = document
    if template.role is not None or template.needs_role:
        partition = placed.region.aws_partition.id
        name = template.role or topology.iam.key(template_role_name(topology))
        entry["customRoleArn"] = role_arn(partition, account, name)
    return entry
