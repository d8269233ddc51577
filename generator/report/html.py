"""The format for a browser: the picture of the topology, and what was found on it."""

from collections.abc import Iterator
from pathlib import Path

from generator.map.page import page
from generator.map.run import CodeLine, Notes, Paragraph, Proof, Result, Run, Status, words_and_code
from generator.map.texts import Quote
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span
from generator.report.excerpt import Sources, excerpt, sources_of
from generator.report.places import shown_path, shown_place
from generator.report.report import (
    Report,
    counts_in_words,
    details,
    folded_notes,
    is_note,
    proof_line,
    summarise,
)
from generator.report.stories import decider, story

QUOTED = 300
"""Results that are shown with code and witness; of more, nobody reads each, and all have their words."""

_PICTURE_ALONE = "show"
"""The command that has no results: its page is the picture alone."""


def html(report: Report) -> str:
    """The report as one page, which needs neither a network nor another file."""
    sources = sources_of(report.findings, private=report.private)

    def quote(span: Span) -> Quote:
        lines = sources.lines(span.file)
        text = lines[span.line - 1].strip() if span.line <= len(lines) else ""
        return Quote(place=_place(span, report.base), text=text)

    run = None
    if report.command != _PICTURE_ALONE or report.findings:
        run = _run(report, sources)
    title = "Report"
    if report.topology is not None:
        title = shown_path(report.topology.span.file, report.base)
    return page(title, report.topology, quote, run, account=report.only_account)


def _run(report: Report, sources: Sources) -> Run:
    summary = summarise(report)
    # Each of what follows from another result is shown in full, and counted as what it is.
    told = counts_in_words(report, summary, without={"consequences"})
    whole, folded = folded_notes(report, followers_too=True)
    return Run(
        command=report.command,
        verdict=", ".join(told) or "Nothing to report.",
        proof=proof_line(report),
        is_good=summary.exit_code == 0,
        text="" if report.text_alone or report.command == _PICTURE_ALONE else report.text,
        results=tuple(
            _result(finding, report, sources, is_quoted=number < QUOTED)
            for number, finding in enumerate(whole)
        ),
        not_quoted=max(len(whole) - QUOTED, 0),
        notes=tuple(
            Notes(
                title=notes[0].title.rstrip("."),
                rule=notes[0].rule,
                lines=tuple(words_and_code(_note(note, report.base)) for note in notes),
            )
            for notes in folded
        ),
        proofs=tuple(_proofs(report)),
    )


def _proofs(report: Report) -> Iterator[Proof]:
    """The questions of each thing, and those about which nothing but notes was found."""
    notes = {finding.fingerprint for finding in report.findings if is_note(finding)}
    suites: dict[str, list[tuple[str, bool]]] = {}
    for question in report.questions:
        proved = notes.issuperset(question.findings)
        suites.setdefault(question.suite, []).append((question.name, proved))
    for suite, asked in suites.items():
        proved_names = tuple(name for name, proved in asked if proved)
        yield Proof(suite=suite, questions=len(asked), proved=proved_names)


def _result(finding: Finding, report: Report, sources: Sources, *, is_quoted: bool) -> Result:
    base = report.base
    own = finding.topology if finding.topology != finding.location else None
    topology = None
    if own is not None:
        lines = sources.lines(own.file)
        text = lines[own.line - 1].strip() if own.line <= len(lines) else ""
        topology = Quote(place=_place(own, base), text=text)
    return Result(
        finding=finding,
        status=_status(finding),
        label=_label(finding),
        title=finding.title.rstrip("."),
        place="" if finding.location is None else _place(finding.location, base),
        excerpt=tuple(_code(finding.location, sources)) if is_quoted else (),
        paragraphs=tuple(_paragraphs(details(finding))),
        decider=tuple(_code(decider(finding), sources)) if is_quoted else (),
        story=tuple(story(finding, report.replays.get(finding.fingerprint), base))
        if is_quoted
        else (),
        topology=topology if topology is not None and topology.text else None,
    )


def _status(finding: Finding) -> Status:
    if finding.kind is FindingKind.ERROR:
        return Status.WRONG
    if finding.severity is Severity.INFO:
        return Status.NOTE
    if finding.severity is Severity.WARNING:
        return Status.WARNING
    return Status.UNDECIDED if finding.kind is FindingKind.UNDECIDED else Status.WRONG


def _label(finding: Finding) -> str:
    if finding.kind is FindingKind.ERROR:
        return "error"
    return "not decided" if finding.kind is FindingKind.UNDECIDED else finding.severity.value


def _place(span: Span, base: Path) -> str:
    return f"{shown_path(span.file, base)}:{span.line}"


def _note(note: Finding, base: Path) -> str:
    place = note.location or note.topology
    text = " ".join(note.message.split())
    return text if place is None else f"{shown_place(place, base)}: {text}"


def _code(span: Span | None, sources: Sources) -> Iterator[CodeLine]:
    if span is None:
        return
    lines = excerpt(span, sources, width=110)
    for line in lines:
        # Below a block of lines the carets would outweigh the text, so only its ends are marked.
        marks = line.marks if len(lines) == 1 or line in (lines[0], lines[-1]) else ""
        number = "…" if line.number is None else str(line.number)
        yield CodeLine(number=number, text="" if line.number is None else line.text, marks=marks)


def _paragraphs(message: str) -> Iterator[Paragraph]:
    """The message; what is indented in it is to be copied."""
    block: list[str] = []
    for line in (*message.split("\n"), ""):
        if line.startswith((" ", "\t")) and line.strip():
            block.append(line)
            continue
        if block:
            yield Paragraph(text=_dedented(block), is_code=True)
            block = []
        if line.strip():
            yield Paragraph(text=line, is_code=False)


def _dedented(lines: list[str]) -> str:
    import textwrap

    return textwrap.dedent("\n".join(lines))
