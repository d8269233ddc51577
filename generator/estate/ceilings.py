"""Policies of layers that are not judged as a whole: of organizations, VPC endpoints and sessions."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from generator.model.estate import (
    Absent,
    Attribute,
    Estate,
    Json,
    Kind,
    Known,
    Link,
    Record,
    Unknown,
)


class Ceiling(StrEnum):
    """A layer of policies that can take away what all others allow, in words."""

    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    ENDPOINT = "VPC endpoint policy"
    SESSION = "session policy"


SERVICES = frozenset({"ecr", "kms", "secretsmanager"})
"""The services that caches depend on."""

LAYERS = frozenset(
    {
        Kind.ENDPOINT_POLICY,
        Kind.ORGANIZATION_ATTACHMENT,
        Kind.ORGANIZATION_POLICY,
        Kind.SESSION_POLICY,
    }
)
"""The kinds of records that such layers are made of."""

_TYPES = {
    "SERVICE_CONTROL_POLICY": Ceiling.SERVICE_CONTROL,
    "RESOURCE_CONTROL_POLICY": Ceiling.RESOURCE_CONTROL,
}
# The layers of images lie in a bucket of S3, which an endpoint of its own can lead to.
_ENDPOINTS = re.compile(r"(?:.*\.)?(?:ecr\.(?:api|dkr)|kms|s3|secretsmanager)(?:-fips)?")


def ceilings(estate: Estate) -> Iterator[tuple[Ceiling, Record, str]]:
    """Each policy of such a layer that could take something away from caches, with its attribute."""
    for record in estate.records:
        match record.kind:
            case Kind.ORGANIZATION_POLICY:
                ceiling, name, services = organization_ceiling(record), "content", SERVICES
            case Kind.ENDPOINT_POLICY if _may_lead_to_caches(estate, record):
                ceiling, services = Ceiling.ENDPOINT, SERVICES | {"s3"}
                # The provider of the Cloud Control API calls it by another name.
                name = "policy_document" if "policy_document" in record.attributes else "policy"
            case Kind.SESSION_POLICY:
                ceiling, name, services = Ceiling.SESSION, "policy", SERVICES
            case _:
                continue
        if ceiling is not None and takes_away(record.get(name), services):
            yield ceiling, record, name


def organization_ceiling(policy: Record) -> Ceiling | None:
    """Which layer a policy of an organization belongs to, `None` for one about tags or backups."""
    match policy.get("type"):
        case Absent() | Unknown():
            return Ceiling.SERVICE_CONTROL
        case Known(value=str(word)):
            return _TYPES.get(word)
        case _:
            return None


def organization_targets(estate: Estate, policy: Record) -> Iterator[str]:
    """The ids of accounts, units and roots that the code literally attaches a policy to."""
    own = policy.get("target_ids")
    if isinstance(own, Known) and isinstance(own.value, tuple):
        yield from (target for target in own.value if isinstance(target, str))
    for record in estate.records:
        if record.kind is not Kind.ORGANIZATION_ATTACHMENT or record.uncertain is not None:
            continue
        target = record.get("target_id")
        if (
            isinstance(target, Known)
            and isinstance(target.value, str)
            and _names(record, "policy_id", policy)
        ):
            yield target.value


def takes_away(document: Attribute, services: frozenset[str]) -> bool:
    """Whether a policy could shut out calls of some services: by a Deny, or by what it leaves out."""
    match document:
        case Absent():
            return False
        case Known(value=Mapping() as value):
            entries = value.get("Statement")
            statements = entries if isinstance(entries, tuple) else (entries,)
            return any(_limits(statement, services) for statement in statements)
        case _:
            return True


def _limits(statement: Json, services: frozenset[str]) -> bool:
    if not isinstance(statement, Mapping):
        return True
    if statement.get("Effect") == "Allow":
        # What is not allowed is shut out, so only an Allow of everything limits nothing.
        is_whole = all("*" in _listed(statement.get(name)) for name in ("Action", "Resource"))
        return not is_whole or bool(statement.get("Condition")) or not _is_anybody(statement)
    if "NotAction" in statement:
        return True
    return any(may_be_of(action, services) for action in _listed(statement.get("Action")))


def _is_anybody(statement: Mapping[str, Json]) -> bool:
    principal = statement.get("Principal", "*")
    return "*" in _listed(principal.get("AWS") if isinstance(principal, Mapping) else principal)


def _listed(value: Json) -> tuple[Json, ...]:
    return value if isinstance(value, tuple) else (value,)


def may_be_of(action: Json, services: frozenset[str]) -> bool:
    """Whether an action, or a pattern of actions, may be of one of some services."""
    if not isinstance(action, str):
        return True
    prefix = re.escape(action.partition(":")[0].lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return any(re.fullmatch(prefix, service) for service in services)


def _may_lead_to_caches(estate: Estate, record: Record) -> bool:
    """Whether an endpoint's service is one that pulls call, or is not known."""
    service = record.get("service_name")
    if isinstance(service, Absent):
        endpoints = [
            other
            for other in estate.records
            if other.kind is Kind.ENDPOINT_POLICY and _names(record, "vpc_endpoint_id", other)
        ]
        service = endpoints[0].get("service_name") if len(endpoints) == 1 else service
    match service:
        case Known(value=str(name)):
            return _ENDPOINTS.fullmatch(name) is not None
        case Unknown(parts=parts) if (end := parts[-1] or "").startswith("."):
            return _ENDPOINTS.fullmatch(end) is not None
        case _:
            return True


def _names(record: Record, name: str, target: Record) -> bool:
    """Whether an attribute certainly is the id of another record of the same root."""
    match record.get(name):
        case Link(target=identity):
            return identity == target.identity
        case Known(value=str(text)):
            own = target.get("id")
            return isinstance(own, Known) and own.value == text
        case Unknown(origin=origin) if record.root == target.root:
            return origin == f"{target.address}.id"
        case _:
            return False
