"""Make moto's Secrets Manager mind whose secret an ARN names.

moto falls back to the name inside an ARN, so the ARN of another account would quietly give the caller's own
secret of that name. AWS gives another account's secret when its resource policy lets the caller in, and
otherwise refuses; an ARN of another region is not found. Conditions of that policy are not judged, nor is
the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase

from moto.core.exceptions import JsonRESTError
from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse

SHARED_OPERATIONS = frozenset({"DescribeSecret", "GetResourcePolicy", "GetSecretValue"})


def install() -> None:
    """Put the judgement where moto picks the account and region of a call."""
    SecretsManagerResponse.backend = property(_backend)


def _backend(response: SecretsManagerResponse) -> SecretsManagerBackend:
    own = secretsmanager_backends[response.current_account][response.region]
    secret_id = json.loads(response.body or "{}").get("SecretId", "")
    if not isinstance(secret_id, str) or not secret_id.startswith("arn:"):
        return own
    _, _, _, region, account, *_ = secret_id.split(":")
    if region != response.region:
        raise SecretNotFoundException
    if account == response.current_account:
        return own
    foreign = secretsmanager_backends[account][region]
    operation = response.headers.get("X-Amz-Target", "").rsplit(".", 1)[-1]
    secret = foreign.secrets.get(secret_id)
    if operation not in SHARED_OPERATIONS or not _lets_in(
        secret.policy if secret else None, operation, response.current_account
    ):
        raise JsonRESTError(
            "AccessDeniedException",
            f"account {response.current_account} is not authorized to perform "
            f"secretsmanager:{operation} on resource {secret_id} because no resource-based policy "
            "allows it",
        )
    return foreign


def _lets_in(policy: str | None, operation: str, account: str) -> bool:
    statements = json.loads(policy)["Statement"] if policy else []
    return any(
        statement.get("Effect") == "Allow"
        and any(
            fnmatchcase(f"secretsmanager:{operation}", action)
            for action in _strings(statement.get("Action"))
        )
        and any(
            member in ("*", account) or f"::{account}:" in member
            for member in _members(statement.get("Principal"))
        )
        for statement in ([statements] if isinstance(statements, Mapping) else statements)
    )


def _members(principal: object) -> list[str]:
    return _strings(principal.get("AWS") if isinstance(principal, Mapping) else principal)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list) else []
