"""`rules`, and `check --no-topology`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

from generator.model.finding import Severity
from generator.rules.manual import parse_manual
from generator.rules.manuals import Entry, merged, rule_names

if TYPE_CHECKING:
    from pathlib import Path

OPEN = """
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }]
  })
}
"""


def test_every_rule_is_listed_with_its_severity_and_one_line(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "rules")

    assert ran.code == 0
    lines = [line.split() for line in ran.out.splitlines()[2:]]
    assert [line[0] for line in lines] == sorted(rule_names())
    assert all(len(line) > 3 for line in lines)


def test_a_manual_is_printed_with_its_examples(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "rules", "condition-not-binding")

    assert ran.code == 0
    assert ran.out.startswith("condition-not-binding (critical; reported by `check`")
    assert "**Bad**" in ran.out
    assert "**Good**" in ran.out


def test_a_misspelled_rule_gets_a_suggestion(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "rules", "condition-not-bindin")

    assert ran.code == 1
    assert "Did you mean `condition-not-binding`?" in ran.err


def test_rules_are_there_for_programs(tmp_path: Path) -> None:
    document = forebay(tmp_path, "rules", "secret-name", "--format", "json").document

    assert document["command"] == "rules"
    (rule,) = document["rules"]
    assert rule["name"] == "secret-name"
    assert rule["severity"] == "high"
    assert rule["manual"].startswith(rule["summary"].split(" ")[0])


def test_code_is_checked_without_any_topology(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(OPEN, encoding="utf-8")

    ran = forebay(tmp_path, "check", "--no-topology", "--format", "json")

    assert ran.code == 2
    (result,) = ran.document["results"]
    assert result["rule"] == "grant-any-principal"
    assert result["location"]["file"] == "main.tf"
    assert result["location"]["line"] == 6


def test_code_in_another_folder_is_checked_and_sound_code_is_silent(tmp_path: Path) -> None:
    code = tmp_path / "infra"
    code.mkdir()
    (code / "main.tf").write_text(
        OPEN.replace('Principal = "*"', 'Principal = { AWS = "222233334444" }'), encoding="utf-8"
    )

    ran = forebay(tmp_path, "check", "--no-topology", "--code", "infra")

    assert (ran.code, ran.err) == (0, "")


def test_a_topology_and_none_exclude_each_other(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "check", "--no-topology", "--topology", "topology.yaml")

    assert ran.code == 1
    assert "exclude each other" in ran.err


def test_a_rule_without_topology_can_be_ignored_and_its_manual_is_in_sarif(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(OPEN, encoding="utf-8")

    ignored = forebay(tmp_path, "check", "--no-topology", "--ignore", "grant-any-principal")
    sarif = forebay(tmp_path, "check", "--no-topology", "--format", "sarif")

    assert ignored.code == 0
    (rule,) = json.loads(sarif.out)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.5"
    assert "**Good**" in rule["help"]["markdown"]


def test_the_names_of_rules_complete() -> None:
    import click

    from generator.cli.replay import replay
    from generator.cli.rules import rules

    (argument,) = [each for each in rules.params if isinstance(each, click.Argument)]
    offered = argument.shell_complete(click.Context(rules), "grant-any")
    assert [item.value for item in offered] == ["grant-any-principal"]
    (registry,) = [each for each in replay.params if each.name == "registry"]
    assert registry._custom_shell_complete is not None


@pytest.mark.parametrize(
    ("first", "second", "has_page"),
    [(True, False, True), (False, True, True), (False, False, False), (True, True, True)],
)
def test_rules_of_one_name_have_a_page_where_one_of_them_has(
    first: bool,
    second: bool,
    has_page: bool,
) -> None:
    def entry(command: str, text: str, *, page: bool) -> Entry:
        return Entry(
            name="a-rule",
            severity=Severity.LOW,
            commands=(command,),
            manual=parse_manual(f"{text}.\n"),
            has_page=page,
        )

    (found,) = merged([entry("drift", "First", page=first), entry("check", "Second", page=second)])

    assert found.commands == ("drift", "check")
    assert found.has_page is has_page
    assert found.manual.summary == ("First." if first and not second else "Second.")
