"""Creation templates: what is generated is no drift, and drift and check name what was changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from gate_support import Judged, judged, rules

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.generate import file_tree
from generator.hcl import read_code
from generator.model.estate import Kind
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
defaults: {creation_template: standard}
accounts: {main: {id: "111122223333", regions: [eu-west-1, us-east-1]}}
creation_templates:
  standard:
    repository_tags: {team: platform}
    lifecycle: {expire_after_days: 90}
  raw:
    encryption: {kms_key: "arn:{partition}:kms:{region}:{account_id}:key/1234abcd"}
    lifecycle: {file: policies/lifecycle.json}
    repository_policy: {file: policies/repository.json}
    applied_for: [PULL_THROUGH_CACHE, REPLICATION]
    mutability: IMMUTABLE_WITH_EXCLUSION
    mutability_exclusions: [latest, "*-rc"]
registries:
  main:
    creation_templates: {team/own: raw}
    caches:
      quay: {}
      ecr-public: {creation_template: raw}
      kubernetes: {creation_template: none}
    grants: [{to: {role: "*"}, allow: first-pull}]
"""
LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 5,
            "description": "release images",
            "selection": {
                "tagStatus": "tagged",
                "tagPrefixList": ["v", "r"],
                "countType": "imageCountMoreThan",
                "countNumber": 10,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 9,
            "selection": {
                "tagStatus": "any",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 30,
            },
            "action": {"type": "expire"},
        },
    ]
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "NobodyDeletes",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["ecr:BatchDeleteImage", "ecr:DeleteRepository"],
            "Condition": {
                "ArnNotLike": {
                    "aws:PrincipalArn": "arn:{partition}:iam::{account_id}:role/${aws:PrincipalTag/x}"
                }
            },
        }
    ],
}


class Tree:
    """A topology with documents beside it, and the code that was generated from it."""

    def __init__(self, folder: Path, topology: str = TOPOLOGY) -> None:
        self.folder = folder
        (folder / "policies").mkdir()
        (folder / "policies/lifecycle.json").write_text(json.dumps(LIFECYCLE), encoding="utf-8")
        (folder / "policies/repository.json").write_text(json.dumps(POLICY), encoding="utf-8")
        (folder / "topology.yaml").write_text(topology, encoding="utf-8")
        apply_write(plan_write(file_tree(self.topology), self.code))

    @property
    def code(self) -> Path:
        return self.folder / "terraform"

    @property
    def topology(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        reading = read_topology(self.folder / "topology.yaml")
        assert reading.topology is not None, reading.findings
        return reading.topology

    def change(self, file: str, old: str, new: str) -> Judged:
        """Change the code in one place (the first of several) and judge it."""
        path = self.code / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return self.judged()

    def judged(self) -> Judged:
        topology = self.topology
        reading = read_code(self.code, project_root=self.folder, topology=topology)
        assert reading.problems == ()
        return Judged(topology=topology, reading=reading)


def test_generated_templates_with_documents_are_neither_drift_nor_finding(tmp_path: Path) -> None:
    result = Tree(tmp_path).judged()

    templates = [
        (record.region, record.key)
        for record in result.reading.estate.records
        if record.kind is Kind.CREATION_TEMPLATE
    ]
    assert sorted(templates) == [
        (region, prefix)
        for region in ("eu-west-1", "us-east-1")
        for prefix in ("ecr-public", "quay", "team/own")
    ]
    assert result.drift == []
    assert result.check == []


def test_placeholders_of_a_document_are_put_in_for_each_registry(tmp_path: Path) -> None:
    text = (Tree(tmp_path).code / "main/main.tf").read_text(encoding="utf-8")

    assert text.count('"arn:aws:iam::111122223333:role/$${aws:PrincipalTag/x}"') == 4
    assert text.count('"arn:aws:kms:us-east-1:111122223333:key/1234abcd"') == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rulePriority = 5", "rulePriority = 1"),
        ('description  = "release images"', 'description  = "other words"'),
        ('tagPrefixList = ["v", "r"]', 'tagPrefixList = ["r", "v"]'),
        ('["latest", "*-rc"]', '["*-rc", "latest"]'),
    ],
    ids=["number", "description", "order of prefixes", "order of exclusions"],
)
def test_a_template_that_means_the_same_is_no_drift(old: str, new: str, tmp_path: Path) -> None:
    assert Tree(tmp_path).change("main/main.tf", old, new).drift == []


