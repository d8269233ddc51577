"""The options about a baseline, and its file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from generator.cli.options import PathType
from generator.model.errors import ToolError
from generator.model.finding import CAUSES, unlinked
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.gate.baseline import Baseline, BaselineEntry

_Command = TypeVar("_Command", bound=Callable[..., object])


def baseline_options(command: _Command) -> _Command:
    """`--baseline` and `--write-baseline`."""
    for option in (
        click.option(
            "--write-baseline",
            type=PathType(),
            metavar="FILE",
            help="Write the results of this run into a baseline, for `--baseline` of later runs.",
        ),
        click.option(
            "--baseline",
            type=PathType(),
            metavar="FILE",
            help="Results that are in this file do not count; new and critical ones do.",
        ),
    ):
        command = option(command)
    return command


def read_entries(file: Path) -> "tuple[BaselineEntry, ...]":
    """What a baseline file holds; raises `ToolError`."""
    from generator.disk.reading import read_file
    from generator.gate.baseline import MOST_BYTES, parse_baseline

    try:
        content = read_file(file, limit=MOST_BYTES)
    except OSError as error:
        raise ToolError(
            "the baseline cannot be read",
            f"`{file}`: {error.strerror}. Write one with `--write-baseline {file.as_posix()}`.",
            place=file,
        ) from error
    return parse_baseline(content[:MOST_BYTES], file)


def with_baseline_written(report: Report, file: Path, baseline: "Baseline | None") -> Report:
    """Write what a run found into the file, and leave in the report what no baseline can hold."""
    from generator.disk.writing import write_file
    from generator.gate.baseline import baseline_text, may_be_in_baseline, with_results

    if report.stopped is not None:
        return report
    before = read_entries(file) if file.exists() else ()
    known = () if baseline is None else tuple(baseline.taken)
    entries = with_results(before, report.command, (*report.findings, *known))
    try:
        write_file(file, baseline_text(entries).encode("utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ToolError(
            "the baseline cannot be written", f"`{file}`: {reason}.", place=file
        ) from error
    left = tuple(finding for finding in report.findings if not may_be_in_baseline(finding))
    causes = {finding.caused_by for finding in left}
    number = sum(entry.count for entry in entries if entry.command == report.command)
    some = "1 result is" if number == 1 else f"{number} results are"
    return replace(
        report,
        findings=unlinked(
            finding
            for finding in left
            # A cause is only there because something follows from it.
            if finding.rule not in CAUSES or finding.fingerprint in causes
        ),
        text=f"{some} in the baseline {file.as_posix()}; nothing critical is, and no error.\n",
    )
