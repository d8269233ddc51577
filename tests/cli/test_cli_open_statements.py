"""`check --no-topology` shows who gets in by an open statement, with a request that can be replayed."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
REPOSITORY = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
GITHUB = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"


def registry(statement: str) -> str:
    return f"""\
{PROVIDER}
resource "aws_ecr_registry_policy" "this" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{ Effect = "Allow", Principal = {{ AWS = "222233334444" }}, Action = "ecr:BatchGetImage", Resource = "{REPOSITORY}" }},
      {{ Effect = "Allow", Action = "ecr:BatchGetImage", Resource = "{REPOSITORY}", {statement} }},
    ]
  }})
}}
"""


OPEN = {
    "grant-any-principal": registry('Principal = "*"'),
    "condition-not-binding": registry(
        'Principal = "*", Condition = { StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }'
    ),
    "network-only-guard": registry(
        'Principal = "*", Condition = { IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }'
    ),
    "not-principal-allow": registry('NotPrincipal = { AWS = "222233334444" }'),
    "federation-any-subject": f"""\
{PROVIDER}
resource "aws_iam_role" "ci" {{
  name = "ci"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Federated = "{GITHUB}" }}
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {{ StringEquals = {{ "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }} }}
    }}]
  }})
}}
""",
}


@pytest.mark.parametrize("rule", OPEN)
def test_an_open_statement_is_shown_by_a_request_that_gets_in(rule: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(OPEN[rule], "utf-8")

    ran = forebay(
        tmp_path, "check", "--no-topology", "--format", "json", "--report", "html=page.html"
    )

    (found,) = [one for one in ran.document["results"] if one["rule"] == rule]
    assert found["witness"]["statement"] == found["location"]
    assert "222233334444" not in found["witness"]["principal"]
    words = shlex.split(found["message"].partition("Replay it:\n")[2])
    assert words[0] == "forebay"
    replayed = forebay(tmp_path, *words[1:], "--format", "json").document["replay"]
    assert replayed["decision"] == "allowed"
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("Step by step") == 1
    assert "A statement allows it:" in page


def test_a_statement_that_only_a_deny_closes_has_no_request(tmp_path: Path) -> None:
    code = registry('Principal = "*"').replace(
        "    ]\n",
        '      { Effect = "Deny", Principal = "*", Action = "ecr:*", Resource = "*",'
        ' Condition = { StringNotEquals = { "aws:PrincipalAccount" = "222233334444" } } },\n    ]\n',
    )
    (tmp_path / "main.tf").write_text(code, "utf-8")

    ran = forebay(tmp_path, "check", "--no-topology", "--format", "json")

    assert [one["rule"] for one in ran.document["results"]] == []


def test_a_policy_in_a_file_of_its_own_has_its_story(tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": REPOSITORY}
    (tmp_path / "policy.json").write_text(
        json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "utf-8"
    )
    owner = "registry:111122223333/eu-west-1=policy.json"

    forebay(tmp_path, "check", "--no-topology", "--policy", owner, "--report", "html=page.html")

    page = (tmp_path / "page.html").read_text("utf-8")
    assert "Principal fits, Action fits, Resource fits" in page
