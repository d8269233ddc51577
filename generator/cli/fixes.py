"""`--fix`: does what the results print, in files that forebay writes and in the text of the topology."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.inputs import Inputs, code_folder
from generator.cli.invocation import Invocation, invocation_of
from generator.model.errors import ToolError
from generator.model.finding import Finding, FindingKind, Severity, in_order
from generator.model.progress import begin
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.delivery.plan import WritePlan
    from generator.model.generated_code import GeneratedCode

_WRITTEN_ANEW = frozenset({"code-out-of-date", "modules-not-written", "root-not-written"})
"""The results for which `forebay generate` is the whole remedy."""

_ABOUT_EDITED = frozenset({"module-edited", "wrong-account", "wrong-region"})
"""The results about generated code that a person has edited."""

_EDITED = (
    "A person edited the file, and nothing is written over that: `forebay generate --diff` shows the "
    "edits, `--force` writes the file anew."
)

_DRY_RUN = "This run only shows what it would do."


def with_fixes(run: Callable[[], Report], inputs: Inputs) -> Report:
    """What `run` reports once everything that `--fix` can mend is mended; just that without the option."""
    invocation = invocation_of()
    if not invocation.fix:
        if invocation.dry_run:
            raise click.UsageError("--dry-run says what --fix would do: it goes with --fix.")
        return run()
    if inputs.topology is None:
        raise click.UsageError(
            "--fix edits the topology and what is generated from it: it goes without --no-topology."
        )
    if inputs.write_baseline is not None:
        raise click.UsageError("--write-baseline keeps results as they are: it goes without --fix.")
    fixed, refused = _fix_topology(inputs.topology, invocation)
    report = run()
    if not fixed or not invocation.dry_run:
        # What the code needs is only known of a topology that is as it will be.
        written, more = _fix_code(report, inputs, invocation)
        refused |= more
        if written:
            before = report
            inputs.seen.clear()
            report = run()
            left = {finding.fingerprint for finding in report.findings}
            fixed += tuple(
                finding
                for finding in before.findings
                if written & {finding.fingerprint, finding.caused_by}
                and finding.fingerprint not in left
            )
    if invocation.dry_run:
        for finding in in_order(fixed):
            _say(f"would be fixed: {_place(finding)}{finding.rule}: {finding.title}")
        refused |= {finding.fingerprint: _DRY_RUN for finding in fixed}
        return replace(report, not_fixed=_reasons(report, inputs, refused))
    for finding in in_order(fixed):
        _say(f"fixed: {_place(finding)}{finding.rule}: {finding.title}")
    for finding in in_order(report.findings):
        if finding.fingerprint in refused:
            _say(f"not fixed: {_place(finding)}{finding.rule}: {refused[finding.fingerprint]}")
    return replace(report, fixed=fixed, not_fixed=_reasons(report, inputs, refused))


def _fix_topology(
    topology: Path, invocation: Invocation
) -> tuple[tuple[Finding, ...], dict[str, str]]:
    """Edit the files of the topology; the results that this mends, and why not the others."""
    from generator.delivery.diffs import unified_diff
    from generator.topology.mending import mended

    begin("mending the topology")
    mending = mended(
        topology,
        lambda finding: finding.severity.rank <= Severity.HIGH.rank and invocation.selects(finding),
    )
    if not invocation.dry_run and mending.files:
        from generator.delivery.replacing import replace_files

        replace_files(mending.files)
    for file, (before, after) in mending.files.items():
        _say(_shown(unified_diff(file, before, after).splitlines()))
    return mending.fixed, dict(mending.refused)


def _fix_code(
    report: Report, inputs: Inputs, invocation: Invocation
) -> tuple[set[str], dict[str, str]]:
    """Write generated code anew; the results that this mends, and why not the others."""
    if report.stopped is not None:
        return set(), {}
    wanted = [
        finding
        for finding in report.findings
        if finding.rule in _WRITTEN_ANEW and invocation.selects(finding)
    ]
    generated = _generated(inputs)
    if not wanted or generated is None:
        return set(), {}
    plan = _plan(inputs, _accounts(wanted, generated))
    if plan.refused:
        names = ", ".join(f"`{plan.out / file.path}`" for file in plan.refused)
        why = (
            f"A person edited {names}, and nothing is written over that: `forebay generate --diff` "
            "shows the edits, `--force` writes the files anew."
        )
        return set(), {finding.fingerprint: why for finding in wanted}
    _say_plan(plan, only_look=invocation.dry_run)
    mended = {finding.fingerprint for finding in wanted}
    if invocation.dry_run:
        followers = (each for each in report.findings if each.caused_by in mended)
        return set(), {
            **dict.fromkeys(mended, _DRY_RUN),
            **{finding.fingerprint: _DRY_RUN for finding in followers},
        }
    from generator.delivery.write import apply_write

    apply_write(plan)
    return mended, {}


def _generated(inputs: Inputs) -> "GeneratedCode | None":
    """What became of the files that `generate` wrote, where code was read."""
    return next(
        (found for reading in inputs.seen if reading.generated and (found := reading.generated())),
        None,
    )


def _accounts(wanted: list[Finding], generated: "GeneratedCode") -> frozenset[str]:
    """The ids of the accounts whose root modules the results are about."""
    return frozenset(
        generated.roots[name].account_id
        for finding in wanted
        for name in finding.roots
        if name in generated.roots
    )


def _plan(inputs: Inputs, account_ids: frozenset[str]) -> "WritePlan":
    """What `generate` would do for some accounts, with what earlier runs took over."""
    from generator.cli.topology_file import sound_topology
    from generator.delivery.plan import adopted_before, plan_write
    from generator.generate import file_tree
    from generator.model.filetree import narrowed

    assert inputs.topology is not None  # noqa: S101 - the caller has looked
    topology, _ = sound_topology(inputs.topology)
    if topology is None:
        raise ToolError(
            "a file changed in the meantime",
            f"`{inputs.topology}` has mistakes that it did not have a moment ago. Run the command "
            "again.",
            place=inputs.topology,
        )
    folder = code_folder(inputs.code, inputs.topology)
    folders = sorted({topology.folder(name) for name in topology.managed_accounts})
    tree = file_tree(topology, adopted_before(folder, folders))
    if account_ids < {root.account_id for root in tree.roots}:
        tree = narrowed(tree, account_ids)
    return plan_write(tree, folder)


def _say_plan(plan: "WritePlan", *, only_look: bool) -> None:
    from generator.cli.generate import plan_lines
    from generator.delivery.plan import change_of

    for file in plan.files:
        # A new file is whole in its place, and no README or manifest grants anything.
        if file.current is not None and file.path.endswith(".tf"):
            _say(_shown(change_of(file, plan.out / file.path).splitlines()))
    _say("\n".join(plan_lines(plan, only_look=only_look)))


def _shown(lines: list[str]) -> str:
    from generator.report.masks import without_credentials

    return "\n".join(without_credentials(lines))


def _say(text: str) -> None:
    from generator.cli.delivery import say_aside
    from generator.report.words import stream_text

    if text:
        say_aside(stream_text(f"{text}\n"))


def _place(finding: Finding) -> str:
    span = finding.location
    return "" if span is None else f"{span.file.as_posix()}:{span.line}:{span.column}: "


def _reasons(report: Report, inputs: Inputs, refused: Mapping[str, str]) -> dict[str, str]:
    """Why each result that is left is left."""
    generated = _generated(inputs)
    edited = frozenset[Path]() if generated is None else generated.edited_files
    return {
        finding.fingerprint: refused.get(finding.fingerprint)
        or refused.get(finding.caused_by or "")
        or _why_not(finding, edited)
        for finding in report.findings
    }


def _why_not(finding: Finding, edited: frozenset[Path]) -> str:
    """Why a result is one that no program mends."""
    from generator.topology.mistakes import mistake_rules

    place = finding.location
    if finding.rule in _ABOUT_EDITED or (place is not None and place.file in edited):
        return _EDITED
    if any(rule.name == finding.rule for rule in mistake_rules()):
        return "What belongs there is for a person to say."
    if finding.kind is FindingKind.ERROR:
        return "What cannot be read cannot be mended."
    return "It has no remedy in the topology's text or in files that `forebay generate` writes."
