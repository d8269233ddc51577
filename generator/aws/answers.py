"""What is kept of an answer: the named members that somebody judges, and nothing else.

Descriptions of all but templates, tags of secrets and request ids stay behind; values of secrets are never
asked for. Roles and policies that are asked about one by one always have `Tags`, as far as AWS tells any.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from generator.model.snapshot import Answer, Fact

_KEPT: Mapping[Fact, tuple[str, ...]] = {
    Fact.RULES: (
        "ecrRepositoryPrefix",
        "upstreamRegistryUrl",
        "upstreamRepositoryPrefix",
        "credentialArn",
        "customRoleArn",
        "updatedAt",
    ),
    Fact.TEMPLATES: (
        "prefix",
        "description",
        "appliedFor",
        "encryptionConfiguration",
        "imageTagMutability",
        "imageTagMutabilityExclusionFilters",
        "repositoryPolicy",
        "lifecyclePolicy",
        "resourceTags",
        "customRoleArn",
        "updatedAt",
    ),
    Fact.ALIASES: ("AliasName", "TargetKeyId"),
    Fact.REPOSITORIES: (
        "repositoryName",
        "createdAt",
        "imageTagMutability",
        "imageTagMutabilityExclusionFilters",
        "encryptionConfiguration",
    ),
    Fact.REPOSITORY_TAGS: ("Key", "Value"),
    Fact.ROLES: ("RoleName", "Path", "AssumeRolePolicyDocument"),
    Fact.ROLE: ("RoleName", "Path", "AssumeRolePolicyDocument"),
    Fact.POLICY: ("PolicyName", "Path", "DefaultVersionId"),
}
_SECRET = (
    "Name",
    "ARN",
    "KmsKeyId",
    "DeletedDate",
    "CreatedDate",
    "LastChangedDate",
    "PrimaryRegion",
)
_DOCUMENTS = frozenset({"repositoryPolicy", "lifecyclePolicy"})


def kept(fact: Fact, found: object) -> Answer:
    """The part of an answer that a snapshot holds, of plain JSON values in one order."""
    match fact:
        case (
            Fact.RULES
            | Fact.TEMPLATES
            | Fact.ALIASES
            | Fact.REPOSITORIES
            | Fact.REPOSITORY_TAGS
            | Fact.ROLES
        ):
            return _sorted(_members(item, _KEPT[fact]) for item in _items(found))
        case Fact.POLICY:
            policy = fields(found)
            return {**_members(policy, _KEPT[fact]), "Tags": _tags(policy)}
        case Fact.ROLE:
            role = fields(found)
            boundary = fields(role.get("PermissionsBoundary")).get("PermissionsBoundaryArn")
            return {
                **_members(role, _KEPT[fact]),
                "PermissionsBoundary": plain(boundary),
                "Tags": _tags(role),
            }
        case Fact.SECRETS:
            return _sorted(_secret(item) for item in _items(found))
        case Fact.SECRET:
            return _secret(fields(found))
        case (
            Fact.REGISTRY_POLICY
            | Fact.SECRET_POLICY
            | Fact.REPOSITORY_POLICY
            | Fact.LIFECYCLE_POLICY
        ):
            return None if found is None else document(found)
        case Fact.ROLE_POLICY:
            return document(found)
        case Fact.POLICY_DOCUMENT:
            return document(fields(found).get("Document"))
        case Fact.ATTACHED:
            return _sorted(plain(item.get("PolicyArn")) for item in _items(found))
        case Fact.HOLDERS:
            return _sorted(plain(item.get("RoleName")) for item in _items(found))
        case Fact.ROLE_POLICIES:
            return _sorted(plain(name) for name in found) if isinstance(found, list) else ()
        case Fact.SCOPE:
            return plain(found)


def document(value: object) -> Answer:
    """A policy parsed, where it is JSON; else its text, so that it is judged and not lost."""
    if isinstance(value, str):
        try:
            return plain(json.loads(value))
        except ValueError:
            return value
    return plain(value)


def plain(value: object) -> Answer:
    """A value of an answer as plain JSON, times in UTC."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return tuple(plain(item) for item in value)
        case _:
            return str(value)


def accounts_in(found: Mapping[str, object]) -> Iterator[str]:
    """The accounts that an answer says it is about, as far as it says so."""
    inner = (item for value in found.values() for item in (value, *_items(value)))
    for item in (found, *inner):
        members = fields(item)
        registry = members.get("registryId")
        if isinstance(registry, str):
            yield registry
        for name in ("ARN", "Arn", "AliasArn", "repositoryArn"):
            words = str(members.get(name) or "").split(":")
            # The policies of AWS itself have `aws` where an account would stand.
            if len(words) > 5 and words[4].isdigit():
                yield words[4]


def _tags(item: Mapping[str, object]) -> Answer:
    return _sorted(_members(tag, ("Key", "Value")) for tag in _items(item.get("Tags")))


def _secret(item: Mapping[str, object]) -> Answer:
    """A secret with the labels of each of its versions; a version has neither number nor value."""
    versions = item.get("SecretVersionsToStages") or item.get("VersionIdsToStages")
    labels = sorted(
        tuple(sorted(str(stage) for stage in stages))
        for stages in fields(versions).values()
        if isinstance(stages, list)
    )
    return {**_members(item, _SECRET), "labels": tuple(labels)}


def _members(item: Mapping[str, object], names: Sequence[str]) -> dict[str, Answer]:
    return {
        name: document(item[name]) if name in _DOCUMENTS else plain(item[name])
        for name in names
        if item.get(name) is not None
    }


def _sorted(items: "Iterator[Answer]") -> tuple[Answer, ...]:
    return tuple(sorted(items, key=lambda item: json.dumps(item, sort_keys=True)))


def _items(found: object) -> Sequence[Mapping[str, object]]:
    return [fields(item) for item in found] if isinstance(found, list) else ()


def fields(value: object) -> Mapping[str, object]:
    """The members of an object, none of anything else."""
    return value if isinstance(value, Mapping) else {}
