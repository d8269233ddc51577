"""Large estates: twice the accounts are twice the work, and nothing is too long to be read."""

from __future__ import annotations

import cProfile
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from bench.handwritten import write_roots
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.export.show import grant_rows, registry_rows, rule_rows
from generator.gate.check import check_findings, findings_without_topology
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.intent.records import intend
from generator.model.estate import Estate, Kind, Known
from generator.model.reading import Reading
from generator.model.topology import Cache
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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

HUB = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  hub: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
registries:
  hub:
    caches: {quay: {}}
    grants:
      - allow: first-pull
        to:
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


def calls(work: Callable[[], object]) -> int:
    """How many functions some work calls: a measure that no other program disturbs."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats())


def generate(topology: Topology) -> None:
    topology_findings(topology, today=date(2026, 1, 31))
    file_tree(topology)


def test_the_work_grows_with_the_accounts_and_no_faster(tmp_path: Path) -> None:
    small, large = topology_of(20, tmp_path), topology_of(80, tmp_path)
    generate(small)  # what is done once in a process

    few, many = calls(lambda: generate(small)), calls(lambda: generate(large))

    assert many < 4 * few * 1.2


def test_what_each_account_costs_to_judge_does_not_grow_with_their_number(tmp_path: Path) -> None:
    counted: dict[int, tuple[int, int]] = {}
    for accounts in (2, 10, 40):  # the first for what is done once in a process
        topology = topology_of(accounts, tmp_path)
        reading = Reading(estate=intend(topology), problems=())

        counted[accounts] = (
            calls(partial(drift_findings, topology, reading)),
            calls(partial(check_findings, topology, reading)),
        )

    (few_drift, few_check), (drift, check) = counted[10], counted[40]
    assert drift < 4 * few_drift * 1.3
    assert check < 4 * few_check * 1.3


class Counted(tuple[Cache, ...]):
    """The caches of a topology, and how often somebody goes through all of them."""

    times = 0

    def __iter__(self) -> Iterator[Cache]:
        Counted.times += 1
        return super().__iter__()


def test_what_is_shown_of_a_grant_or_a_registry_takes_no_look_at_all_caches(tmp_path: Path) -> None:
    topology = topology_of(20, tmp_path)
    Counted.times = 0
    topology = replace(topology, caches=Counted(topology.caches))

    rows = (*registry_rows(topology), *rule_rows(topology), *grant_rows(topology))

    assert len(rows) > 100
    assert 0 < Counted.times < 10


def test_what_each_difference_costs_does_not_grow_with_their_number(tmp_path: Path) -> None:
    counted: dict[int, int] = {}
    for accounts in (2, 10, 40):  # the first for what is done once in a process
        topology = topology_of(accounts, tmp_path)
        intended = intend(topology)
        # Every cache rule of every account is gone, and every template is another.
        records = tuple(
            replace(record, attributes={**record.attributes, "applied_for": Known(value=("PUSH",))})
            if record.kind is Kind.CREATION_TEMPLATE
            else record
            for record in intended.records
            if record.kind is not Kind.CACHE_RULE
        )
        reading = Reading(estate=Estate(records=records), problems=())
        assert len(drift_findings(topology, reading)) > 5 * accounts

        counted[accounts] = calls(partial(drift_findings, topology, reading))

    assert counted[40] < 4 * counted[10] * 1.3


def test_what_each_root_costs_without_a_topology_does_not_grow_with_their_number(
    tmp_path: Path,
) -> None:
    counted: dict[int, int] = {}
    for roots in (1, 5, 20):  # the first for what is done once in a process
        folder = tmp_path / str(roots)
        write_roots(folder, roots)
        reading = read_code(folder, project_root=folder, topology=None)

        counted[roots] = calls(partial(findings_without_topology, reading, now=None))

    assert counted[20] < 4 * counted[5] * 1.1


def test_a_registry_policy_that_names_many_roles_is_read_and_decided(tmp_path: Path) -> None:
    roles = "".join(f"          - {{account: shop, role: team-{n}}}\n" for n in range(60))
    (tmp_path / "topology.yaml").write_text(HUB + roles, encoding="utf-8")
    topology = read_topology(tmp_path / "topology.yaml").topology
    assert topology is not None
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))
    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)

    assert drift_findings(topology, reading) == ()
    assert {finding.rule for finding in check_findings(topology, reading)} == {
        "attachment-not-seen"
    }
