"""Encryption keys by alias: looked up in the root, compared by what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.estate.spellings import named_alike
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import CodeReading, read_code
from generator.model.finding import FindingKind, Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd"
TOPOLOGY = """
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
creation_templates: {locked: {encryption: {kms_key: "KEY"}}}
registries: {main: {caches: {quay: {creation_template: locked}}}}
"""


def reading(folder: Path, key: str) -> tuple[Topology, CodeReading]:
    """The topology with a key, and the code that was generated first."""
    file = folder / "topology.yaml"
    file.write_text(TOPOLOGY.replace("KEY", key), encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    if not (folder / "terraform").exists():
        apply_write(plan_write(file_tree(topology), folder / "terraform"))
    code = read_code(folder / "terraform", project_root=folder, topology=topology)
    return topology, code


def test_an_alias_is_looked_up_and_is_no_drift(tmp_path: Path) -> None:
    topology, code = reading(tmp_path, "alias/ecr")

    text = (tmp_path / "terraform/main/main.tf").read_text(encoding="utf-8")

    assert 'data.aws_kms_alias.key["eu-west-1:alias/ecr"].target_key_arn' in text
    assert drift_findings(topology, code) == ()
    assert [f for f in check_findings(topology, code) if f.severity is not Severity.INFO] == []


@pytest.mark.parametrize(("first", "then"), [("alias/ecr", KEY), (KEY, "alias/ecr")])
def test_whether_an_alias_names_the_key_cannot_be_told(
    tmp_path: Path, first: str, then: str
) -> None:
    reading(tmp_path, first)

    found = drift_findings(*reading(tmp_path, then))

    assert {finding.kind for finding in found} == {FindingKind.UNDECIDED}
    assert all("which key an alias names" in finding.message for finding in found)
    assert len(found) == 2


@pytest.mark.parametrize("then", ['{kms_key: "alias/other"}', "KMS", "AES256"])
def test_another_alias_or_none_is_drift(tmp_path: Path, then: str) -> None:
    reading(tmp_path, "alias/ecr")
    file = tmp_path / "topology.yaml"
    file.write_text(TOPOLOGY.replace('{kms_key: "KEY"}', then), encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    code = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)

    assert "different" in {finding.rule for finding in drift_findings(topology, code)}


def test_keys_of_other_regions_are_not_named_alike() -> None:
    alias = "arn:aws:kms:us-east-1:111122223333:key/alias/ecr"

    assert named_alike((alias,), (KEY,)) is None
    assert named_alike(({"k": alias},), ({"k": alias},)) is None
    same = alias.replace("us-east-1", "eu-west-1")
    assert named_alike({"k": same, "n": 1}, {"k": KEY, "n": 1}) == {"k": same, "n": 1}
