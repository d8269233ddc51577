"""Keys of creation templates: whether the template's role may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.gate.check import check_without_topology
from generator.gate.suppressions import Suppressor
from generator.hcl import read_code
from rules.code_examples import findings_of
from rules.test_code_rules import policy

if TYPE_CHECKING:
    from pathlib import Path

ROLE = """
resource "aws_iam_role" "this" {{
  name               = "ecr-templates"
  assume_role_policy = {trust}
}}

resource "aws_iam_role_policy" "this" {{
  name   = "this"
  role   = aws_iam_role.this.name
  policy = {rights}
}}

resource "aws_ecr_repository_creation_template" "this" {{
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.this.arn
  encryption_configuration {{
    encryption_type = "KMS"
    kms_key         = {key}
  }}
}}
"""
TRUST = policy(
    {"Effect": "Allow", "Principal": {"Service": "ecr.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
ACTIONS = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
KNOWN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OWNER = {"AWS": "arn:aws:iam::111122223333:root"}


def rights(actions: list[str], key: str = "") -> str:
    """The policy of the role; without a key it names the one that the code makes."""
    made = policy(
        {"Effect": "Allow", "Action": actions, "Resource": key or "KEY"},
        {
            "Effect": "Allow",
            "Action": "ecr:CreateRepository",
            "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
        },
    )
    return made.replace('"KEY"', "aws_kms_key.this.arn")


def found(folder: Path, code: str) -> list[tuple[str, str]]:
    """Kind and rule of what is found about the key."""
    results = findings_of(folder, {"main.tf": code})
    return [(one.kind.value, one.rule) for one in results if one.rule == "template-key-denied"]


@pytest.mark.parametrize(
    ("actions", "resource", "expected"),
    [
        (ACTIONS, KNOWN, []),
        (["kms:*"], "*", []),
        (ACTIONS[:2], KNOWN, [("finding", "template-key-denied")]),
        (ACTIONS[2:], KNOWN, [("undecided", "template-key-denied")]),
        (
            ACTIONS,
            KNOWN.replace("1234abcd", "9999abcd"),
            [("finding", "template-key-denied"), ("undecided", "template-key-denied")],
        ),
    ],
)
def test_a_role_needs_the_actions_on_a_key_that_is_named(
    tmp_path: Path, actions: list[str], resource: str, expected: list[tuple[str, str]]
) -> None:
    code = ROLE.format(trust=TRUST, rights=rights(actions, resource), key=f'"{KNOWN}"')

    assert sorted(found(tmp_path, code)) == expected


@pytest.mark.parametrize(
    ("statements", "is_found"),
    [
        ([{"Effect": "Allow", "Principal": OWNER, "Action": "kms:*", "Resource": "*"}], False),
        (
            [
                {"Effect": "Allow", "Principal": OWNER, "Action": "kms:*", "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "kms:CreateGrant",
                    "Resource": "*",
                },
            ],
            True,
        ),
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
            True,
        ),
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:role/ecr-templates"},
                    "Action": ["kms:CreateGrant", "kms:DescribeKey"],
                    "Resource": "*",
                }
            ],
            False,
        ),
    ],
    ids=["the account", "a Deny", "another role", "the role"],
)
def test_the_policy_of_a_key_that_the_code_makes_is_asked(
    tmp_path: Path, statements: list[object], is_found: bool
) -> None:
    key = f'resource "aws_kms_key" "this" {{\n  policy = {policy(*statements)}\n}}\n'
    code = key + ROLE.format(trust=TRUST, rights=rights(ACTIONS), key="aws_kms_key.this.arn")

    expected = [("finding", "template-key-denied")] if is_found else []
    assert found(tmp_path, code) == expected


ALIAS = """
MODE "aws_kms_alias" "a" {
  name          = "NAME"
}
resource "aws_secretsmanager_secret" "s" {
  name       = "ecr-pullthroughcache/s"
  kms_key_id = PREFIXaws_kms_alias.a.arn
}
"""


@pytest.mark.parametrize("provider", ["", 'provider "aws" {\n  region = "eu-west-1"\n}\n'])
@pytest.mark.parametrize(
    ("mode", "name", "expected"),
    [
        ("data", "alias/aws/secretsmanager", []),
        ("data", "alias/ours", [("finding", "secret-key-refused")]),
        ("resource", "alias/ours", [("finding", "secret-key-refused")]),
    ],
)
def test_the_arn_of_an_alias_says_which_alias(
    tmp_path: Path, provider: str, mode: str, name: str, expected: list[tuple[str, str]]
) -> None:
    prefix = "data." if mode == "data" else ""
    code = ALIAS.replace("MODE", mode).replace("NAME", name).replace("PREFIX", prefix)
    files = {"main.tf": code, **({"providers.tf": provider} if provider else {})}

    found = findings_of(tmp_path, files)

    assert [(each.kind.value, each.rule) for each in found] == expected


def test_an_alias_is_no_key_for_a_template(tmp_path: Path) -> None:
    code = """
