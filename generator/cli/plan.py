"""`forebay plan`: many Terraform plans in one summary."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.invocation import DEFAULT_TOPOLOGY
from generator.cli.options import PathType, StateFileType, report_options
from generator.cli.terminal import table_width
from generator.report import Format
from generator.report.report import Plain, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.grants.interruptions import Interruption
    from generator.model.finding import Finding
    from generator.state.changes import PlannedChanges


@click.command()
@click.argument("plans", nargs=-1, required=True, type=StateFileType(), metavar="PLAN...")
@click.option(
    "--fail-on-interruption",
    is_flag=True,
    help="Exit with 2 when a plan stops pulls or lets fewer people pull.",
)
@click.option(
    "-t",
    "--topology",
    type=PathType(),
    help="The topology on whose map the page of --format html shows the results.  "
    "[default: topology.yaml, where it is there]",
)
@report_options(
    "plans",
    formats=(Format.HUMAN, Format.JSON, Format.MARKDOWN, Format.HTML),
)
def plan(plans: tuple[Path, ...], *, fail_on_interruption: bool, topology: Path | None) -> Report:
    """Summarise plans: what is added, changed and destroyed, and which pulls stop or get narrower.

    PLAN is what `terraform show -json` prints of a saved plan; `-` reads one from stdin. Policies
    are compared by what they allow, so a plan that only writes them in another way harms nothing.
    Without --fail-on-interruption, pulls that stop are warnings, and the exit code is 0. What cannot
    be told ends with 3.
    """
    from generator.cli.inputs import state_files
    from generator.cli.stories import is_told, loss_replayed
    from generator.cli.topology_file import sound_topology
    from generator.grants.interruptions import interruptions
    from generator.model.errors import ToolError
    from generator.state.changes import read_changes

    twice = [file for file in dict.fromkeys(plans) if plans.count(file) > 1]
    if twice:
        raise ToolError("a plan is named twice", f"`{twice[0]}` stands there more than once.")
    drawn = None
    if topology is not None or (is_told() and DEFAULT_TOPOLOGY.exists()):
        drawn, mistakes = sound_topology(topology or DEFAULT_TOPOLOGY)
        if drawn is None:
            return Report.mistakes("plan", mistakes)
    read, problems = read_changes(state_files(plans))
    harmed = [(one, tuple(interruptions(one))) for one in read]
    findings = []
    replays = {}
    for one, harms in harmed:
        for harm in harms:
            finding = _finding(one, harm, fails=fail_on_interruption)
            findings.append(finding)
            if is_told() and (replay := loss_replayed(harm)) is not None:
                replays[finding.fingerprint] = replay
    return Report(
        command="plan",
        topology=drawn,
        replays=replays,
        findings=(*problems, *_incomplete(read), *findings),
        text=_table(harmed),
        extra={"plans": tuple(_row(one, harms) for one, harms in harmed)},
        private=frozenset(plans),
    )


def _finding(plan: "PlannedChanges", harm: "Interruption", *, fails: bool) -> "Finding":
    from generator.estate.wording import capital
    from generator.grants.interruptions import Harm
    from generator.model.finding import Finding, FindingKind, Severity, Witness

    rules = {
        Harm.STOP: "pulls-stop",
        Harm.NARROWER: "pulls-narrower",
        Harm.NOT_TOLD: "pulls-not-told",
    }
    severity = Severity.HIGH if fails else Severity.WARNING
    open_ = harm.harm is Harm.NOT_TOLD
    return Finding(
        kind=FindingKind.UNDECIDED if open_ else FindingKind.FINDING,
        rule=rules[harm.harm],
        severity=Severity.MEDIUM if open_ else severity,
        title=capital(harm.what),
        message=f"{harm.why}\nAn apply of `{plan.file.as_posix()}` does it.",
        subject=f"{harm.address} {harm.what}",
        address=harm.address,
        location=harm.span,
        about=harm.about,
        witness=None
        if harm.loss is None
        else Witness(
            principal=harm.loss.request.principal,
            action=harm.loss.request.action,
            resource=harm.loss.request.resource,
            context=dict(harm.loss.request.context),
            statement=harm.span,
        ),
    )


def _incomplete(plans: "Sequence[PlannedChanges]") -> "list[Finding]":
    from generator.model.finding import Finding, FindingKind, Severity

    return [
        Finding(
            kind=FindingKind.UNDECIDED,
            rule="unread-module",
            severity=Severity.MEDIUM,
            title=unread.title,
            message=f"`{plan.file.as_posix()}`: {unread.reason}, so it may change more. {unread.remedy}",
            subject=plan.file.as_posix(),
            location=unread.span,
        )
        for plan in plans
        for unread in plan.incomplete
    ]


def _table(plans: "Sequence[tuple[PlannedChanges, tuple[Interruption, ...]]]") -> str:
    from generator.report.table import table

    changed = [(one, harms) for one, harms in plans if harms or not one.changes_nothing]
    quiet = len(plans) - len(changed)
    rows = [
        (
            one.file.as_posix(),
            " ".join(one.accounts) or "-",
            str(one.imported),
            str(one.add),
            str(one.change),
            str(one.destroy),
            _pulls(harms),
        )
        for one, harms in changed
    ]
    text = table(
        "Plans",
        ("plan", "account", "import", "add", "change", "destroy", "pulls"),
        rows,
        width=table_width(),
    )
    if quiet:
        text += f"\n  {quiet} {'plan changes' if quiet == 1 else 'plans change'} nothing."
    return text


def _pulls(harms: "Sequence[Interruption]") -> str:
    counts: dict[str, int] = {}
    for harm in harms:
        counts[harm.harm.value] = counts.get(harm.harm.value, 0) + 1
    return ", ".join(f"{word}: {number}" for word, number in counts.items()) or "as before"


def _row(plan: "PlannedChanges", harms: "Sequence[Interruption]") -> dict[str, Plain]:
    return {
        "plan": plan.file.as_posix(),
        "accounts": plan.accounts,
        "import": plan.imported,
        "add": plan.add,
        "change": plan.change,
        "destroy": plan.destroy,
        "interruptions": tuple(
            {"pulls": harm.harm.value, "address": harm.address, "what": harm.what} for harm in harms
        ),
    }
