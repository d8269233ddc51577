"""Roles with access of their own that somebody of another account may assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gate_support import judged, rules

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
  tools: {id: "333344445555", regions: [eu-west-1]}
consumers:
  nodes: {account: shop, role: eks-node, identity: elsewhere}
  tools: {account: tools, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}, k8s: {}}
    grants:
      - {to: nodes, allow: pull, caches: [quay]}
      - {to: tools, allow: pull, caches: [quay]}
"""
PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["ACCOUNT"]
}
variable "who" { type = string }
"""
PULLS = '["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]'
QUAY = '"arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"'
STRANGER = '{ AWS = "arn:aws:iam::999988887777:role/x" }'


def role(name: str, principal: str, *, rest: str = "", path: str = "/") -> str:
    return f"""
resource "aws_iam_role" "it" {{
  name = "{name}"
  path = "{path}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {principal}, Action = "sts:AssumeRole" {rest} }}]
  }})
}}
"""


def policy(actions: str, resource: str = QUAY) -> str:
    return f"""
resource "aws_iam_role_policy" "it" {{
  role = aws_iam_role.it.name
  name = "it"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = {actions}, Resource = {resource} }}]
  }})
}}
"""


def found(folder: Path, account: str, code: str, topology: str = TOPOLOGY) -> list[tuple[str, str]]:
    name = {"222233334444": "shop", "111122223333": "platform"}[account]
    text = PROVIDER.replace("ACCOUNT", account) + code
    said = rules(judged(folder, {f"{name}/main.tf": text}, topology).check)
    return [each for each in said if each[1] in {"role-shared", "grant-undecided"}]


SHARED = [("finding", "role-shared")]
OPEN = [("undecided", "grant-undecided")]


@pytest.mark.parametrize(
    ("principal", "rest", "expected"),
    [
        (STRANGER, "", SHARED),
        ('{ AWS = "999988887777" }', "", SHARED),
        ('{ AWS = ["222233334444", "arn:aws:iam::999988887777:root"] }', "", SHARED),
        (
            '"*"',
            ', Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }',
            SHARED,
        ),
        ("{ AWS = var.who }", "", OPEN),
        # Its own account, a service and an identity provider of it are its owner's affair.
        ('{ AWS = "arn:aws:iam::222233334444:role/admin" }', "", []),
        ('{ Service = ["ec2.amazonaws.com", "pods.eks.amazonaws.com"] }', "", []),
        ("{ Federated = var.who }", "", []),
        # The account has a grant of its own for the same.
        ('{ AWS = "arn:aws:iam::333344445555:root" }', "", []),
        ('{ AWS = "arn:aws:iam::333344445555:role/ci" }', "", []),
    ],
)
def test_a_consumers_role_is_for_its_own_account(
    tmp_path: Path, principal: str, rest: str, expected: list[tuple[str, str]]
) -> None:
    code = role("eks-node", principal, rest=rest)

    assert found(tmp_path, "222233334444", code) == expected


def test_a_deny_that_keeps_the_others_out_is_enough(tmp_path: Path) -> None:
    code = role("eks-node", STRANGER).replace(
        "Statement = [",
        'Statement = [{ Effect = "Deny", Principal = { AWS = "999988887777" }, '
        'Action = "sts:AssumeRole" }, ',
    )

    assert found(tmp_path, "222233334444", code) == []


def test_an_account_with_a_lesser_grant_is_a_stranger_to_the_rest(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace(
        "{to: nodes, allow: pull, caches: [quay]}", "{to: nodes, allow: first-pull}"
    )
    code = role("eks-node", '{ AWS = "arn:aws:iam::333344445555:root" }')

    assert found(tmp_path, "222233334444", code, topology) == SHARED


def test_a_role_that_is_no_consumer_may_be_anybodys_elsewhere(tmp_path: Path) -> None:
    code = role("other", STRANGER) + policy(PULLS)

    assert found(tmp_path, "222233334444", code) == []


@pytest.mark.parametrize(
    ("principal", "rights", "expected"),
    [
        (STRANGER, policy(PULLS), SHARED),
        (STRANGER, policy('"ecr:PutImage"'), SHARED),
        (STRANGER, policy('"*"', '"*"'), SHARED),
        (STRANGER, policy("var.who"), OPEN),
        # These let nobody near an image of a cache.
        (STRANGER, "", []),
        (STRANGER, policy('"s3:GetObject"', '"*"'), []),
        (STRANGER, policy('"ecr:DescribeRepositories"'), []),
        (STRANGER, policy(PULLS, '"arn:aws:ecr:eu-west-1:111122223333:repository/own/*"'), []),
        # This one may do as much by a grant of its own, and only that.
        ('{ AWS = "333344445555" }', policy(PULLS), []),
        ('{ AWS = "333344445555" }', policy('"ecr:PutImage"'), SHARED),
    ],
)
def test_a_role_beside_the_caches_that_reaches_them_is_for_its_own_account(
    tmp_path: Path, principal: str, rights: str, expected: list[tuple[str, str]]
) -> None:
    code = role("other", principal) + rights

    assert found(tmp_path, "111122223333", code) == expected


def test_an_aws_managed_policy_counts_as_rights(tmp_path: Path) -> None:
    code = role("other", STRANGER) + (
        'resource "aws_iam_role_policy_attachment" "it" {\n  role = aws_iam_role.it.name\n'
        '  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"\n}\n'
    )

    assert found(tmp_path, "111122223333", code) == SHARED


def test_the_role_that_terraform_enters_by_is_declared(tmp_path: Path) -> None:
    topology = TOPOLOGY + (
        "terraform:\n  assume_role: {role_arn: "
        "'arn:{partition}:iam::{account_id}:role/deploy/terraform'}\n"
    )
    code = role("terraform", STRANGER, path="/deploy/") + policy('"ecr:*"')

    assert found(tmp_path, "111122223333", code, topology) == []
    assert found(tmp_path, "111122223333", code.replace("/deploy/", "/"), topology) == SHARED


def test_an_organization_that_is_granted_the_same_may_assume_it(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace(
        "consumers:\n",
        "organization: {id: o-a1b2c3d4e5}\nconsumers:\n  all: {organization: true}\n",
    ).replace(
        "      - {to: tools", "      - {to: all, allow: pull, caches: [quay]}\n      - {to: tools"
    )
    condition = ', Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }'
    code = role("eks-node", '"*"', rest=condition)

    assert found(tmp_path, "222233334444", code, topology) == []
    assert (
        found(tmp_path, "222233334444", code.replace("o-a1b2c3d4e5", "o-ffffffffff"), topology)
        == SHARED
    )
