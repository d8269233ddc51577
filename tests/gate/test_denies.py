"""A Deny anywhere wins: what policies of repositories and templates take from declared pulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.gate_support import judged, rules

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: ci, allow: first-pull}]
"""

CODE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action = [
        "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository",
        "ecr:GetDownloadUrlForLayer",
      ]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
"""

REPOSITORY = """
resource "aws_ecr_repository_policy" "this" {{
  repository = "{name}"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Deny", {rest} }}]
  }})
}}
"""

TEMPLATE = """
resource "aws_ecr_repository_creation_template" "{label}" {{
  prefix      = "{name}"
  applied_for = [{applied}]
  repository_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Deny", {rest} }}]
  }})
}}
"""

ALL = 'Principal = "*", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]'
OUTSIDE_A_NETWORK = (
    'Principal = "*", Action = "ecr:*", '
    'Condition = { NotIpAddress = { "aws:SourceIp" = "54.240.143.0/24" } }'
)
OUTSIDE_AN_ENDPOINT = (
    'Principal = "*", Action = "ecr:*", '
    'Condition = { StringNotEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" } }'
)
ALL_BUT_ANOTHER = (
    'NotPrincipal = { AWS = "arn:aws:iam::222233334444:role/other" }, Action = "ecr:*"'
)
WRITES = 'Principal = "*", Action = ["ecr:PutImage", "ecr:BatchDeleteImage"]'
OTHERS = (
    'Principal = "*", Action = "ecr:*", '
    'Condition = { StringNotEquals = { "aws:PrincipalAccount" = "222233334444" } }'
)
OTHER_ACCOUNT = 'Principal = { AWS = "444455556666" }, Action = "ecr:*"'
CREATION = 'Principal = "*", Action = "ecr:CreateRepository"'

HITS = [
    (ALL, ("finding", "grant-missing")),
    (OUTSIDE_A_NETWORK, ("finding", "grant-by-network")),
    (OUTSIDE_AN_ENDPOINT, ("finding", "grant-by-network")),
    (ALL_BUT_ANOTHER, ("finding", "grant-missing")),
]
HARMLESS = [WRITES, OTHERS, OTHER_ACCOUNT, CREATION]


def template(rest: str, *, name: str = "quay", applied: str = '"PULL_THROUGH_CACHE"') -> str:
    """The code with a creation template of which every repository has a Deny."""
    label = name.replace("/", "-")
    return CODE + TEMPLATE.format(label=label, name=name, applied=applied, rest=rest)


@pytest.mark.parametrize(("rest", "expected"), HITS)
def test_a_deny_on_a_cached_repository_is_asked(
    tmp_path: Path, rest: str, expected: tuple[str, str]
) -> None:
    found = judged(tmp_path, CODE + REPOSITORY.format(name="quay/app", rest=rest), TOPOLOGY).check

    assert rules(found) == [expected]
    assert found[0].address == "aws_ecr_repository_policy.this"


@pytest.mark.parametrize(("rest", "expected"), HITS)
def test_a_deny_in_a_template_is_asked(
    tmp_path: Path, rest: str, expected: tuple[str, str]
) -> None:
    assert rules(judged(tmp_path, template(rest), TOPOLOGY).check) == [expected]


@pytest.mark.parametrize("rest", HARMLESS)
def test_a_deny_that_hits_no_declared_pull_is_silent(tmp_path: Path, rest: str) -> None:
    code = template(rest) + REPOSITORY.format(name="quay/app", rest=rest)

    assert rules(judged(tmp_path, code, TOPOLOGY).check) == []


def test_a_deny_on_a_repository_of_no_cache_is_its_owners(tmp_path: Path) -> None:
    code = CODE + REPOSITORY.format(name="team/app", rest=ALL)

    assert rules(judged(tmp_path, code, TOPOLOGY).check) == []


def test_the_level_that_is_left_is_told_of_the_declared_grant(tmp_path: Path) -> None:
    rest = 'Principal = "*", Action = "ecr:BatchImportUpstreamImage"'

    (found,) = judged(tmp_path, template(rest), TOPOLOGY).check

    assert "Missing: ecr:BatchImportUpstreamImage" in found.message
    assert "`first-pull` is declared, and only `cached` is given" in found.message


def test_a_template_that_is_not_for_caches_denies_no_pull(tmp_path: Path) -> None:
    code = template(ALL, applied='"REPLICATION"')
    found = judged(tmp_path, code, TOPOLOGY).check

    assert "grant-missing" not in {finding.rule for finding in found}


def test_a_template_denies_nothing_below_a_nearer_one(tmp_path: Path) -> None:
    nearer = """
resource "aws_ecr_repository_creation_template" "near" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
}
"""
    assert rules(judged(tmp_path, template(ALL, name="ROOT") + nearer, TOPOLOGY).check) == []
    assert rules(judged(tmp_path, template(ALL, name="ROOT"), TOPOLOGY).check) == [
        ("finding", "grant-missing")
    ]


def test_a_deny_on_an_upstream_repository_hits_the_role_that_copies(tmp_path: Path) -> None:
    topology = """
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
  golden: {id: "333344445555", regions: [eu-west-1], registry_policy: create}
upstreams:
  base-images: {registry: ecr, account: golden, region: eu-west-1}
registries:
  main:
    caches: {base: {upstream: base-images, upstream_prefix: team}}
"""
    code = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["333344445555"]
}
"""
    for rest, count in ((ALL, 1), (WRITES, 0)):
        found = judged(
            tmp_path, code + REPOSITORY.format(name="team/app", rest=rest), topology
        ).check
        denied = [finding for finding in found if "A Deny statement" in finding.message]
        assert len(denied) == count
