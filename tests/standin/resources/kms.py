"""AWS KMS: keys, key policies and aliases."""

# ruff: noqa: ARG002 - all types share the signatures of ResourceType

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from standin.values import UNKNOWN, Values

from .kinds import ResourceType, change_tags, filled, found, generated_name, name_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping

GONE = "NotFoundException"
POLICY_NAME = "default"


class Key(ResourceType):
    """`aws_kms_key`, symmetric keys with their policy and rotation."""

    defaults: ClassVar[Mapping[str, object]] = {
        "bypass_policy_lockout_safety_check": False,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "enable_key_rotation": False,
        "is_enabled": True,
        "key_usage": "ENCRYPT_DECRYPT",
    }
    defaults_not_imported = frozenset({"bypass_policy_lockout_safety_check"})
    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        client = self.client("kms", state)
        answer = client.create_key(
            **filled(
                Policy=state["policy"],
                Description=state["description"],
                KeyUsage=state["key_usage"],
                KeySpec=state["customer_master_key_spec"],
                MultiRegion=state["multi_region"],
                Tags=_tags(state["tags_all"]),
            )
        )
        state["id"] = answer["KeyMetadata"]["KeyId"]
        if state["enable_key_rotation"]:
            client.enable_key_rotation(KeyId=state["id"])
        if not state["is_enabled"]:
            client.disable_key(KeyId=state["id"])

    def read(self, state: Values) -> Values | None:
        client, key = self.client("kms", state), state["id"]
        answer = found(lambda: client.describe_key(KeyId=key), GONE)
        if answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion":
            return None
        metadata = answer["KeyMetadata"]
        rotation = client.get_key_rotation_status(KeyId=key)
        tags = client.list_resource_tags(KeyId=key)["Tags"]
        state.update(
            arn=metadata["Arn"],
            key_id=metadata["KeyId"],
            description=metadata.get("Description", ""),
            is_enabled=metadata["Enabled"],
            key_usage=metadata["KeyUsage"],
            customer_master_key_spec=metadata["KeySpec"],
            multi_region=metadata.get("MultiRegion", False),
            policy=client.get_key_policy(KeyId=key, PolicyName=POLICY_NAME)["Policy"],
            enable_key_rotation=rotation["KeyRotationEnabled"],
            rotation_period_in_days=rotation.get("RotationPeriodInDays"),
            tags_all={tag["TagKey"]: tag["TagValue"] for tag in tags},
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        client, key = self.client("kms", state), state["id"]
        if prior["description"] != state["description"]:
            client.update_key_description(KeyId=key, Description=state["description"] or "")
        if prior["policy"] != state["policy"] and state["policy"] is not UNKNOWN:
            client.put_key_policy(KeyId=key, PolicyName=POLICY_NAME, Policy=state["policy"])
        if prior["enable_key_rotation"] != state["enable_key_rotation"]:
            if state["enable_key_rotation"]:
                client.enable_key_rotation(KeyId=key)
            else:
                client.disable_key_rotation(KeyId=key)
        if prior["is_enabled"] != state["is_enabled"]:
            if state["is_enabled"]:
                client.enable_key(KeyId=key)
            else:
                client.disable_key(KeyId=key)
        change_tags(
            prior,
            state,
            lambda tags: client.tag_resource(KeyId=key, Tags=_tags(tags)),
            lambda keys: client.untag_resource(KeyId=key, TagKeys=keys),
        )

    def delete(self, state: Values) -> None:
        days = state.get("deletion_window_in_days")
        found(
            lambda: self.client("kms", state).schedule_key_deletion(
                KeyId=state["id"], PendingWindowInDays=int(days) if days else 30
            ),
            GONE,
        )


class KeyPolicy(ResourceType):
    """`aws_kms_key_policy`: destroying it leaves the policy as it is."""

    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        self.client("kms", state).put_key_policy(
            KeyId=state["key_id"], PolicyName=POLICY_NAME, Policy=state["policy"]
        )
        state["id"] = state["key_id"]

    def update(self, prior: Values, state: Values, config: Values) -> None:
        self.create(state, config)

    def read(self, state: Values) -> Values | None:
        answer = found(
            lambda: self.client("kms", state).get_key_policy(
                KeyId=state["id"], PolicyName=POLICY_NAME
            ),
            GONE,
        )
        if answer is None:
            return None
        state.update(key_id=state["id"], policy=answer["Policy"])
        return state

    def delete(self, state: Values) -> None:
        pass


class Alias(ResourceType):
    """`aws_kms_alias`: the id is the alias name."""

    def create(self, state: Values, config: Values) -> None:
        name = generated_name(
            {"name_prefix": "alias/", **{k: v for k, v in state.items() if v is not UNKNOWN}}
        )
        self.client("kms", state).create_alias(AliasName=name, TargetKeyId=state["target_key_id"])
        state["id"] = name

    def read(self, state: Values) -> Values | None:
        alias = find_alias(self.client("kms", state).get_paginator("list_aliases"), state["id"])
        if alias is None:
            return None
        key_arn = f"{str(alias['AliasArn']).split(':alias/')[0]}:key/{alias['TargetKeyId']}"
        # The configuration may give the key's ARN; the API always answers the id.
        given_arn = str(state.get("target_key_id")).startswith("arn:")
        state.update(
            name=alias["AliasName"],
            name_prefix=name_prefix(state),
            arn=alias["AliasArn"],
            target_key_arn=key_arn,
            target_key_id=key_arn if given_arn else alias["TargetKeyId"],
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        self.client("kms", state).update_alias(
            AliasName=state["id"], TargetKeyId=state["target_key_id"]
        )

    def delete(self, state: Values) -> None:
        found(lambda: self.client("kms", state).delete_alias(AliasName=state["id"]), GONE)


def find_alias(paginator: object, name: object) -> Values | None:
    """Find an alias by name; KMS can only list them."""
    for page in paginator.paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == name and "TargetKeyId" in alias:
                return alias
    return None


def _tags(tags: object) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in (tags or {}).items()]
