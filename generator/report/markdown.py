"""The format for pull-request comments and job summaries: Markdown of a limited size."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span
from generator.report.excerpt import Sources, excerpt, printable, sources_of
from generator.report.places import shown_path, shown_place
from generator.report.report import Report, details, summarise

SIZE_LIMIT = 60_000
"""Characters: a GitHub comment holds 65,536, and the workflow may add words of its own."""

_SIGNS: Mapping[Severity, str] = {
    Severity.CRITICAL: "🟥",
    Severity.HIGH: "🟥",
    Severity.MEDIUM: "🟧",
    Severity.LOW: "🟨",
    Severity.WARNING: "🟨",
    Severity.INFO: "⬜",
}


def marker(command: str) -> str:
    """The first line of the text, by which a workflow finds its own comment again."""
    return f"<!-- forebay {command} -->"


def markdown(report: Report) -> str:
    """The report as a comment: the result in one line, then each finding to open."""
    head = "\n".join(
        (marker(report.command), f"### forebay {report.command}", "", _verdict(report))
    )
    text = f"{head}\n"
    if report.text:
        lines = [printable(line) for line in report.text.splitlines()]
        text += "\n" + "\n".join(_fenced(lines, "text")) + "\n"
    sources = sources_of(report.findings, private=report.private)
    for number, finding in enumerate(report.findings):
        block = "\n" + "\n".join(_finding(finding, report.base, sources)) + "\n"
        left = len(report.findings) - number
        more = f"\n{left} more {'result is' if left == 1 else 'results are'} not shown here.\n"
        if len(text) + len(block) + len(more) > SIZE_LIMIT:
            return text + more
        text += block
    return text


def _verdict(report: Report) -> str:
    summary = summarise(report)
    counts = (
        (summary.errors, "error", "errors"),
        (summary.drift, "difference", "differences"),
        (summary.findings, "finding", "findings"),
        (summary.undecided, "question not decided", "questions not decided"),
        (summary.warnings, "warning", "warnings"),
        (summary.suppressed, "suppressed", "suppressed"),
    )
    told = [f"{number} {one if number == 1 else many}" for number, one, many in counts if number]
    return f"{'❌' if summary.exit_code else '✅'} {', '.join(told) or 'Nothing to report.'}"


def _finding(finding: Finding, base: Path, sources: Sources) -> Iterator[str]:
    sign = "❔" if finding.kind is FindingKind.UNDECIDED else _SIGNS[finding.severity]
    where = "" if finding.location is None else f" — <code>{_html(_where(finding, base))}</code>"
    yield f"<details><summary>{sign} <b>{_html(finding.title.rstrip('.'))}</b>{where}</summary>"
    yield ""
    yield from _paragraphs(details(finding))
    yield ""
    if finding.location is not None:
        yield from _code(finding.location, sources)
    told = [f"rule `{finding.rule}`", f"severity {finding.severity.value}"]
    if finding.topology is not None and finding.topology != finding.location:
        told.append(f"topology {_inline(shown_place(finding.topology, base))}")
    if finding.address is not None:
        told.append(f"address {_inline(finding.address)}")
    yield " · ".join(told)
    yield ""
    yield "</details>"


def _where(finding: Finding, base: Path) -> str:
    span = finding.location
    return "" if span is None else f"{shown_path(span.file, base)}:{span.line}"


def _paragraphs(message: str) -> Iterator[str]:
    """The message; what is indented in it is to be copied, so it becomes a block of code."""
    block: list[str] = []
    for line in printable(message).split("\n"):
        if line.startswith((" ", "\t")) and line.strip():
            block.append(line)
            continue
        yield from _fenced(block)
        block = []
        yield _escaped(line)
    yield from _fenced(block)


def _code(span: Span, sources: Sources) -> Iterator[str]:
    lines = [
        "…" if line.number is None else line.text for line in excerpt(span, sources, width=100)
    ]
    if lines:
        yield from _fenced(lines, "yaml" if span.file.suffix in {".yaml", ".yml"} else "hcl")
        yield ""


def _fenced(lines: list[str], language: str = "") -> Iterator[str]:
    if not lines:
        return
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", *lines, fence)


def _escaped(text: str) -> str:
    """Text of ours with code in backticks; everything else in it must not become markup."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)
    return "".join(
        _inline(part) if number % 2 else re.sub(r"([\\*_{}\[\]<>#|~])", r"\\\1", part)
        for number, part in enumerate(parts)
    )


def _inline(text: str) -> str:
    return f"`{text}`" if text else ""


def _html(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    return text.replace("`", "")
