"""`forebay doctor`: why a pull through a cache fails."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import report_options, topology_option
from generator.report import Format
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.doctor.cases import Case, Cause
    from generator.model.finding import Finding


@click.command()
@click.option(
    "--explain",
    "text",
    required=True,
    metavar="TEXT",
    help="The error line of the client, the output of `kubectl describe`, or an EventBridge event; "
    "`-` reads it from stdin.",
)
@topology_option
@report_options("pull", formats=(Format.HUMAN, Format.JSON))
def doctor(text: str, topology: Path) -> Report:
    """Explain why a pull fails: which cache, which causes in order, what to do.

    Nothing is asked of AWS. The exit code is 2 when a cause is found, 3 when AWS or the upstream has
    to be asked which cause it is, and 0 for an event that tells of no failure.
    """
    from datetime import UTC, datetime

    from generator.cli.inputs import sound_topology
    from generator.doctor.cases import case_of
    from generator.doctor.causes import causes_of
    from generator.doctor.messages import read_failure

    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("doctor", mistakes)
    failure = read_failure(_text(text))
    case = case_of(failure, read, today=datetime.now(tz=UTC).date())
    causes = causes_of(case)
    return Report(
        command="doctor",
        findings=_findings(case, causes),
        keeps_order=True,
        text=_head(case),
        extra={"pull": _row(case)},
    )


def _text(text: str) -> str:
    if text != "-":
        return text
    if sys.stdin is None or sys.stdin.isatty():
        raise click.UsageError("Give the text on stdin, and end it with Ctrl-D in an empty line.")
    from generator.doctor.messages import MAXIMUM

    return sys.stdin.buffer.read(4 * MAXIMUM + 1).decode("utf-8", "replace")


def _head(case: "Case") -> str:
    failure, cache = case.failure, case.cache
    rows = []
    if failure.image.name:
        of_account = (
            f" in account {case.account}" if case.account and not failure.image.host else ""
        )
        rows.append(("Image", f"{failure.image.name}{of_account}"))
    if cache is not None:
        place = (
            f"{cache.account}/{cache.region}"
            if case.registry or failure.image.region
            else cache.account
        )
        rows.append(("Cache", f"{cache.prefix} in {place}, from {cache.upstream_host}"))
    if failure.symptom is not None:
        said = f": {failure.said}" if failure.said else ""
        rows.append(("Symptom", f"{failure.symptom}{said}"))
    if failure.reason:
        rows.append(("Reason", failure.reason))
    if failure.succeeded:
        rows.append(("Event", "the cache brought the image up to date; nothing failed"))
    from generator.report.words import one_line

    width = max((len(name) for name, _ in rows), default=0)
    return "".join(f"{name:<{width}}  {one_line(value)}\n" for name, value in rows)


def _findings(case: "Case", causes: "tuple[Cause, ...]") -> "tuple[Finding, ...]":
    from generator.model.finding import Finding, FindingKind, Severity

    if not causes and not case.failure.succeeded:
        return (
            Finding(
                kind=FindingKind.UNDECIDED,
                rule="text-not-known",
                severity=Severity.MEDIUM,
                title=(
                    "The text is not one that forebay knows"
                    if case.failure.symptom is None
                    else "The text does not name an image of a cache, so its causes cannot be told"
                ),
                message="Give the line that names the image and says what failed, whole: from "
                "`docker pull`, `crictl pull`, the events of `kubectl describe pod`, ECS's "
                "`stoppedReason`, or the event `ECR Pull Through Cache Action`.",
                subject="text",
            ),
        )
    return tuple(
        Finding(
            kind=FindingKind.FINDING if cause.is_proved else FindingKind.UNDECIDED,
            rule=cause.name,
            severity=Severity.HIGH if cause.is_proved else Severity.MEDIUM,
            title=cause.title,
            message=cause.message,
            subject=case.repository,
            topology=cause.span,
        )
        for cause in causes
    )


def _row(case: "Case") -> "dict[str, str | None]":
    image, cache = case.failure.image, case.cache
    return {
        "image": image.name or None,
        "account": case.account,
        "region": image.region,
        "prefix": None if cache is None else str(cache.prefix),
        "symptom": None if case.failure.symptom is None else str(case.failure.symptom),
        "said": case.failure.said or None,
    }
