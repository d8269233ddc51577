"""Path, boundary and reach of everything in IAM that is generated, and tags of all that is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import CodeReading, read_code
from generator.model.finding import Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology

TOPOLOGY = """
version: 1
defaults:
  regions: [eu-west-1]
  tags: {owner: platform}
  creation_template: tagged
  iam: {path: /ecr/, permissions_boundary: "arn:{partition}:iam::{account_id}:policy/b", role_scope: SCOPE}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
upstreams: {base: {registry: ecr, account: main}}
creation_templates: {tagged: {repository_tags: {a: b}, encryption: KMS}}
registries:
  main: {caches: {quay: {}}, grants: [{to: {account: shop, role: team/node, identity: attach}, allow: pull}]}
  shop: {caches: {base: {}}}
"""


def generated(folder: Path, scope: str = "prefix") -> tuple[Topology, CodeReading]:
    """The topology and its generated code, read back."""
    file = folder / "topology.yaml"
    file.write_text(TOPOLOGY.replace("SCOPE", scope), encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    if not (folder / "terraform").exists():
        apply_write(plan_write(file_tree(topology), folder / "terraform"))
    code = read_code(folder / "terraform", project_root=folder, topology=topology)
    return topology, code


def test_every_role_and_policy_has_the_path_and_every_role_the_boundary(tmp_path: Path) -> None:
    _, code = generated(tmp_path)

    keys = {record.key for record in code.estate.records if record.region is None}
    boundaries = {
        str(record.get("permissions_boundary"))
        for record in code.estate.records
        if record.address.endswith('"forebay-upstream"]') and record.kind.value == "role"
    }

    assert keys == {
        "ecr/forebay-template",
        "ecr/forebay-template:creation-templates",
        "ecr/forebay-upstream",
        "ecr/forebay-upstream:pull-through-cache",
        "ecr/forebay-main-team-node",
        "node:ecr/forebay-main-team-node",
    }
    assert all("arn:aws:iam::222233334444:policy/b" in text for text in boundaries)


def test_tags_are_those_of_the_provider(tmp_path: Path) -> None:
    generated(tmp_path)

    text = (tmp_path / "terraform/main/providers.tf").read_text(encoding="utf-8")

    assert 'default_tags {\n    tags = {\n      owner = "platform"\n    }\n  }' in text


@pytest.mark.parametrize("scope", ["prefix", "documented"])
def test_generated_roles_are_what_was_asked_for(tmp_path: Path, scope: str) -> None:
    topology, code = generated(tmp_path, scope)

    findings = check_findings(topology, code)

    assert drift_findings(topology, code) == ()
    assert {found.severity for found in findings} == {Severity.INFO}
    assert "permissions-boundary-elsewhere" in {found.rule for found in findings}


def test_the_documented_reach_is_too_wide_for_a_topology_that_asks_for_prefixes(
    tmp_path: Path,
) -> None:
    generated(tmp_path, "documented")

    topology, code = generated(tmp_path, "prefix")

    assert "identity-undeclared" in {found.rule for found in check_findings(topology, code)}
    assert "different" in {found.rule for found in drift_findings(topology, code)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("policy/b", "policy/other"),
        ('permissions_boundary = "arn:aws:iam::222233334444:policy/b"', ""),
    ],
)
def test_another_boundary_is_drift(tmp_path: Path, old: str, new: str) -> None:
    generated(tmp_path)
    file = tmp_path / "terraform/shop/access.tf"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")

    topology, code = generated(tmp_path)

    found = [finding for finding in drift_findings(topology, code) if finding.rule == "different"]
    assert found
    assert all("permissions_boundary" in finding.title for finding in found)


def test_another_path_is_another_role(tmp_path: Path) -> None:
    generated(tmp_path)
    file = tmp_path / "terraform/shop/access.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"/ecr/"', '"/other/"'), encoding="utf-8")

    topology, code = generated(tmp_path)

    assert "missing" in {finding.rule for finding in drift_findings(topology, code)}
