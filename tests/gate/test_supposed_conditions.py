"""Arguments that hang on a condition which is not known: each way is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
provider "aws" { region = "eu-west-1" }
variable "on" { type = bool }
variable "stage" { type = string }
"""
ARN = '"arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-AbCdEf"'
RULE = """
resource "aws_ecr_pull_through_cache_rule" "hub" {
  SWITCH
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = CREDENTIAL
}
"""
QUAY = """
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""


def results(folder: Path, code: str, **files: str) -> list[tuple[str, str]]:
    names = {f"{name}/main.tf": text for name, text in files.items()}
    found = findings_of(folder, {"providers.tf": "", "main.tf": HEAD + code, **names})
    return [(each.kind.value, each.rule) for each in found]


def rule(credential: str, switch: str = "") -> str:
    return RULE.replace("SWITCH", switch).replace("CREDENTIAL", credential)


@pytest.mark.parametrize(
    "credential",
    [
        f"var.on ? {ARN} : null",
        f"!var.on ? null : {ARN}",
        f'var.stage == "prod" ? {ARN} : null',
        f'var.stage == "prod" ? {ARN} : var.stage == "test" ? {ARN} : null',
        f"var.on && var.stage != null ? {ARN} : null",
        f"one([for each in [{ARN}] : each if var.on])",
        "local.credential",
    ],
)
def test_a_credential_that_one_way_lacks_is_an_open_question(
    tmp_path: Path, credential: str
) -> None:
    code = f"locals {{\n  credential = var.on ? {ARN} : null\n}}\n"

    assert results(tmp_path, code + rule(credential)) == [("undecided", "credential-missing")]


@pytest.mark.parametrize(
    ("credential", "switch"),
    [
        (f"var.on ? {ARN} : null", "count = var.on ? 1 : 0"),
        (f"local.on ? {ARN} : null", 'for_each = var.on ? toset(["a"]) : toset([])'),
        (f"!var.on ? null : {ARN}", "count = var.on == true ? 1 : 0"),
        (f'var.stage != "prod" ? null : {ARN}', 'count = var.stage == "prod" ? 1 : 0'),
        (f"var.on ? {ARN} : null", 'count = var.on && var.stage == "prod" ? 1 : 0'),
        (f'var.on ? {ARN} : "{ARN[1:-7]}GhIjKl"', ""),
    ],
)
def test_a_rule_that_hangs_on_the_same_switch_is_decided(
    tmp_path: Path, credential: str, switch: str
) -> None:
    code = "locals {\n  on = var.on\n}\n"

    assert results(tmp_path, code + rule(credential, switch)) == []


def test_a_rule_that_is_there_only_without_its_credential_is_told(tmp_path: Path) -> None:
    code = rule(f"var.on ? null : {ARN}", "count = var.on ? 1 : 0")

    assert results(tmp_path, code) == [("undecided", "credential-missing")]


def test_a_switch_is_the_same_in_a_called_module(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./m"\n  count = var.on ? 1 : 0\n  private = var.on\n}\n'
    inner = 'variable "private" {}\n' + rule(f"var.private ? {ARN} : null")

    assert results(tmp_path, call, m=inner) == []
    assert results(tmp_path, call.replace("= var.on\n}", "= !var.on\n}"), m=inner) == [
        ("undecided", "credential-missing")
    ]


OTHER_ARGUMENTS = {
    "prefix": (
        (
            'resource "aws_ecr_pull_through_cache_rule" "r" {\n'
            '  ecr_repository_prefix = var.on ? "Quay" : "quay"\n'
            '  upstream_registry_url = "quay.io"\n}\n'
        ),
        "cache-prefix-refused",
    ),
    "role": (
        'resource "aws_ecr_repository_creation_template" "t" {\n  prefix = "quay"\n'
        '  applied_for = ["PULL_THROUGH_CACHE"]\n  resource_tags = { a = "b" }\n'
        '  custom_role_arn = var.on ? "arn:aws:iam::111122223333:role/t" : null\n}\n' + QUAY,
        "template-role-missing",
    ),
    "block": (
        'resource "aws_ecr_repository_creation_template" "t" {\n  prefix = "quay"\n'
        '  applied_for = ["PULL_THROUGH_CACHE"]\n  dynamic "encryption_configuration" {\n'
        "    for_each = var.on ? [1] : []\n    content {\n"
        '      encryption_type = "KMS"\n    }\n  }\n}\n' + QUAY,
        "template-role-missing",
    ),
    "secret's name": (
        'resource "aws_secretsmanager_secret" "s" {\n'
        '  name = var.on ? "ecr-pullthroughcache/hub" : "hub"\n}\n'
        + rule("aws_secretsmanager_secret.s.arn"),
        "secret-name",
    ),
    "secret's keys": (
        (
            'resource "aws_secretsmanager_secret" "s" {\n  name = "ecr-pullthroughcache/hub"\n}\n'
            'resource "aws_secretsmanager_secret_version" "s" {\n'
            "  secret_id = aws_secretsmanager_secret.s.id\n"
            "  secret_string = jsonencode(merge({ username = var.stage },"
            " var.on ? { password = var.stage } : { accessToken = var.stage }))\n}\n"
        ),
        "secret-keys",
    ),
    "trust": (
        (
            'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n'
            '    Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",\n'
            '      Principal = { Service = "${var.on ? "ecr" : "pullthroughcache.ecr"}'
            '.amazonaws.com" } }]\n  })\n}\n'
            'resource "aws_ecr_pull_through_cache_rule" "r" {\n  ecr_repository_prefix = "up"\n'
            '  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"\n'
            "  custom_role_arn = aws_iam_role.r.arn\n}\n"
        ),
        "trust-wrong-principal",
    ),
    "scope": (
        (
            'resource "aws_ecr_account_setting" "s" {\n  name = "REGISTRY_POLICY_SCOPE"\n'
            '  value = var.on ? "V1" : "V2"\n}\n'
            'resource "aws_ecr_registry_policy" "p" {\n  policy = jsonencode({\n'
            '    Version = "2012-10-17", Statement = [{ Effect = "Allow", Resource = "*",\n'
            '      Principal = { AWS = "111122223333" }, Action = "ecr:BatchGetImage" }]\n  })\n}\n'
        ),
        "scope-too-old",
    ),
    "image": (
        'resource "aws_lambda_function" "f" {\n  package_type = "Image"\n'
        '  image_uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/'
        '${var.on ? "quay" : "own"}/a:1"\n}\n' + QUAY,
        "lambda-image-cached",
    ),
}


@pytest.mark.parametrize("name", OTHER_ARGUMENTS)
def test_any_argument_of_which_one_way_is_a_fault_is_an_open_question(
    tmp_path: Path, name: str
) -> None:
    code, expected = OTHER_ARGUMENTS[name]

    assert results(tmp_path, code) == [("undecided", expected)]


def test_what_one_way_only_remarks_is_no_open_question(tmp_path: Path) -> None:
    code = (
        'resource "aws_ecr_repository_creation_template" "t" {\n  prefix = "quay"\n'
        '  applied_for = ["PULL_THROUGH_CACHE"]\n'
        '  image_tag_mutability = var.on ? "IMMUTABLE" : "MUTABLE"\n}\n' + QUAY
    )

    assert results(tmp_path, code) == [("finding", "cache-immutable")]


def test_a_condition_in_a_policy_is_one_open_question(tmp_path: Path) -> None:
    code = (
        'resource "aws_ecr_registry_policy" "p" {\n  policy = jsonencode({\n'
        '    Version = "2012-10-17", Statement = [{ Effect = "Allow", Resource = "*",\n'
        '      Principal = "*", Action = "ecr:BatchGetImage",\n'
        '      Condition = var.on ? { StringEquals = { "aws:PrincipalOrgID" = "o-aaaaaaaaaa" } } : {}'
        "\n    }]\n  })\n}\n"
    )

    assert results(tmp_path, code) == [("undecided", "policy-undecided")]


def test_a_value_that_is_given_decides(tmp_path: Path) -> None:
    code = rule(f"var.on ? {ARN} : null")

    (tmp_path / "terraform.tfvars").write_text("on = true\n")
    assert results(tmp_path, code) == []
    (tmp_path / "terraform.tfvars").write_text("on = false\n")
    assert results(tmp_path, code) == [("finding", "credential-missing")]


@pytest.mark.parametrize(
    ("role", "tags", "expected"),
    [
        ("var.on ? ROLE : null", 'var.stage == "x" ? { a = "b" } : null', True),
        ("var.on ? null : ROLE", 'var.stage == "x" ? null : { a = "b" }', True),
        ("var.on ? ROLE : null", 'var.on ? { a = "b" } : null', False),
        ("var.on ? ROLE : null", 'var.stage == "x" && var.on ? { a = "b" } : null', False),
    ],
)
def test_a_fault_may_need_one_switch_and_not_another(
    tmp_path: Path, role: str, tags: str, *, expected: bool
) -> None:
    code = (
        'resource "aws_ecr_repository_creation_template" "t" {\n  prefix = "quay"\n'
        f'  applied_for = ["PULL_THROUGH_CACHE"]\n  resource_tags = {tags}\n'
        f"  custom_role_arn = {role}\n}}\n".replace("ROLE", '"arn:aws:iam::111122223333:role/t"')
    )

    found = results(tmp_path, code + QUAY)

    assert found == ([("undecided", "template-role-missing")] if expected else [])
