"""`--var-file`, `--var` and `--engine`: what the reader would be told on Terraform's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries: {main: {caches: {quay: {}}, grants: [{to: {role: node}, allow: first-pull}]}}
"""
CODE = """\
variable "account" {
  type = string
}
variable "caches" {
  type = map(string)
}
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = [var.account]
}
resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each              = var.caches
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}
"""
VALUES = 'account = "111122223333"\ncaches = { quay = "quay.io" }\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_topology(tmp_path, TOPOLOGY)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.tf").write_text(CODE, encoding="utf-8")
    (tmp_path / "prod.tfvars").write_text(VALUES, encoding="utf-8")
    return tmp_path


def rules(folder: Path, *arguments: str) -> set[tuple[str, str]]:
    """What drift says about the cache, and the exit code's reason."""
    ran = forebay(folder, "drift", "--code", "code", "--format", "json", *arguments)
    return {
        (result["kind"], result["rule"])
        for result in ran.document["results"]
        if "cache_rule" in (result["address"] or "")
    }


def test_without_values_the_code_cannot_be_judged(project: Path) -> None:
    assert {kind for kind, _ in rules(project)} == {"undecided"}


def test_a_variable_file_gives_the_values(project: Path) -> None:
    assert rules(project, "--var-file", "prod.tfvars") == set()


def test_single_values_are_given_by_name(project: Path) -> None:
    given = ("--var", "account=111122223333", "--var", 'caches={ quay = "quay.io" }')

    assert rules(project, *given) == set()


def test_a_single_value_wins_over_a_file(project: Path) -> None:
    found = rules(project, "--var-file", "prod.tfvars", "--var", 'caches={ quay = "ghcr.io" }')

    assert found == {("drift", "different")}


def test_a_wrong_value_in_a_file_is_shown_where_it_stands_beside_the_project(
    project: Path,
) -> None:
    (project / "prod.vars").write_text(VALUES.replace("quay.io", "ghcr.io"), encoding="utf-8")

    ran = forebay(project, "drift", "--code", "code", "--var-file", "prod.vars", "--format", "json")

    (result,) = (r for r in ran.document["results"] if r["rule"] == "different")
    assert (result["location"]["file"], result["location"]["line"]) == ("prod.vars", 2)


def test_tofu_files_are_read_when_opentofu_runs_the_code(project: Path) -> None:
    (project / "code" / "main.tofu").write_text(
        CODE.replace("= each.value", '= "ghcr.io"'), encoding="utf-8"
    )
    values = ("--var-file", "prod.tfvars")

    assert rules(project, *values) == set()
    assert rules(project, *values, "--engine", "tofu") == {("drift", "different")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--var-file", "gone.tfvars"), "there is no file `gone.tfvars`"),
        (("--var", "hush"), "it needs the form NAME=VALUE"),
        (("--var", "=hush"), "it needs the form NAME=VALUE"),
        (("--var", "acount=hush"), "Did you mean `account`?"),
        (("--engine", "pulumi"), "'pulumi' is not one of 'terraform', 'tofu'"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_without_its_value(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    ran = forebay(project, "check", "--code", "code", *arguments)

    assert ran.code == 1
    assert message in ran.err
    assert "hush" not in ran.err + ran.out
