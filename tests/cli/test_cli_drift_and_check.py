"""`drift` and `check`: what they read, and what their results mean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import MISTAKE, TOPOLOGY, forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("drift", "check")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a topology and the code that belongs to it."""
    write_topology(tmp_path)
    assert forebay(tmp_path, "generate").code == 0
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_generated_code_is_exit_code_0(project: Path, command: str) -> None:
    ran = forebay(project, command, "--format", "json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.document["command"] == command


@pytest.mark.parametrize("command", COMMANDS)
def test_the_code_can_lie_elsewhere(project: Path, command: str) -> None:
    (project / "terraform").rename(project / "infra")

    assert forebay(project, command, "--code", "infra").code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_code_that_is_missing_is_an_error_that_names_generate(tmp_path: Path, command: str) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, command)

    assert ran.code == 1
    assert ran.out == ""
    assert "forebay generate\n" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_code_folder_that_is_missing_is_where_generate_is_told_to_write(
    tmp_path: Path, command: str
) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, command, "--code", "my infra")

    assert ran.code == 1
    assert "forebay generate --out 'my infra'\n" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_code_that_is_a_file_is_an_error(tmp_path: Path, command: str) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, command, "--code", "topology.yaml")

    assert ran.code == 1
    assert "`topology.yaml` is not a folder" in ran.err
    assert "forebay generate" not in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_topology_with_mistakes_is_exit_code_1(project: Path, command: str) -> None:
    write_topology(project, MISTAKE)

    ran = forebay(project, command, "--format", "json")

    assert ran.code == 1
    assert ran.document["results"][0]["kind"] == "finding"
    assert ran.document["summary"]["exit_code"] == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_mistakes_that_stop_a_command_are_shown_whatever_is_selected(
    project: Path, command: str
) -> None:
    write_topology(project, MISTAKE)

    ran = forebay(project, command, "--select", "missing", "--ignore", "invalid-value")

    assert ran.code == 1
    assert "--> topology.yaml:15:" in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_root_that_is_not_there_is_an_error(project: Path, command: str) -> None:
    ran = forebay(project, command, "--root", "nowhere")

    assert ran.code == 1
    assert "There is no folder `nowhere`" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_root_that_does_not_hold_the_code_is_an_error(project: Path, command: str) -> None:
    (project / "other").mkdir()

    ran = forebay(project, command, "--root", "other")

    assert ran.code == 1
    assert "outside the project root" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_does_not_parse_is_an_error_among_the_results(
    project: Path, command: str
) -> None:
    (project / "terraform/main/broken.tf").write_text('resource "x" {\n', encoding="utf-8")

    ran = forebay(project, command, "--format", "json")

    assert ran.code == 1
    errors = [result for result in ran.document["results"] if result["kind"] == "error"]
    assert [error["location"]["file"] for error in errors] == ["terraform/main/broken.tf"]


def test_a_cache_that_the_code_lacks_is_drift(project: Path) -> None:
    write_topology(
        project, TOPOLOGY.replace("      quay: {}\n", "      quay: {}\n      ecr-public: {}\n")
    )

    ran = forebay(project, "drift", "--format", "json")

    assert ran.code == 2
    missing = [result for result in ran.document["results"] if result["rule"] == "missing"]
    assert {result["kind"] for result in ran.document["results"]} == {"drift"}
    assert any("ecr-public" in result["title"] for result in missing)


def test_a_changed_upstream_in_the_code_points_at_its_line(project: Path) -> None:
    file = project / "terraform/main/main.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("quay.io", "quay.example"), encoding="utf-8")
    line = text[: text.index("quay.io")].count("\n") + 1

    ran = forebay(project, "drift", "--format", "json")

    assert ran.code == 2
    different = [result for result in ran.document["results"] if result["rule"] == "different"]
    assert [(result["location"]["file"], result["location"]["line"]) for result in different] == [
        ("terraform/main/main.tf", line)
    ]


def test_a_wider_policy_in_the_code_is_a_finding_with_a_witness(project: Path) -> None:
    file = project / "terraform/main/access.tf"
    text = file.read_text(encoding="utf-8")
    wider = text.replace("role/eks-*", "*")
    assert wider != text
    file.write_text(wider, encoding="utf-8")

    ran = forebay(project, "check", "--format", "json")

    assert ran.code == 2
    witnesses = [result["witness"] for result in ran.document["results"] if result["witness"]]
    assert any(":222233334444:" in witness["principal"] for witness in witnesses)
    assert all(witness["statement"]["file"] == "terraform/main/access.tf" for witness in witnesses)
    assert "`arn:aws:iam::222233334444:" in forebay(project, "check").out


def test_all_three_formats_tell_the_same_results(project: Path) -> None:
    file = project / "terraform/main/main.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("quay.io", "quay.example"), encoding="utf-8")

    ran = forebay(project, "drift", "--report", "json=a.json", "--report", "sarif=a.sarif")

    document = json.loads((project / "a.json").read_text(encoding="utf-8"))
    log = json.loads((project / "a.sarif").read_text(encoding="utf-8"))
    rules = [result["rule"] for result in document["results"]]
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == rules
    assert [line for line in ran.out.splitlines() if f"[{rules[0]}]: " in line]
    assert ran.code == 2


def test_results_are_relative_to_the_working_folder_wherever_that_is(project: Path) -> None:
    file = project / "terraform/main/main.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("quay.io", "quay.example"), encoding="utf-8")

    ran = forebay(
        project / "terraform", "drift", "-t", "../topology.yaml", "--code", ".", "--format", "json"
    )

    different = [result for result in ran.document["results"] if result["rule"] == "different"]
    assert [result["location"]["file"] for result in different] == ["main/main.tf"]
    assert [result["topology"]["file"] for result in different] == ["../topology.yaml"]
