"""The JUnit report: one case for each question, in the elements that CI systems read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import finding, full_report

from generator.model.finding import Finding, FindingKind, Question, Severity
from generator.model.suppression import Silenced
from generator.report import Format, render
from generator.report.report import Report, Threshold

if TYPE_CHECKING:
    from pathlib import Path

# What the schema of Jenkins' xUnit plugin allows of each element: attributes, and what may stand in it.
ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name"}, {"skipped", "error", "failure", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


def parsed(report: Report) -> ET.Element:
    """The document; every element is one that the schema allows where it stands."""
    root = ET.fromstring(render(report, Format.JUNIT))  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, inside = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= inside
    for suite in root:
        cases = suite.findall("testcase")
        outcomes = [[child.tag for child in case if child.tag != "system-out"] for case in cases]
        assert all(len(outcome) <= 1 for outcome in outcomes)
        assert suite.attrib == {
            "name": suite.attrib["name"],
            "tests": str(len(cases)),
            "failures": str(outcomes.count(["failure"])),
            "errors": str(outcomes.count(["error"])),
            "skipped": str(outcomes.count(["skipped"])),
        }
    for name in ("tests", "failures", "errors"):
        assert root.attrib[name] == str(sum(int(suite.attrib[name]) for suite in root))
    return root


def outcome(report: Report) -> list[str]:
    """What became of each case, in order."""
    cases = parsed(report).iter("testcase")
    return [next((c.tag for c in case if c.tag != "system-out"), "passed") for case in cases]


def asked(*findings: Finding, **more: object) -> Report:
    """A report with one question, about these findings."""
    question = Question(
        suite="code: main",
        name="the registry policy",
        findings=tuple(one.fingerprint for one in findings),
    )
    report = Report(command="check", findings=findings, questions=(question,))
    return replace(report, **more)  # type: ignore[arg-type]


def test_a_question_without_findings_is_a_case_that_passed() -> None:
    (case,) = parsed(asked()).iter("testcase")

    assert case.attrib == {"classname": "forebay.check", "name": "the registry policy"}
    assert len(case) == 0


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        (FindingKind.FINDING, Severity.HIGH, "failure"),
        (FindingKind.DRIFT, Severity.LOW, "failure"),
        (FindingKind.FINDING, Severity.INFO, "passed"),
        (FindingKind.FINDING, Severity.WARNING, "passed"),
        (FindingKind.UNDECIDED, Severity.MEDIUM, "error"),
        (FindingKind.ERROR, Severity.HIGH, "error"),
    ],
)
def test_a_case_ends_as_its_results_count(
    kind: FindingKind, severity: Severity, expected: str
) -> None:
    assert outcome(asked(finding(kind=kind, severity=severity))) == [expected]


def test_what_does_not_reach_the_threshold_is_only_noted() -> None:
    report = asked(finding(severity=Severity.LOW), threshold=Threshold(fail_on=Severity.HIGH))

    (case,) = parsed(report).iter("testcase")

    assert [child.tag for child in case] == ["system-out"]


def test_an_accepted_result_is_a_case_that_was_skipped_with_the_reason() -> None:
    silenced = Silenced(finding=finding(), reason="until May")
    report = replace(asked(finding()), findings=(), silenced=(silenced,))

    (case,) = parsed(report).iter("testcase")

    assert [(child.tag, child.get("message")) for child in case] == [
        ("skipped", "accepted: until May")
    ]


def test_a_result_that_was_left_out_proves_nothing() -> None:
    assert outcome(replace(asked(finding()), findings=())) == ["skipped"]


def test_a_failure_wins_over_a_question_left_open() -> None:
    open_question = finding(kind=FindingKind.UNDECIDED, severity=Severity.MEDIUM, subject="y")

    assert outcome(asked(open_question, finding())) == ["failure"]


def test_results_about_no_question_are_cases_of_their_own(tmp_path: Path) -> None:
    assert outcome(full_report(tmp_path)) == ["failure", "failure", "error", "passed"]


def test_accepted_results_about_no_question_are_cases_too() -> None:
    report = Report(
        command="check", findings=(), silenced=(Silenced(finding=finding(), reason="x"),)
    )

    assert outcome(report) == ["skipped"]


@given(text=st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_text_is_xml(text: str) -> None:
    one = replace(finding(), title=text, message=text, rule=text)
    report = asked(one, silenced=(Silenced(finding=finding(subject="y"), reason=text),))

    root = parsed(report)

    failure = next(root.iter("failure"))
    if text.isprintable():
        assert failure.get("message") == text
