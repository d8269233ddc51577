"""The warning of a token that expires: the day is handed in, never read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.gate.mistakes import topology_findings
from generator.model.finding import Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1, us-east-1]}}
upstreams:
  github:
    credential: {secret: ecr-pullthroughcache/github, expires: 2027-01-31}
registries:
  main:
    caches: {github: {}}
"""


def warnings(folder: Path, today: date) -> list[str]:
    """The titles of what is said about the topology on that day."""
    file = folder / "topology.yaml"
    file.write_text(TOPOLOGY, encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    found = topology_findings(topology, today=today)
    assert all(finding.severity is Severity.WARNING for finding in found)
    assert all(finding.location and finding.location.line == 5 for finding in found)
    return [finding.title for finding in found]


@pytest.mark.parametrize(
    ("today", "titles"),
    [
        (date(2026, 12, 31), []),
        (date(2027, 1, 1), ["A credential expires soon"]),
        (date(2027, 1, 31), ["A credential expires soon"]),
        (date(2027, 2, 1), ["A credential has expired"]),
    ],
)
def test_a_credential_is_warned_of_from_thirty_days_before(
    today: date, titles: list[str], tmp_path: Path
) -> None:
    assert warnings(tmp_path, today) == titles
