"""Policies of layers above all others: Denies that hit declared pulls are found, the rest is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay
from gate_support import judged, rules

from state.state_samples import Sample, state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gate_support import Judged

HUB, SHOP, MANAGEMENT = "111122223333", "222233334444", "999988887777"
TOPOLOGY = """
version: 1
organization:
  id: o-a1b2c3d4e5
  units:
    work: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/
    shops: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/
accounts:
  hub: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1], unit: shops}
consumers:
  nodes: {account: shop, role: eks-node, identity: elsewhere}
registries:
  hub:
    caches: {quay: {}}
    grants: [{to: nodes, allow: first-pull}]
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
"""
PROVIDER = f"""
provider "aws" {{
  region              = "us-east-1"
  allowed_account_ids = ["{MANAGEMENT}"]
}}
"""
NO_CREATION = {"Effect": "Deny", "Action": "ecr:CreateRepository", "Resource": "*"}


def policy(
    *statements: Mapping[str, object],
    kind: str = "SERVICE_CONTROL_POLICY",
    target: str = '"222233334444"',
) -> str:
    """A policy of an organization, attached to a target."""
    content = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return f"""
resource "aws_organizations_policy" "guard" {{
  name    = "guard"
  type    = "{kind}"
  content = jsonencode({content})
}}

resource "aws_organizations_policy_attachment" "guard" {{
  policy_id = aws_organizations_policy.guard.id
  target_id = {target}
}}
"""


def with_organization(folder: Path, text: str, *, provider: str = PROVIDER) -> Judged:
    """The caches' code, and code of the organization in a folder of its own."""
    return judged(folder, {"hub/main.tf": CODE, "org/main.tf": provider + text}, TOPOLOGY)


@pytest.mark.parametrize(
    "target",
    ['"222233334444"', '"ou-ab12-22222222"', '"ou-ab12-11111111"', '"r-ab12"'],
    ids=["account", "unit", "unit above", "root"],
)
def test_a_deny_that_binds_a_consumers_account_is_found(tmp_path: Path, target: str) -> None:
    found = with_organization(tmp_path, policy(NO_CREATION, target=target)).check

    assert rules(found) == [("finding", "grant-missing")]
    assert "service control policy guard for role eks-node in account shop" in found[0].message
    assert "Missing: ecr:CreateRepository." in found[0].message
    assert found[0].address == "aws_organizations_policy.guard"


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        (NO_CREATION, '"ou-ab12-33333333"'),
        (NO_CREATION, '"111122223333"'),
        (NO_CREATION, "aws_organizations_account.shop.id"),
        ({**NO_CREATION, "Action": ["ecr:DeleteRepository", "ecr:PutImage"]}, '"r-ab12"'),
        ({**NO_CREATION, "Resource": "arn:aws:ecr:us-east-1:*:repository/*"}, '"r-ab12"'),
        (
            {
                **NO_CREATION,
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/eks-*"}},
            },
            '"r-ab12"',
        ),
        (
            {
                **NO_CREATION,
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
            },
            '"r-ab12"',
        ),
        ({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}, '"222233334444"'),
    ],
    ids=[
        "another unit",
        "the account of the registry",
        "an account that is not known",
        "other actions",
        "another region's repositories",
        "the consumer is left out",
        "other regions",
        "an Allow",
    ],
)
def test_a_policy_that_certainly_hits_no_pull_is_only_named(
    tmp_path: Path, statement: Mapping[str, object], target: str
) -> None:
    account = 'resource "aws_organizations_account" "shop" {\n  name = "shop"\n}\n'
    both = with_organization(tmp_path, account + policy(statement, target=target))

    assert both.check == []
    assert "layer-not-judged" in both.notes
    assert "outside-topology" not in both.notes


def test_the_account_that_manages_the_organization_is_not_bound(tmp_path: Path) -> None:
    inside = PROVIDER.replace(MANAGEMENT, SHOP)

    both = with_organization(tmp_path, policy(NO_CREATION, target='"r-ab12"'), provider=inside)

    assert both.check == []


def test_a_policy_that_is_perhaps_attached_is_only_named(tmp_path: Path) -> None:
    text = policy(NO_CREATION).replace(
        '"aws_organizations_policy_attachment" "guard" {',
        '"aws_organizations_policy_attachment" "guard" {\n  count = var.number',
    )

    both = with_organization(tmp_path, 'variable "number" { type = number }\n' + text)

    assert both.check == []
    assert both.notes.count("layer-not-judged") == 1


