"""Everybody who can be let in, with settings of IAM, keys by alias and upstreams elsewhere, applied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

PLATFORM, SHOP = "111122223333", "222233334444"
WORKLOADS = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
TOPOLOGY = f"""\
version: 1
organization: {{id: o-a1b2c3d4e5, units: {{workloads: {WORKLOADS}}}}}
defaults:
  regions: [eu-west-1]
  tags: {{owner: platform}}
  creation_template: standard
  iam:
    name_prefix: acme-
    path: /ecr/
    permissions_boundary: "arn:{{partition}}:iam::{{account_id}}:policy/boundary"
  settle: 0s
accounts:
  platform: {{id: "{PLATFORM}", registry_policy: create}}
  shop: {{id: "{SHOP}", unit: workloads}}
  sandbox: {{id: "444455556666", unit: workloads, managed: false}}
creation_templates:
  standard: {{encryption: {{kms_key: alias/ecr}}, repository_tags: {{managed-by: forebay}}}}
upstreams:
  docker-hub: {{credential: {{secret: ecr-pullthroughcache/docker-hub, value: placeholder}}}}
  base: {{registry: ecr, account: platform, role: team/ecr-upstream}}
  near: {{registry: ecr, account: platform}}
  golden: {{registry: ecr, account_id: "999988887777", region: same}}
consumers:
  nodes: {{unit: workloads, role: "eks-node-*"}}
  everyone: {{organization: true}}
  developers: {{account: shop, permission_set: Developer}}
  ci: {{account: shop, role: ci/builder, identity: attach}}
registries:
  platform:
    caches: {{quay: {{}}, ecr-public: {{}}, docker-hub: {{}}}}
    grants:
      - {{to: nodes, allow: first-pull}}
      - {{to: everyone, allow: pull, caches: [ecr-public]}}
      - {{to: developers, allow: cached, repositories: [docker-hub/library/*]}}
      - {{to: ci, allow: first-pull, caches: [quay]}}
  shop:
    caches: {{base: {{}}, near: {{upstream_prefix: near}}, golden: {{upstream_prefix: gold}}}}
    grants: [{{to: {{role: eks-node}}, allow: first-pull}}]
  sandbox:
    caches: {{team: {{upstream: near, upstream_prefix: team}}}}
terraform: {{provider: none}}
"""


def make_what_exists(local_aws: LocalAws, account: str) -> None:
    """Make the boundary, the key and the roles that the topology says are there."""
    iam = local_aws.client("iam", account=account)
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document))
    for path, name in (("/ci/", "builder"), ("/team/", "ecr-upstream")):
        iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument="{}")
    kms = local_aws.client("kms", account=account)
    kms.create_alias(AliasName="alias/ecr", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


@pytest.mark.slow
def test_access_of_every_sort_applies_and_nothing_is_left_to_do(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    project = Project(folder=tmp_path)
    assert project.forebay("generate").exit_code == 0
    assert project.accounts == {"platform": PLATFORM, "shop": SHOP}
    roots = []
    for name, account in reversed(project.accounts.items()):
        make_what_exists(local_aws, account)
        # The provider block that the README shows is all that is left to write.
        readme = project.file(f"{name}/README.md").read_text(encoding="utf-8")
        provider = readme.partition("```hcl\n")[2].partition("```")[0]
        project.file(f"{name}/provider.tf").write_text(provider, encoding="utf-8")
        roots.append(terraform_factory(project.file(name), account=account))
        roots[-1].init()

        roots[-1].apply()

        assert not roots[-1].plan(detailed=True).has_changes
    roots[-1].fmt_check(project.code)
    ecr = local_aws.client("ecr", account=PLATFORM)
    policy = json.loads(ecr.get_registry_policy()["policyText"])
    conditions = {statement["Sid"]: statement["Condition"] for statement in policy["Statement"]}
    assert conditions["FirstPullDockerHubAnd2MoreUnitRole"] == {
        "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [f"{WORKLOADS}*"]},
        "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/eks-node-*"]},
    }
    everyone = {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}
    assert conditions["PullEcrPublicOrganization"] == everyone
    iam = local_aws.client("iam", account=SHOP)
    role = iam.get_role(RoleName="acme-upstream")["Role"]
    assert role["Path"] == "/ecr/"
    boundary = f"arn:aws:iam::{SHOP}:policy/boundary"
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert {"Key": "owner", "Value": "platform"} in role["Tags"]
    (attached,) = iam.list_attached_role_policies(RoleName="builder")["AttachedPolicies"]
    assert attached["PolicyArn"] == f"arn:aws:iam::{SHOP}:policy/ecr/acme-ci"
    rules = local_aws.client("ecr", account=SHOP).describe_pull_through_cache_rules()
    roles = {
        rule["ecrRepositoryPrefix"]: rule["customRoleArn"].partition(":role/")[2]
        for rule in rules["pullThroughCacheRules"]
    }
    assert roles == {
        "base": "team/ecr-upstream",
        "golden": "ecr/acme-upstream",
        "near": "ecr/acme-upstream",
    }
    for command in ("drift", "check"):
        judged = project.judged(command)
        assert judged.exit_code == 0, judged.stdout
        assert judged.results == []
