"""`try` of an instance of which it is not known whether it is there: which of its values it is, is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

SECRET = """
provider "aws" { region = "eu-west-1" }
variable "on" { type = bool }
variable "by_name" { type = map(string) }
resource "aws_secretsmanager_secret" "hub" {
  MANY
  name = "NAME"
}
locals {
  first = aws_secretsmanager_secret.hub[KEY].arn
}
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = ARN
}
"""
OPEN = [("undecided", "secret-name")]
GOOD, WRONG = "ecr-pullthroughcache/hub", "hub"
COUNT, EACH = "count = var.on ? 1 : 0", "for_each = var.by_name"


def results(folder: Path, many: str, name: str, arn: str, key: str = "0") -> list[tuple[str, str]]:
    code = SECRET.replace("MANY", many).replace("NAME", name).replace("ARN", arn)
    found = findings_of(folder, {"main.tf": code.replace("KEY", key)})
    return [(each.kind.value, each.rule) for each in found]


@pytest.mark.parametrize(
    ("many", "arn"),
    [
        (COUNT, "try(aws_secretsmanager_secret.hub[0].arn, null)"),
        (COUNT, "try((aws_secretsmanager_secret.hub[*].arn)[0], null)"),
        (COUNT, 'try("${aws_secretsmanager_secret.hub[0].arn}", null)'),
        (EACH, 'try(aws_secretsmanager_secret.hub["hub"].arn, null)'),
    ],
)
def test_what_may_be_the_fallback_is_not_certain(tmp_path: Path, many: str, arn: str) -> None:
    found = results(tmp_path, many, WRONG, arn)

    assert [each for each in found if each[1] == "secret-name"] == OPEN


@pytest.mark.parametrize(
    ("many", "arn"),
    [
        # Without a fallback, Terraform refuses the code where the instance is not there.
        (COUNT, "aws_secretsmanager_secret.hub[0].arn"),
        ("count = 1", "try(aws_secretsmanager_secret.hub[0].arn, null)"),
        # An error in a local is one wherever the local is used.
        (COUNT, "try(local.first, null)"),
        (COUNT, "try(aws_secretsmanager_secret.hub[0].arn, aws_secretsmanager_secret.hub[0].id)"),
    ],
)
def test_what_can_be_nothing_else_is_certain(tmp_path: Path, many: str, arn: str) -> None:
    assert results(tmp_path, many, WRONG, arn) == [("finding", "secret-name")]


def test_a_good_secret_that_is_there_with_its_rule_is_silent(tmp_path: Path) -> None:
    arn = "try(aws_secretsmanager_secret.hub[0].arn, null)"

    assert results(tmp_path, COUNT, GOOD, f"{arn}\n  {COUNT}") == []


def test_a_rule_that_is_there_without_its_secret_lacks_a_credential(tmp_path: Path) -> None:
    found = results(tmp_path, COUNT, GOOD, "try(aws_secretsmanager_secret.hub[0].arn, null)")

    assert found == [("undecided", "credential-missing")]


DOCUMENT = """
provider "aws" { region = "eu-west-1" }
variable "on" { type = bool }
data "aws_iam_policy_document" "d" {
  count = var.on ? 1 : 0
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["WHO"]
    }
  }
}
resource "aws_ecr_repository_policy" "p" {
  count      = var.on ? 1 : 0
  repository = "team/app"
  policy     = try(data.aws_iam_policy_document.d[0].json, "")
}
"""


@pytest.mark.parametrize(
    ("who", "expected"),
    [("*", [("undecided", "grant-any-principal")]), ("222233334444", [])],
)
def test_a_document_or_nothing_is_judged_as_the_document(
    tmp_path: Path, who: str, expected: list[tuple[str, str]]
) -> None:
    found = findings_of(tmp_path, {"main.tf": DOCUMENT.replace("WHO", who)})

    assert [(each.kind.value, each.rule) for each in found] == expected
