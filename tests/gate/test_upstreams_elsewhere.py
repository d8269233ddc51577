"""Caches of registries that the topology does not hold, and roles that exist already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import CodeReading, read_code
from generator.model.finding import Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology

TOPOLOGY = """
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1, us-east-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1, us-east-1]}
upstreams:
  golden: {registry: ecr, account_id: "999988887777", region: eu-west-1}
  ours: {registry: ecr, account: main, role: team/ecr-puller}
  near: {registry: ecr, account: shop, region: us-east-1, role: ecr-near}
registries:
  main: {caches: {quay: {}}}
  shop:
    caches:
      golden: {upstream_prefix: base}
      ours: {}
      near: {regions: [eu-west-1]}
"""


def generated(folder: Path) -> tuple[Topology, CodeReading]:
    """The topology and its generated code, read back."""
    (folder / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    topology = read_topology(folder / "topology.yaml").topology
    assert topology is not None
    if not (folder / "terraform").exists():
        apply_write(plan_write(file_tree(topology), folder / "terraform"))
    return topology, read_code(folder / "terraform", project_root=folder, topology=topology)


def test_the_owner_of_the_upstream_gets_the_statement_to_add(tmp_path: Path) -> None:
    generated(tmp_path)

    folder = tmp_path / "terraform/handover/999988887777"
    document = json.loads((folder / "registry-policy.eu-west-1.json").read_text(encoding="utf-8"))

    assert document["Statement"] == [
        {
            "Sid": "UpstreamBase",
            "Effect": "Allow",
            "Principal": {"AWS": ["222233334444"]},
            "Action": [
                "ecr:BatchGetImage",
                "ecr:BatchImportUpstreamImage",
                "ecr:GetDownloadUrlForLayer",
                "ecr:GetImageCopyStatus",
            ],
            "Resource": ["arn:aws:ecr:eu-west-1:999988887777:repository/base/*"],
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": ["arn:aws:iam::222233334444:role/forebay-upstream"]
                }
            },
        }
    ]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "`registry-policy.eu-west-1.json`" in readme
    assert "REGISTRY_POLICY_SCOPE" in readme


def test_a_role_that_is_named_is_not_made(tmp_path: Path) -> None:
    generated(tmp_path)

    main = (tmp_path / "terraform/shop/main.tf").read_text(encoding="utf-8")
    access = (tmp_path / "terraform/shop/access.tf").read_text(encoding="utf-8")
    policy = (tmp_path / "terraform/main/access.tf").read_text(encoding="utf-8")

    assert main.count('"arn:aws:iam::222233334444:role/team/ecr-puller"') == 2
    assert main.count('"arn:aws:iam::222233334444:role/ecr-near"') == 1
    assert "ecr-puller" not in access
    assert "999988887777" in access
    assert '"arn:aws:iam::222233334444:role/team/ecr-puller"' in policy


def test_generated_code_is_what_was_asked_for(tmp_path: Path) -> None:
    topology, code = generated(tmp_path)

    findings = (*drift_findings(topology, code), *check_findings(topology, code))

    assert {finding.severity for finding in findings} == {Severity.INFO}
    assert any("999988887777" in finding.message for finding in findings)


def test_what_a_role_that_exists_must_hold_is_said_once_for_each_role(tmp_path: Path) -> None:
    topology, code = generated(tmp_path)

    found = {
        finding.subject: finding
        for finding in check_findings(topology, code)
        if finding.rule == "service-role-elsewhere"
    }

    service = "pullthroughcache.ecr.amazonaws.com"
    assert sorted(found) == [f"shop ecr-near {service}", f"shop team/ecr-puller {service}"]
    message = found[f"shop team/ecr-puller {service}"].message
    assert f"It must trust `{service}`" in message
    assert "ecr:BatchImportUpstreamImage" in message
    assert "on `*` of main in eu-west-1, `*` of main in us-east-1;" in message
    assert "on its own `ours/*` in eu-west-1, `ours/*` in us-east-1." in message


def test_the_readme_says_whose_registries_caches_wait_for(tmp_path: Path) -> None:
    generated(tmp_path)

    readme = (tmp_path / "terraform/shop/README.md").read_text(encoding="utf-8")

    assert "another account's registry (main) get their" in readme
    assert "has added what `handover/999988887777` says" in readme


@pytest.mark.parametrize(
    ("root", "old", "new", "rule"),
    [
        ("main", "role/team/ecr-puller", "role/ecr-puller", "grant-undeclared"),
        ("shop", "role/team/ecr-puller", "role/other", "different"),
    ],
)
def test_another_role_is_found(tmp_path: Path, root: str, old: str, new: str, rule: str) -> None:
    generated(tmp_path)
    for file in (tmp_path / "terraform" / root).glob("*.tf"):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    topology, code = generated(tmp_path)

    findings = (*drift_findings(topology, code), *check_findings(topology, code))
    assert rule in {finding.rule for finding in findings}