@pytest.mark.parametrize(
    ("file", "old", "new", "attribute"),
    [
        ("main/main.tf", "expire_after_days = 90", "expire_after_days = 9", "lifecycle_policy"),
        ("main/main.tf", "countNumber   = 10", "countNumber   = 11", "lifecycle_policy"),
        ("main/main.tf", 'team = "platform"', 'team = "shop"', "resource_tags"),
        ("main/main.tf", "key/1234abcd", "key/9999abcd", "encryption_configuration"),
        ("main/main.tf", ', "REPLICATION"]', "]", "applied_for"),
        (
            "modules/pull-through-cache/variables.tf",
            'optional(string, "MUTABLE")',
            'optional(string, "IMMUTABLE")',
            "image_tag_mutability",
        ),
        (
            "main/main.tf",
            '["latest", "*-rc"]',
            '["latest", "*-rd"]',
            "image_tag_mutability_exclusion_filter",
        ),
    ],
    ids=["expiry", "rules", "tags", "key", "applied for", "mutability", "exclusions"],
)
def test_drift_names_the_attribute_that_was_changed(
    file: str, old: str, new: str, attribute: str, tmp_path: Path
) -> None:
    found = Tree(tmp_path).change(file, old, new).drift

    assert found
    assert {(finding.rule, finding.subject.split()[-1]) for finding in found} == {
        ("different", attribute)
    }


def test_a_statement_added_to_a_template_s_policy_is_drift_and_an_open_door(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    result = tree.change(
        "main/main.tf",
        "        Statement = [\n          {\n",
        "        Statement = [\n"
        '          { Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" },\n'
        "          {\n",
    )

    assert rules(result.drift) == [("drift", "unexpected")]
    assert {finding.rule for finding in result.check} == {"grant-any-principal"}


def test_a_template_that_is_gone_or_too_many_is_drift(tmp_path: Path) -> None:
    result = Tree(tmp_path).change("main/main.tf", "    quay = {\n      repository_tags", "    ghcr = {\n      repository_tags")  # fmt: skip

    assert sorted(rules(result.drift)) == [("drift", "missing"), ("drift", "unexpected")]


def test_a_template_role_that_another_service_may_assume_is_found(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    result = tree.change(
        "modules/template-role/main.tf", '"ecr.amazonaws.com"', '"ec2.amazonaws.com"'
    )

    assert {finding.rule for finding in result.check} >= {"trust-wrong-principal"}
    assert rules(result.drift) == [("drift", "different")]


def test_a_template_role_that_may_push_is_found(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    result = tree.change(
        "modules/template-role/main.tf",
        '["ecr:CreateRepository"]',
        '["ecr:CreateRepository", "ecr:PutImage"]',
    )

    assert {finding.rule for finding in result.check} == {"identity-undeclared"}


def test_a_template_role_that_lacks_a_right_is_found(tmp_path: Path) -> None:
    result = Tree(tmp_path).change(
        "modules/template-role/main.tf", '["ecr:TagResource"]', '["ecr:UntagResource"]'
    )

    assert "grant-missing" in {finding.rule for finding in result.check}


@pytest.mark.parametrize(
    ("template", "is_made"),
    [
        ("{}", False),
        ("{mutability: IMMUTABLE, lifecycle: {keep_images: 3}}", False),
        ("{repository_tags: {a: b}}", True),
        ("{encryption: KMS}", True),
        ("{encryption: KMS, role: team/mine}", False),
    ],
)
def test_a_role_is_made_exactly_when_tags_or_kms_need_one(
    template: str, is_made: bool, tmp_path: Path
) -> None:
    topology = (
        'version: 1\naccounts: {main: {id: "111122223333", regions: [eu-west-1]}}\n'
        f"creation_templates: {{standard: {template}}}\n"
        "registries: {main: {caches: {quay: {creation_template: standard}}}}\n"
    )

    tree = Tree(tmp_path, topology)

    assert (tree.code / "modules/template-role").is_dir() is is_made
    assert tree.judged().drift == []
    if "mine" in template:
        text = (tree.code / "main/main.tf").read_text(encoding="utf-8")
        assert '"arn:aws:iam::111122223333:role/team/mine"' in text


def test_hand_written_templates_are_read_too(tmp_path: Path) -> None:
    topology = (
        'version: 1\naccounts: {main: {id: "111122223333", regions: [eu-west-1]}}\n'
        "creation_templates: {standard: {lifecycle: {keep_images: 3}}}\n"
        "registries: {main: {creation_templates: {ROOT: standard}, caches: {quay: {}}}}\n"
    )
    code = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_repository_creation_template" "all" {
  prefix      = "ROOT"
  applied_for = ["PULL_THROUGH_CACHE"]
  lifecycle_policy = <<-JSON
    {"rules": [{"rulePriority": 7, "description": "keep three", "action": {"type": "expire"},
      "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3}}]}
  JSON
}
"""

    result = judged(tmp_path, code, topology)

    assert result.drift == []
