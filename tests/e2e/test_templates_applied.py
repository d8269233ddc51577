"""Creation templates with a key, with raw documents and with a role of one's own, applied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

TOPOLOGY = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
creation_templates:
  raw:
    encryption: {kms_key: "arn:{partition}:kms:{region}:{account_id}:key/1234abcd"}
    lifecycle: {file: lifecycle.json}
    repository_policy: {file: repository.json}
    applied_for: [REPLICATION, PULL_THROUGH_CACHE]
  plain: {mutability: IMMUTABLE_WITH_EXCLUSION, mutability_exclusions: [latest, "*-rc.*"]}
  mine: {repository_tags: {a: b c}, role: team/ecr-templates}
registries:
  main:
    creation_templates: {ROOT: plain, team/own: mine}
    caches: {quay: {creation_template: raw}}
"""
LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 3,
            "description": "Keep ${few} images",
            "selection": {
                "tagStatus": "any",
                "countType": "imageCountMoreThan",
                "countNumber": 5,
            },
            "action": {"type": "expire"},
        }
    ]
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "arn:{partition}:iam::{account_id}:root"},
            "Action": "ecr:DeleteRepository",
        }
    ],
}


@pytest.mark.slow
def test_templates_of_every_sort_apply_and_nothing_is_left_to_do(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    (tmp_path / "lifecycle.json").write_text(json.dumps(LIFECYCLE), encoding="utf-8")
    (tmp_path / "repository.json").write_text(json.dumps(POLICY), encoding="utf-8")
    project = Project(folder=tmp_path)
    assert project.forebay("generate").exit_code == 0
    terraform = terraform_factory(project.file("main"), account="111122223333")
    terraform.init()

    terraform.apply()

    terraform.fmt_check(project.code)
    assert not terraform.plan(detailed=True).has_changes
    ecr = local_aws.client("ecr", account="111122223333")
    found = {
        template["prefix"]: template
        for template in ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
    }
    assert sorted(found) == ["ROOT", "quay", "team/own"]
    assert json.loads(found["quay"]["lifecyclePolicy"]) == LIFECYCLE
    (statement,) = json.loads(found["quay"]["repositoryPolicy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert found["quay"]["encryptionConfiguration"] == {
        "encryptionType": "KMS",
        "kmsKey": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
    }
    assert sorted(found["quay"]["appliedFor"]) == ["PULL_THROUGH_CACHE", "REPLICATION"]
    assert found["quay"]["customRoleArn"] == "arn:aws:iam::111122223333:role/forebay-template"
    assert found["ROOT"]["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert found["ROOT"]["imageTagMutabilityExclusionFilters"] == [
        {"filterType": "WILDCARD", "filter": "latest"},
        {"filterType": "WILDCARD", "filter": "*-rc.*"},
    ]
    assert "customRoleArn" not in found["ROOT"]
    assert found["team/own"]["customRoleArn"] == (
        "arn:aws:iam::111122223333:role/team/ecr-templates"
    )
    for command in ("drift", "check"):
        judged = project.forebay(command)
        assert judged.exit_code == 0, judged.stdout + judged.stderr
