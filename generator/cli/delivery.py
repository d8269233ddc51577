"""Brings a report to stdout and into files."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from generator.cli.invocation import Invocation, ReportFile, Terminal
from generator.model.errors import ExitCode, ToolError
from generator.model.finding import Finding, FindingKind, Severity, in_order, unlinked
from generator.model.span import Span, first_line
from generator.report import PICTURES, Format, render
from generator.report.report import Report, summarise

_WORDS = {FindingKind.UNDECIDED: "not told"}
"""What stands before a result on stderr."""


def deliver(
    report: Report, invocation: Invocation, terminal: Terminal, *, on_stdout: bool = True
) -> ExitCode:
    """Write the report files, print the report, return the exit code."""
    findings = report.findings if report.keeps_order else in_order(report.findings)
    if report.stopped is None:
        # What keeps a command from doing its work is never left out.
        findings = unlinked(filter(invocation.selects, findings))
    report = replace(
        report,
        base=invocation.base,
        findings=findings,
        extra={**dict.fromkeys(invocation.keys, ()), **report.extra},
        threshold=invocation.threshold,
        folds_notes=invocation.verbose is False,
        min_severity=invocation.min_severity,
    )
    written, failed = [], []
    for target in invocation.reports:
        error = _write(report, target)
        if error is None:
            written.append(target)
        else:
            failed.append(error_finding(error))
            complain(error)
    whole = report
    if failed:
        whole = replace(report, findings=(*report.findings, *failed))
        for target in written:
            _write(whole, target)
    if on_stdout:
        # People have read on stderr which reports failed.
        shown = report if invocation.format is Format.HUMAN else whole
        if report.text_alone and invocation.format is Format.HUMAN:
            ends = report.text.endswith("\n") or not report.text
            write_out(report.text if ends else f"{report.text}\n")
            _tell_aside(report.findings)
        elif report.mistakes_aside and invocation.format in {Format.HUMAN, *PICTURES}:
            say_aside(render(shown, Format.HUMAN, width=terminal.width))
        else:
            write_out(
                render(shown, invocation.format, colour=terminal.colour, width=terminal.width)
            )
    return summarise(whole).exit_code


def error_finding(error: ToolError) -> Finding:
    """The result that stands for an error in the machine-readable formats."""
    return Finding(
        kind=FindingKind.ERROR,
        rule="error",
        severity=Severity.HIGH,
        title=error.summary,
        message="\n".join(_lines(error)),
        subject=error.summary,
        location=_place(error),
    )


_PLACE = re.compile(r"`?(?P<file>[^`:\n]+?)`?(?::(?P<line>\d+):(?P<column>\d+))?: ")


def _place(error: ToolError) -> Span | None:
    """What an error says that it is about, else the file and line that its text begins with."""
    if isinstance(error.place, Span):
        return error.place
    if error.place is not None:
        return first_line(error.place) if _is(error.place, Path.exists) else None
    match = _PLACE.match(error.detail)
    if match is None:
        return None
    file = Path(match["file"])
    if not _is(file, Path.is_file):
        return None
    if match["line"] is None:
        return first_line(file)
    line, column = int(match["line"]), int(match["column"])
    return Span(file=file, line=line, column=column, end_line=line, end_column=column + 1)


def _is(path: Path, question: Callable[[Path], bool]) -> bool:
    """The answer to a question about a path, where the system takes the path for one."""
    try:
        return question(path)
    except (OSError, ValueError):
        return False


def complain(error: ToolError) -> None:
    """Say on stderr what went wrong: the summary, the detail, the commands to copy."""
    from generator.report.words import stream_text

    lines = "".join(f"\n{line}" for line in _lines(error, indent="  "))
    say_aside(stream_text(f"error: {error.summary}{lines}\n"))


def write_out(text: str) -> None:
    """Write to stdout; a reader that has gone away is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _give_up_stdout()
    except OSError as error:
        _give_up_stdout()
        raise ToolError(
            "the result cannot be written", f"Writing to stdout failed: {error.strerror}."
        ) from error


def say_aside(text: str) -> None:
    """Write a text that is safe to show to stderr; a reader that has gone away is no error."""
    with contextlib.suppress(OSError), _beside_progress():
        sys.stderr.write(text)
        sys.stderr.flush()


def _beside_progress() -> AbstractContextManager[None]:
    """Takes the line about progress away, which may stand where something is written."""
    import click

    context = click.get_current_context(silent=True)
    invocation = None if context is None else context.find_object(Invocation)
    if invocation is None or invocation.progress is None:
        return contextlib.nullcontext()
    return invocation.progress.aside()


def _tell_aside(findings: Sequence[Finding]) -> None:
    from generator.report.words import stream_text

    for finding in findings:
        word = "note" if finding.severity is Severity.INFO else _WORDS.get(finding.kind, "error")
        say_aside(stream_text(f"{word}: {finding.title}\n  {finding.message}\n"))


def _give_up_stdout() -> None:
    # Python would complain once more when it closes stdout at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines(error: ToolError, *, indent: str = "") -> list[str]:
    lines = [f"{indent}{line}".rstrip() for line in error.detail.split("\n") if error.detail]
    return [*lines, *(f"{indent}  {command}" for command in error.commands)]


def _write(report: Report, target: ReportFile) -> ToolError | None:
    from generator.disk.writing import write_file

    content = render(report, target.format).encode("utf-8", "backslashreplace")
    try:
        write_file(target.file, content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return ToolError(
            "a report cannot be written",
            f"`{target.file}`: {reason}. The folder must exist and be writable, and nothing is "
            "written through a link.",
            place=target.file,
        )
    return None
