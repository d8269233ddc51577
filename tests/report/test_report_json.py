"""The JSON document: every key, always."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import finding, full_report, span

from generator.model.finding import FindingKind, Severity
from generator.report import Format, render
from generator.report.report import Report

if TYPE_CHECKING:
    from pathlib import Path

RESULT_KEYS = {
    "kind",
    "rule",
    "severity",
    "title",
    "message",
    "address",
    "location",
    "topology",
    "witness",
    "fingerprint",
    "roots",
    "caused_by",
    "fixed",
    "not_fixed",
}


def test_the_document_has_every_key_of_the_interface(tmp_path: Path) -> None:
    document = json.loads(render(full_report(tmp_path), Format.JSON))

    assert list(document) == ["version", "command", "summary", "results"]
    assert document["version"] == 1
    assert document["summary"] == {
        "drift": 1,
        "findings": 1,
        "undecided": 1,
        "errors": 0,
        "warnings": 1,
        "suppressed": 0,
        "notes": 0,
        "questions": 0,
        "proved": 0,
        "taken_as_given": 0,
        "consequences": 0,
        "fixed": 0,
        "proof": None,
        "exit_code": 2,
    }
    assert all(set(result) == RESULT_KEYS for result in document["results"])


def test_a_result_says_kind_place_and_topology_line_relative_to_the_base(tmp_path: Path) -> None:
    document = json.loads(render(full_report(tmp_path), Format.JSON))

    drift = document["results"][0]
    assert (drift["kind"], drift["rule"], drift["severity"]) == ("drift", "different", "high")
    assert drift["location"] == {
        "file": "terraform/main/main.tf",
        "line": 4,
        "column": 38,
        "end_line": 4,
        "end_column": 52,
    }
    assert drift["topology"]["file"] == "topology.yaml"
    assert drift["witness"] is None


def test_a_witness_is_a_whole_request_with_its_statement(tmp_path: Path) -> None:
    document = json.loads(render(full_report(tmp_path), Format.JSON))

    assert document["results"][1]["witness"] == {
        "principal": "arn:aws:iam::999988887777:role/stranger",
        "action": "ecr:BatchGetImage",
        "resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/x",
        "context": {"aws:PrincipalAccount": "999988887777", "aws:PrincipalOrgPaths": []},
        "statement": {
            "file": "terraform/main/main.tf",
            "line": 3,
            "column": 3,
            "end_line": 5,
            "end_column": 4,
        },
    }


def test_what_has_no_place_is_null(tmp_path: Path) -> None:
    document = json.loads(render(full_report(tmp_path), Format.JSON))

    warning = document["results"][3]
    assert (warning["location"], warning["topology"], warning["address"]) == (None, None, None)


def test_what_a_command_adds_stands_beside_the_results() -> None:
    report = Report(
        command="generate",
        findings=(),
        extra={"files": ({"path": "a.tf", "action": "create"},), "interrupted_pulls": ()},
    )

    document = json.loads(render(report, Format.JSON))

    assert document["files"] == [{"path": "a.tf", "action": "create"}]
    assert document["interrupted_pulls"] == []


def test_a_file_outside_the_base_is_shown_with_the_way_to_it(tmp_path: Path) -> None:
    outside = span(tmp_path / "elsewhere" / "a.tf", 1, 1, 1, 2)
    report = Report(command="check", findings=(finding(location=outside),), base=tmp_path / "work")

    document = json.loads(render(report, Format.JSON))

    assert document["results"][0]["location"]["file"] == "../elsewhere/a.tf"


def test_a_base_with_two_names_is_one_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    place = span(tmp_path / "real" / "a.tf", 1, 1, 1, 2)
    report = Report(command="check", findings=(finding(location=place),), base=tmp_path / "link")

    document = json.loads(render(report, Format.JSON))

    assert document["results"][0]["location"]["file"] == "a.tf"


@settings(max_examples=100, deadline=None)
@given(
    title=st.text(st.characters()),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
)
def test_any_text_makes_valid_json(title: str, kind: FindingKind, severity: Severity) -> None:
    result = finding(kind=kind, severity=severity, rule=title, subject=title)

    text = render(Report(command="check", findings=(result,)), Format.JSON)

    assert text.encode("utf-8")
    assert json.loads(text)["results"][0]["rule"] == title
