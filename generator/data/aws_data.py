"""Enums, patterns, limits and regions of AWS, read from a small packaged file.

`make data` extracts them from botocore's own models; importing botocore would cost a quarter of a
second at every start.
"""

import json
import sys
from functools import cache
from pathlib import Path

from generator.frozen_data import frozen


@frozen
class PartitionEntry:
    """One partition: its id, its host suffix and its regions."""

    id: str
    dns_suffix: str
    regions: frozenset[str]


@frozen
class TextLimits:
    """The length limits (characters) and the pattern of a text in an API model.

    Where the model has no greatest length, only the pattern limits it.
    """

    minimum: int
    maximum: int
    pattern: str


@cache
def _document() -> dict[str, dict[str, dict[str, object]]]:
    # Read beside this module, not through importlib.resources: that import costs ten milliseconds.
    text = (Path(__file__).parent / "aws.json").read_text(encoding="utf-8")
    document: dict[str, dict[str, dict[str, object]]] = json.loads(text)
    return document


@cache
def partitions() -> tuple[PartitionEntry, ...]:
    """All partitions, in the model's order."""
    entries = []
    for name, entry in _document()["partitions"].items():
        regions, suffix = entry["regions"], entry["dns_suffix"]
        assert isinstance(regions, list)  # noqa: S101 - the file is our own, made by `make data`
        entries.append(
            PartitionEntry(id=name, dns_suffix=str(suffix), regions=frozenset(map(str, regions)))
        )
    return tuple(entries)


def _limits(shape: str) -> TextLimits:
    entry = _document()["shapes"][shape]
    return TextLimits(
        minimum=int(str(entry["min"])),
        maximum=int(str(entry.get("max", sys.maxsize))),
        pattern=str(entry["pattern"]),
    )


def prefix_pattern() -> TextLimits:
    """Limits of a cache rule's repository prefix (API shape PullThroughCacheRuleRepositoryPrefix)."""
    return _limits("PullThroughCacheRuleRepositoryPrefix")


def credential_arn_pattern() -> TextLimits:
    """Limits of a cache rule's credential ARN (API shape CredentialArn)."""
    return _limits("CredentialArn")


def secret_name_pattern() -> TextLimits:
    """Limits of a secret's name (API shape NameType of Secrets Manager)."""
    return _limits("NameType")


def registry_policy_limits() -> TextLimits:
    """Limits of a registry policy's text in characters (API shape RegistryPolicyText)."""
    return _limits("RegistryPolicyText")


def repository_name_pattern() -> TextLimits:
    """Limits of a repository's name (API shape RepositoryName)."""
    return _limits("RepositoryName")


def permission_set_name() -> TextLimits:
    """Limits of a permission set's name (API shape PermissionSetName of IAM Identity Center)."""
    return _limits("PermissionSetName")


def organization_id_pattern() -> str:
    """The pattern of an organization's id (API shape OrganizationId)."""
    return _bare("OrganizationId")


def organization_path_pattern() -> str:
    """The pattern of the path of an organizational unit: organization, root, units, a slash each."""
    ids = (_bare("OrganizationId"), _bare("RootId"), _bare("OrganizationalUnitId"))
    return "{}/{}/(?:{}/)+".format(*ids)


def _bare(shape: str) -> str:
    return _limits(shape).pattern.removeprefix("^").removesuffix("$")


@cache
def upstream_registries() -> tuple[str, ...]:
    """The upstream registries that ECR takes (API enum UpstreamRegistry)."""
    values = _document()["enums"]["UpstreamRegistry"]["values"]
    assert isinstance(values, list)  # noqa: S101 - the file is our own, made by `make data`
    return tuple(map(str, values))
