"""The exit code and the counts of a report."""

from __future__ import annotations

import pytest
from report_samples import finding

from generator.model.errors import ExitCode
from generator.model.finding import Finding, FindingKind, Severity
from generator.report.report import Report, Threshold, summarise

ERROR = finding(kind=FindingKind.ERROR)
HIGH = finding(severity=Severity.HIGH)
DRIFT = finding(kind=FindingKind.DRIFT, severity=Severity.MEDIUM)
UNDECIDED = finding(kind=FindingKind.UNDECIDED)
WARNING = finding(severity=Severity.WARNING)
INFO = finding(severity=Severity.INFO)


def exit_code(*findings: Finding, threshold: Threshold | None = None) -> int:
    report = Report(command="check", findings=findings, threshold=threshold or Threshold())
    return int(summarise(report).exit_code)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), 0),
        ((WARNING, INFO), 0),
        ((UNDECIDED,), 3),
        ((UNDECIDED, HIGH), 2),
        ((DRIFT,), 2),
        ((HIGH, WARNING), 2),
        ((ERROR, HIGH, UNDECIDED), 1),
        ((ERROR,), 1),
    ],
)
def test_errors_win_over_findings_and_findings_over_the_undecided(
    findings: tuple[Finding, ...], expected: int
) -> None:
    assert exit_code(*findings) == expected


def test_strict_counts_warnings_and_leaves_notes_alone() -> None:
    strict = Threshold(strict=True)

    assert exit_code(WARNING, threshold=strict) == 2
    assert exit_code(INFO, threshold=strict) == 0


def test_fail_on_raises_the_threshold() -> None:
    critical_only = Threshold(fail_on=Severity.CRITICAL)

    assert exit_code(HIGH, DRIFT, threshold=critical_only) == 0
    assert exit_code(finding(severity=Severity.CRITICAL), threshold=critical_only) == 2


def test_fail_on_does_not_touch_errors_or_what_is_undecided() -> None:
    critical_only = Threshold(fail_on=Severity.CRITICAL)

    assert exit_code(ERROR, threshold=critical_only) == 1
    assert exit_code(UNDECIDED, threshold=critical_only) == 3


def test_exit_zero_turns_findings_and_undecided_into_0_but_never_errors() -> None:
    zero = Threshold(exit_zero=True)

    assert exit_code(HIGH, UNDECIDED, threshold=zero) == 0
    assert exit_code(ERROR, threshold=zero) == 1


def test_files_that_would_change_are_exit_code_2() -> None:
    report = Report(command="generate", findings=(), changes=True)

    assert summarise(report).exit_code == 2


def test_a_command_that_was_stopped_keeps_its_exit_code() -> None:
    zero = Threshold(exit_zero=True)
    report = Report(command="check", findings=(HIGH,), stopped=ExitCode.INTERRUPTED, threshold=zero)

    assert summarise(report).exit_code == 130


def test_warnings_are_counted_apart_and_notes_not_at_all() -> None:
    report = Report(
        command="check", findings=(HIGH, WARNING, INFO, DRIFT, UNDECIDED, ERROR), suppressed=4
    )

    summary = summarise(report)

    counts = (summary.findings, summary.drift, summary.undecided, summary.errors)
    assert counts == (1, 1, 1, 1)
    assert summary.warnings == 1
    assert summary.suppressed == 4


def test_an_error_is_an_error_whatever_its_severity() -> None:
    mild = finding(kind=FindingKind.ERROR, severity=Severity.INFO)

    assert exit_code(mild) == 1
