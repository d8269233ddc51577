"""AWS managed policies that code attaches: what they say of ECR is known, whatever form names them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay
from gate_support import judged, rules

from state.state_samples import SHOP, Sample, literal, plan, provider, state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.model.finding import Finding

PROVIDER = """
provider "aws" {
  region              = "REGION"
  allowed_account_ids = ["222233334444"]
}
"""
ROLE = """
resource "aws_iam_role" "node" {
  name = "eks-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
"""
CACHE = """
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""
USUAL = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy")
PULL_ONLY = "AmazonEC2ContainerRegistryPullOnly"
READ_ONLY = "AmazonEC2ContainerRegistryReadOnly"


def topology(level: str, *, region: str = "eu-west-1", grants: str = "") -> str:
    """A role that pulls through the one cache of its own account."""
    return f"""
version: 1
accounts:
  shop: {{id: "222233334444", regions: [{region}]}}
consumers:
  nodes: {{account: shop, role: eks-node}}
registries:
  shop:
    caches: {{quay: {{}}}}
    grants: [{grants or f"{{to: nodes, allow: {level}}}"}]
"""


def attached(*names: str, partition: str = "aws") -> str:
    """Attachments of AWS managed policies to the role."""
    arns = ", ".join(f'"arn:{partition}:iam::aws:policy/{name}"' for name in names)
    return f"""
resource "aws_iam_role_policy_attachment" "node" {{
  for_each   = toset([{arns}])
  role       = aws_iam_role.node.name
  policy_arn = each.value
}}
"""


def code(*parts: str, region: str = "eu-west-1") -> str:
    return PROVIDER.replace("REGION", region) + ROLE + CACHE + "".join(parts)


def checked(folder: Path, text: str | Mapping[str, str], topology: str) -> list[Finding]:
    return judged(folder, text, topology).check


def test_a_node_role_with_the_usual_three_is_right(tmp_path: Path) -> None:
    text = code(attached(*USUAL, PULL_ONLY))

    assert checked(tmp_path, text, topology("pull")) == []


def test_a_node_role_that_only_reads_has_what_is_cached(tmp_path: Path) -> None:
    assert checked(tmp_path, code(attached(*USUAL, READ_ONLY)), topology("cached")) == []


def test_read_only_lacks_the_first_pull_by_name(tmp_path: Path) -> None:
    found = checked(tmp_path, code(attached(*USUAL, READ_ONLY)), topology("first-pull"))

    assert rules(found) == [("finding", "grant-missing")]
    assert "Missing: ecr:BatchImportUpstreamImage, ecr:CreateRepository." in found[0].message
    assert "`first-pull` is declared, and only `cached` is given" in found[0].message
    assert READ_ONLY in found[0].message
    assert "cannot be changed" in found[0].message


def test_a_statement_of_the_roles_own_fills_what_read_only_lacks(tmp_path: Path) -> None:
    own = """
resource "aws_iam_role_policy" "import" {
  name = "import"
  role = aws_iam_role.node.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
      Resource = "arn:aws:ecr:eu-west-1:222233334444:repository/quay/*"
    }]
  })
}
"""

    assert checked(tmp_path, code(attached(READ_ONLY), own), topology("first-pull")) == []


def test_surplus_of_a_policy_of_aws_on_the_accounts_own_cache_is_a_finding(tmp_path: Path) -> None:
    text = code(attached("AmazonEC2ContainerRegistryPowerUser", PULL_ONLY))

    found = checked(tmp_path, text, topology("pull"))

    assert rules(found) == [("finding", "identity-undeclared")]
    assert "ecr:PutImage" in found[0].message
    assert "`AmazonEC2ContainerRegistryPowerUser` (v3 of 2019-12-10) is AWS's" in found[0].message
    assert found[0].location is not None
    assert found[0].location.line == next(
        number for number, line in enumerate(text.split("\n"), 1) if "PowerUser" in line
    )


def test_a_cache_that_was_not_granted_is_surplus_of_a_policy_of_aws(tmp_path: Path) -> None:
    wider = topology("pull").replace("{quay: {}}", "{quay: {}, ecr-public: {}}")
    granted = "{to: nodes, allow: pull, caches: [quay]}"
    narrow = wider.replace("{to: nodes, allow: pull}", granted)
    more = CACHE.replace('"quay"', '"ecr-public"').replace("quay.io", "public.ecr.aws")
    text = code(more, attached(PULL_ONLY))

    assert checked(tmp_path, text, wider) == []
    assert rules(checked(tmp_path, text, narrow)) == [("finding", "identity-undeclared")]


ACROSS = """
version: 1
accounts:
  hub: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  nodes: {account: shop, role: eks-node}
registries:
  hub:
    caches: {quay: {}, ecr-public: {}}
    grants: [{to: nodes, allow: pull, caches: [quay]}]
"""
HUB = """
resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action = [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetDownloadUrlForLayer",
      ]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/CACHES"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/eks-node" } }
    }]
  })
}
"""


def test_the_registry_policy_decides_what_a_policy_of_aws_gives_elsewhere(tmp_path: Path) -> None:
    provider = PROVIDER.replace("222233334444", "111122223333").replace("REGION", "eu-west-1")
    shop = PROVIDER.replace("REGION", "eu-west-1") + ROLE + attached(PULL_ONLY)
    caches = CACHE + CACHE.replace("quay", "ecr-public").replace("ecr-public.io", "public.ecr.aws")

    exact = {
        "hub/main.tf": provider + caches + HUB.replace("CACHES", "quay/*"),
        "shop/main.tf": shop,
    }
    assert checked(tmp_path, exact, ACROSS) == []

    wide = {**exact, "hub/main.tf": provider + caches + HUB.replace("CACHES", "*")}
    found = checked(tmp_path, wide, ACROSS)
    assert rules(found) == [("finding", "grant-undeclared")]


FORMS = {
    "managed_policy_arns": ROLE.replace(
        'name = "eks-node"', 'name = "eks-node"\n  managed_policy_arns = ["ARN"]'
    ),
    "exclusive": ROLE
    + """
resource "aws_iam_role_policy_attachments_exclusive" "node" {
  role_name   = aws_iam_role.node.name
  policy_arns = ["ARN"]
}
""",
    "policy_attachment": ROLE
    + """
resource "aws_iam_policy_attachment" "node" {
  name       = "node"
  roles      = [aws_iam_role.node.name]
  policy_arn = "ARN"
}
""",
    "data by ARN": ROLE
    + """
data "aws_iam_policy" "pull" { arn = "ARN" }

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = data.aws_iam_policy.pull.arn
}
""",
    "data by name": ROLE
    + """
data "aws_iam_policy" "pull" { name = "NAME" }

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = data.aws_iam_policy.pull.arn
}
""",
    "partition of the provider": ROLE
    + """
data "aws_partition" "current" {}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/NAME"
}
""",
    "partition not known": ROLE
    + """
variable "partition" { type = string }

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/NAME"
}
""",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_naming_a_policy_of_aws_is_understood(tmp_path: Path, form: str) -> None:
    def text(name: str) -> str:
        named = FORMS[form].replace("ARN", f"arn:aws:iam::aws:policy/{name}")
        return PROVIDER.replace("REGION", "eu-west-1") + CACHE + named.replace("NAME", name)

    assert checked(tmp_path, text(PULL_ONLY), topology("pull")) == []
    lacking = checked(tmp_path, text(READ_ONLY), topology("pull"))
    assert rules(lacking) == [("finding", "grant-missing")]


@pytest.mark.parametrize(
    ("partition", "region"), [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_policies_of_aws_are_known_in_every_partition(
    tmp_path: Path, partition: str, region: str
) -> None:
    text = code(attached(PULL_ONLY, partition=partition), region=region)

    assert checked(tmp_path, text, topology("pull", region=region)) == []


def test_a_policy_of_aws_that_does_not_ship_leaves_the_question_open(tmp_path: Path) -> None:
    found = checked(tmp_path, code(attached(PULL_ONLY, "AmazonBraketFullAccess")), topology("pull"))

    assert rules(found) == [("undecided", "grant-undecided")]
    assert "AWS managed policy whose text does not ship with forebay" in found[0].message
    assert "AmazonBraketFullAccess" in found[0].message


def test_a_wrong_path_of_a_known_policy_is_named(tmp_path: Path) -> None:
    found = checked(tmp_path, code(attached(PULL_ONLY, "AWSLambdaRole")), topology("pull"))

    assert rules(found) == [("undecided", "grant-undecided")]
    assert "`arn:aws:iam::aws:policy/service-role/AWSLambdaRole`" in found[0].message


def test_a_policy_of_the_account_with_a_name_of_aws_is_judged_as_it_is_written(
    tmp_path: Path,
) -> None:
    own = f"""
resource "aws_iam_policy" "pull" {{
  name = "{PULL_ONLY}"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }}]
  }})
}}

data "aws_iam_policy" "pull" {{ name = "{PULL_ONLY}" }}

resource "aws_iam_role_policy_attachment" "node" {{
  role       = aws_iam_role.node.name
  policy_arn = data.aws_iam_policy.pull.arn
}}
"""

    assert rules(checked(tmp_path, code(own), topology("pull"))) == [("finding", "grant-missing")]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [("PowerUserAccess", []), (READ_ONLY, [("finding", "grant-missing")])],
)
def test_a_policy_of_aws_as_a_boundary_is_judged(
    tmp_path: Path, boundary: str, expected: list[tuple[str, str]]
) -> None:
    bounded = code(attached(PULL_ONLY)).replace(
        'name = "eks-node"',
        f'name = "eks-node"\n  permissions_boundary = "arn:aws:iam::aws:policy/{boundary}"',
    )

    assert rules(checked(tmp_path, bounded, topology("pull"))) == expected


def test_an_attached_policy_of_aws_does_not_hide_that_the_consumers_own_is_not_attached(
    tmp_path: Path,
) -> None:
    text = (
        PROVIDER.replace("REGION", "eu-west-1")
        + CACHE
        + attached("AmazonEKS_CNI_Policy").replace("aws_iam_role.node.name", '"eks-node"')
    )
    own = """
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
    both = judged(tmp_path, text + own, topology("pull"))

    assert both.check == []
    assert "attachment-not-seen" in both.notes


def _samples(name: str) -> list[Sample]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    arn = f"arn:aws:iam::aws:policy/{name}"
    return [
        Sample(
            type="aws_iam_role",
            name="node",
            values={
                "name": "eks-node",
                "path": "/",
                "arn": f"arn:aws:iam::{SHOP}:role/eks-node",
                "assume_role_policy": json.dumps(trust),
            },
        ),
        Sample(
            type="aws_iam_role_policy_attachment",
            name="node",
            values={"role": "eks-node", "policy_arn": arn},
        ),
        Sample(
            type="aws_ecr_pull_through_cache_rule",
            name="quay",
            values={
                "ecr_repository_prefix": "quay",
                "upstream_registry_url": "quay.io",
                "region": "eu-west-1",
                "registry_id": SHOP,
            },
        ),
    ]


@pytest.mark.parametrize(
    ("name", "code", "missing"), [(PULL_ONLY, 0, []), (READ_ONLY, 2, ["grant-missing"])]
)
@pytest.mark.parametrize("source", ["plan", "state"])
def test_plans_and_states_know_policies_of_aws_as_code_does(
    tmp_path: Path, source: str, name: str, code: int, missing: list[str]
) -> None:
    in_shop = {"aws": provider(allowed_account_ids=literal([SHOP]), region=literal("eu-west-1"))}
    samples = _samples(name)
    document = plan(samples, providers=in_shop) if source == "plan" else state(samples)
    (tmp_path / "it.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "topology.yaml").write_text(topology("pull"), encoding="utf-8")

    ran = forebay(tmp_path, "check", f"--{source}", "it.json", "--format", "json")

    counted = [one["rule"] for one in ran.document["results"] if one["severity"] != "info"]
    assert (ran.code, counted) == (code, missing), ran.out