resource "aws_kms_alias" "a" {
  name = "alias/ours"
}
resource "aws_ecr_repository_creation_template" "t" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = "arn:aws:iam::111122223333:role/templates"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_alias.a.ATTRIBUTE
  }
}
"""

    refused = findings_of(tmp_path, {"main.tf": code.replace("ATTRIBUTE", "arn")})
    taken = findings_of(tmp_path, {"main.tf": code.replace("ATTRIBUTE", "target_key_arn")})

    assert [each.rule for each in refused] == ["template-key-refused"]
    assert taken == []


KEY_OF_NOBODY = """
variable "name" {{}}
data "aws_caller_identity" "here" {{}}
resource "aws_kms_key" "this" {{}}
resource "aws_kms_alias" "this" {{
  name          = "alias/ecr"
  target_key_id = aws_kms_key.this.key_id
}}
resource "aws_ecr_repository_creation_template" "this" {{
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = "arn:aws:iam::111122223333:role/templates"
  encryption_configuration {{
    encryption_type = "KMS"
    kms_key         = {key}
  }}
}}
"""


@pytest.mark.parametrize(
    ("key", "is_refused"),
    [
        ("aws_kms_alias.this.arn", True),
        ('"arn:aws:kms:eu-west-1:${data.aws_caller_identity.here.account_id}:alias/ecr"', True),
        ('"alias/${var.name}"', True),
        ("aws_kms_key.this.arn", False),
        ("aws_kms_alias.this.target_key_arn", False),
        (
            '"arn:aws:kms:eu-west-1:${data.aws_caller_identity.here.account_id}:key/${var.name}"',
            False,
        ),
        ("var.name", False),
    ],
)
def test_an_alias_is_no_key_whose_ever_it_is(tmp_path: Path, key: str, *, is_refused: bool) -> None:
    """Where the account is not known, the words around it tell that it is an alias."""
    code = KEY_OF_NOBODY.format(key=key)

    results = findings_of(
        tmp_path, {"providers.tf": 'provider "aws" { region = "eu-west-1" }', "main.tf": code}
    )

    rules = [each.rule for each in results if each.rule == "template-key-refused"]
    assert bool(rules) is is_refused


def test_a_policy_of_a_key_that_waits_for_a_variable_is_one_cause(tmp_path: Path) -> None:
    """Whom the key's policy lets in and whether the template may use the key hang on one value."""
    statement = {"Effect": "Allow", "Principal": OWNER, "Action": "kms:*", "Resource": "*"}
    code = ROLE.format(
        trust=TRUST, rights=rights(ACTIONS).replace("KEY", KNOWN), key="aws_kms_key.this.arn"
    )
    key = (
        'variable "strict" { type = bool }\nresource "aws_kms_key" "this" {\n  policy = var.strict'
        f" ? {policy(statement)} : {policy({**statement, 'Sid': 'a'})}\n}}\n"
    )

    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
        + key
        + code
    )
    reading = read_code(tmp_path, project_root=tmp_path, topology=None)
    found = check_without_topology(reading, Suppressor()).findings

    assert {each.rule for each in found} == {"policy-undecided", "template-key-denied"}
    assert [each.rule for each in found if each.caused_by is None] == ["policy-undecided"]
