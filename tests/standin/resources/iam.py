"""AWS IAM: roles, their inline policies, managed policies and attachments."""

# ruff: noqa: ARG002 - all types share the signatures of ResourceType

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from standin.problems import Problem

from .kinds import (
    ResourceType,
    change_tags,
    filled,
    found,
    generated_name,
    given,
    name_prefix,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standin.values import Values

GONE = "NoSuchEntity"
VERSIONS_KEPT = 5


class Role(ResourceType):
    """`aws_iam_role`, without its deprecated ways to hold policies."""

    defaults: ClassVar[Mapping[str, object]] = {
        "path": "/",
        "max_session_duration": 3600,
        "force_detach_policies": False,
    }
    json_attributes = ("assume_role_policy",)
    optional_blocks = ("inline_policy",)

    def plan(self, prior: Values | None, planned: Values, config: Values) -> None:
        if config.get("inline_policy") or config.get("managed_policy_arns"):
            raise Problem(
                "The stand-in does not know inline_policy and managed_policy_arns of a role",
                "Both are deprecated. Use aws_iam_role_policy and aws_iam_role_policy_attachment.",
            )

    def create(self, state: Values, config: Values) -> None:
        name = generated_name(state)
        self.client("iam").create_role(
            **filled(
                RoleName=name,
                Path=state["path"],
                AssumeRolePolicyDocument=state["assume_role_policy"],
                Description=state["description"],
                MaxSessionDuration=int(state["max_session_duration"]),
                PermissionsBoundary=state["permissions_boundary"],
                Tags=tag_list(state["tags_all"]),
            )
        )
        state["id"] = name

    def read(self, state: Values) -> Values | None:
        client, name = self.client("iam"), state["id"]
        answer = found(lambda: client.get_role(RoleName=name), GONE)
        if answer is None:
            return None
        role = answer["Role"]
        attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        state.update(
            name=role["RoleName"],
            name_prefix=name_prefix(state),
            arn=role["Arn"],
            path=role["Path"],
            unique_id=role["RoleId"],
            description=role.get("Description") or None,
            assume_role_policy=_text(role["AssumeRolePolicyDocument"]),
            max_session_duration=role.get("MaxSessionDuration", 3600),
            create_date=f"{role['CreateDate']:%Y-%m-%dT%H:%M:%SZ}",
            permissions_boundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            managed_policy_arns=[policy["PolicyArn"] for policy in attached],
            inline_policy=[
                {
                    "name": policy,
                    "policy": _text(
                        client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    ),
                }
                for policy in client.list_role_policies(RoleName=name)["PolicyNames"]
            ],
            tags_all=tag_map(role.get("Tags")),
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        client, name = self.client("iam"), state["id"]
        if prior["assume_role_policy"] != state["assume_role_policy"]:
            client.update_assume_role_policy(
                RoleName=name, PolicyDocument=state["assume_role_policy"]
            )
        if any(prior[key] != state[key] for key in ("description", "max_session_duration")):
            client.update_role(
                RoleName=name,
                Description=state["description"] or "",
                MaxSessionDuration=int(state["max_session_duration"]),
            )
        if prior["permissions_boundary"] != state["permissions_boundary"]:
            if state["permissions_boundary"]:
                client.put_role_permissions_boundary(
                    RoleName=name, PermissionsBoundary=state["permissions_boundary"]
                )
            else:
                client.delete_role_permissions_boundary(RoleName=name)
        change_tags(
            prior,
            state,
            lambda tags: client.tag_role(RoleName=name, Tags=tag_list(tags)),
            lambda keys: client.untag_role(RoleName=name, TagKeys=keys),
        )

    def delete(self, state: Values) -> None:
        client, name = self.client("iam"), state["id"]
        if state.get("force_detach_policies"):
            for policy in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                client.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
                client.delete_role_policy(RoleName=name, PolicyName=policy)
        found(lambda: client.delete_role(RoleName=name), GONE)


class RolePolicy(ResourceType):
    """`aws_iam_role_policy`: the id is `<role>:<policy name>`."""

    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        name = generated_name(state)
        self.client("iam").put_role_policy(
            RoleName=state["role"], PolicyName=name, PolicyDocument=state["policy"]
        )
        state["id"] = f"{state['role']}:{name}"

    def update(self, prior: Values, state: Values, config: Values) -> None:
        self.client("iam").put_role_policy(
            RoleName=state["role"], PolicyName=state["name"], PolicyDocument=state["policy"]
        )

    def read(self, state: Values) -> Values | None:
        role, name = str(state["id"]).split(":", 1)
        answer = found(
            lambda: self.client("iam").get_role_policy(RoleName=role, PolicyName=name), GONE
        )
        if answer is None:
            return None
        state.update(
            role=role,
            name=name,
            name_prefix=name_prefix(state),
            policy=_text(answer["PolicyDocument"]),
        )
        return state

    def delete(self, state: Values) -> None:
        role, name = str(state["id"]).split(":", 1)
        found(lambda: self.client("iam").delete_role_policy(RoleName=role, PolicyName=name), GONE)


class ManagedPolicy(ResourceType):
    """`aws_iam_policy`: the id is the ARN, and an update makes a new default version."""

    defaults: ClassVar[Mapping[str, object]] = {"path": "/"}
    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        answer = self.client("iam").create_policy(
            **filled(
                PolicyName=generated_name(state),
                Path=state["path"],
                PolicyDocument=state["policy"],
                Description=state["description"],
                Tags=tag_list(state["tags_all"]),
            )
        )
        state["id"] = answer["Policy"]["Arn"]

    def read(self, state: Values) -> Values | None:
        client, arn = self.client("iam"), state["id"]
        answer = found(lambda: client.get_policy(PolicyArn=arn), GONE)
        if answer is None:
            return None
        policy = answer["Policy"]
        version = client.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
        state.update(
            arn=policy["Arn"],
            name=policy["PolicyName"],
            name_prefix=name_prefix(state),
            path=policy["Path"],
            policy_id=policy["PolicyId"],
            attachment_count=policy["AttachmentCount"],
            description=policy.get("Description") or None,
            policy=_text(version["PolicyVersion"]["Document"]),
            tags_all=tag_map(policy.get("Tags")),
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        client, arn = self.client("iam"), state["id"]
        if prior["policy"] != state["policy"]:
            others = self._other_versions(arn)
            if len(others) >= VERSIONS_KEPT - 1:
                client.delete_policy_version(PolicyArn=arn, VersionId=others[0])
            client.create_policy_version(
                PolicyArn=arn, PolicyDocument=state["policy"], SetAsDefault=True
            )
        change_tags(
            prior,
            state,
            lambda tags: client.tag_policy(PolicyArn=arn, Tags=tag_list(tags)),
            lambda keys: client.untag_policy(PolicyArn=arn, TagKeys=keys),
        )

    def delete(self, state: Values) -> None:
        client, arn = self.client("iam"), state["id"]
        for version in self._other_versions(arn):
            client.delete_policy_version(PolicyArn=arn, VersionId=version)
        found(lambda: client.delete_policy(PolicyArn=arn), GONE)

    def _other_versions(self, arn: object) -> list[str]:
        """Return the versions that are not the default, oldest first."""
        answer = found(lambda: self.client("iam").list_policy_versions(PolicyArn=arn), GONE)
        versions = (answer or {}).get("Versions", [])
        names = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        return sorted(names, key=lambda name: int(name.removeprefix("v")))


class RolePolicyAttachment(ResourceType):
    """`aws_iam_role_policy_attachment`: the id is `<role>/<policy ARN>`."""

    def create(self, state: Values, config: Values) -> None:
        self.client("iam").attach_role_policy(RoleName=state["role"], PolicyArn=state["policy_arn"])
        state["id"] = f"{state['role']}/{state['policy_arn']}"

    def read(self, state: Values) -> Values | None:
        role, arn = str(state["id"]).split("/", 1)
        answer = found(lambda: self.client("iam").list_attached_role_policies(RoleName=role), GONE)
        attached = (answer or {}).get("AttachedPolicies", [])
        if arn not in [policy["PolicyArn"] for policy in attached]:
            return None
        state.update(role=role, policy_arn=arn)
        return state

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("iam").detach_role_policy(
                **given(RoleName=state["role"], PolicyArn=state["policy_arn"])
            ),
            GONE,
        )


def _text(document: object) -> str:
    """Write a policy as text; botocore reads those of IAM into objects."""
    return document if isinstance(document, str) else json.dumps(document)
