"""Code that Terraform refuses, code that is off by default, and what other programs make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.gate_support import TOPOLOGY
from generator.gate.drift import drift_findings
from generator.hcl import read_code
from generator.model.finding import FindingKind, in_order
from generator.topology import read_topology
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

CACHE = """
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = %s
}
"""
NO_SECRET = """
resource "aws_secretsmanager_secret" "s" {
  count = 0
  name  = "ecr-pullthroughcache/hub"
}
"""


def results(folder: Path, files: dict[str, str]) -> set[tuple[str, str]]:
    """Kind and rule of each result."""
    return {(each.kind.value, each.rule) for each in findings_of(folder, files)}


@pytest.mark.parametrize(
    ("argument", "rest", "words"),
    [
        ("aws_secretsmanager_secret.s[0].arn", NO_SECRET, "there is no element 0"),
        ("aws_secretsmanager_secret.t.arn", "", "aws_secretsmanager_secret.t"),
        ("vars.secret", "", "vars.secret"),
        ("local.secret", "", "local.secret"),
        ("var.secret", "", "var.secret"),
        ('local.m["b"]', 'locals {\n  m = { a = "x" }\n}\n', "there is no key `b`"),
    ],
)
def test_what_terraform_refuses_is_an_error(
    tmp_path: Path, argument: str, rest: str, words: str
) -> None:
    """An index out of range and names that nothing declares."""
    found = findings_of(tmp_path, {"main.tf": CACHE % argument + rest})

    (error,) = [each for each in found if each.kind is FindingKind.ERROR]
    assert error.rule == "code-refused"
    assert words in error.message
    assert in_order(found)[0] == error


MANY = """
resource "aws_ecr_repository_policy" "p" {
  for_each   = toset(["a/b", "c/d"])
  repository = each.key
  policy     = data.aws_iam_policy_document.%s.json
}
resource "aws_ecr_registry_policy" "p" {
  policy = data.aws_iam_policy_document.%s.minified_json
}
resource "aws_ecr_pull_through_cache_rule" "r" {
  for_each              = toset(["quay", "other"])
  ecr_repository_prefix = each.key
  upstream_registry_url = var.%s
}
"""


def test_one_name_that_nothing_declares_is_one_cause(tmp_path: Path) -> None:
    """What else names it follows from the first result, and nothing of it is open besides."""
    found = findings_of(tmp_path, {"main.tf": MANY % ("lost", "lost", "lost")})

    assert {each.rule for each in found} == {"code-refused"}
    first, variable = (each for each in found if each.caused_by is None)
    assert [each.caused_by for each in found if each not in (first, variable)] == [
        first.fingerprint
    ]
    assert "data.aws_iam_policy_document.lost" in first.message
    assert "var.lost" in variable.message


def test_two_names_that_nothing_declares_are_two_causes(tmp_path: Path) -> None:
    found = findings_of(tmp_path, {"main.tf": MANY % ("lost", "gone", "lost")})

    assert [(each.rule, each.caused_by) for each in found] == [("code-refused", None)] * 3


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": CACHE % 'try(aws_secretsmanager_secret.s[0].arn, "x")' + NO_SECRET},
        {"main.tf": CACHE % "aws_secretsmanager_secret.s.arn", "more.tofu": "# declared elsewhere"},
        {"main.tf": CACHE % "aws_secretsmanager_secret.s.arn", "terragrunt.hcl": "# writes more"},
        {"main.tf": CACHE % "one(aws_secretsmanager_secret.s[*].arn)" + NO_SECRET},
    ],
)
def test_what_terraform_may_take_is_no_error(tmp_path: Path, files: dict[str, str]) -> None:
    """`try` catches an element that is not there; another program may declare a name."""
    found = findings_of(tmp_path, files)

    assert [each for each in found if each.rule == "code-refused"] == []


@pytest.mark.parametrize(
    "mistake", [CACHE % "aws_secretsmanager_secret.t.arn", 'locals {\n  a = "not closed\n}\n']
)
def test_nothing_of_a_root_with_an_error_is_called_missing(tmp_path: Path, mistake: str) -> None:
    """The error stands first, and what the topology asks for is one open question."""
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    code = tmp_path / "terraform" / "main"
    code.mkdir(parents=True)
    provider = (
        'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
    )
    (code / "providers.tf").write_text(provider, encoding="utf-8")
    (code / "main.tf").write_text(mistake, encoding="utf-8")
    topology = read_topology(tmp_path / "topology.yaml").topology
    assert topology is not None

    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)
    found = drift_findings(topology, reading)

    assert found[0].kind is FindingKind.ERROR
    assert [
        each.rule for each in found if each.kind is FindingKind.DRIFT and each.rule == "missing"
    ] == []
    open_questions = [each for each in found if each.rule == "unread-module"]
    assert len(open_questions) == 1
    assert "quay" in open_questions[0].message


OPEN = """
resource "aws_ecr_registry_policy" "open" {
  count = var.user != "" ? 1 : 0
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Resource = "*"
  }] })
}
"""
USER = 'variable "user" {\n  default = ""\n}\n'


def test_what_is_off_by_a_default_is_judged(tmp_path: Path) -> None:
    """The author of a module runs it with its defaults alone."""
    (found,) = findings_of(tmp_path, {"main.tf": USER + OPEN})

    assert (found.kind.value, found.rule) == ("undecided", "grant-any-principal")
    assert "by the default of var.user it is not made" in found.message


def test_links_between_blocks_that_are_off_hold(tmp_path: Path) -> None:
    """Each is judged as if all of them were there."""
    code = USER + CACHE.replace("{\n", '{\n  count = var.user != "" ? 1 : 0\n', 1) % (
        "aws_secretsmanager_secret.s[0].arn"
    )
    secret = NO_SECRET.replace("= 0", '= var.user != "" ? 1 : 0').replace(
        "ecr-pullthroughcache/hub", "hub"
    )

    assert results(tmp_path, {"main.tf": code + secret}) == {("undecided", "secret-name")}


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": USER + OPEN, "terraform.tfvars": 'user = ""\n'},
        {"main.tf": 'locals {\n  user = ""\n}\n' + OPEN.replace("var.user", "local.user")},
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  user   = ""\n}\n',
            "m/main.tf": USER + OPEN,
        },
        {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": USER + OPEN},
    ],
)
def test_what_somebody_switches_off_is_off(tmp_path: Path, files: dict[str, str]) -> None:
    """A value that is given, a local, and a module that is called without the variable."""
    assert results(tmp_path, files) == set()


def test_drift_compares_what_the_defaults_make(tmp_path: Path) -> None:
    """What is off is no record that drift could find."""
    (tmp_path / "main.tf").write_text(USER + OPEN, encoding="utf-8")

    reading = read_code(tmp_path, project_root=tmp_path, topology=None)

    assert reading.estate.records == ()
    assert len(reading.off_by_default) == 1


TEMPLATE = "Resources:\n  Cache:\n    Type: AWS::ECR::PullThroughCacheRule\n"


@pytest.mark.parametrize(
    ("name", "text", "program"),
    [
        ("terragrunt.hcl", "inputs = {}\n", "Terragrunt"),
        ("live/eu/terragrunt.hcl", "inputs = {}\n", "Terragrunt"),
        ("network.tfstack.hcl", 'component "a" {}\n', "Terraform Stacks"),
        ("cdktf.json", "{}\n", "CDK for Terraform"),
        ("Pulumi.yaml", "name: a\n", "Pulumi"),
        ("template.yaml", TEMPLATE, "CloudFormation"),
    ],
)
def test_files_of_other_programs_are_named_where_code_is_expected(
    tmp_path: Path, name: str, text: str, program: str
) -> None:
    """Nothing was judged, and the result says of what."""
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")

    reading = read_code(tmp_path, project_root=tmp_path, topology=None)

    (problem,) = reading.problems
    assert (problem.kind, problem.rule) == (FindingKind.UNDECIDED, "unread-code")
    assert program in problem.title
    assert file.name in problem.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terragrunt.hcl", 'inputs = { cidr = "10.0.0.0/16" }\n'),
        ("Pulumi.yaml", "name: website\n"),
        ("ci.yaml", "jobs: {}\n"),
        ("template.yaml", TEMPLATE),
    ],
)
def test_files_about_other_things_are_not_named_beside_code(
    tmp_path: Path, name: str, text: str
) -> None:
    """The benign twin: Terraform was read, and these files are about no registry, or no Terraform."""
    assert results(tmp_path, {"main.tf": CACHE % '"x"', name: text}) == {("finding", "secret-name")}


@pytest.mark.parametrize("name", ["x.tfcomponent.hcl", "x.tfdeploy.hcl", "x.tfstack.hcl"])
def test_stacks_are_named_beside_code_whatever_they_say(tmp_path: Path, name: str) -> None:
    """They call modules as code does."""
    files = {
        "main.tf": CACHE % '"x"',
        name: 'component "a" {\n  source = "git::https://x.example"\n}\n',
    }

    assert ("undecided", "unread-code") in results(tmp_path, files)


def test_a_cache_of_which_the_upstream_is_not_known_is_named(tmp_path: Path) -> None:
    """With what would decide it."""
    code = (CACHE % '"x"').replace('"registry-1.docker.io"', "var.host").replace('"x"', "null")

    (found,) = findings_of(tmp_path, {"main.tf": 'variable "host" {}\n' + code})

    assert (found.kind.value, found.rule) == ("undecided", "upstream-refused")
    assert "--var host=" in found.message


def test_the_registry_of_an_account_that_is_not_known_is_one(tmp_path: Path) -> None:
    """The benign twin: the kind of upstream is written."""
    code = (
        (CACHE % "null")
        .replace("credential_arn ", "custom_role_arn")
        .replace("= null", '= "arn:aws:iam::111122223333:role/fill"')
        .replace('"registry-1.docker.io"', '"${var.account}.dkr.ecr.eu-west-1.amazonaws.com"')
    )

    assert results(tmp_path, {"main.tf": 'variable "account" {}\n' + code}) == set()


def test_a_block_behind_a_text_that_is_empty_by_default_is_not_judged_by_that_text(
    tmp_path: Path,
) -> None:
    code = """
variable "on" { default = false }
variable "token" { default = "" }
resource "aws_secretsmanager_secret" "hub" {
  count = var.on && var.token != "" ? 1 : 0
  name  = "ecr-pullthroughcache/hub"
}
resource "aws_secretsmanager_secret_version" "hub" {
  count         = var.on && var.token != "" ? 1 : 0
  secret_id     = aws_secretsmanager_secret.hub[0].id
  secret_string = jsonencode({ username = "me", accessToken = var.token })
}
"""

    assert findings_of(tmp_path, {"main.tf": code}) == []
