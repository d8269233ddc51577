"""One topology with every section and nearly every field, and the smallest one: what becomes of them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.export.show import grant_rows, root_rows
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree
from generator.hcl import CodeReading, read_code
from generator.intent.handover import handovers
from generator.model.finding import Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from generator.model.topology import Topology

WHOLE = Path(__file__).parent / "whole"
SMALLEST = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries:
  main:
    caches:
      ecr-public: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
    grants: [{to: {role: "eks-node-*"}, allow: first-pull}]
"""


def generated(folder: Path) -> tuple[Topology, CodeReading]:
    """The topology of a folder without any mistake, and its generated code, read back."""
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    apply_write(plan_write(file_tree(reading.topology), folder / "terraform"))
    code = read_code(folder / "terraform", project_root=folder, topology=reading.topology)
    assert code.problems == ()
    return reading.topology, code


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A folder with the whole topology."""
    shutil.copytree(WHOLE, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_the_whole_language_is_taken_and_what_nothing_uses_is_named(whole: Path) -> None:
    reading = read_topology(whole / "topology.yaml")

    assert reading.topology is not None
    mistakes = topology_findings(reading.topology, today=date(2026, 11, 30))
    found = [(finding.rule, finding.severity) for finding in (*reading.findings, *mistakes)]
    assert sorted(found) == [
        ("cached-level", Severity.INFO),
        ("unused-consumer", Severity.WARNING),
        ("unused-consumer", Severity.WARNING),
        ("unused-upstream", Severity.WARNING),
    ]
    in_january = topology_findings(reading.topology, today=date(2027, 1, 2))
    assert [finding.rule for finding in in_january] == ["credential-expires"]


def test_the_whole_language_is_exact_once_it_is_generated(whole: Path) -> None:
    topology, code = generated(whole)

    assert drift_findings(topology, code) == ()
    check = check_findings(topology, code)
    assert {finding.severity for finding in check} == {Severity.INFO}
    assert sorted((finding.rule, finding.subject) for finding in check) == [
        ("attachment-not-seen", "the policy of role eks-node in account search"),
        ("attachment-not-seen", "the policy of role eks-node in account shop"),
        ("identity-elsewhere", "organization everyone"),
        ("identity-elsewhere", "shop developers"),
        (
            "permissions-boundary-elsewhere",
            "arn:{partition}:iam::{account_id}:policy/boundary",
        ),
        *(
            (
                "service-role-elsewhere",
                f"{account} existing-role-name pullthroughcache.ecr.amazonaws.com",
            )
            for account in ("search", "shop")
        ),
    ]


def test_the_whole_language_means_what_it_says(whole: Path) -> None:
    topology, _ = generated(whole)

    caches = [(cache.account, cache.region, cache.prefix) for cache in topology.caches]
    assert caches == [
        *(
            ("platform", "eu-west-1", name)
            for name in ("docker-hub", "github", "kubernetes", "quay")
        ),
        ("search", "eu-west-1", "base"),
        ("shop", "eu-west-1", "base"),
    ]
    templates = {(placed.account, placed.prefix) for placed in topology.templates}
    assert templates == {(account, prefix) for account, _, prefix in caches} - {
        ("platform", "quay")
    } | {("platform", "ROOT")}
    assert [row.account for row in root_rows(topology)] == ["platform", "search", "shop"]
    assert [handover.folder for handover in handovers(topology)] == [
        "organization.o-a1b2c3d4e5",
        "shop",
    ]
    reach = {
        (row.consumer, row.scope, row.role or row.permission_set) for row in grant_rows(topology)
    }
    assert reach == {
        ("shop-nodes", "shop", "eks-node"),
        ("ci", "search", "ci/builder"),
        ("developers", "shop", "Developer"),
        ("everyone", "organization", None),
        ("spokes-eks-node", "shop", "eks-node"),
        ("spokes-eks-node", "search", "eks-node"),
    }


def test_the_smallest_useful_file_is_exact_once_it_is_generated(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(SMALLEST, encoding="utf-8")

    topology, code = generated(tmp_path)

    assert topology_findings(topology, today=date(2026, 1, 31)) == ()
    assert drift_findings(topology, code) == ()
    assert [finding.rule for finding in check_findings(topology, code)] == ["attachment-not-seen"]
    assert sorted(path.name for path in (tmp_path / "terraform" / "main").glob("*.tf")) == [
        "access.tf",
        "main.tf",
        "outputs.tf",
        "providers.tf",
        "terraform.tf",
    ]
