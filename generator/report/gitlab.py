"""The format for GitLab: a code quality report, shown in merge requests."""

from pathlib import Path

from generator.finding import Finding, FindingKind, Severity
from generator.report.json import dump
from generator.report.places import shown_path
from generator.report.report import Report

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.WARNING: "minor",
    Severity.INFO: "info",
}


def gitlab(report: Report) -> str:
    """A JSON array with one issue a result, without the results that have no file.

    Source of the shape: GitLab Docs, "Code Quality report format".
    """
    issues = [_issue(finding, report.base) for finding in report.findings]
    return dump([issue for issue in issues if issue is not None])


def _issue(finding: Finding, base: Path) -> dict[str, object] | None:
    span = finding.location or finding.topology
    if span is None:
        return None
    undecided = "Not decided: " if finding.kind is FindingKind.UNDECIDED else ""
    return {
        "description": f"{undecided}{finding.title.rstrip('.')}. {finding.message}",
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": shown_path(span.file, base), "lines": {"begin": span.line}},
    }