def test_a_deny_in_a_resource_control_policy_of_the_registry_is_found(tmp_path: Path) -> None:
    perimeter = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "ecr:*",
        "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:PrincipalAccount": [HUB]},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    text = policy(perimeter, kind="RESOURCE_CONTROL_POLICY", target=f'"{HUB}"')

    found = with_organization(tmp_path, text).check

    assert rules(found) == [("finding", "grant-missing")]
    assert "resource control policy guard for the registry of account hub" in found[0].message


def test_a_perimeter_of_the_whole_organization_shuts_no_member_out(tmp_path: Path) -> None:
    perimeter = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "ecr:*",
        "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    text = policy(perimeter, kind="RESOURCE_CONTROL_POLICY", target='"r-ab12"')

    both = with_organization(tmp_path, text)

    assert both.check == []
    assert "layer-not-judged" in both.notes


def endpoint(service: str, *statements: Mapping[str, object]) -> str:
    content = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return f"""
resource "aws_vpc_endpoint" "it" {{
  vpc_id       = "vpc-0a1b2c3d4e5f60718"
  service_name = {service}
  policy       = jsonencode({content})
}}
"""


CLOUD_CONTROL = """
resource "awscc_organizations_policy" "guard" {{
  name       = "guard"
  type       = "SERVICE_CONTROL_POLICY"
  content    = jsonencode({scp})
  target_ids = ["222233334444"]
}}

resource "awscc_ec2_vpc_endpoint" "it" {{
  vpc_id          = "vpc-0a1b2c3d4e5f60718"
  service_name    = "com.amazonaws.eu-west-1.ecr.dkr"
  policy_document = jsonencode({endpoint})
}}
"""


def test_the_forms_of_the_cloud_control_provider_are_read_like_the_others(tmp_path: Path) -> None:
    whole = {"Version": "2012-10-17", "Statement": [NO_CREATION]}
    part = {"Version": "2012-10-17", "Statement": [PULLS]}
    text = CLOUD_CONTROL.format(scp=json.dumps(whole), endpoint=json.dumps(part))

    both = with_organization(tmp_path, text)

    assert rules(both.check) == [("finding", "grant-missing")]
    assert both.check[0].address == "awscc_organizations_policy.guard"
    assert both.notes.count("layer-not-judged") == 2


PULLS = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Resource": "*"}
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
SESSION = """
provider "aws" {
  region = "us-east-1"
  assume_role {
    role_arn = "arn:aws:iam::999988887777:role/terraform"
    policy   = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Deny", Action = "ecr:*", Resource = "*" }]
    })
  }
}

resource "aws_iam_role" "it" {
  name = "it"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
"""
SEPARATE = """
resource "aws_vpc_endpoint" "it" {
  vpc_id       = "vpc-0a1b2c3d4e5f60718"
  service_name = "com.amazonaws.eu-west-1.SERVICE"
}

resource "aws_vpc_endpoint_policy" "it" {
  vpc_endpoint_id = aws_vpc_endpoint.it.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "*", Resource = "*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (endpoint('"com.amazonaws.eu-west-1.ecr.dkr"', PULLS), 1),
        (endpoint('"com.amazonaws.eu-west-1.ecr.api"', EVERYTHING, {**PULLS, "Effect": "Deny"}), 1),
        (endpoint('"com.amazonaws.eu-west-1.secretsmanager"', PULLS), 1),
        (endpoint('"com.amazonaws.eu-west-1.s3"', PULLS), 1),
        (endpoint('"com.amazonaws.${var.region}.kms"', PULLS), 1),
        (endpoint("var.region", PULLS), 1),
        (SEPARATE.replace("SERVICE", "ecr.api"), 1),
        (policy(NO_CREATION), 1),
        (policy({**NO_CREATION, "Action": "*"}), 1),
        (policy({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}), 1),
        (policy({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}), 1),
        (policy({**NO_CREATION, "Principal": "*"}, kind="RESOURCE_CONTROL_POLICY"), 1),
        (SESSION, 1),
        # What cannot touch caches is not worth a word.
        (endpoint('"com.amazonaws.eu-west-1.sqs"', PULLS), 0),
        (endpoint('"com.amazonaws.${var.region}.sqs"', PULLS), 0),
        (endpoint('"com.amazonaws.eu-west-1.ecr.dkr"', EVERYTHING), 0),
        (SEPARATE.replace("SERVICE", "sqs"), 0),
        (policy({**NO_CREATION, "Action": ["ec2:RunInstances", "s3:Put*"]}), 0),
        (policy({"Effect": "Allow", "Action": "*", "Resource": "*"}), 0),
        (policy(NO_CREATION, kind="TAG_POLICY"), 0),
        (SESSION.replace('"Deny", Action = "ecr:*"', '"Allow", Action = "*"'), 0),
    ],
)
def test_a_layer_that_could_touch_caches_is_named_where_it_stands(
    tmp_path: Path, code: str, told: int
) -> None:
    given = 'variable "region" { type = string }\n' if "var.region" in code else ""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.tf").write_text(given + code, encoding="utf-8")

    ran = forebay(tmp_path, "check", "--no-topology", "--code", "code", "--format", "json")

    notes = [one for one in ran.document["results"] if one["rule"] == "layer-not-judged"]
    assert len(notes) == told, ran.out
    for note in notes:
        assert note["severity"] == "info"
        line = (given + code).split("\n")[note["location"]["line"] - 1]
        assert "jsonencode" in line or "policy" in line


def test_targets_are_told_in_modules_and_without_the_account_of_the_provider(
    tmp_path: Path,
) -> None:
    module = """
