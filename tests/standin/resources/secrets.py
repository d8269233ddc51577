"""AWS Secrets Manager: secrets and their versions."""

# ruff: noqa: ARG002 - all types share the signatures of ResourceType

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, ClassVar

from botocore.exceptions import ClientError

from standin.problems import Problem

from .kinds import (
    ResourceType,
    change_tags,
    filled,
    found,
    generated_name,
    given,
    is_error,
    name_prefix,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standin.values import Values

CURRENT = "AWSCURRENT"


class Secret(ResourceType):
    """`aws_secretsmanager_secret`, without replicas."""

    defaults: ClassVar[Mapping[str, object]] = {
        "recovery_window_in_days": 30,
        "force_overwrite_replica_secret": False,
    }
    defaults_not_imported = frozenset(defaults)
    json_attributes = ("policy",)
    optional_blocks = ("replica",)

    def plan(self, prior: Values | None, planned: Values, config: Values) -> None:
        if config.get("replica"):
            raise Problem("The stand-in does not know replicas of secrets", path=("replica",))

    def create(self, state: Values, config: Values) -> None:
        client = self.client("secretsmanager", state)
        answer = client.create_secret(
            **filled(
                Name=generated_name(state),
                Description=state["description"],
                KmsKeyId=state["kms_key_id"],
                Tags=tag_list(state["tags_all"]),
                ClientRequestToken=str(uuid.uuid4()),
            )
        )
        state["id"] = answer["ARN"]
        if isinstance(state["policy"], str) and state["policy"]:
            client.put_resource_policy(SecretId=state["id"], ResourcePolicy=state["policy"])

    def read(self, state: Values) -> Values | None:
        client = self.client("secretsmanager", state)
        secret = found(
            lambda: client.describe_secret(SecretId=state["id"]), "ResourceNotFoundException"
        )
        if secret is None or secret.get("DeletedDate"):
            return None
        policy = found(
            lambda: client.get_resource_policy(SecretId=state["id"]), "ResourceNotFoundException"
        )
        state.update(
            arn=secret["ARN"],
            name=secret["Name"],
            name_prefix=name_prefix(state),
            description=secret.get("Description") or None,
            kms_key_id=secret.get("KmsKeyId") or None,
            policy=(policy or {}).get("ResourcePolicy") or "",
            tags_all=tag_map(secret.get("Tags")),
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        client = self.client("secretsmanager", state)
        if any(prior[name] != state[name] for name in ("description", "kms_key_id")):
            client.update_secret(
                SecretId=state["id"],
                Description=state["description"] or "",
                **filled(KmsKeyId=state["kms_key_id"]),
            )
        if prior["policy"] != state["policy"]:
            if state["policy"]:
                client.put_resource_policy(SecretId=state["id"], ResourcePolicy=state["policy"])
            else:
                client.delete_resource_policy(SecretId=state["id"])
        change_tags(
            prior,
            state,
            lambda tags: client.tag_resource(SecretId=state["id"], Tags=tag_list(tags)),
            lambda keys: client.untag_resource(SecretId=state["id"], TagKeys=keys),
        )

    def delete(self, state: Values) -> None:
        window = state.get("recovery_window_in_days")
        days = 30 if window is None else int(window)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        found(
            lambda: self.client("secretsmanager", state).delete_secret(SecretId=state["id"], **how),
            "ResourceNotFoundException",
        )


class SecretVersion(ResourceType):
    """`aws_secretsmanager_secret_version`, with values in the open, binary or write-only."""

    def create(self, state: Values, config: Values) -> None:
        write_only = config.get("secret_string_wo")
        binary = state["secret_binary"]
        answer = self.client("secretsmanager", state).put_secret_value(
            **given(
                SecretId=state["secret_id"],
                SecretString=state["secret_string"] if write_only is None else write_only,
                SecretBinary=base64.b64decode(binary) if isinstance(binary, str) else None,
                VersionStages=state["version_stages"],
                ClientRequestToken=str(uuid.uuid4()),
            )
        )
        state.update(
            id=f"{state['secret_id']}|{answer['VersionId']}",
            has_secret_string_wo=write_only is not None,
        )

    def read(self, state: Values) -> Values | None:
        secret_id, version_id = str(state["id"]).split("|")
        answer = found(
            lambda: self.client("secretsmanager", state).get_secret_value(
                SecretId=secret_id, VersionId=version_id
            ),
            "ResourceNotFoundException",
            "InvalidRequestException",
        )
        if answer is None:
            return None
        state.update(
            secret_id=secret_id,
            version_id=version_id,
            arn=answer["ARN"],
            secret_arn=answer["ARN"],
            version_stages=answer["VersionStages"],
        )
        if not state.get("has_secret_string_wo"):
            state["secret_string"] = answer.get("SecretString")
            if "SecretBinary" in answer:
                state["secret_binary"] = base64.b64encode(answer["SecretBinary"]).decode()
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        client = self.client("secretsmanager", state)
        before, after = set(prior["version_stages"] or ()), set(state["version_stages"] or ())
        for stage in sorted(after - before):
            holder = self._holder(state, stage)
            client.update_secret_version_stage(
                SecretId=state["secret_id"],
                VersionStage=stage,
                MoveToVersionId=state["version_id"],
                **given(RemoveFromVersionId=holder),
            )
        for stage in sorted(before - after - {CURRENT}):
            client.update_secret_version_stage(
                SecretId=state["secret_id"],
                VersionStage=stage,
                RemoveFromVersionId=state["version_id"],
            )

    def delete(self, state: Values) -> None:
        # A version goes when its last label goes, and AWSCURRENT cannot be taken away: the value stays
        # until the secret itself is deleted.
        for stage in state["version_stages"] or ():
            if stage == CURRENT:
                continue
            try:
                self.client("secretsmanager", state).update_secret_version_stage(
                    SecretId=state["secret_id"],
                    VersionStage=stage,
                    RemoveFromVersionId=state["version_id"],
                )
            except ClientError as error:
                if not is_error(error, "ResourceNotFoundException", "InvalidParameterException"):
                    raise

    def start_import(self, state: Values, identifier: str) -> None:
        state["has_secret_string_wo"] = False

    def _holder(self, state: Values, stage: str) -> str | None:
        answer = self.client("secretsmanager", state).describe_secret(SecretId=state["secret_id"])
        for version, stages in (answer.get("VersionIdsToStages") or {}).items():
            if stage in stages:
                return str(version)
        return None
