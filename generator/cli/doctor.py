"""`forebay doctor`: why a pull through a cache fails."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.completion import complete_registry
from generator.cli.live_options import LiveInput, live_options
from generator.cli.options import report_options, topology_option
from generator.report import Format
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.doctor.cases import Case, Cause
    from generator.model.finding import Finding


@click.command()
@click.argument("image", required=False)
@click.option(
    "--explain",
    "text",
    metavar="TEXT",
    help="The error line of the client, the output of `kubectl describe`, or an EventBridge event; "
    "`-` reads it from stdin.",
)
@click.option(
    "--as",
    "--principal",
    "principal",
    metavar="ARN|CONSUMER",
    help="Who pulls: the ARN of a role or session, or the name of a consumer that is one role.",
)
@click.option(
    "--registry",
    metavar="ACCOUNT/REGION",
    shell_complete=complete_registry,
    help="The registry that is pulled from, where IMAGE is the upstream's name and several cache it.",
)
@click.option(
    "--simulate",
    is_flag=True,
    help="Have IAM simulate what the organization's policies and a boundary leave of the rights.",
)
@topology_option
@live_options
@report_options("pull", "walk", formats=(Format.HUMAN, Format.JSON))
def doctor(
    image: str | None,
    text: str | None,
    principal: str | None,
    registry: str | None,
    simulate: bool,  # noqa: FBT001 - click passes options by name
    topology: Path,
    live: LiveInput | None,
) -> Report:
    """Explain why a pull fails: which cache, which causes in order, what to do.

    With `--explain` alone nothing is asked of AWS. With IMAGE, or `--explain` and `--live`, AWS is
    looked at step by step, up to the first proof: rule, image, rights, credential, creation template,
    upstream. `--live FILE` judges a snapshot instead. Nothing is changed, and nothing is pulled.

    The exit code is 2 when a cause is found, 3 when something is left that has to be asked, and 0 when
    everything was looked at and nothing is wrong.
    """
    from datetime import UTC, datetime

    from generator.cli.doctor_words import head, row
    from generator.cli.topology_file import sound_topology
    from generator.doctor.cases import case_of
    from generator.doctor.causes import causes_of
    from generator.doctor.messages import read_failure

    if (image is None) == (text is None):
        raise click.UsageError("Give either an IMAGE or --explain TEXT.")
    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("doctor", mistakes)
    today = datetime.now(tz=UTC).date()
    if image is not None or live is not None:
        from generator.cli.doctor_walk import Asked, walk_report

        failure = None if text is None else read_failure(_text(text))
        asked = Asked(
            image=image,
            failure=failure,
            principal=principal,
            registry=registry,
            simulates=simulate,
            live=live,
        )
        return walk_report(read, topology, asked, today=today)
    if principal or registry or simulate:
        raise click.UsageError("--as, --registry and --simulate go with an IMAGE or --live.")
    assert text is not None  # noqa: S101 - there is no image
    failure = read_failure(_text(text))
    case = case_of(failure, read, today=today)
    causes = causes_of(case)
    return Report(
        command="doctor",
        findings=_findings(case, causes),
        keeps_order=True,
        text=head(case),
        extra={"pull": row(case), "walk": ()},
    )


def _text(text: str) -> str:
    if text != "-":
        return text
    if sys.stdin is None or sys.stdin.isatty():
        raise click.UsageError("Give the text on stdin, and end it with Ctrl-D in an empty line.")
    from generator.doctor.messages import MAXIMUM

    return sys.stdin.buffer.read(4 * MAXIMUM + 1).decode("utf-8", "replace")


def _findings(case: "Case", causes: "tuple[Cause, ...]") -> "tuple[Finding, ...]":
    from generator.cli.doctor_words import finding_of
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
    return tuple(finding_of(cause, case.repository) for cause in causes)
