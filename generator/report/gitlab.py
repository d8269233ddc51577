"""The format for GitLab: a code quality report, shown in merge requests."""

from collections import Counter
from pathlib import Path

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.printable import one_line, printable
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
    issues: list[dict[str, object]] = []
    repeats: Counter[str] = Counter()
    for finding in report.findings:
        issue = _issue(finding, report.base)
        if issue is not None:
            # GitLab shows one of several issues with the same fingerprint.
            repeats[finding.fingerprint] += 1
            if repeats[finding.fingerprint] > 1:
                issue["fingerprint"] = f"{finding.fingerprint}:{repeats[finding.fingerprint]}"
            issues.append(issue)
    return dump(issues)


def _issue(finding: Finding, base: Path) -> dict[str, object] | None:
    span = finding.location or finding.topology
    if span is None:
        return None
    undecided = "Not decided: " if finding.kind is FindingKind.UNDECIDED else ""
    return {
        "description": f"{undecided}{one_line(finding.title).rstrip('.')}. {printable(finding.message)}",
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": shown_path(span.file, base), "lines": {"begin": span.line}},
    }
