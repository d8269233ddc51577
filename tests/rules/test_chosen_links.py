"""A link holds where code chooses between a thing and nothing, in all the ways that people write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
provider "aws" { region = "eu-west-1" }
variable "t" {}
variable "p" {}
variable "on" { type = bool }
variable "given" { default = null }
variable "other" {}
"""

ACCOUNT = 'allowed_account_ids = ["111122223333"]\n'

COUNTED = {
    "index": "R[0].A",
    "one": "one(R[*].A)",
    "condition": "var.on ? R[0].A : null",
    "condition with another": 'var.other != "" ? var.other : R[0].A',
    "condition on a default": "var.given == null ? R[0].A : var.given",
    "join": 'join("", R.*.A)',
    "join with a comma": 'join(",", R.*.A)',
    "try": 'try(R[0].A, "")',
    "coalesce": "coalesce(var.given, R[0].A)",
    "coalesce with another": "coalesce(one(R[*].A), var.given)",
    "element": 'element(concat(R.*.A, [""]), 0)',
    "concat": 'concat(R[*].A, [""])[0]',
    "compact": "compact(R[*].A)[0]",
    "flatten": "flatten([R[*].A])[0]",
    "text": '"${R[0].A}"',
    "of one block": "one(R).A",
    "list by a loop": "one([for each in R : each.A])",
}
KEYED = {
    "key": 'R["hub"].A',
    "values": "values(R)[0].A",
    "one of the values": "one(values(R)[*].A)",
    "lookup": 'lookup({ for k, s in R : k => s.A }, "hub", null)',
    "lookup of a block": 'lookup(R, "hub").A',
    "loop": '{ for k, s in R : k => s.A }["hub"]',
    "merge": 'merge({}, { for k, s in R : k => s.A })["hub"]',
    "try": 'try(R["hub"].A, null)',
}
GATES = {
    "count": ["count = 1", "count = var.on ? 1 : 0"],
    "for_each": ['for_each = toset(["hub"])', 'for_each = toset(var.on ? ["hub"] : [])'],
}
WAYS = [
    *(("count", gate, form) for gate in GATES["count"] for form in COUNTED.values()),
    *(("for_each", gate, form) for gate in GATES["for_each"] for form in KEYED.values()),
]
NAMES = ('name = "hub"', 'name_prefix = "hub-"', "name = var.p")


def by(form: str, block: str, attribute: str) -> str:
    return form.replace("R", block).replace(".A", f".{attribute}")


def secrets(sort: str, gate: str, form: str, *, keys: str = "password", before: str = "") -> str:
    """Three rules whose secrets have a wrong name, a wrong beginning of one, and one not known."""
    code = ""
    for number, name in enumerate(NAMES):
        secret = f"aws_secretsmanager_secret.s{number}"
        own = f"{secret}[{'0' if sort == 'count' else 'each.key'}].id"
        code += f"""
resource "aws_secretsmanager_secret" "s{number}" {{
  {gate}
  {name.replace('= "hub', f'= "{before}hub')}
}}
resource "aws_secretsmanager_secret_version" "s{number}" {{
  {gate}
  secret_id     = {own}
  secret_string = jsonencode({{ username = "u", {keys} = var.t }})
}}
output "arn{number}" {{
  value = {by(form, secret, "arn")}
}}
resource "aws_ecr_pull_through_cache_rule" "r{number}" {{
  ecr_repository_prefix = "hub{number}"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = {by(form, secret, "arn")}
}}
"""
    return code


