"""`forebay plan` on real plans: what is counted, and which pulls they stop or narrow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from terraform.fixtures import TerraformFactory

TOPOLOGY = """\
version: 1
accounts:
  hub: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  shop-nodes: {account: shop, role: eks-node}
registries:
  hub:
    caches: {quay: {}, ecr-public: {}}
    grants: [{to: shop-nodes, allow: pull}]
"""
CHANGES = {
    "a narrower level": (("allow: pull", "allow: cached"), ["pulls-narrower"]),
    "a rule that goes": (("ecr-public: {}", ""), ["pulls-narrower", "pulls-stop"]),
    "a wider level": (("allow: pull", "allow: first-pull"), []),
    "another cache": (("quay: {}", "quay: {}, kubernetes: {}"), []),
}


@pytest.mark.slow
def test_a_plan_tells_which_pulls_stop_or_get_narrower(
    tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    project = Project(folder=tmp_path)
    assert project.forebay("generate").exit_code == 0
    terraform = terraform_factory(project.file("hub"), account="111122223333")
    terraform.init()

    def planned(name: str) -> list[str]:
        plan = terraform.show_json(terraform.plan())
        (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        done = project.forebay("plan", "plan.json", "--format", "json", "--fail-on-interruption")
        document = json.loads(done.stdout)
        found = [result["rule"] for result in document["results"]]
        assert done.exit_code == (2 if found else 0), (name, done.stdout)
        (row,) = document["plans"]
        counts = [
            len(change["change"]["actions"])
            for change in plan["resource_changes"]
            if change["change"]["actions"] not in (["no-op"], ["read"])
        ]  # type: ignore[attr-defined]
        assert row["add"] + row["change"] + row["destroy"] == sum(counts)
        assert row["accounts"] == ["111122223333"]
        return sorted(set(found))

    assert planned("the first plan") == []
    terraform.apply()
    assert planned("nothing to do") == []
    for name, ((old, new), expected) in CHANGES.items():
        (tmp_path / "topology.yaml").write_text(TOPOLOGY.replace(old, new), encoding="utf-8")
        assert project.forebay("generate").exit_code == 0

        assert planned(name) == expected, name
