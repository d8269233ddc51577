"""Judge an ECR registry policy as `PutRegistryPolicy` does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

PRINCIPAL_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>\d{12}):"
    r"(?P<kind>root|role|user|assumed-role|federated-user)(?:/(?P<name>.+))?"
)
ACCOUNT_ID = re.compile(r"\d{12}")
ACTION = re.compile(r"\*|ecr:[A-Za-z*?]+", re.IGNORECASE)


def registry_policy_problems(
    text: str, registry: str, principal_exists: Callable[[str], bool]
) -> Iterator[str]:
    """Say why ECR would refuse this registry policy.

    `registry` is the start of every ARN in the caller's registry, `arn:aws:ecr:eu-west-1:111122223333`.
    ECR looks up each role and user that stands in `Principal` and refuses the whole policy when one is not
    there; `principal_exists` answers that.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    if not isinstance(document, dict):
        yield "not a JSON object"
        return
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        yield "no statement"
        return
    for statement in statements:
        if isinstance(statement, Mapping):
            yield from _statement_problems(statement, registry, principal_exists)
        else:
            yield "a statement is not an object"


def _statement_problems(
    statement: Mapping[str, object], registry: str, principal_exists: Callable[[str], bool]
) -> Iterator[str]:
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect must be Allow or Deny"
    actions = _strings(statement.get("Action", statement.get("NotAction")))
    if not actions:
        yield "no Action"
    for action in actions:
        if not ACTION.fullmatch(action):
            yield f"{action} is not an action of ECR"
    resources = _strings(statement.get("Resource", statement.get("NotResource")))
    if not resources:
        yield "no Resource"
    for resource in resources:
        if resource != "*" and not _is_in_registry(resource, registry):
            yield f"{resource} is not in the registry {registry}"
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if principal is None:
        yield "no Principal"
    elif isinstance(principal, Mapping):
        for kind, members in principal.items():
            yield from _principal_problems(kind, _strings(members), principal_exists)
    elif principal != "*":
        yield f"Principal {principal!r} is neither * nor an object"


def _principal_problems(
    kind: str, members: list[str], principal_exists: Callable[[str], bool]
) -> Iterator[str]:
    if not members:
        yield f"Principal.{kind} is empty"
    if kind == "Service":
        return
    if kind != "AWS":
        yield f"Principal.{kind} cannot be used in a registry policy"
        return
    for member in members:
        arn = PRINCIPAL_ARN.fullmatch(member)
        if member == "*" or ACCOUNT_ID.fullmatch(member):
            continue
        if arn is None:
            yield f"{member} is not a principal"
        elif arn["kind"] != "root" and not principal_exists(member):
            yield f"the principal {member} does not exist"


def _is_in_registry(resource: str, registry: str) -> bool:
    parts, expected = resource.split(":", 5), registry.split(":")
    return len(parts) == 6 and all(
        fnmatchcase(want, given) for given, want in zip(parts[:5], expected, strict=True)
    )


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list) else []
