"""Resources of the Cloud Control provider, judged like those of the AWS provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.hcl import read_code
from generator.model.estate import Kind, Known
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = 'provider "awscc" {\n  region = "eu-west-1"\n}\n'
RULE = """
resource "awscc_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = "xx"
  upstream_registry_url = "HOST"
}
"""
POLICY = """
resource "awscc_ecr_registry_policy" "p" {
  policy_text = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = WHO
    Action    = "ecr:BatchGetImage"
    Resource  = "*"
  }] })
}
"""
TEMPLATE = """
resource "awscc_ecr_repository_creation_template" "t" {
  prefix               = "xx"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "MUTABLE"
  resource_tags        = [TAGS]
  encryption_configuration = {
    encryption_type = "AES256"
  }
}
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (RULE.replace("HOST", "gcr.io"), [("finding", "upstream-refused")]),
        (RULE.replace("HOST", "registry-1.docker.io"), [("finding", "credential-missing")]),
        (RULE.replace("HOST", "quay.io"), []),
        (POLICY.replace("WHO", '"*"'), [("finding", "grant-any-principal")]),
        (
            TEMPLATE.replace("TAGS", '{ key = "team", value = "a" }'),
            [("finding", "template-role-missing")],
        ),
        (TEMPLATE.replace("TAGS", ""), []),
    ],
)
def test_the_twins_are_judged_alike(
    tmp_path: Path, code: str, expected: list[tuple[str, str]]
) -> None:
    found = findings_of(tmp_path, {"cc.tf": PROVIDER, "main.tf": code})

    assert [(each.kind.value, each.rule) for each in found] == expected


def test_a_twin_is_where_its_own_provider_is(tmp_path: Path) -> None:
    other = PROVIDER.replace("eu-west-1", "us-east-1")
    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n}\n' + other + RULE, encoding="utf-8"
    )

    (record,) = read_code(tmp_path, project_root=tmp_path, topology=None).estate.records

    assert (record.kind, record.region, record.key) == (Kind.CACHE_RULE, "us-east-1", "xx")


def test_tags_of_a_twin_are_tags_by_name(tmp_path: Path) -> None:
    tags = '{ key = "team", value = "a" }, { key = "env", value = "b" }'
    (tmp_path / "main.tf").write_text(PROVIDER + TEMPLATE.replace("TAGS", tags), encoding="utf-8")

    (record,) = read_code(tmp_path, project_root=tmp_path, topology=None).estate.records

    assert record.get("resource_tags") == Known(value={"team": "a", "env": "b"})
