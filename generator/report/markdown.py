"""The format for pull-request comments and job summaries: Markdown of a limited size."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from generator.model.finding import ABOUT_YARDSTICKS, Finding, FindingKind, Severity
from generator.model.span import Span
from generator.report.excerpt import Sources, excerpt, sources_of
from generator.report.places import shown_path, shown_place
from generator.report.report import (
    Report,
    ReportTable,
    counts_in_words,
    details,
    folded_notes,
    follower_lines,
    followers_head,
    proof_line,
    told,
)
from generator.report.words import html_text, markdown_block, markdown_code, markdown_line

SIZE_LIMIT = 60_000
"""Characters: a GitHub comment holds 65,536, and the workflow may add words of its own."""

NOTES_LIMIT = 20
"""Notes of one rule that are listed, when they are folded."""

ALIKE_LIMIT = 3
"""Results about the judge of a change, of one sort, that have a block each."""

ROWS_LIMIT = 25
"""Rows of a table that are shown."""

EDGES_LIMIT = 12
"""Edges of a picture that is shown without being opened."""

TEXT_LIMIT = 20_000
"""Characters of what a command prints before its results."""

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
        (
            marker(report.command),
            f"### forebay {report.command}",
            "",
            *_about_change(report),
            _verdict(report),
        )
    )
    text = f"{head}\n"
    for shown in report.tables:
        text += "\n" + "\n".join(_table(shown)) + "\n"
    text += _picture(report)
    if report.text:
        text += "\n" + "\n".join(markdown_block(_beginning(report.text), "text")) + "\n"
    sources = sources_of(report.findings, private=report.private)
    whole, folded = folded_notes(report)
    blocks: list[tuple[int, Callable[[], Iterator[str]]]] = []
    for alike in _together(whole):
        if len(alike) > 1:
            blocks.append((len(alike), partial(_notes, alike, report.base)))
        else:
            number = 1 + _inside(report, alike[0])
            blocks.append((number, partial(_finding, report, alike[0], sources)))
    blocks += [(len(notes), partial(_notes, notes, report.base)) for notes in folded]
    left = len(report.findings) - report.milder
    for number, lines in blocks:
        block = "\n" + "\n".join(lines()) + "\n"
        more = f"\n{left} more {'result is' if left == 1 else 'results are'} not shown here.\n"
        if len(text) + len(block) + len(more) > SIZE_LIMIT:
            return text + more
        text += block
        left -= number
    return text


def _together(findings: Sequence[Finding]) -> Iterator[tuple[Finding, ...]]:
    """Each result alone, but what a change does to its judge many times over together.

    These stand first: a large change would leave no room for what is wrong.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, finding.title)
        is_one_of_many = finding.rule in ABOUT_YARDSTICKS
        groups.setdefault(key if is_one_of_many else finding.identity, []).append(finding)
    for alike in groups.values():
        if alike[0].rule in ABOUT_YARDSTICKS and len(alike) > ALIKE_LIMIT:
            yield tuple(alike)
        else:
            yield from ((one,) for one in alike)


def _picture(report: Report) -> str:
    """What the change does to the topology, drawn: the edges that it touches, before and after."""
    if report.topology is None or report.earlier_topology is None:
        return ""
    from generator.map.change import mermaid_of_change

    drawn = mermaid_of_change(report.earlier_topology, report.topology)
    if not drawn or len(drawn) > TEXT_LIMIT:
        return ""
    # A large picture is many screens high, and what is wrong stands below it.
    opened = " open" if drawn.count("linkStyle") <= EDGES_LIMIT else ""
    summary = f"<details{opened}><summary>What the topology asks for, before and after</summary>"
    return f"\n{summary}\n\n```mermaid\n{drawn}```\n\n</details>\n"


def _table(shown: ReportTable) -> Iterator[str]:
    """A table, as many rows of it as a reader looks at."""
    if shown.rows:
        yield f"**{markdown_line(shown.title)}**"
        yield ""
        yield f"| {' | '.join(map(_cell, shown.headings))} |"
        yield f"|{' --- |' * len(shown.headings)}"
        for row in shown.rows[:ROWS_LIMIT]:
            yield f"| {' | '.join(map(_cell, row))} |"
        if len(shown.rows) > ROWS_LIMIT:
            yield ""
            yield f"… {len(shown.rows) - ROWS_LIMIT} more"
        yield ""
    yield from map(markdown_line, shown.below)


