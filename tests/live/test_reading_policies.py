"""`forebay policies live`: what a snapshot does is allowed by it, and by nothing less."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from e2e.deployer import ALWAYS_ALLOWED, allows, resource_of, role_arns
from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from localaws.local import LocalAws

MAIN, SHOP = "111122223333", "222233334444"
ROLES = "arn:{partition}:iam::{account_id}:role/reader"
TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1, us-east-1]}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
consumers:
  shop-nodes: {account: shop, role: nodes/eks-node, identity: attach}
creation_templates:
  usual: {encryption: KMS, repository_tags: {team: platform}}
registries:
  main:
    caches:
      quay: {}
      docker-hub: {credential: {secret: ecr-pullthroughcache/docker-hub, value: placeholder}}
    creation_templates: {quay: usual}
    grants: [{to: shop-nodes, allow: pull, caches: [quay]}]
"""


def test_the_calls_of_a_snapshot_are_exactly_what_the_policy_is_for(
    local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    project = Project(folder=tmp_path)
    local_aws.seed(tmp_path / "topology.yaml")
    for name, value in local_aws.environment("999988887777").items():
        monkeypatch.setenv(name, value)
    local_aws.client("ecr", account=MAIN).create_repository(repositoryName="quay/prometheus")
    local_aws.client("secretsmanager", account=MAIN, region="us-east-1").delete_secret(
        SecretId="ecr-pullthroughcache/docker-hub", ForceDeleteWithoutRecovery=True
    )
    documents = {
        policy["account_id"]: policy["policy"]
        for policy in json.loads(
            project.forebay("policies", "live", "--deep", "--format", "json").stdout
        )["policies"]
    }
    arns = role_arns(local_aws, documents)
    local_aws.forget_calls()

    done = project.forebay("snapshot", "--deep", "--out", "live.json", "--assume-role", ROLES)

    assert done.exit_code == 0
    made = [
        (call, resource_of(call, arns))
        for call in local_aws.calls()
        if (call.service, call.operation) not in ALWAYS_ALLOWED
    ]
    assert {call.account for call, _ in made} == {MAIN, SHOP} == set(documents)
    assert [
        (call, resource)
        for call, resource in made
        if not allows(documents[call.account], call, resource)
    ] == []
    # Each action is there because a snapshot asks for it.
    every = {
        action
        for document in documents.values()
        for statement in document["Statement"]
        for action in statement["Action"]
    }
    for action in every:
        less = {account: without(document, action) for account, document in documents.items()}
        assert any(not allows(less[call.account], call, resource) for call, resource in made), (
            action
        )


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    """The policy without one of its actions."""
    less = copy.deepcopy(document)
    for statement in less["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one != action]
    less["Statement"] = [one for one in less["Statement"] if one["Action"]]
    return less


def test_a_policy_without_repositories_and_aliases_asks_for_neither(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")

    document = json.loads(
        Project(folder=tmp_path).forebay("policies", "live", "--account", "main").stdout
    )

    actions = {action for statement in document["Statement"] for action in statement["Action"]}
    assert actions == {
        "ecr:DescribePullThroughCacheRules",
        "ecr:DescribeRepositoryCreationTemplates",
        "ecr:GetAccountSetting",
        "ecr:GetRegistryPolicy",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListEntitiesForPolicy",
        "iam:ListRolePolicies",
        "iam:ListRoles",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:ListSecrets",
    }
    for statement in document["Statement"]:
        if statement["Resource"] == ["*"] and statement["Sid"] != "NamesOfRoles":
            assert statement["Condition"] == {
                "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}
            }


def test_accounts_by_hand_need_no_topology(tmp_path: Path) -> None:
    project = Project(folder=tmp_path)

    done = project.forebay(
        "policies", "live", "--account", f"shop={SHOP}", "--region", "cn-north-1"
    )
    other = project.forebay("policies", "deployer", "--account", f"shop={SHOP}")

    document = json.loads(done.stdout)
    resources = {
        resource for statement in document["Statement"] for resource in statement["Resource"]
    }
    assert f"arn:aws-cn:iam::{SHOP}:role/*" in resources
    assert "kms:ListAliases" in str(document)
    assert other.exit_code == 1
    assert "with `live` alone" in other.stderr
