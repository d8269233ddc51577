"""A consumer's role that has another path than the topology says is told, and nothing is proved of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gate_support import judged, rules

from generator.gate.policy_results import judged_policies
from generator.gate.proof import proof_of
from generator.grants.pullers import puller_named
from generator.grants.pulls import PullQuestion, Pulls
from generator.model.levels import Level

if TYPE_CHECKING:
    from pathlib import Path

HUB, SHOP = "111122223333", "222233334444"
TOPOLOGY = f"""\
version: 1
accounts:
  hub: {{id: "{HUB}", regions: [eu-west-1], registry_policy: create}}
  shop: {{id: "{SHOP}", regions: [eu-west-1]}}
consumers:
  ci: {{account: ACCOUNT, role: "ROLE", identity: elsewhere}}
registries:
  hub:
    caches: {{quay: {{}}}}
    grants: [{{to: ci, allow: cached}}]
"""
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["%s"]\n}\n'
REGISTRY = f"""\
resource "aws_ecr_pull_through_cache_rule" "q" {{
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}}
resource "aws_ecr_registry_policy" "p" {{
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Principal = {{ AWS = "{SHOP}" }}
    Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    Resource = "arn:aws:ecr:eu-west-1:{HUB}:repository/quay/*"
    Condition = {{ ArnLike = {{ "aws:PrincipalArn" = "arn:aws:iam::{SHOP}:role/ROLE" }} }} }}] }})
}}
"""
CI = """\
variable "n" {
  type    = number
}
resource "aws_iam_role" "ci" {
  COUNT
  name = "ci"
  path = "PATH"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
"""
TOLD = [("finding", "role-path")]


@pytest.mark.parametrize(
    ("role", "path", "count", "expected"),
    [
        ("ci", "/teams/", "", TOLD),
        ("teams/ci", "/", "", TOLD),
        ("teams/ci", "/team/", "", TOLD),
        ("teams/ci", "/teams/", "", []),
        ("ci", "/", "", []),
        # Another role may be there, or one that fits the pattern.
        ("ci", "/teams/", "count = var.n", []),
        ("ci*", "/teams/", "", []),
        ("deploy", "/teams/", "", []),
    ],
)
def test_a_role_of_another_account_is_told_by_its_path(
    tmp_path: Path, role: str, path: str, count: str, expected: list[tuple[str, str]]
) -> None:
    code = {
        "hub/main.tf": PROVIDER % HUB + REGISTRY.replace("ROLE", role),
        "shop/main.tf": PROVIDER % SHOP + CI.replace("PATH", path).replace("COUNT", count),
    }
    topology = TOPOLOGY.replace("ROLE", role).replace("ACCOUNT", "shop")

    result = judged(tmp_path, code, topology)

    assert [one for one in rules(result.check) if one[1] == "role-path"] == expected
    proof = proof_of(
        result.topology, result.reading, judged_policies(result.topology, result.reading)
    )
    assert proof.on_one_side == (not expected)


def test_a_role_of_the_own_account_needs_no_registry_policy(tmp_path: Path) -> None:
    code = PROVIDER % HUB + REGISTRY + CI.replace("PATH", "/teams/").replace("COUNT", "")
    topology = TOPOLOGY.replace("ROLE", "ci").replace("ACCOUNT", "hub")

    assert ("finding", "role-path") not in rules(judged(tmp_path, code, topology).check)


def test_nobody_can_pull_as_a_role_that_has_another_path(tmp_path: Path) -> None:
    code = {
        "hub/main.tf": PROVIDER % HUB + REGISTRY.replace("ROLE", "ci"),
        "shop/main.tf": PROVIDER % SHOP + CI.replace("PATH", "/teams/").replace("COUNT", ""),
    }
    result = judged(tmp_path, code, TOPOLOGY.replace("ROLE", "ci").replace("ACCOUNT", "shop"))
    reading = result.reading
    cache = result.topology.caches[0]
    pulls = Pulls(
        topology=result.topology, estate=reading.estate, statement_span=reading.statement_span
    )

    answer = pulls.may(
        PullQuestion(
            puller=puller_named(result.topology, "ci", cache),
            cache=cache,
            repositories="quay/app",
            level=Level.CACHED,
        )
    )

    assert answer.verdict is False
    assert "`teams/ci`" in answer.refusals[0].reason
