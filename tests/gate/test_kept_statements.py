"""Statements to keep: intended for drift, declared for over-grant, and judged by every other rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gate_support import TODAY, judged, rules

from generator.gate.mistakes import topology_findings
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.finding import Finding

TOPOLOGY = """
version: 1
accounts:
  main:
    id: "111122223333"
    regions: [eu-west-1]
    registry_policy: MODE
    KEPT
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: {account: shop, role: eks-node, identity: elsewhere}, allow: pull}]
"""
REPLICATE = (
    "keep_statements: [{Sid: Replicate, Effect: Allow, Principal: {AWS: '333344445555'}, "
    "Action: 'ecr:ReplicateImage', Resource: '*'}]"
)
CODE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "222233334444" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/eks-node" } }
      },
      # kept
    ]
  })
}
"""
KEPT = """{
        Sid       = "Replicate"
        Effect    = "Allow"
        Principal = { AWS = "333344445555" }
        Action    = "ecr:ReplicateImage"
        Resource  = "*"
      },"""


def topology(mode: str, kept: str = "") -> str:
    """A topology whose account with the registry says these two things."""
    return TOPOLOGY.replace("MODE", mode).replace("KEPT", kept)


def findings(folder: Path, text: str) -> list[Finding]:
    """What `validate` says about a sound topology."""
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    return list(topology_findings(reading.topology, today=TODAY))


def test_a_kept_statement_is_neither_drift_nor_an_over_grant(tmp_path: Path) -> None:
    code = CODE.replace("# kept", KEPT)

    result = judged(tmp_path, code, topology("adopt", REPLICATE))

    assert result.drift == []
    assert result.check == []


def test_a_kept_statement_for_everybody_is_a_finding_all_the_same(tmp_path: Path) -> None:
    code = CODE.replace("# kept", KEPT.replace('{ AWS = "333344445555" }', '"*"'))
    kept = REPLICATE.replace("{AWS: '333344445555'}", "'*'")

    result = judged(tmp_path, code, topology("adopt", kept))

    assert result.drift == []
    assert rules(result.check) == [("finding", "grant-any-principal")]


def test_the_same_statement_is_both_when_nothing_keeps_it(tmp_path: Path) -> None:
    result = judged(tmp_path, CODE.replace("# kept", KEPT), topology("adopt"))

    assert rules(result.drift) == [("drift", "unexpected")]
    assert rules(result.check) == [("finding", "grant-outside-topology")]


def test_a_kept_statement_that_the_code_lacks_is_drift_and_no_missing_grant(tmp_path: Path) -> None:
    result = judged(tmp_path, CODE, topology("adopt", REPLICATE))

    assert rules(result.drift) == [("drift", "missing")]
    assert result.check == []


def test_a_policy_that_other_code_owns_is_judged_and_never_unexpected(tmp_path: Path) -> None:
    result = judged(tmp_path, CODE.replace("# kept", KEPT), topology("export"))

    assert result.drift == []
    assert rules(result.check) == [("finding", "grant-outside-topology")]
    assert result.notes.count("registry-policy-elsewhere") == 1  # Drift compares nothing of it.


def test_replication_is_not_made_wider_by_the_scope(tmp_path: Path) -> None:
    assert findings(tmp_path, topology("adopt", REPLICATE)) == []


@pytest.mark.parametrize(
    "action", ["Action: 'ecr:*'", "Action: '*'", "NotAction: 'ecr:PutImage'", "Action: [ecr:Put*]"]
)
def test_a_statement_that_the_scope_makes_wider_is_a_warning(action: str, tmp_path: Path) -> None:
    kept = REPLICATE.replace("Action: 'ecr:ReplicateImage'", action)

    (found,) = findings(tmp_path, topology("adopt", kept))

    assert (found.rule, found.severity) == ("kept-statement-widened", "warning")


def test_a_denial_is_not_made_wider(tmp_path: Path) -> None:
    kept = REPLICATE.replace("Allow", "Deny").replace("ecr:ReplicateImage", "ecr:*")

    assert findings(tmp_path, topology("adopt", kept)) == []


def test_a_kept_statement_with_the_id_of_a_grants_statement_is_a_mistake(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, topology("adopt", REPLICATE.replace("Replicate,", "PullQuay,")))

    assert (found.rule, found.severity) == ("statement-id-twice", "high")


def test_kept_statements_count_for_the_size_of_the_policy(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(
        '[{"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage", "Resource": ["'
        + "x" * 10_240
        + '"]}]',
        encoding="utf-8",
    )

    (found,) = findings(tmp_path, topology("adopt", "keep_statements: {file: kept.json}"))

    assert found.rule == "policy-too-large"


def test_a_file_above_the_topology_may_be_kept_inside_of_the_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "deep").mkdir()
    (tmp_path / "kept.json").write_text(
        '[{"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage", "Resource": "*"}]',
        encoding="utf-8",
    )

    text = topology("adopt", "keep_statements: {file: ../kept.json}")

    assert findings(tmp_path / "deep", text) == []


def test_a_link_does_not_lead_out_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "kept.json").write_text("[]", encoding="utf-8")
    (tmp_path / "deep" / "kept.json").symlink_to(tmp_path / "kept.json")
    file = tmp_path / "deep" / "topology.yaml"
    file.write_text(topology("adopt", "keep_statements: {file: kept.json}"), encoding="utf-8")

    (found,) = read_topology(file).findings

    assert found.rule == "kept-statements"
    assert "outside of the project" in found.message
