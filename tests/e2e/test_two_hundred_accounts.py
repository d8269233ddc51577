"""An organization of two hundred accounts, written, read back and judged in one go."""

from __future__ import annotations

import itertools
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.model.finding import Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = 200
ORGANIZATION = "o-a1b2c3d4e5"
HEAD = f"""\
version: 1
organization:
  id: {ORGANIZATION}
  units:
    workloads: {ORGANIZATION}/r-ab12/ou-ab12-11111111/
    production: {ORGANIZATION}/r-ab12/ou-ab12-11111111/ou-ab12-22222222/
defaults: {{regions: [eu-west-1]}}
accounts:
  central: {{id: "111122223333", regions: [eu-west-1, us-east-1], registry_policy: create}}
"""
ONE_BY_ONE = """\
registries:
  central:
    caches: {docker-hub: {credential: ecr-pullthroughcache/docker-hub}, ecr-public: {}, quay: {}}
    grants:
      - allow: first-pull
        to:
"""
TOGETHER = """\
upstreams:
  of-central: {registry: ecr, account: central}
registries:
  everywhere:
    accounts: all
    regions: [eu-west-1]
    caches: {k8s: {}}
    grants: [{to: {role: eks-node}, allow: first-pull}]
  central:
    caches: {ecr-public: {}, quay: {}, kubernetes: {}}
    grants:
      - {to: {unit: workloads, role: "eks-node-*"}, allow: first-pull, regions: [eu-west-1]}
      - {to: {unit: production, permission_set: Operator}, allow: pull, caches: [quay]}
      - {to: {organization: true}, allow: pull, caches: [ecr-public]}
      - {to: {account: team-002, role: ci/builder, identity: attach}, allow: first-pull}
  production:
    accounts: {unit: production, except: [team-003, team-009]}
    caches: {base: {upstream: of-central, upstream_prefix: base}}
"""
TEAMS = [f"team-{number:03}" for number in range(1, ACCOUNTS)]
IN_PRODUCTION = TEAMS[2::3]
"""The accounts of the unit below; all others are in the unit above it."""


def account_lines() -> list[str]:
    """The accounts that pull, in their units; the last one is left to its owner."""
    return [
        f'  {name}: {{id: "{222200000000 + number}", '
        f"unit: {'production' if name in IN_PRODUCTION else 'workloads'}"
        f"{', managed: false' if name == TEAMS[-1] else ''}}}\n"
        for number, name in enumerate(TEAMS)
    ]


def text_of_roles() -> str:
    """One account that caches and 199 whose nodes pull, each named by itself."""
    consumers = [f"  {name}-nodes: {{account: {name}, role: eks-node}}\n" for name in TEAMS]
    grants = [f"          - {name}-nodes\n" for name in TEAMS]
    return "".join([HEAD, *account_lines(), "consumers:\n", *consumers, ONE_BY_ONE, *grants])


def text_of_units() -> str:
    """The same accounts, let in and chosen by unit and organization."""
    return "".join([HEAD, *account_lines(), TOGETHER])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "unattached"),
    [(text_of_roles(), ACCOUNTS - 2), (text_of_units(), ACCOUNTS - 1)],
    ids=["roles", "units"],
)
def test_two_hundred_accounts_are_written_read_back_and_exact(
    text: str, unattached: int, tmp_path: Path
) -> None:
    (tmp_path / "topology.yaml").write_text(text, encoding="utf-8")
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
    assert roots == {"central", *TEAMS[:-1]}
    assert mistakes == []
    assert reading.problems == ()
    assert drift == ()
    assert {finding.severity for finding in check} == {Severity.INFO}
    attachments = [finding for finding in check if finding.rule == "attachment-not-seen"]
    assert len(attachments) == unattached
