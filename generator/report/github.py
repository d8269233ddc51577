"""The format for GitHub Actions: workflow commands that become annotations on the changed lines."""

from collections.abc import Iterator
from pathlib import Path

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.printable import one_line, printable
from generator.report.places import shown_path
from generator.report.report import Report, folded_notes, notes_line


def github(report: Report) -> str:
    """One workflow command a result, and one for all notes of a rule; the worst stand first.

    Source of the syntax: GitHub Docs, "Workflow commands for GitHub Actions".
    """
    whole, folded = folded_notes(report)
    lines = [_command(finding, report.base) for finding in whole]
    for notes in folded:
        # A page shows ten notices a step, so notes of one rule share one.
        if len(notes) == 1:
            lines.append(_command(notes[0], report.base))
            continue
        title = _property(f"{len(notes)} notes [{notes[0].rule}]")
        text = _data(printable(one_line(notes_line(notes, report.base))))
        lines.append(f"::notice title={title}::{text}")
    if report.silenced:
        number = len(report.silenced)
        some = "1 result was" if number == 1 else f"{number} results were"
        rules = ", ".join(sorted({one.finding.rule for one in report.silenced}))
        text = f"{some} accepted, so they are not shown: {rules}."
        lines.insert(0, f"::notice title=forebay {report.command}::{_data(printable(text))}")
    return "".join(f"{line}\n" for line in lines)


def _command(finding: Finding, base: Path) -> str:
    properties = ",".join(
        f"{name}={_property(value)}" for name, value in _properties(finding, base)
    )
    return f"::{_level(finding)} {properties}::{_data(printable(finding.message))}"


def _level(finding: Finding) -> str:
    if finding.severity is Severity.INFO:
        return "notice"
    if finding.kind is FindingKind.UNDECIDED or finding.severity is Severity.WARNING:
        return "warning"
    return "error"


def _properties(finding: Finding, base: Path) -> Iterator[tuple[str, str]]:
    span = finding.location
    if span is not None:
        yield "file", one_line(shown_path(span.file, base))
        yield "line", str(span.line)
        yield "endLine", str(span.end_line)
        # GitHub takes columns only for a stretch of one line.
        if span.line == span.end_line:
            yield "col", str(span.column)
            yield "endColumn", str(span.end_column)
    yield "title", f"{one_line(finding.title).rstrip('.')} [{finding.rule}]"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
