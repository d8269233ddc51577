"""Values that are sensitive are shown in no format: not as a value, and not in the lines around one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from attack.projects import Attacked, project
from generator.report.excerpt import Sources
from generator.report.masks import HIDDEN, masked, without_credentials

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "HUNTER2"
FORMATS = ("human", "json", "github", "markdown", "sarif", "junit", "gitlab")
VERSION = (
    'resource "aws_secretsmanager_secret_version" "a" {{\n  secret_id = "{name}"\n  {value}\n}}\n'
)
PREFIX = """
resource "aws_ecr_pull_through_cache_rule" "own" {{
  ecr_repository_prefix = {value}
  upstream_registry_url = "quay.io"
}}
"""


@pytest.fixture
def attacked(tmp_path: Path) -> Attacked:
    return project(tmp_path)


def said(attacked: Attacked) -> str:
    text = ""
    for command in ("drift", "check"):
        for format_ in FORMATS:
            ran = attacked.run(command, "--format", format_)
            assert "bug" not in ran.err
            text += ran.out + ran.err
    return text


@pytest.mark.parametrize(
    "value",
    [
        f'secret_string = "{SECRET}"',
        f'secret_string = "{{\\"user\\":\\"b\\",\\"password\\":\\"{SECRET}\\"}}"',
        f"secret_string = <<EOT\n{SECRET}\nEOT",
        f'secret_string = jsonencode({{\n    username = "b"\n    accessToken = "{SECRET}"\n  }})',
        f'secret_string = format(\n "%s",\n "{SECRET}")',
    ],
)
def test_the_value_of_a_secret_is_not_quoted(attacked: Attacked, value: str) -> None:
    code = 'resource "aws_secretsmanager_secret" "s" {\n  name = "ecr-pullthroughcache/own"\n}\n'
    code += VERSION.format(name="ecr-pullthroughcache/own", value=value)
    (attacked.folder / "terraform" / "main" / "own.tf").write_text(code)

    assert SECRET not in said(attacked)


@pytest.mark.parametrize(
    "code",
    [
        f'variable "p" {{\n  sensitive = true\n  default = "{SECRET}"\n}}\n'
        + PREFIX.format(value="var.p"),
        f'variable "p" {{\n  default = "{SECRET}"\n  sensitive = "true"\n}}\n'
        + PREFIX.format(value='lower("x${var.p}")'),
        PREFIX.format(value=f'sensitive("{SECRET}")'),
        'variable "p" {\n  sensitive = true\n}\n' + PREFIX.format(value="var.p"),
        'variable "p" {\n  sensitive = true\n}\nlocals {\n  q = { a = [var.p] }\n}\n'
        + PREFIX.format(value="local.q.a[0]"),
    ],
)
def test_a_sensitive_value_is_not_told(attacked: Attacked, code: str) -> None:
    root = attacked.folder / "terraform" / "main"
    (root / "own.tf").write_text(code)
    (root / "p.auto.tfvars").write_text(f'p = "{SECRET}"\n')

    assert SECRET.lower() not in said(attacked).lower()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("secret_string = var.x", "secret_string = var.x"),
        ("a = 1 # secret_string", "a = 1 # secret_string"),
        ('{ secret_string = "x" }', "{ secret_string = " + HIDDEN + "}"),
        ('"secret_string": "x",', '"secret_string": ' + HIDDEN),
        ('credential_secret_name = "a"', 'credential_secret_name = "a"'),
        ('secret_string == "x"', 'secret_string == "x"'),
        ('password = "${a("b")}" # c', "password = " + HIDDEN),
    ],
)
def test_only_what_is_a_value_is_hidden(code: str, shown: str) -> None:
    (line,) = masked([code])

    assert line == shown


def test_every_line_keeps_its_number() -> None:
    lines = ["a", "secret_string = <<EOT", "x", "EOT", "b", "token = {", ' "c" = "d"', "}", "e"]

    shown = masked(lines)

    assert len(shown) == len(lines)
    assert (shown[0], shown[4], shown[8]) == ("a", "b", "e")


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("local.p", {"LOCAL"}),
        ("var.p", {"DEFAULT", "GIVEN"}),
        ("jsonencode({ accessToken = local.q })", {"LATER"}),
        ('join("", [local.q, "x"])', {"LATER"}),
    ],
)
def test_what_the_value_of_a_secret_is_made_from_is_not_quoted(
    tmp_path: Path, value: str, hidden: set[str]
) -> None:
    (tmp_path / "own.tf").write_text(VERSION.format(name="a", value=f"secret_string = {value}"))
    (tmp_path / "names.tf").write_text(
        'locals {\n  p = "LOCAL"\n  q = local.r\n  r = <<EOT\nLATER\nEOT\n}\n'
    )
    (tmp_path / "variables.tf").write_text('variable "p" {\n  default = "DEFAULT"\n}\n')
    (tmp_path / "p.auto.tfvars").write_text('p = "GIVEN"\n')
    sources = Sources()

    shown = "\n".join(line for file in tmp_path.iterdir() for line in sources.lines(file))

    assert "q = local.r" in shown
    assert {word for word in hidden if word in shown} == set()


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hunter2hunter2@example.com/x",
        "ghp_" + "a1B2" * 9,
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
        "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "//registry.npmjs.org/:_authToken=abcdef",
        "machine github.com login me password hunter2",
        '{"auths": {"x": {"auth": "dXNlcjpwYXNzd29yZA=="}}}',
    ],
)
def test_a_file_of_any_name_with_a_credential_in_it_is_not_read(
    attacked: Attacked, text: str
) -> None:
    root = attacked.folder / "terraform" / "main"
    (attacked.folder / "left-by-the-job").write_text(f"{text}\n")
    (root / "own.tf").write_text(
        PREFIX.format(value='replace(file("../../left-by-the-job"), "/\\\\s/", "_")')
    )

    shown = attacked.run("drift").out + attacked.run("check", "--format", "json").out

    assert "a password or key stands in it" in shown
    for word in re.findall(r"\w{6,}", text.partition("\n")[0].rpartition(" ")[2]):
        assert word not in shown or word in {"github", "https", "example", "registry"}


@pytest.mark.parametrize(
    "text",
    ["https://example.com:8080/a@b", "https://${var.user}:${var.word}@x", "ghp_short", "a:b@c"],
)
def test_what_only_looks_a_little_like_one_is_shown(text: str) -> None:
    assert without_credentials([text]) == [text]
