"""Units, the organization and permission sets: let in exactly, and every wider policy is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from gate_support import PROVIDER, judged, rules

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.export.show import grant_rows
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.model.finding import Finding, Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.topology import Topology

ORGANIZATION = "o-a1b2c3d4e5"
WORKLOADS = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"
TOPOLOGY = f"""
version: 1
organization:
  id: {ORGANIZATION}
  units:
    workloads: {WORKLOADS}
    production: {WORKLOADS}ou-ab12-22222222/
defaults: {{regions: [eu-west-1]}}
accounts:
  main: {{id: "111122223333", registry_policy: create}}
  shop: {{id: "222233334444", unit: production}}
  search: {{id: "333344445555", unit: workloads}}
consumers:
  everyone: {{organization: true}}
  nodes: {{unit: workloads, role: "eks-node-*"}}
  producers: {{unit: production}}
  developers: {{account: shop, permission_set: Developer}}
registries:
  main:
    caches: {{quay: {{}}, k8s: {{}}, ecr-public: {{}}, base: {{upstream: quay}}}}
    grants:
      - {{to: everyone, allow: pull, caches: [quay]}}
      - {{to: nodes, allow: first-pull, caches: [k8s]}}
      - {{to: producers, allow: pull, caches: [ecr-public]}}
      - {{to: developers, allow: pull, caches: [base]}}
"""


def read(folder: Path, text: str = TOPOLOGY) -> Topology:
    """The topology that the text means."""
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    return reading.topology


def found_after(folder: Path, old: str, new: str) -> tuple[list[Finding], list[Finding]]:
    """What drift and check find once a text of the generated code is changed by hand."""
    topology = read(folder)
    apply_write(plan_write(file_tree(topology), folder / "terraform"))
    file = folder / "terraform" / "main" / "access.tf"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    reading = read_code(folder / "terraform", project_root=folder, topology=topology)
    drift, check = drift_findings(topology, reading), check_findings(topology, reading)
    return (
        [finding for finding in drift if finding.severity is not Severity.INFO],
        [finding for finding in check if finding.severity is not Severity.INFO],
    )


def test_generated_code_is_exact_and_lists_each_consumer_once(tmp_path: Path) -> None:
    topology = read(tmp_path)
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))

    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)

    assert drift_findings(topology, reading) == ()
    found = [(finding.rule, finding.subject) for finding in check_findings(topology, reading)]
    assert sorted(found) == [
        ("identity-elsewhere", "organization everyone"),
        ("identity-elsewhere", "shop developers"),
        ("identity-elsewhere", "unit production producers"),
        ("identity-elsewhere", "unit workloads nodes"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('organization_id = "o-a1b2c3d4e5"', 'organization_id = "o-b1b2c3d4e5"', "both"),
        ('["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]', '["o-a1b2c3d4e5/r-ab12/"]', "over"),
        (
            '["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]',
            '["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"]',
            "missing",
        ),
        ('["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]', '["o-a1b2c3d4e5/r-ab12/ou-ab12-1"]', "over"),
        ("role/eks-node-*", "role/eks-*", "over"),
        ("role/eks-node-*", "role/eks-node-a*", "missing"),
        ("Developer_????????????????", "Developer_*", "over"),
        ("/*/AWSReservedSSO", "/eu-west-1/AWSReservedSSO", "missing"),
        ("Developer_????????????????", "Operator_????????????????", "both"),
    ],
)
def test_other_organizations_units_and_roles_are_found(
    old: str, new: str, expected: str, tmp_path: Path
) -> None:
    drift, check = found_after(tmp_path, old, new)

    assert {finding.rule for finding in drift} <= {"different", "missing", "unexpected"}
    assert drift
    wanted = {"over": {"over-grant"}, "missing": {"grant-missing"}}
    wanted["both"] = wanted["over"] | wanted["missing"]
    assert {_sort(finding) for finding in check} == wanted[expected]


def _sort(finding: Finding) -> str:
    return finding.rule if finding.rule == "grant-missing" else "over-grant"


def test_the_witness_of_a_unit_that_is_too_high_names_the_path(tmp_path: Path) -> None:
    _, (finding,) = found_after(tmp_path, f'"{WORKLOADS}"', f'"{ORGANIZATION}/r-ab12/"')

    assert finding.witness is not None
    (path,) = finding.witness.context["aws:PrincipalOrgPaths"]
    assert path.startswith(f"{ORGANIZATION}/r-ab12/")
    assert not path.startswith(WORKLOADS)
    assert finding.witness.context["aws:PrincipalOrgID"] == ORGANIZATION


HAND_WRITTEN = f"""
version: 1
organization: {{id: {ORGANIZATION}, units: {{workloads: {WORKLOADS}}}}}
accounts: {{main: {{id: "111122223333", regions: [eu-west-1], registry_policy: create}}}}
registries:
  main:
    caches: {{quay: {{}}}}
    grants: [{{to: {{unit: workloads}}, allow: pull}}]
