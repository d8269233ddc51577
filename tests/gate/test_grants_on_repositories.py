"""Grants on some repositories of a cache: exactly those, on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.export.show import grant_rows
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.model.finding import Severity
from generator.model.values import Prefix, repositories_order, split_repositories
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.finding import Finding
    from generator.model.topology import Topology

TOPOLOGY = """
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  main:
    caches: {quay: {}, quay/team: {upstream: quay}, ROOT: {upstream: ecr-public}}
    grants:
      - {to: {account: shop, role: node}, allow: pull, repositories: [quay/prometheus/*, quay/team/app, own/x?]}
      - {to: {account: shop, role: ci}, allow: cached, repositories: ["quay/*", "*"]}
"""


def generated(folder: Path) -> Topology:
    """The topology, with its code beside it."""
    (folder / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    topology = read_topology(folder / "topology.yaml").topology
    assert topology is not None
    apply_write(plan_write(file_tree(topology), folder / "terraform"))
    return topology


def judged(folder: Path, topology: Topology) -> list[Finding]:
    """What drift and check say about the code, without notes."""
    code = read_code(folder / "terraform", project_root=folder, topology=topology)
    findings = (*drift_findings(topology, code), *check_findings(topology, code))
    return [finding for finding in findings if finding.severity is not Severity.INFO]


def test_each_pattern_belongs_to_the_longest_prefix_that_holds_it(tmp_path: Path) -> None:
    topology = generated(tmp_path)

    assert [(row.role, row.prefix, row.repositories) for row in grant_rows(topology)] == [
        ("ci", "ROOT", "*"),
        ("node", "ROOT", "own/x?"),
        ("ci", "quay", "quay/*"),
        ("node", "quay", "quay/prometheus/*"),
        ("node", "quay/team", "quay/team/app"),
    ]


def test_the_generated_policies_give_exactly_these_repositories(tmp_path: Path) -> None:
    topology = generated(tmp_path)

    assert judged(tmp_path, topology) == []


@pytest.mark.parametrize("root", ["main", "shop"])
@pytest.mark.parametrize(
    ("old", "new"),
    [("own/x?", "own/*"), ("own/x?", "own/xy"), ("quay/team/app", "quay/team/*")],
)
def test_other_repositories_are_found_on_either_side(
    tmp_path: Path, root: str, old: str, new: str
) -> None:
    topology = generated(tmp_path)
    file = tmp_path / "terraform" / root / "access.tf"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")

    rules = {finding.rule for finding in judged(tmp_path, topology)}

    assert "different" in rules
    expected = {"grant-missing"} if new == "own/xy" else {"grant-undeclared", "identity-undeclared"}
    assert rules & expected


def test_patterns_are_split_into_prefixes_and_the_rest() -> None:
    patterns = sorted(
        ["quay/*", "*", "a/b/*", "a/b", "a*", "x*/y/*", "q/*"], key=repositories_order
    )

    prefixes, others = split_repositories(patterns)

    assert prefixes == (Prefix("ROOT"), Prefix("a/b"), Prefix("quay"))
    assert others == ("a*", "a/b", "q/*", "x*/y/*")
