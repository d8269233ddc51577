"""The options about reports: formats, files, selection, thresholds, colours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import MISTAKE, forebay, inside, write_topology

from generator.cli.main import run
from generator.model.finding import Finding, FindingKind, Severity
from generator.topology import Reading

if TYPE_CHECKING:
    from pathlib import Path


def give(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, Severity, FindingKind]) -> None:
    """Make `validate` find exactly these results, given as rule, severity and kind."""
    findings = tuple(
        Finding(kind=kind, rule=rule, severity=severity, title="T.", message="M.", subject=rule)
        for rule, severity, kind in found
    )
    reading = Reading(topology=None, findings=findings)
    monkeypatch.setattr("generator.topology.read_topology", lambda _path: reading)


HIGH = ("different", Severity.HIGH, FindingKind.FINDING)
LOW = ("missing", Severity.LOW, FindingKind.FINDING)
WARNING = ("two-owners", Severity.WARNING, FindingKind.FINDING)
UNDECIDED = ("unexpected", Severity.LOW, FindingKind.UNDECIDED)
ERROR = ("unreadable-file", Severity.HIGH, FindingKind.ERROR)


@pytest.mark.parametrize(
    ("found", "options", "code"),
    [
        ((), (), 0),
        ((HIGH,), (), 2),
        ((HIGH,), ("--exit-zero",), 0),
        ((HIGH,), ("--fail-on", "critical"), 0),
        ((HIGH,), ("--ignore", "different"), 0),
        ((HIGH,), ("--select", "missing"), 0),
        ((HIGH, LOW), ("--select", "missing,two-owners"), 2),
        ((HIGH, LOW), ("--select", "missing", "--fail-on", "medium"), 0),
        ((WARNING,), (), 0),
        ((WARNING,), ("--strict",), 2),
        ((WARNING,), ("--fail-on", "warning"), 2),
        ((UNDECIDED,), (), 3),
        ((UNDECIDED,), ("--exit-zero",), 0),
        ((UNDECIDED, HIGH), (), 2),
        ((ERROR, HIGH), (), 1),
        ((ERROR,), ("--exit-zero",), 1),
        ((ERROR,), ("--ignore", "unreadable-file"), 1),
    ],
)
def test_exit_codes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    found: tuple[tuple[str, Severity, FindingKind], ...],
    options: tuple[str, ...],
    code: int,
) -> None:
    give(monkeypatch, *found)

    ran = forebay(tmp_path, "validate", "--format", "json", *options)

    assert ran.code == code
    assert ran.document["summary"]["exit_code"] == code
    assert ran.err == ""


def test_findings_are_printed_beside_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, ERROR, HIGH)

    ran = forebay(tmp_path, "validate")

    assert "high[different]" in ran.out
    assert "error[unreadable-file]" in ran.out


def test_what_is_not_selected_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, HIGH, LOW, WARNING)

    document = forebay(
        tmp_path,
        "validate",
        "--format",
        "json",
        "--select",
        "different, missing,",
        "--ignore",
        "different",
    ).document

    assert [result["rule"] for result in document["results"]] == ["missing"]


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize("command", ["validate", "drift", "check"])
def test_a_rule_that_does_not_exist_is_a_wrong_call_that_names_the_likely_one(
    tmp_path: Path, command: str, option: str
) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, command, option, "missing,grant-mising")

    assert (ran.code, ran.out) == (1, "")
    assert "`grant-mising` is not a rule. Did you mean `grant-missing`?" in ran.err


def test_reports_go_to_files_beside_stdout(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, "validate", "--report", "json=out.json", "--report", "sarif=out.sarif")

    assert ran.code == 2
    assert "--> topology.yaml:15:" in ran.out
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    log = json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))
    assert document["summary"]["exit_code"] == 2
    assert len(log["runs"][0]["results"]) == len(document["results"])


def test_a_report_file_that_cannot_be_written_is_exit_code_1_and_findings_are_still_shown(
    tmp_path: Path,
) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(
        tmp_path, "validate", "--report", "json=good.json", "--report", "json=missing/out.json"
    )

    assert ran.code == 1
    assert "topology.yaml:15:" in ran.out
    assert "a report cannot be written" not in ran.out
    assert "error: a report cannot be written" in ran.err
    assert "missing/out.json" in ran.err
    document = json.loads((tmp_path / "good.json").read_text(encoding="utf-8"))
    assert document["summary"]["exit_code"] == 1


@pytest.mark.parametrize(
    "command",
    [
        ("uri", "nginx"),
        ("export", "json"),
        ("policies", "deployer"),
        ("show",),
        (
            *("replay", "--as", "arn:aws:iam::222233334444:role/x"),
            *("--action", "ecr:BatchGetImage"),
            *("--resource", "arn:aws:ecr:eu-west-1:111122223333:repository/quay/x"),
        ),
    ],
    ids=lambda command: command[0],
)
def test_a_command_whose_text_is_its_result_prints_mistakes_to_stderr(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, *command)

    assert (ran.code, ran.out) == (1, "")
    assert "topology.yaml:15:" in ran.err
    document = forebay(tmp_path, *command, "--format", "json").document
    assert [result["kind"] for result in document["results"]] == ["finding"]


def test_reports_are_written_when_a_command_cannot_run(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "validate", "--report", "json=out.json")

    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (ran.code, ran.out) == (1, "")
    assert document["summary"] == {
        "drift": 0,
        "findings": 0,
        "undecided": 0,
        "errors": 1,
        "warnings": 0,
        "suppressed": 0,
        "notes": 0,
        "questions": 0,
        "proved": 0,
        "taken_as_given": 0,
        "consequences": 0,
        "fixed": 0,
        "proof": None,
        "exit_code": 1,
    }


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colours_follow_the_environment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    coloured: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, "validate", "--report", "human=out.txt")

    assert ("\x1b[" in ran.out) is coloured
    assert "\x1b[" not in (tmp_path / "out.txt").read_text(encoding="utf-8")


class TerminalLike:
    """A stdout that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@pytest.mark.parametrize(("terminal", "coloured"), [("xterm", True), ("dumb", False)])
def test_a_terminal_gets_colours_unless_it_is_dumb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: str, coloured: bool
) -> None:
    write_topology(tmp_path, MISTAKE)
    stdout = TerminalLike()
    monkeypatch.setattr("sys.stdout", stdout)
    monkeypatch.setenv("TERM", terminal)

    with inside(tmp_path):
        run(["validate"])

    assert ("\x1b[" in stdout.text) is coloured