def _cell(text: str) -> str:
    return markdown_line(text).replace("|", "\\|")


def _beginning(text: str) -> list[str]:
    """The first lines of a text, as many as a comment has room for beside what was found."""
    kept: list[str] = []
    left = TEXT_LIMIT
    lines = text.rstrip("\n").split("\n")
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            return [*kept, f"… {len(lines) - len(kept)} more lines"]
        kept.append(line)
    return kept


def _about_change(report: Report) -> Iterator[str]:
    number = sum(finding.rule in ABOUT_YARDSTICKS for finding in report.findings)
    if number:
        yield (
            f"⚠️ This change accepts, declares or trusts by itself what it is judged by: {number} "
            f"{'result, which stands' if number == 1 else 'results, which stand'} first."
        )
        yield ""


def _verdict(report: Report) -> str:
    summary = told(report)
    words = counts_in_words(report, summary, without={"notes"})
    if report.changes:
        # What is found beside it keeps the command from writing, and says what to do.
        remedy = "" if report.findings else ": run it, and commit them"
        words.append(f"the files are not as `forebay generate` writes them{remedy}")
    verdict = f"{'❌' if summary.exit_code else '✅'} {', '.join(words) or 'Nothing to report.'}"
    proof = proof_line(report)
    return f"{verdict}\n\n{proof[:1].upper()}{proof[1:]}." if proof else verdict


def _inside(report: Report, finding: Finding) -> int:
    """How many results are told inside of one."""
    return len(report.followers(finding)) if report.folds_notes else 0


def _finding(report: Report, finding: Finding, sources: Sources) -> Iterator[str]:
    base = report.base
    sign = "❔" if finding.kind is FindingKind.UNDECIDED else _SIGNS[finding.severity]
    where = (
        "" if finding.location is None else f" — <code>{html_text(_where(finding, base))}</code>"
    )
    yield f"<details><summary>{sign} <b>{html_text(finding.title.rstrip('.'))}</b>{where}</summary>"
    yield ""
    yield from _paragraphs(details(finding))
    yield ""
    if finding.location is not None:
        yield from _code(finding.location, sources)
    words = [f"rule `{finding.rule}`", f"severity {finding.severity.value}"]
    if finding.topology is not None and finding.topology != finding.location:
        words.append(f"topology {markdown_code(shown_place(finding.topology, base))}")
    if finding.address is not None:
        words.append(f"address {markdown_code(finding.address)}")
    yield " · ".join(words)
    if lines := follower_lines(report, finding):
        yield ""
        yield followers_head(len(report.followers(finding)))
        yield ""
        for line in lines:
            yield f"- {markdown_line(line)}"
    yield ""
    yield "</details>"


def _notes(notes: Sequence[Finding], base: Path) -> Iterator[str]:
    """Results of one rule in one block: a line for each, as many as a reader looks at."""
    title = html_text(notes[0].title.rstrip("."))
    times = f", {len(notes)} times" if len(notes) > 1 else ""
    yield f"<details><summary>{_SIGNS[notes[0].severity]} <b>{title}</b>{times}</summary>"
    yield ""
    for note in notes[:NOTES_LIMIT]:
        place = note.location or note.topology
        where = "" if place is None else f"{markdown_code(shown_place(place, base))}: "
        yield f"- {where}{markdown_line(' '.join(note.message.split()))}"
    if len(notes) > NOTES_LIMIT:
        yield f"- … {len(notes) - NOTES_LIMIT} more"
    yield ""
    yield f"rule `{notes[0].rule}`"
    yield ""
    yield "</details>"


def _where(finding: Finding, base: Path) -> str:
    span = finding.location
    return "" if span is None else f"{shown_path(span.file, base)}:{span.line}"


def _paragraphs(message: str) -> Iterator[str]:
    """The message; what is indented in it is to be copied, so it becomes a block of code."""
    block: list[str] = []
    for line in message.split("\n"):
        if line.startswith((" ", "\t")) and line.strip():
            block.append(line)
            continue
        yield from markdown_block(block)
        block = []
        yield markdown_line(line)
    yield from markdown_block(block)


def _code(span: Span, sources: Sources) -> Iterator[str]:
    lines = [
        "…" if line.number is None else line.text for line in excerpt(span, sources, width=100)
    ]
    if lines:
        yield from markdown_block(lines, "yaml" if span.file.suffix in {".yaml", ".yml"} else "hcl")
        yield ""
