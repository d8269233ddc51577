"""The format for GitHub Actions: workflow commands that become annotations on the changed lines."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.printable import one_line, printable
from generator.report.places import shown_path, shown_place
from generator.report.report import (
    Report,
    folded_notes,
    follower_lines,
    followers_head,
    label,
    notes_line,
    proof_line,
)
from generator.report.words import stream_text

SHOWN_AT_MOST = 10
"""Annotations of one level that GitHub shows of one step."""


def github(report: Report) -> str:
    """One workflow command a result, and one for all notes of a rule; the worst stand first.

    Source of the syntax: GitHub Docs, "Workflow commands for GitHub Actions".
    """
    whole, folded = folded_notes(report)
    alone = [*whole, *(notes[0] for notes in folded if len(notes) == 1)]
    shown, left = _within_limits(alone)
    lines = [_command(report, finding) for finding in shown]
    for notes in folded:
        # Notes of one rule share one notice.
        if len(notes) > 1:
            title = _property(f"{len(notes)} notes [{notes[0].rule}]")
            text = _data(printable(one_line(notes_line(notes, report.base))))
            lines.append(f"::notice title={title}::{text}")
    if proof := proof_line(report):
        lines.insert(0, f"::notice title=forebay {report.command}::{_data(printable(proof))}")
    if report.silenced:
        number = len(report.silenced)
        one = number == 1
        some = "1 result was" if one else f"{number} results were"
        rules = ", ".join(sorted({one.finding.rule for one in report.silenced}))
        text = f"{some} accepted, so {'it is' if one else 'they are'} not shown: {rules}."
        lines.insert(0, f"::notice title=forebay {report.command}::{_data(printable(text))}")
    return "".join(f"{line}\n" for line in (*lines, *_in_the_log(left, report.base)))


def _within_limits(
    findings: Iterable[Finding],
) -> tuple[list[Finding], list[Finding]]:
    """The results that GitHub shows as annotations, and the others.

    Source of the number: `docs/problem-matchers.md` of actions/toolkit: ten errors and ten warnings a
    step, and notices are no better off; GitHub drops further ones unseen.
    """
    counts = Counter[str]()
    shown: list[Finding] = []
    left: list[Finding] = []
    for finding in findings:
        counts[_level(finding)] += 1
        (shown if counts[_level(finding)] <= SHOWN_AT_MOST else left).append(finding)
    return shown, left


def _in_the_log(left: Sequence[Finding], base: Path) -> Iterator[str]:
    """Results as lines of the log, in a group to open; none of them is a command."""
    if not left:
        return
    counts = Counter(_level(finding) for finding in left)
    words = [
        f"{counts[level]} {level}{'s' if counts[level] > 1 else ''}"
        for level in ("error", "warning", "notice")
        if counts[level]
    ]
    told = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    yield f"::group::{told} more, of which GitHub shows no annotation"
    for finding in left:
        place = finding.location or finding.topology
        where = "" if place is None else f" ({one_line(shown_place(place, base))})"
        yield stream_text(f"{label(finding)}: {one_line(finding.title)}{where}")
    yield "::endgroup::"


def _command(report: Report, finding: Finding) -> str:
    properties = ",".join(
        f"{name}={_property(value)}" for name, value in _properties(finding, report.base)
    )
    text = finding.message
    if lines := follower_lines(report, finding):
        head = followers_head(len(report.followers(finding)))
        text = "\n".join((text, head, *(f"  {line}" for line in lines)))
    return f"::{_level(finding)} {properties}::{_data(printable(text))}"


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
