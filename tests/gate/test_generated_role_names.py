"""Roles whose names Terraform makes up: the part that the code says is enough for a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import forebay
from gate_support import judged, rules

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.finding import Finding

TOPOLOGY = """
version: 1
accounts:
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  nodes: {account: shop, role: "PATTERN", identity: elsewhere}
registries:
  shop:
    caches: {quay: {}}
    grants: [{to: nodes, allow: pull}]
"""
CACHE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222233334444"]
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""
TRUST = """
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
"""
PULL_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"


def role(name: str, *arguments: str) -> str:
    lines = "\n".join(f"  {argument}" for argument in arguments)
    return f'\nresource "aws_iam_role" "{name}" {{\n{lines}{TRUST}}}\n'


def attached(name: str, arn: str) -> str:
    return f"""
resource "aws_iam_role_policy_attachment" "{name}" {{
  role       = aws_iam_role.{name}.name
  policy_arn = "{arn}"
}}
"""


def checked(folder: Path, code: str, pattern: str = "eks-node-*") -> list[Finding]:
    return judged(folder, CACHE + code, TOPOLOGY.replace("PATTERN", pattern)).check


OWN = """
resource "aws_iam_policy" "pull" {
  name = "forebay-nodes"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]
        Resource = "arn:aws:ecr:eu-west-1:222233334444:repository/quay/*"
      },
    ]
  })
}
"""
PREFIX = 'name_prefix = "eks-node-"'


@pytest.mark.parametrize(("arn", "expected"), [(PULL_ONLY, []), (READ_ONLY, ["grant-missing"])])
@pytest.mark.parametrize("pattern", ["eks-node-*", "eks-*", "*", "eks-node-" + "?" * 26])
def test_a_pattern_that_holds_every_possible_name_means_the_role(
    tmp_path: Path, arn: str, expected: list[str], pattern: str
) -> None:
    found = checked(tmp_path, role("node", PREFIX) + attached("node", arn), pattern)

    assert [each.rule for each in found] == expected
    if expected:
        assert "the policies of role eks-node-* in account shop" in found[0].message


@pytest.mark.parametrize("pattern", ["eks-node-2*", "eks-node-20260102030405678900000001"])
def test_a_name_that_may_be_meant_leaves_the_question_open(tmp_path: Path, pattern: str) -> None:
    wide = attached("node", "arn:aws:iam::aws:policy/AdministratorAccess")
    topology = TOPOLOGY.replace("PATTERN", pattern).replace(", identity: elsewhere", "")

    found = judged(tmp_path, CACHE + role("node", PREFIX) + wide, topology).check

    assert ("undecided", "grant-undecided") in rules(found)
    assert any("only the beginning of its role's name is known" in each.message for each in found)


@pytest.mark.parametrize("pattern", ["eks-node", "eks-nodes-*", "build-*", "eks-node-1"])
def test_a_name_that_cannot_be_meant_is_nothing_to_a_consumer(tmp_path: Path, pattern: str) -> None:
    wide = attached("node", "arn:aws:iam::aws:policy/AdministratorAccess")
    topology = TOPOLOGY.replace("PATTERN", pattern).replace(", identity: elsewhere", "")

    assert judged(tmp_path, CACHE + OWN + role("node", PREFIX) + wide, topology).check == []


def test_policies_that_the_role_block_names_are_read(tmp_path: Path) -> None:
    wide = role("node", PREFIX, f'managed_policy_arns = ["{READ_ONLY}"]')

    assert rules(checked(tmp_path, wide)) == [("finding", "grant-missing")]


def test_an_inline_policy_of_the_role_block_is_read(tmp_path: Path) -> None:
    inline = """inline_policy {
    name = "push"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = "ecr:PutImage"
        Resource = "arn:aws:ecr:eu-west-1:222233334444:repository/quay/*"
      }]
    })
  }"""
    found = checked(tmp_path, role("node", PREFIX, inline) + attached("node", PULL_ONLY))

    assert rules(found) == [("finding", "identity-undeclared")]


def test_a_role_without_any_name_begins_as_terraform_names_it(tmp_path: Path) -> None:
    code = role("node") + attached("node", READ_ONLY)

    assert rules(checked(tmp_path, code, "terraform-*")) == [("finding", "grant-missing")]
    assert checked(tmp_path, code, "eks-*") == []


def test_two_roles_whose_names_begin_alike_are_not_taken_for_one(tmp_path: Path) -> None:
    code = role("node", PREFIX) + attached("node", PULL_ONLY) + role("other", PREFIX)

    found = checked(tmp_path, code + attached("other", READ_ONLY))

    assert set(rules(found)) == {("undecided", "grant-undecided")}


def test_roles_whose_names_begin_differently_keep_their_own_policies(tmp_path: Path) -> None:
    longer = role("blue", 'name_prefix = "eks-node-blue-"') + attached("blue", READ_ONLY)

    found = checked(tmp_path, role("node", PREFIX) + attached("node", PULL_ONLY) + longer)

    assert rules(found) == [("finding", "grant-missing")]
    assert "eks-node-blue-*" in found[0].message


def own(name: str, *actions: str) -> str:
    """A policy whose name Terraform makes up."""
    return f"""
