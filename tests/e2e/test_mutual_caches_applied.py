"""Two accounts that cache from each other: neither can be first, and still either may be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project
from terraform.program import TERRAFORM, TOFU

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

TOPOLOGY = """\
version: 1
accounts:
  left: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  right: {id: "222233334444", regions: [us-east-1], registry_policy: create}
upstreams:
  of-left: {registry: ecr, account: left, region: eu-west-1}
  of-right: {registry: ecr, account: right, region: us-east-1}
consumers:
  left-nodes: {account: left, role: eks-node}
  right-nodes: {account: right, role: eks-node}
registries:
  left:
    caches: {right: {upstream: of-right, upstream_prefix: team}}
    grants: [{to: [left-nodes, right-nodes], allow: first-pull}]
  right:
    caches: {left: {upstream: of-left, upstream_prefix: team}}
    grants: [{to: [left-nodes, right-nodes], allow: first-pull}]
"""
REGIONS = {"left": "eu-west-1", "right": "us-east-1"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("terraform_program", "order"),
    [(TERRAFORM, ("left", "right")), (TOFU, ("right", "left"))],
    indirect=["terraform_program"],
    ids=["left-first", "right-first"],
)
def test_two_accounts_that_cache_from_each_other_apply_in_either_order(
    order: tuple[str, str],
    tmp_path: Path,
    terraform_factory: TerraformFactory,
    local_aws: LocalAws,
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    project = Project(folder=tmp_path)
    assert project.forebay("generate").exit_code == 0
    accounts = project.accounts
    roots = [terraform_factory(project.file(name), account=accounts[name]) for name in order]

    for terraform in roots:
        terraform.init()
        terraform.apply()

    for terraform in roots:
        assert not terraform.plan(detailed=True).has_changes
    for name, other in (order, order[::-1]):
        ecr = local_aws.client("ecr", account=accounts[name], region=REGIONS[name])
        (rule,) = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
        assert rule["upstreamRegistryUrl"].startswith(f"{accounts[other]}.dkr.ecr.")
        policy = json.loads(ecr.get_registry_policy()["policyText"])
        assert f"arn:aws:iam::{accounts[other]}:role/forebay-upstream" in json.dumps(policy)
    for command in ("drift", "check"):
        judged = project.forebay(command)
        assert judged.exit_code == 0, judged.stdout + judged.stderr