def results(folder: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    """Rule and block of each result."""
    found = findings_of(folder, files)
    return sorted((each.rule, (each.address or "").partition("[")[0]) for each in found)


def of_secrets(folder: Path, code: str) -> list[tuple[str, str]]:
    """The results about secrets; that a rule may be without one is another question."""
    found = results(folder, {"providers.tf": HEAD, "main.tf": code})
    return [each for each in found if each[0] != "credential-missing"]


MISTAKES = [
    ("secret-keys", "aws_secretsmanager_secret_version.s0"),
    ("secret-keys", "aws_secretsmanager_secret_version.s1"),
    ("secret-keys", "aws_secretsmanager_secret_version.s2"),
    ("secret-name", "aws_ecr_pull_through_cache_rule.r0"),
    ("secret-name", "aws_ecr_pull_through_cache_rule.r1"),
]


@pytest.mark.parametrize(("sort", "gate", "form"), WAYS)
def test_a_secret_is_found_however_it_is_chosen(
    tmp_path: Path, sort: str, gate: str, form: str
) -> None:
    code = secrets(sort, gate, form)

    assert of_secrets(tmp_path, code) == MISTAKES


@pytest.mark.parametrize(("sort", "gate", "form"), WAYS[1::2])
def test_a_right_secret_is_silent_however_it_is_chosen(
    tmp_path: Path, sort: str, gate: str, form: str
) -> None:
    code = secrets(sort, gate, form, keys="accessToken", before="ecr-pullthroughcache/")

    assert of_secrets(tmp_path, code) == []


def test_a_secret_is_found_through_the_output_of_a_module(tmp_path: Path) -> None:
    own, _, users = secrets("count", GATES["count"][1], COUNTED["one"]).rpartition("\nresource")
    own = own.split('resource "aws_ecr_pull')[0]
    module = 'module "s" {\n  source = "./s"\n  on = var.on\n  p = var.p\n  t = var.t\n}\n'
    rule = "resource" + users.replace(
        by(COUNTED["one"], "aws_secretsmanager_secret.s2", "arn"), "one([module.s.arn0])"
    )

    found = results(
        tmp_path, {"providers.tf": HEAD, "main.tf": module + rule, "s/main.tf": HEAD + own}
    )

    assert ("secret-name", "aws_ecr_pull_through_cache_rule.r2") in found
    assert ("secret-keys", "module.s.aws_secretsmanager_secret_version.s0") in found


def test_a_rule_for_each_secret_names_its_own(tmp_path: Path) -> None:
    code = """
resource "aws_secretsmanager_secret" "s" {
  for_each    = var.on ? toset(["hub"]) : toset([])
  name_prefix = "x-"
}
resource "aws_ecr_pull_through_cache_rule" "r" {
  for_each              = aws_secretsmanager_secret.s
  ecr_repository_prefix = each.key
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = each.value.arn
}
"""

    assert results(tmp_path, {"providers.tf": HEAD, "main.tf": code}) == [
        ("secret-name", "aws_ecr_pull_through_cache_rule.r")
    ]


def test_what_may_be_used_or_not_is_an_open_question(tmp_path: Path) -> None:
    """The secret is there, but whether the rule names it is not known."""
    code = secrets("count", "count = 1", COUNTED["condition with another"])

    found = findings_of(tmp_path, {"providers.tf": HEAD, "main.tf": code})

    assert {(each.kind.value, each.rule) for each in found} == {
        ("undecided", "secret-keys"),
        ("undecided", "secret-name"),
    }
    assert all("is not known." in each.message for each in found)


def test_what_may_be_either_of_two_things_is_judged_as_each(tmp_path: Path) -> None:
    code = """
resource "aws_secretsmanager_secret" "a" { name = "a" }
resource "aws_secretsmanager_secret" "b" { name = "b" }
resource "aws_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = var.on ? aws_secretsmanager_secret.a.arn : aws_secretsmanager_secret.b.arn
}
"""

    found = findings_of(tmp_path, {"providers.tf": HEAD, "main.tf": code})

    assert [(each.kind.value, each.rule, each.message.count("`a`")) for each in found] == [
        ("undecided", "secret-name", 1),
        ("undecided", "secret-name", 0),
    ]


TRUSTED = {
    "": [],
    ', AWS = "arn:aws:iam::222233334444:root"': ["trust-wrong-principal"],
}


def role(sort: str, gate: str, form: str, name: str, other: str, *, managed: bool) -> str:
    """The role of a cache with the documented policy on `*`, each link by the form."""
    block = "aws_iam_role.fill"
    policy = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = ["ecr:BatchImportUpstreamImage", "ecr:PutImage"], Resource = "*"
  }] })"""
    holder = f"""
resource "aws_iam_role_policy" "fill" {{
  role   = {by(form, block, "id")}
  policy = {policy}
}}
"""
    if managed:
        holder = f"""
resource "aws_iam_policy" "fill" {{
  name_prefix = "fill-"
  policy      = {policy}
}}
resource "aws_iam_role_policy_attachment" "fill" {{
  role       = {by(form, block, "name")}
  policy_arn = aws_iam_policy.fill.arn
}}
"""
    return f"""
resource "aws_ecr_pull_through_cache_rule" "base" {{
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = {by(form, block, "arn")}
}}
resource "aws_iam_role" "fill" {{
  {gate}
  {name}
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Principal = {{ Service = "pullthroughcache.ecr.amazonaws.com"{other} }}
    Action = "sts:AssumeRole"
  }}] }})
}}
{holder}"""


@pytest.mark.parametrize("other", TRUSTED)
@pytest.mark.parametrize(("sort", "gate", "form"), WAYS)
def test_the_role_of_a_cache_is_found_however_it_is_chosen(
    tmp_path: Path, sort: str, gate: str, form: str, other: str
) -> None:
    """Its policy on `*` is right, and its trust is judged; without the role the cache lacks one."""
    number = len(form) % 3
    code = role(sort, gate, form, NAMES[number], other, managed=len(form) % 2 == 0)
    head = HEAD.replace('" }', f'"\n{ACCOUNT if number == 1 else ""}}}', 1)

    found = findings_of(tmp_path, {"providers.tf": head, "main.tf": code})

    assert ("trust-wrong-principal" in {each.rule for each in found}) is bool(other)
    assert other or {each.rule for each in found} <= {"upstream-role-missing"}
