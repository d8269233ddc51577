"""What `generate` writes for each example has none of the mistakes that need no topology."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings_without_topology
from generator.generate import file_tree
from generator.hcl import read_code
from generator.model.finding import Severity
from generator.topology import read_topology

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/topology.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.parent.name)
def test_the_code_of_an_example_is_silent(example: Path, tmp_path: Path) -> None:
    topology = read_topology(example).topology
    assert topology is not None
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))

    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=None)

    found = check_findings_without_topology(reading)
    assert [finding for finding in found if finding.severity is not Severity.INFO] == []
    assert reading.estate.records
