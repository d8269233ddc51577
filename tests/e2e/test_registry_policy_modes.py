"""Accounts that have a registry policy already: it is adopted, or stays with other code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project
from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

PLATFORM = "111122223333"
TOPOLOGY = """
version: 1
accounts:
  platform:
    id: "111122223333"
    regions: [eu-west-1, us-east-1]
    %s
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: {account: shop, role: eks-node}, allow: pull}]
"""
KEPT = {
    "Sid": "Replicate",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::333344445555:root"},
    "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
    "Resource": "arn:aws:ecr:{region}:{account_id}:repository/*",
}

pytestmark = pytest.mark.slow


def generated(folder: Path, words: str) -> Project:
    """A project of two accounts; the words stand in the account with the registry."""
    (folder / "topology.yaml").write_text(TOPOLOGY % words, encoding="utf-8")
    (folder / "kept.json").write_text(json.dumps({"Statement": [KEPT]}), encoding="utf-8")
    project = Project(folder=folder)
    done = project.forebay("generate")
    assert done.exit_code == 0, done.stdout + done.stderr
    return project


def policy_text(region: str) -> str:
    """The policy that the account has in a region before."""
    text = json.dumps({"Version": "2012-10-17", "Statement": [KEPT]})
    return text.replace("{region}", region).replace("{account_id}", PLATFORM)


def test_an_adopted_policy_keeps_its_statements_in_every_region(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = generated(tmp_path, "registry_policy: adopt\n    keep_statements: {file: kept.json}")
    for region in ("eu-west-1", "us-east-1"):
        ecr = local_aws.client("ecr", account=PLATFORM, region=region)
        ecr.put_registry_policy(policyText=policy_text(region))
    terraform = terraform_factory(project.file("platform"), account=PLATFORM)
    terraform.init()

    plan = terraform.plan()
    terraform.apply(plan=plan)

    assert "2 to import" in plan.output
    for region in ("eu-west-1", "us-east-1"):
        ecr = local_aws.client("ecr", account=PLATFORM, region=region)
        kept, granted = json.loads(ecr.get_registry_policy()["policyText"])["Statement"]
        assert kept == json.loads(policy_text(region))["Statement"][0]
        assert granted["Sid"] == "PullQuay"
    assert not terraform.plan(detailed=True).has_changes
    terraform.fmt_check(project.code)
    for command in ("drift", "check"):
        done = project.forebay(command)
        assert done.exit_code == 0, done.stdout + done.stderr


@with_both_programs
def test_adopting_fails_at_plan_when_there_is_nothing_to_import(
    tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    project = generated(tmp_path, "registry_policy: adopt")
    terraform = terraform_factory(project.file("platform"), account=PLATFORM)
    terraform.init()

    refused = terraform.plan(expect=(1,))

    assert "Cannot import non-existent remote object" in refused.output


def test_an_exported_policy_is_an_output_and_a_file_and_no_resource(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = generated(tmp_path, "registry_policy: export")
    for region in ("eu-west-1", "us-east-1"):
        ecr = local_aws.client("ecr", account=PLATFORM, region=region)
        ecr.put_registry_policy(policyText=policy_text(region))
    terraform = terraform_factory(project.file("platform"), account=PLATFORM)
    terraform.init()
    terraform.apply()

    for region in ("eu-west-1", "us-east-1"):
        ecr = local_aws.client("ecr", account=PLATFORM, region=region)
        there = json.loads(ecr.get_registry_policy()["policyText"])
        assert there == json.loads(policy_text(region))
        file = project.file(f"platform/registry-policy.{region}.json")
        (written,) = json.loads(file.read_text(encoding="utf-8"))["Statement"]
        assert written["Sid"] == "PullQuay"
        assert f"arn:aws:ecr:{region}:{PLATFORM}:repository/quay/*" in written["Resource"]
    assert "PullQuay" in json.dumps(terraform.output())
    assert not terraform.plan(detailed=True).has_changes
    terraform.fmt_check(project.code)


@pytest.mark.parametrize("command", ["drift", "check"])
def test_an_exported_policy_is_listed_once_as_not_judged(command: str, tmp_path: Path) -> None:
    project = generated(tmp_path, "registry_policy: export")

    done = project.judged(command)

    assert done.exit_code == 0, done.stdout + done.stderr
    results = done.document["results"]
    assert isinstance(results, list)
    rules = [result["rule"] for result in results]
    assert rules.count("registry-policy-elsewhere") == 1
    assert project.roots == ["platform", "shop"]
