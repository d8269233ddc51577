"""The topology that a command was given, and what is wrong with it."""

from dataclasses import replace
from pathlib import Path

from generator.model.finding import Finding, Severity
from generator.model.progress import begin
from generator.model.topology import Topology


def topology_mistakes(path: Path) -> tuple[Topology | None, tuple[Finding, ...]]:
    """The topology and everything that is wrong or doubtful about it."""
    from generator.topology import read_topology

    begin("reading the topology")
    reading = read_topology(path)
    if reading.topology is None:
        return None, reading.findings
    from datetime import UTC, datetime

    from generator.gate.mistakes import topology_findings

    now = datetime.now(tz=UTC)
    return replace(reading.topology, asked_at=now), (
        *reading.findings,
        *topology_findings(reading.topology, today=now.date()),
    )


def sound_topology(path: Path) -> tuple[Topology | None, tuple[Finding, ...]]:
    """The topology, or nothing and the mistakes that keep it from being used."""
    topology, findings = topology_mistakes(path)
    mistakes = tuple(finding for finding in findings if finding.severity.rank <= Severity.HIGH.rank)
    if topology is None or mistakes:
        return None, mistakes or findings
    return topology, ()