"""
REST = """
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}
"""


def registry_policy(condition: object) -> str:
    """A registry policy that lets in everybody on a condition, written by hand."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": [
            "ecr:BatchGetImage",
            "ecr:BatchImportUpstreamImage",
            "ecr:GetDownloadUrlForLayer",
        ],
        "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
        "Condition": condition,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    return (
        f'resource "aws_ecr_registry_policy" "this" {{\n  policy = <<-EOT\n{document}\n  EOT\n}}\n'
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{WORKLOADS}*"}}, set()),
        (
            {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{WORKLOADS}*"}},
            {"grant-any-principal"},
        ),
        ({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}, {"over-grant"}),
        (
            {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
            {"grant-any-principal"},
        ),
        (
            {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": WORKLOADS}},
            {"grant-missing"},
        ),
        ({"StringLike": {"aws:PrincipalOrgPaths": f"{WORKLOADS}*"}}, {"grant-undecided"}),
    ],
)
def test_conditions_that_people_write_for_a_unit_are_judged(
    condition: object, expected: set[str], tmp_path: Path
) -> None:
    code = PROVIDER + REST + registry_policy(condition)

    found = judged(tmp_path, code, HAND_WRITTEN)

    got = {rule for _, rule in rules(found.check)}
    if expected == {"over-grant"}:
        assert got
        assert "grant-missing" not in got
    else:
        assert got == expected


def test_a_role_in_the_code_need_not_hold_what_its_unit_is_granted(tmp_path: Path) -> None:
    text = HAND_WRITTEN.replace(
        "registry_policy: create}}", "registry_policy: create, unit: workloads}}"
    ).replace("allow: pull}]", "allow: pull}, {to: {role: eks-node}, allow: cached}]")
    policy = """
resource "aws_iam_role" "node" {
  name = "eks-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } },
    ]
  })
}

resource "aws_iam_role_policy" "pull" {
  name = "pull"
  role = aws_iam_role.node.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = [%s]
        Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },
    ]
  })
}
"""
    condition = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{WORKLOADS}*"}}
    base = PROVIDER + REST + registry_policy(condition)
    cached = '"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"'

    for actions, expected in (
        (cached, set()),
        (f'{cached}, "ecr:BatchImportUpstreamImage"', set()),
        (f'{cached}, "ecr:CreateRepository"', {"identity-undeclared"}),
        ('"ecr:BatchGetImage"', {"grant-missing"}),
    ):
        found = judged(tmp_path, base + policy % actions, text)
        assert {rule for _, rule in rules(found.check)} == expected, actions


def test_show_says_who_they_are_and_what_the_registry_s_own_account_needs(tmp_path: Path) -> None:
    rows = {row.consumer: row for row in grant_rows(read(tmp_path))}

    assert (rows["everyone"].scope, rows["everyone"].consumer_account) == ("organization", None)
    assert (rows["nodes"].scope, rows["nodes"].role) == ("unit workloads", "eks-node-*")
    assert rows["developers"].permission_set == "Developer"
    assert all(row.registry_side == "registry policy" for row in rows.values())
    notes = rows["everyone"].notes
    assert "all accounts of the organization are let in, those that join later as well" in notes
    assert any("`ecr:GetAuthorizationToken`" in note for note in notes)
    assert "`*` in the role matches `/`, too" in rows["nodes"].notes
