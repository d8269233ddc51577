"""Twice the accounts are twice the work, not four times."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

from generator.gate import topology_findings
from generator.generate import file_tree
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology

TOPOLOGY = """\
version: 1
defaults: {{regions: [eu-west-1, us-east-1]}}
accounts:
{accounts}
upstreams:
  docker-hub: {{credential: {{secret: ecr-pullthroughcache/docker-hub, value: placeholder}}}}
creation_templates:
  standard: {{repository_tags: {{managed-by: forebay}}}}
registries:
  all:
    accounts: all
    creation_templates: {{ROOT: standard}}
    caches: {{docker-hub: {{}}, quay: {{}}}}
    grants:
      - {{to: {{role: eks-node}}, allow: first-pull}}
      - {{to: {{account: a0, role: ci}}, allow: pull}}
"""


def topology_of(accounts: int, folder: Path) -> Topology:
    lines = (
        f'  a{number}: {{id: "{100000000000 + number}", registry_policy: create}}'
        for number in range(accounts)
    )
    file = folder / f"{accounts}.yaml"
    file.write_text(TOPOLOGY.format(accounts="\n".join(lines)), encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    return topology


def calls_of_generate(topology: Topology) -> int:
    """How many functions are called to judge a topology and write its roots: a measure that no other program disturbs."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        topology_findings(topology, today=date(2026, 1, 31))
        file_tree(topology)
    finally:
        sys.setprofile(before)
    return calls


def test_the_work_grows_with_the_accounts_and_no_faster(tmp_path: Path) -> None:
    small, large = topology_of(20, tmp_path), topology_of(80, tmp_path)
    topology_findings(small, today=date(2026, 1, 31))
    file_tree(small)  # what is done once in a process

    few, many = calls_of_generate(small), calls_of_generate(large)

    assert many < 4 * few * 1.2
