"""What the rules say of repositories that other people wrote: no false alarm, and no hole.

Boundaries, keys, accounts and providers whose values are known only after apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.gate.check import check_findings_without_topology
from generator.hcl import read_code
from rules.code_examples import rules_of
from rules.test_code_rules import policy

if TYPE_CHECKING:
    from pathlib import Path


BOUNDARY = """
resource "aws_iam_policy" "limits" {
  name   = "limits"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:*", Resource = "*" },
      { Effect = "Allow", Action = "ecr:PutImage", Resource = "*" },
    ]
  })
}

resource "aws_iam_role" "node" {
  name                 = "node"
  permissions_boundary = aws_iam_policy.limits.arn
  assume_role_policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
"""
ATTACHED = {
    "to a role": """
resource "aws_iam_role_policy_attachment" "this" {
  role       = "other"
  policy_arn = aws_iam_policy.limits.arn
}
""",
    "to a role by its list": """
resource "aws_iam_role" "other" {
  name                = "other"
  managed_policy_arns = [aws_iam_policy.limits.arn]
  assume_role_policy  = aws_iam_role.node.assume_role_policy
}
""",
    "to a user": """
resource "aws_iam_user_policy_attachment" "this" {
  user       = "robot"
  policy_arn = "arn:aws:iam::111122223333:policy/limits"
}
""",
    "to a group": """
resource "aws_iam_group_policy_attachment" "this" {
  group      = "builders"
  policy_arn = aws_iam_policy.limits.arn
}
""",
    "to users by a list": """
resource "aws_iam_policy_attachment" "this" {
  name       = "all"
  users      = ["robot"]
  policy_arn = aws_iam_policy.limits.arn
}
""",
    "by a name that is not known": """
variable "arn" { type = string }
resource "aws_iam_user_policy_attachment" "this" {
  user       = "robot"
  policy_arn = var.arn
}
""",
}


def test_a_policy_that_is_only_a_boundary_gives_nothing(tmp_path: Path) -> None:
    assert rules_of(tmp_path, BOUNDARY) == []


@pytest.mark.parametrize("how", ATTACHED)
def test_a_boundary_that_is_attached_as_well_gives_what_it_says(how: str, tmp_path: Path) -> None:
    found = rules_of(tmp_path, BOUNDARY + ATTACHED[how])

    assert set(found) == {("finding", "wildcard-action"), ("finding", "wildcard-resource")}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws_kms_key.own.arn", [("finding", "secret-key-refused")]),
        ("aws_kms_key.many[0].key_id", [("finding", "secret-key-refused")]),
        ("local.key", [("finding", "secret-key-refused")]),
        ("data.aws_kms_alias.given.target_key_arn", []),
        ("var.key", [("undecided", "secret-key-refused")]),
        ('"alias/aws/secretsmanager"', []),
        ("null", []),
    ],
)
def test_a_key_that_the_code_makes_is_a_key_of_its_own(
    key: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    code = f"""
resource "aws_kms_key" "own" {{}}
resource "aws_kms_key" "many" {{ count = 1 }}
data "aws_kms_alias" "given" {{ name = "alias/aws/secretsmanager" }}
locals {{ key = aws_kms_key.own.arn }}
variable "key" {{ type = string }}
resource "aws_secretsmanager_secret" "hub" {{
  name       = "ecr-pullthroughcache/hub"
  kms_key_id = {key}
}}
"""

    assert rules_of(tmp_path, code) == expected


OWN_ACCOUNT = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "other"
  region = "eu-west-1"
}
data "aws_caller_identity" "me" {}
data "aws_caller_identity" "other" { provider = aws.other }
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = PRINCIPAL }, Action = "ecr:*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"', []),
        ("[data.aws_caller_identity.me.account_id]", []),
        (
            '"arn:aws:iam::${data.aws_caller_identity.other.account_id}:root"',
            [("finding", "wildcard-action")],
        ),
        (
            '[data.aws_caller_identity.me.account_id, "222233334444"]',
            [("finding", "wildcard-action")],
        ),
    ],
)
def test_the_account_that_code_asks_its_provider_for_is_its_own(
    principal: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(OWN_ACCOUNT.replace("PRINCIPAL", principal), "utf-8")
    reading = read_code(tmp_path, project_root=tmp_path, topology=None)

    found = check_findings_without_topology(reading)

    assert [(each.kind.value, each.rule) for each in found] == expected


def trust(provider: str, condition: str) -> str:
    return f"""
resource "aws_iam_openid_connect_provider" "github" {{
  url = "https://token.actions.githubusercontent.com"
}}
variable "provider" {{ type = string }}
variable "issuer" {{ type = string }}
resource "aws_iam_role" "ci" {{
  name = "ci"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Federated = {provider} }}
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {{ {condition} }}
    }}]
  }})
}}
"""


AUDIENCE = 'StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }'
SUBJECT = 'StringLike = { "token.actions.githubusercontent.com:sub" = "repo:acme/app:*" }'
ANY_SUBJECT = "federation-any-subject"
UNSURE = [("undecided", ANY_SUBJECT)]


@pytest.mark.parametrize(
    ("provider", "condition", "expected"),
    [
        ("aws_iam_openid_connect_provider.github.arn", AUDIENCE, [("finding", ANY_SUBJECT)]),
        ("aws_iam_openid_connect_provider.github.arn", SUBJECT, []),
        ('"arn:aws:iam::${var.issuer}:oidc-provider/x"', AUDIENCE, [("finding", ANY_SUBJECT)]),
        ("var.provider", AUDIENCE, UNSURE),
        ("var.provider", SUBJECT, []),
        ("var.provider", SUBJECT.replace("StringLike", '"ForAnyValue:StringLikeIfExists"'), []),
        ("var.provider", SUBJECT.replace("StringLike", "StringLikeIfExists"), UNSURE),
        ("var.provider", 'Null = { "token.actions.githubusercontent.com:sub" = "false" }', UNSURE),
        ("var.provider", 'StringEquals = { "${var.issuer}:sub" = "system:sa:a:b" }', []),
        ('"cognito-identity.amazonaws.com"', AUDIENCE, []),
    ],
)
def test_a_provider_whose_arn_is_not_known_needs_a_subject_too(
    provider: str, condition: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert rules_of(tmp_path, trust(provider, condition)) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("arn:aws:logs:eu-west-1:111122223333:*", []),
        ("arn:aws:logs:*:*:*", [("finding", "service-without-source")]),
    ],
)
def test_a_key_for_one_account_s_logs_is_for_one_account(
    pattern: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": pattern}},
    }
    code = f'resource "aws_kms_key" "logs" {{\n  policy = {policy(statement)}\n}}\n'
    code += (
        'resource "aws_ecr_repository" "app" {\n  name = "team/app"\n'
        "  encryption_configuration {\n    kms_key = aws_kms_key.logs.arn\n  }\n}\n"
    )

    assert rules_of(tmp_path, code) == expected
