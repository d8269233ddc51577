"""Whatever the topology: what AWS has after apply is what the topology asks for, and proved exact."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from cli_running import forebay
from hypothesis import HealthCheck, Phase, given, settings

from generator.aws.reading import Request, take_snapshot
from generator.aws.sessions import Access
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.imported.adoption import Old, adoption
from generator.intent.records import intend
from generator.model.estate import Kind
from generator.model.finding import Severity
from generator.model.topology import IdentitySide
from generator.snapshot.document import merged, parse_snapshot, snapshot_bytes
from generator.snapshot.reader import Ages, read_snapshot
from generator.snapshot.reading_policies import reading_policies
from generator.snapshot.wanted import plain_units, wanted_units
from generator.topology import read_topology
from localaws.judging import refused_by
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.model.finding import Finding
    from generator.model.snapshot import Snapshot, Wanted
    from generator.model.topology import Topology
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


NOW = datetime.now(tz=UTC)


def taken(aws: LocalAws, wanted: Sequence[Wanted]) -> Snapshot:
    """What AWS has, as a file of a snapshot says it; nothing is asked but what the policy for it allows."""
    home = str(wanted[0].home)
    with mock.patch.dict(os.environ, aws.environment("999988887777", home)):
        snapshot = take_snapshot(
            Request(
                wanted=wanted,
                access=Access(
                    assume_role="arn:{partition}:iam::{account_id}:role/reader",
                    session_name="forebay-snapshot",
                ),
                version="0",
                now=lambda: NOW,
                threads=4,
            )
        )
    policies = {
        str(policy.account_id): json.dumps(policy.document) for policy in reading_policies(wanted)
    }
    calls = aws.take_of_commands()
    assert calls
    assert refused_by(policies, calls) == []
    return parse_snapshot(snapshot_bytes(snapshot, packed=True))


@pytest.mark.slow
@PROPERTY
@given(document=topologies())
def test_what_is_applied_is_no_drift_exact_and_imported_as_it_is(
    local_aws_server: LocalAws, document: Document
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        file = folder / "topology.yaml"
        file.write_text(to_yaml(document), encoding="utf-8")
        topology = read_topology(file).topology
        assert topology is not None
        known = topology_findings(topology, today=date(2026, 1, 1))
        wanted = wanted_units(topology)
        if not wanted or any(finding.severity is Severity.HIGH for finding in known):
            return
        local_aws_server.reset()
        local_aws_server.seed(file)

        assert_no_drift_and_exact(topology, taken(local_aws_server, wanted), known)
        accounts = topology.managed_accounts.items()
        plain = plain_units((name, account.id, account.regions) for name, account in accounts)
        assert_imported_as_it_is(topology, taken(local_aws_server, plain), folder)


def assert_no_drift_and_exact(
    topology: Topology, snapshot: Snapshot, known: Sequence[Finding]
) -> None:
    reading = read_snapshot(merged([snapshot]), Path("live.json"), topology, Ages(now=NOW))
    drift = [one for one in drift_findings(topology, reading) if one.severity is not Severity.INFO]
    # What the topology itself says has nothing to do with AWS.
    said = {finding.fingerprint for finding in known}
    # What a person wants to keep is judged like anything else; `validate` has warned of it.
    is_kept_wide = any(finding.rule == "kept-statement-widened" for finding in known)
    check = [
        one
        for one in check_findings(topology, reading)
        if one.severity is not Severity.INFO
        and one.fingerprint not in said
        and not (is_kept_wide and one.rule == "wildcard-action")
        and not (one.rule == "grant-missing" and is_left_to_a_person(topology, one))
    ]
    assert drift == []
    assert [one for one in check if one.kind != "finding" or one.severity.rank <= 2] == []


def is_left_to_a_person(topology: Topology, missing: Finding) -> bool:
    """Whether a role that is known lacks a policy which a person attaches to the roles of a pattern."""
    assert missing.witness is not None
    account = missing.witness.principal.split(":")[4]
    return any(
        grant.consumer.is_pattern
        and grant.consumer.identity is IdentitySide.POLICY
        and topology.consumer_account_id(grant) == account
        for grant in topology.grants
    )


def assert_imported_as_it_is(topology: Topology, snapshot: Snapshot, folder: Path) -> None:
    """What is imported differs in nothing but what was listed."""
    (folder / "live.json").write_bytes(snapshot_bytes(snapshot))
    named = [f"--account={name}={one.id}" for name, one in topology.managed_accounts.items()]

    ran = forebay(
        folder, "import", "--live", "live.json", "--out", "i.yaml", "--format", "json", *named
    )

    document = ran.document
    if not any(topology.accounts[cache.account].is_managed for cache in topology.caches):
        assert document["topology"] == ""
        return
    assert ran.code in {0, 3}, ran
    imported = read_topology(folder / "i.yaml").topology
    assert imported is not None
    assert caches(imported) == caches(topology)
    reading = read_snapshot(merged([snapshot]), Path("live.json"), imported, Ages(now=NOW))
    listed = {result["address"] or result["title"] for result in document["results"]}
    drift = drift_findings(imported, reading)
    differences = {one.address or one.title for one in drift if one.severity is not Severity.INFO}
    assert differences - listed == set(), document["topology"]
    # All that the topology says is there, and so it is taken over: nothing is made anew.
    over = adoption(imported, (Old(reading=reading),), folder)
    adopted = {(each.record.root, each.record.address) for each in over.taken}
    left = [one for one in intend(imported).records if (one.root, one.address) not in adopted]
    if ran.code == 0:
        assert {one.kind for one in left} <= {Kind.REGISTRY_POLICY}
        assert {finding.rule for finding in over.findings} <= {"first-plan-changes"}


def caches(topology: Topology) -> set[tuple[str, str, str, str, str]]:
    """The caches of managed accounts: where, from where, and with which secret."""
    return {
        (
            topology.accounts[cache.account].id,
            f"{cache.region} {cache.prefix}",
            cache.upstream_host,
            str(cache.upstream_prefix),
            "" if cache.credential is None else cache.credential.secret,
        )
        for cache in topology.caches
        if topology.accounts[cache.account].is_managed
    }