resource "aws_iam_policy" "{name}" {{
  name_prefix = "{name}-"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{ Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }},
      {{
        Effect   = "Allow"
        Action   = [{", ".join(f'"ecr:{action}"' for action in actions)}]
        Resource = "arn:aws:ecr:eu-west-1:222233334444:repository/quay/*"
      }},
    ]
  }})
}}
"""


PULL = ("BatchGetImage", "BatchImportUpstreamImage", "GetDownloadUrlForLayer")


@pytest.mark.parametrize(
    ("actions", "expected"), [(PULL, []), (PULL[:2], ["grant-missing"])], ids=["all", "some"]
)
def test_a_policy_whose_name_terraform_makes_up_is_the_one_that_is_attached(
    tmp_path: Path, actions: tuple[str, ...], expected: list[str]
) -> None:
    both = own("pull", *actions) + own("other", "PutImage")
    attachment = attached("node", "ARN").replace('"ARN"', "aws_iam_policy.pull.arn")

    found = checked(tmp_path, role("node", 'name = "eks-node-1"') + both + attachment)

    assert [each.rule for each in found] == expected


@pytest.mark.parametrize(
    ("actions", "expected"), [(PULL, []), (PULL[:2], ["grant-missing"])], ids=["all", "some"]
)
def test_a_boundary_whose_name_terraform_makes_up_is_judged(
    tmp_path: Path, actions: tuple[str, ...], expected: list[str]
) -> None:
    bounded = role("node", PREFIX, "permissions_boundary = aws_iam_policy.bound.arn")

    found = checked(tmp_path, bounded + own("bound", *actions) + attached("node", PULL_ONLY))

    assert [each.rule for each in found] == expected


def test_replay_finds_the_role_of_the_request_that_check_shows(tmp_path: Path) -> None:
    checked(tmp_path, role("node", PREFIX) + attached("node", READ_ONLY))

    ran = forebay(
        tmp_path,
        *("replay", "--as", f"arn:aws:iam::222233334444:role/eks-node-{'x' * 26}"),
        *("--action", "ecr:BatchImportUpstreamImage", "--only", "identity", "--code", "code"),
        *("--resource", "arn:aws:ecr:eu-west-1:222233334444:repository/quay/app"),
    )

    assert ran.code == 0, ran.out
    assert "denied: no Allow statement matches" in ran.out


def test_a_made_up_name_in_a_policy_stays_unknown(tmp_path: Path) -> None:
    policy = """
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:222233334444:repository/quay/*"
      Condition = { ArnLike = { "aws:PrincipalArn" = aws_iam_role.node.arn } }
    }]
  })
}
"""
    code = role("node", PREFIX) + attached("node", PULL_ONLY) + policy

    found = checked(tmp_path, code)

    assert ("undecided", "grant-undecided") in rules(found)
