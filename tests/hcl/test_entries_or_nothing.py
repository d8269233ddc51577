"""A block for each of a collection of which it is not known what is in it, but what may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
provider "aws" { region = "eu-west-1" }
variable "on" { type = bool }
variable "off" { default = false }
variable "more" { type = map(string) }
locals {
  rules = {
    gcr  = "gcr.io"
    quay = "quay.io"
  }
  names = ["gcr", "quay"]
}
resource "aws_ecr_pull_through_cache_rule" "r" {
  for_each              = FOR_EACH
  ecr_repository_prefix = each.key
  upstream_registry_url = VALUE
}
"""
REFUSED = ("undecided", "upstream-refused", 'aws_ecr_pull_through_cache_rule.r["gcr"]', 8)


def results(folder: Path, for_each: str, value: str = "each.value") -> list[tuple[object, ...]]:
    code = HEAD.replace("FOR_EACH", for_each).replace("VALUE", value)
    return [
        (each.kind.value, each.rule, each.address, each.location and each.location.line)
        for each in findings_of(folder, {"providers.tf": "", "main.tf": code})
    ]


@pytest.mark.parametrize(
    "for_each",
    [
        "var.on ? local.rules : {}",
        "var.on ? {} : local.rules",
        "var.off ? local.rules : {}",
        "{ for k, v in local.rules : k => v if var.on }",
        "{ for k, v in local.rules : k => v if v != var.more.x }",
        "{ for k, v in(var.on ? local.rules : {}) : k => v }",
        'merge(var.on ? local.rules : {}, { k8s = "registry.k8s.io" })',
        "tomap(var.on ? local.rules : {})",
        "var.on ? (var.off == false ? local.rules : {}) : {}",
    ],
)
def test_every_entry_that_may_be_there_is_judged(tmp_path: Path, for_each: str) -> None:
    """Each at its own line, and whether it is there is an open question."""
    assert results(tmp_path, for_each) == [REFUSED]


def test_a_list_as_a_set_is_one_too(tmp_path: Path) -> None:
    found = results(
        tmp_path, "toset(var.on ? local.names : [])", 'each.key == "gcr" ? "gcr.io" : "quay.io"'
    )

    assert [each[:3] for each in found] == [REFUSED[:3]]


@pytest.mark.parametrize(
    "for_each",
    [
        "var.on ? local.rules : var.more",
        "merge(local.rules, var.more)",
        'merge(local.rules, var.on ? { gcr = "public.ecr.aws" } : {})',
        "{ for k, v in local.rules : k => v.host if var.on }",
        '{ for k, v in local.rules : "same" => v if var.on }',
    ],
)
def test_what_may_be_something_else_is_one_open_question(tmp_path: Path, for_each: str) -> None:
    found = results(tmp_path, for_each)

    assert [each[:3] for each in found] == [
        ("undecided", "upstream-refused", "aws_ecr_pull_through_cache_rule.r[?]")
    ]


@pytest.mark.parametrize(
    "value",
    [
        'try((var.on ? local.rules : {})["gcr"], "quay.io")',
        'lookup(var.on ? local.rules : {}, "gcr", "quay.io")',
        'try([for v in local.names : "gcr.io" if var.on][0], "quay.io")',
    ],
)
def test_an_entry_that_may_not_be_there_is_no_certain_value(tmp_path: Path, value: str) -> None:
    found = results(tmp_path, 'toset(["xx"])', value)

    assert [each[:2] for each in found] == [("undecided", "upstream-refused")]


def test_links_between_entries_that_may_be_there_hold(tmp_path: Path) -> None:
    code = """
provider "aws" { region = "eu-west-1" }
variable "on" { type = bool }
locals { caches = { hub = "registry-1.docker.io", ghcr = "ghcr.io" } }
resource "aws_secretsmanager_secret" "s" {
  for_each    = var.on ? local.caches : {}
  name_prefix = "KIND${each.key}-"
}
resource "aws_ecr_pull_through_cache_rule" "r" {
  for_each              = var.on ? local.caches : {}
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
  credential_arn        = aws_secretsmanager_secret.s[each.key].arn
}
"""
    wrong = findings_of(tmp_path, {"providers.tf": "", "main.tf": code.replace("KIND", "x-")})
    right = code.replace("KIND", "ecr-pullthroughcache/")

    assert [(each.kind.value, each.rule, each.address) for each in wrong] == [
        ("undecided", "secret-name", 'aws_ecr_pull_through_cache_rule.r["ghcr"]'),
        ("undecided", "secret-name", 'aws_ecr_pull_through_cache_rule.r["hub"]'),
    ]
    assert findings_of(tmp_path, {"providers.tf": "", "main.tf": right}) == []


def test_a_module_for_each_of_what_may_be_there_is_judged(tmp_path: Path) -> None:
    code = HEAD.partition("resource")[0] + (
        'module "r" {\n  source   = "./r"\n  for_each = var.on ? local.rules : {}\n'
        "  name     = each.key\n  host     = each.value\n}\n"
    )
    inner = (
        'variable "name" {}\nvariable "host" {}\nresource "aws_ecr_pull_through_cache_rule" "r" {\n'
        "  ecr_repository_prefix = var.name\n  upstream_registry_url = var.host\n}\n"
    )

    found = findings_of(tmp_path, {"providers.tf": "", "main.tf": code, "r/main.tf": inner})

    assert [(each.kind.value, each.rule, each.address) for each in found] == [
        (
            "undecided",
            "upstream-refused",
            'module.r["gcr"].aws_ecr_pull_through_cache_rule.r',
        )
    ]
