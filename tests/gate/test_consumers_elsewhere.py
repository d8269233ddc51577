"""Consumers outside the topology: let in exactly, their own side handed over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.export.show import grant_rows
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import CodeReading, read_code
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology

TOPOLOGY = """
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  partner: {account_id: "999988887777", external: true}
  builder: {account_id: "999988887777", external: true, role: ci/builder}
registries:
  main:
    caches: {quay: {}}
    grants:
      - {to: partner, allow: cached}
      - {to: builder, allow: first-pull}
      - {to: {account_id: "888877776666", external: true}, allow: pull}
"""


def read(folder: Path, text: str = TOPOLOGY) -> Topology:
    """The topology that the text means."""
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    return reading.topology


def generated(folder: Path, topology: Topology) -> CodeReading:
    """The generated code, read back."""
    apply_write(plan_write(file_tree(topology), folder / "terraform"))
    return read_code(folder / "terraform", project_root=folder, topology=topology)


def test_the_code_is_what_is_asked_for_and_each_consumer_is_listed_once(tmp_path: Path) -> None:
    topology = read(tmp_path)
    reading = generated(tmp_path, topology)

    assert drift_findings(topology, reading) == ()
    found = [(finding.rule, finding.subject) for finding in check_findings(topology, reading)]

    assert sorted(found) == [
        ("identity-elsewhere", "888877776666 main-888877776666"),
        ("identity-elsewhere", "999988887777 builder"),
        ("identity-elsewhere", "999988887777 partner"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("role/ci/builder", "role/ci/*"),
        ("999988887777", "999988887776"),
    ],
)
def test_another_pattern_or_account_is_found(old: str, new: str, tmp_path: Path) -> None:
    topology = read(tmp_path)
    generated(tmp_path, topology)
    file = tmp_path / "terraform" / "main" / "access.tf"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")

    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)

    assert [finding for finding in drift_findings(topology, reading) if finding.kind == "drift"]
    assert {finding.rule for finding in check_findings(topology, reading)} - {"identity-elsewhere"}


def test_the_policies_to_add_are_written_for_their_owners(tmp_path: Path) -> None:
    shared = file_tree(read(tmp_path)).shared

    handed_over = {path for path in shared if path.startswith("handover/")}
    assert handed_over == {
        "handover/888877776666/README.md",
        "handover/888877776666/forebay-main-888877776666.json",
        "handover/999988887777/README.md",
        "handover/999988887777/forebay-builder.json",
        "handover/999988887777/forebay-partner.json",
    }
    login, pull = json.loads(shared["handover/999988887777/forebay-builder.json"])["Statement"]
    assert login["Action"] == ["ecr:GetAuthorizationToken"]
    assert pull["Resource"] == ["arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"]
    assert "ecr:BatchImportUpstreamImage" in pull["Action"]
    readme = shared["handover/999988887777/README.md"]
    assert "`forebay-builder.json`: for the role ci/builder" in readme


def test_only_the_owners_of_such_consumers_get_a_hand_over(tmp_path: Path) -> None:
    text = TOPOLOGY.replace('{account_id: "999988887777", external: true', "{account: shop")
    text = text.replace('{account_id: "888877776666", external: true}', "{role: nodes}")

    assert not any(path.startswith("handover/") for path in file_tree(read(tmp_path, text)).shared)


def test_show_says_who_they_are(tmp_path: Path) -> None:
    rows = {row.consumer: row for row in grant_rows(read(tmp_path))}

    assert rows["partner"].consumer_account == "999988887777"
    assert rows["partner"].role is None
    assert rows["partner"].identity_side == "elsewhere"
    assert "the consumer's account is outside the topology" in rows["partner"].notes
    assert rows["builder"].role == "ci/builder"
