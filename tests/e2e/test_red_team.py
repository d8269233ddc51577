"""Random edits of generated code: what changes is never passed over, and what does not is not reported.

The measure is a grid of concrete requests and settings (`access_grid`), not the engine that judges.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.access_grid import Answers, facts, gained, lost, lost_or_changed
from e2e.project import EXAMPLES
from e2e.tree_mutations import Mutation, Tree, mutate
from exploring import ROUND, fresh
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import CodeReading, read_code
from generator.model.finding import Finding, Severity
from generator.topology import read_topology
from hcl.planned import compare, planned_resources
from terraform.runner import TerraformError

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology
    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

LARGER = """
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1, us-east-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1], registry_policy: create}
upstreams:
  base-images: {registry: ecr, account: platform, region: eu-west-1}
  docker-hub: {credential: {secret: ecr-pullthroughcache/docker-hub, value: placeholder}}
  github: {credential: ecr-pullthroughcache/github}
consumers:
  nodes: {account: shop, role: eks-node, identity: attach}
  ci: {account: platform, role: ci/builder}
  everyone: {account: shop}
registries:
  platform:
    caches:
      quay: {}
      docker-hub: {}
      github: {upstream_prefix: acme}
    grants:
      - {to: nodes, allow: pull, caches: [quay]}
      - {to: ci, allow: first-pull}
      - {to: everyone, allow: cached, caches: [docker-hub]}
  shop:
    caches:
      ROOT: {upstream: quay}
      platform: {upstream: base-images, upstream_prefix: base-images}
    grants:
      - {to: nodes, allow: first-pull}
"""
ONE, TWO = "docker-hub-and-ecr-public", "private-to-private"
PLATFORM, SHOP = "111122223333", "222233334444"
EDITS = {ONE: 60, TWO: 60, "larger": 32}
PLANNED = 12
REFUSED_WORDS = {"unknown-argument", "unknown-input"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A generated tree, and what is so while nobody has edited it."""

    topology: Topology
    folder: Path
    tree: Tree
    answers: Answers
    records: list[str]

    def read(self, tree: Tree) -> CodeReading:
        """Write an edited tree in the place of the last one, and read it."""
        self.write(tree)
        return read_code(
            self.folder / "terraform",
            project_root=self.folder,
            topology=self.topology,
        )

    def write(self, tree: Tree) -> None:
        """Write an edited tree in the place of the last one."""
        code = self.folder / "terraform"
        for file in code.rglob("*"):
            if file.is_file() and file.relative_to(code).as_posix() not in tree:
                file.unlink()
        for path, text in tree.items():
            file = code / path
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                file.write_text(text, encoding="utf-8")


def ground(name: str, folder: Path) -> Ground:
    """Generate an example, or the larger topology."""
    file = folder / "topology.yaml"
    text = LARGER
    if name != "larger":
        text = (EXAMPLES / name / "topology.yaml").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    code = folder / "terraform"
    apply_write(plan_write(file_tree(topology), code))
    # What is no code stays as it is; a README is nobody's Terraform.
    for readme in code.rglob("*.md"):
        readme.unlink()
    tree = {
        path.relative_to(code).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(code.rglob("*"))
        if path.is_file()
    }
    reading = read_code(code, project_root=folder, topology=topology)
    assert counting(drift_findings(topology, reading)) == []
    assert counting(check_findings(topology, reading)) == []
    return Ground(
        topology=topology,
        folder=folder,
        tree=tree,
        answers=facts(topology, reading.estate),
        records=described(reading),
    )


def counting(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings that change the exit code."""
    return [finding for finding in findings if finding.severity is not Severity.INFO]


def described(reading: CodeReading) -> list[str]:
    """Every record in words, without places."""
    return sorted(
        repr((record.identity, record.address, sorted(record.attributes.items())))
        for record in reading.estate.records
    )


def faults(ground: Ground, mutation: Mutation, seen: Counter[str]) -> list[str]:
    """What drift or check passed over, or made up."""
    reading = ground.read(mutation.tree)
    drift = counting(drift_findings(ground.topology, reading))
    check = counting(check_findings(ground.topology, reading))
    answers = facts(ground.topology, reading.estate)
    changed = lost_or_changed(ground.answers, answers)
    more = gained(ground.topology, ground.answers, answers)
    less = lost(ground.answers, answers)
    seen.update(
        name
        for name, found in (("changed", changed), ("more", more), ("less", less), ("all", True))
        if found
    )
    found = []
    # What another policy takes away from a role, and the keys of a dummy value, are for check alone.
    for_check = all(
        fact[0] == "identity"
        or fact[-1] in {"secret_string_wo_keys", "secret_string_wo_blank_keys"}
        for fact in changed
    )
    if changed and not drift and not (check and for_check):
        found.append(f"drift does not see {changed[:3]}")
    if more and not check:
        found.append(f"check does not see that {more[:3]} is allowed")
    if less and not check:
        found.append(f"check does not see that {less[:3]} is not allowed")
    is_same = described(reading) == ground.records
    # Terraform refuses words that nobody takes, whatever the resources would be.
    alarms = [one for one in (*drift, *check) if one.rule not in REFUSED_WORDS]
    if is_same and not reading.problems and not reading.unread_modules and alarms:
        found.append(f"nothing changed, but {[finding.title for finding in alarms]}")
    return [f"{fault}\n{mutation.changed(ground.tree)}" for fault in found]


@pytest.mark.property
@pytest.mark.parametrize("name", EDITS)
def test_no_edit_that_changes_anything_is_passed_over(name: str, tmp_path: Path) -> None:
    untouched = ground(name, tmp_path)
    seen: Counter[str] = Counter()

    found = [
        fault
        for number in range(EDITS[name])
        for fault in faults(untouched, mutate(untouched.tree, f"{name} {fresh(number)}"), seen)
    ]

    assert not found, "\n\n".join(found)
    # Edits that change nothing would prove nothing; fresh ones may happen to be few.
    assert min(seen["changed"], seen["more"], seen["less"]) > (0 if ROUND else 0.1 * seen["all"])


@pytest.mark.property
@pytest.mark.slow
def test_edited_code_is_read_as_terraform_plans_it(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    accepted = 0
    untouched = ground(TWO, tmp_path)
    accounts = {"platform": PLATFORM, "shop": SHOP}

    for number in range(PLANNED):
        mutation = mutate(untouched.tree, f"planned {fresh(number)}")
        shutil.rmtree(untouched.folder / "terraform")
        for path, text in mutation.tree.items():
            file = untouched.folder / "terraform" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for root, account in accounts.items():
            terraform = terraform_factory(untouched.folder / "terraform" / root, account=account)
            try:
                terraform.init()
                plan = terraform.plan()
            except TerraformError:
                continue
            accepted += 1
            local_aws.reset()
            planned = planned_resources(terraform.show_json(plan), None)
            difference = compare(
                terraform.root,
                planned,
                account=account,
                project_root=untouched.folder,
                code=untouched.folder / "terraform",
                topology=untouched.topology,
            )
            wrong = "\n".join(difference.wrong)
            assert not wrong, f"{wrong}\n{mutation.changed(untouched.tree)}"

    assert accepted > PLANNED
