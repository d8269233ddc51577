"""Whatever the topology: what AWS has after apply is what the topology asks for, and proved exact."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from generator.aws.reading import Request, take_snapshot
from generator.aws.sessions import Access
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.model.finding import Severity
from generator.snapshot.document import merged, parse_snapshot, snapshot_bytes
from generator.snapshot.reader import Ages, read_snapshot
from generator.snapshot.wanted import wanted_units
from generator.topology import read_topology
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from localaws.local import LocalAws

PROPERTY = settings(
    max_examples=20,
    # A smaller example is found by hand: each one costs seconds.
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)


@pytest.mark.slow
@PROPERTY
@given(document=topologies())
def test_what_is_applied_is_no_drift_and_gives_exactly_what_is_granted(
    local_aws_server: LocalAws, document: Document
) -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name).resolve() / "topology.yaml"
        file.write_text(to_yaml(document), encoding="utf-8")
        topology = read_topology(file).topology
        assert topology is not None
        known = topology_findings(topology, today=date(2026, 1, 1))
        wanted = wanted_units(topology)
        if not wanted or any(finding.severity is Severity.HIGH for finding in known):
            return
        local_aws_server.reset()
        local_aws_server.seed(file)
        now = datetime.now(tz=UTC)
        home = str(wanted[0].home)
        with mock.patch.dict(os.environ, local_aws_server.environment("999988887777", home)):
            taken = take_snapshot(
                Request(
                    wanted=wanted,
                    access=Access(assume_role="arn:{partition}:iam::{account_id}:role/reader"),
                    version="0",
                    now=lambda: now,
                    threads=4,
                )
            )
        kept = parse_snapshot(snapshot_bytes(taken, packed=True))
        reading = read_snapshot(merged([kept]), Path("live.json"), topology, Ages(now=now))

        drift = [
            one for one in drift_findings(topology, reading) if one.severity is not Severity.INFO
        ]
        # What the topology itself says has nothing to do with AWS.
        said = {finding.fingerprint for finding in known}
        check = [
            one
            for one in check_findings(topology, reading)
            if one.severity is not Severity.INFO and one.fingerprint not in said
        ]
        assert drift == []
        assert [one for one in check if one.kind != "finding" or one.severity.rank <= 2] == []