data "aws_iam_policy_document" "guard" {
  statement {
    effect    = "Deny"
    actions   = ["ecr:CreateRepository"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "guard" {
  for_each = toset(["first", "second"])
  name     = each.value
  content  = data.aws_iam_policy_document.guard.json
}

resource "aws_organizations_policy_attachment" "guard" {
  for_each  = toset(["ou-ab12-22222222", "444455556666"])
  policy_id = aws_organizations_policy.guard["second"].id
  target_id = each.value
}
"""
    root = (
        'provider "aws" {\n  region = "us-east-1"\n}\n\nmodule "guard" {\n  source = "./guard"\n}\n'
    )
    code = {"hub/main.tf": CODE, "org/main.tf": root, "org/guard/main.tf": module}

    found = judged(tmp_path, code, TOPOLOGY).check

    assert rules(found) == [("finding", "grant-missing")]
    assert found[0].address == 'module.guard.aws_organizations_policy.guard["second"]'


def test_policies_of_one_name_in_two_modules_are_told_apart(tmp_path: Path) -> None:
    inner = policy({**NO_CREATION, "Action": "ec2:*"}).partition(
        'resource "aws_organizations_policy_a'
    )
    output = 'output "id" {\n  value = aws_organizations_policy.guard.id\n}\n'
    root = policy(NO_CREATION).replace("aws_organizations_policy.guard.id", "module.inner.id")
    provider = 'provider "aws" {\n  region = "us-east-1"\n}\n'
    call = 'module "inner" {\n  source = "./inner"\n}\n'
    code = {
        "hub/main.tf": CODE,
        "org/main.tf": provider + call + root,
        "org/inner/main.tf": inner[0] + output,
    }

    assert judged(tmp_path, code, TOPOLOGY).check == []


def test_replay_shows_the_deny_that_check_found(tmp_path: Path) -> None:
    with_organization(tmp_path, policy(NO_CREATION, target='"r-ab12"'))

    ran = forebay(
        tmp_path,
        *(
            "replay",
            "--as",
            f"arn:aws:iam::{SHOP}:role/eks-node",
            "--action",
            "ecr:CreateRepository",
        ),
        *("--resource", f"arn:aws:ecr:eu-west-1:{HUB}:repository/quay/app"),
        *("--only", "identity", "--code", "code"),
    )

    assert "denied: a Deny statement matches" in ran.out
    assert "the service control policy `aws_organizations_policy.guard`" in ran.out


def test_states_tell_the_targets_of_policies_by_their_ids(tmp_path: Path) -> None:
    content = json.dumps({"Version": "2012-10-17", "Statement": [NO_CREATION]})
    document = state(
        [
            Sample(
                type="aws_organizations_policy",
                name="guard",
                values={
                    "id": "p-12345678",
                    "arn": f"arn:aws:organizations::{MANAGEMENT}:policy/o-a1b2c3d4e5/p-12345678",
                    "name": "guard",
                    "type": "SERVICE_CONTROL_POLICY",
                    "content": content,
                },
            ),
            Sample(
                type="aws_organizations_policy_attachment",
                name="guard",
                values={"policy_id": "p-12345678", "target_id": SHOP},
            ),
        ]
    )
    (tmp_path / "it.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")

    ran = forebay(tmp_path, "check", "--state", "it.json", "--format", "json")

    told = {(one["rule"], one["address"]) for one in ran.document["results"]}
    assert ("grant-missing", "aws_organizations_policy.guard") in told
    assert ("layer-not-judged", "aws_organizations_policy.guard") in told
