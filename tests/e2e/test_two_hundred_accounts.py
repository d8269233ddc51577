"""An organization of two hundred accounts, written, read back and judged in one go."""

from __future__ import annotations

import itertools
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.finding import Severity
from generator.gate import check_findings, drift_findings, topology_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.topology import read_topology
from generator.write import apply_write, plan_write

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = 200
HEAD = """\
version: 1
accounts:
  central: {id: "111122223333", regions: [eu-west-1, us-east-1], registry_policy: create}
"""
REGISTRIES = """\
registries:
  central:
    caches:
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
      ecr-public: {}
      quay: {}
      kubernetes: {}
    grants:
      - allow: first-pull
        to:
"""


def topology_text() -> str:
    """One account that caches and 199 whose nodes pull, in the words of one file."""
    names = [f"team-{number:03}" for number in range(1, ACCOUNTS)]
    accounts = [
        f'  {name}: {{id: "{222200000000 + number}", regions: [eu-west-1]}}\n'
        for number, name in enumerate(names)
    ]
    consumers = [f"  {name}-nodes: {{account: {name}, role: eks-node}}\n" for name in names]
    grants = [f"          - {name}-nodes\n" for name in names]
    return "".join([HEAD, *accounts, "consumers:\n", *consumers, REGISTRIES, *grants])


@pytest.mark.slow
def test_two_hundred_accounts_are_written_read_back_and_exact(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(topology_text(), encoding="utf-8")
    laps = [("start", time.perf_counter())]
    topology = read_topology(tmp_path / "topology.yaml").topology
    assert topology is not None
    mistakes = list(topology_findings(topology, today=date(2026, 1, 1)))
    laps.append(("validate", time.perf_counter()))

    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))
    laps.append(("generate", time.perf_counter()))
    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)
    laps.append(("read", time.perf_counter()))
    drift = drift_findings(topology, reading)
    laps.append(("drift", time.perf_counter()))
    check = check_findings(topology, reading)
    laps.append(("check", time.perf_counter()))

    for (_, before), (name, after) in itertools.pairwise(laps):
        print(f"{name}: {after - before:.1f} s")  # noqa: T201 - times are for a reader, not asserted
    roots = {file.parent.name for file in tmp_path.glob("terraform/*/providers.tf")}
    assert len(roots) == ACCOUNTS
    assert mistakes == []
    assert reading.problems == ()
    assert list(drift) == []
    assert {finding.severity for finding in check} == {Severity.INFO}
    assert len(check) == ACCOUNTS - 1
