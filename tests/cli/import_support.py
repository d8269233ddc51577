"""Imports code inside the test's process, and reads what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.gate.drift import drift_findings
from generator.hcl import read_code
from generator.model.finding import Finding, FindingKind, Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.model.reading import Reading
    from generator.model.topology import Topology


def topology_in(file: Path) -> Topology:
    """The topology in a file, which has no mistakes."""
    reading = read_topology(file)
    assert reading.topology is not None, (file.read_text(encoding="utf-8"), reading.findings)
    return reading.topology


def code_in(folder: Path, topology: Topology | None) -> Reading:
    """The code in a folder that is a project of its own."""
    return read_code(folder, project_root=folder, topology=topology)


def drift_of(file: Path, code: Path) -> list[Finding]:
    """What `drift` has to say about the code, without what is only for information."""
    topology = topology_in(file)
    return serious(drift_findings(topology, code_in(code, topology)))


def serious(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if each.severity.rank <= Severity.LOW.rank]


def are_open(findings: Iterable[Finding]) -> bool:
    return all(finding.kind is FindingKind.UNDECIDED for finding in findings)
