"""`check --since` leaves out what was so before, and nothing that a change makes possible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from gate_support import judged

from generator.gate.change import check_since
from generator.model.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.estate import Json

HUB, SHOP, STRANGER = "111122223333", "222233334444", "999988887777"
TOPOLOGY = f"""\
version: 1
accounts:
  hub: {{id: "{HUB}", regions: [eu-west-1], registry_policy: create}}
  shop: {{id: "{SHOP}", regions: [eu-west-1]}}
consumers:
  nodes: {{account: shop, role: eks-node}}
registries:
  hub:
    caches: {{quay: {{}}}}
    grants: [{{to: nodes, allow: cached}}]
"""
PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["%s"]
}
"""
QUAY = f"arn:aws:ecr:eu-west-1:{HUB}:repository/quay/*"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
NODE = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{SHOP}:role/eks-node"},
    "Action": PULL,
    "Resource": QUAY,
}
SOMEBODY = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "ecr:BatchGetImage",
    "Resource": QUAY,
    "Condition": {"StringLike": {"aws:userid": "AROA*"}},
}
GIVEN = {**SOMEBODY, "Principal": {"AWS": "VARIABLE"}, "Condition": {}}
OPEN = {**SOMEBODY, "Action": "ecr:*", "Resource": "*", "Condition": {}}
READS = {**NODE, "Action": "ecr:DescribeImages"}
PERIMETER = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "ecr:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
}
KEPT_OUT = {**PERIMETER, "Condition": {"StringEquals": {"aws:PrincipalAccount": STRANGER}}}
BY_AGENT = {**PERIMETER, "Condition": {"StringNotLike": {"aws:UserAgent": "docker/*"}}}


def registry(*statements: dict[str, Json]) -> str:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    document = document.replace('"VARIABLE"', "var.who")
    return (
        'variable "who" {}\nresource "aws_ecr_registry_policy" "p" {\n'
        f"  policy = jsonencode({document})\n}}\n"
    )


def scope(value: str) -> str:
    name = "REGISTRY_POLICY_SCOPE"
    return (
        f'resource "aws_ecr_account_setting" "s" {{\n  name  = "{name}"\n  value = "{value}"\n}}\n'
    )


def module(host: str, name: str = "m", who: str = "a") -> str:
    return f'module "{name}" {{\n  source = "git::https://{host}/m.git"\n  who    = "{who}"\n}}\n'


def stack(sort: str) -> str:
    body = json.dumps({"Resources": {"a": {"Type": sort}}})
    return (
        'resource "aws_cloudformation_stack" "s" {\n  name          = "s"\n'
        f"  template_body = jsonencode({body})\n}}\n"
    )


def template(applied_for: str) -> str:
    document = {"Version": "2012-10-17", "Statement": [{**OPEN, "Action": PULL}]}
    del document["Statement"][0]["Resource"]  # type: ignore[attr-defined]
    return (
        'resource "aws_ecr_repository_creation_template" "t" {\n  prefix      = "quay"\n'
        f'  applied_for = ["{applied_for}"]\n'
        f"  repository_policy = jsonencode({json.dumps(document)})\n}}\n"
    )


def role(boundary: str) -> str:
    """A node with rights to push, and a boundary that allows some actions, or none at all."""
    line = "" if not boundary else "  permissions_boundary = aws_iam_policy.b.arn\n"
    return f"""\
resource "aws_iam_role" "n" {{
  name = "eks-node"
{line}  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Principal = {{ Service = "ec2.amazonaws.com" }}, Action = "sts:AssumeRole" }}] }})
}}
resource "aws_iam_role_policy" "n" {{
  name   = "n"
  role   = aws_iam_role.n.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = "*" }}, {{
    Effect = "Allow", Action = ["ecr:PutImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    Resource = "{QUAY}" }}] }})
}}
resource "aws_iam_policy" "b" {{
  name   = "b"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "{boundary or "s3:*"}", Resource = "*" }}] }})
}}
"""


def new(folder: Path, before: tuple[str, str], after: tuple[str, str]) -> set[str]:
    """The rules of what a change brings that counts, the code of the hub and of the shop given."""
    readings = []
    folder.mkdir(exist_ok=True)
    for name, (hub, shop) in (("before", before), ("after", after)):
        files = {"hub/main.tf": PROVIDER % HUB + hub, "shop/main.tf": PROVIDER % SHOP + shop}
        readings.append(judged(folder / name, files, TOPOLOGY))
    found = check_since(
        readings[1].topology, readings[1].reading, readings[0].reading, "main"
    ).findings
    return {one.rule for one in found if one.severity not in {Severity.INFO, Severity.WARNING}}


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (scope("V1") + registry(NODE, OPEN), scope("V2") + registry(NODE, OPEN), "grant-any"),
        (registry(NODE, SOMEBODY), registry(NODE, {**SOMEBODY, "Action": "ecr:*"}), "undecided"),
        (registry(NODE, SOMEBODY), registry(NODE, {**SOMEBODY, "Resource": "*"}), "undecided"),
        (registry(NODE, GIVEN), registry(NODE, {**GIVEN, "Action": "ecr:*"}), "undecided"),
        (registry(NODE, GIVEN, PERIMETER), registry(NODE, GIVEN), "undecided"),
        (registry(NODE, SOMEBODY, PERIMETER), registry(NODE, SOMEBODY), "undecided"),
        (template("REPLICATION"), template("PULL_THROUGH_CACHE"), "grant-any"),
        (module("good.example.com"), module("bad.example.com"), "unread-module"),
        (module("good.example.com"), module("good.example.com", who="*"), "unread-module"),
        (
            module("good.example.com"),
            module("good.example.com") + module("good.example.com", "n"),
            "unread-module",
        ),
        (stack("AWS::ECR::Repository"), stack("AWS::ECR::RegistryPolicy"), "unread-access"),
    ],
)
def test_what_a_change_opens_is_shown_although_it_was_asked_before(
    tmp_path: Path, before: str, after: str, rule: str
) -> None:
    assert [one for one in new(tmp_path, (before, ""), (after, "")) if rule in one]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (scope("V2") + registry(NODE, OPEN), scope("V2") + registry(NODE, READS, OPEN)),
        (registry(NODE, SOMEBODY), registry(NODE, READS, SOMEBODY)),
        (registry(NODE, GIVEN), registry(NODE, READS, GIVEN)),
        (registry(NODE, BY_AGENT), registry(NODE, READS, BY_AGENT)),
        (registry(NODE, SOMEBODY), registry(NODE, SOMEBODY, KEPT_OUT)),
        (template("PULL_THROUGH_CACHE"), "# moved\n\n" + template("PULL_THROUGH_CACHE")),
        (module("good.example.com"), "# moved\n\n" + module("good.example.com")),
        (stack("AWS::ECR::Repository"), "\n" + stack("AWS::ECR::Repository")),
    ],
)
def test_what_a_change_leaves_as_it_was_is_left_out(
    tmp_path: Path, before: str, after: str
) -> None:
    assert new(tmp_path, (before, ""), (after, "")) == set()


def test_rights_behind_a_wider_boundary_are_new(tmp_path: Path) -> None:
    narrow, wide, none = (("", role(boundary)) for boundary in ("ecr:*Get*", "ecr:*", ""))

    assert "identity-undeclared" in new(tmp_path / "wider", narrow, wide)
    assert "identity-undeclared" in new(tmp_path / "gone", narrow, none)
    assert new(tmp_path / "same", wide, wide) == set()
