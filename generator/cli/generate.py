"""`forebay generate`: writes the Terraform."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import PathType, exit_zero_option, report_options, topology_option
from generator.report import Format
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.write import InterruptedPull, WritePlan


@click.command()
@topology_option
@click.option(
    "--out",
    type=PathType(),
    help="The folder to write to.  [default: terraform/ beside the topology]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 2 if anything would change.")
@click.option("--diff", is_flag=True, help="Like --check, and show what would change.")
@click.option("--force", is_flag=True, help="Overwrite generated files that a person edited.")
@report_options("files", "interrupted_pulls", formats=(Format.HUMAN, Format.JSON))
@exit_zero_option
def generate(topology: Path, out: Path | None, check: bool, diff: bool, force: bool) -> Report:  # noqa: FBT001
    """Write one Terraform root module for each account, and the modules that they call."""
    from generator.cli.inputs import sound_topology

    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("generate", mistakes)
    from generator.generate import file_tree
    from generator.write import Refusal, apply_write, plan_write, unified_diff
    from generator.write_findings import plan_findings

    plan = plan_write(file_tree(read), out or topology.parent / "terraform", force=force)
    only_look = check or diff
    if not only_look and not plan.refused:
        apply_write(plan)
    text = "\n".join(_lines(plan, only_look=only_look))
    if diff:
        writable = (file for file in plan.files if file.refusal in {None, Refusal.EDITED})
        text = "".join(map(unified_diff, writable)) + text
    return Report(
        command="generate",
        findings=plan_findings(plan, only_look=only_look),
        text=text,
        extra={
            "files": tuple({"path": file.path, "action": file.action.value} for file in plan.files),
            "interrupted_pulls": tuple(
                {
                    "account": pull.account,
                    "region": pull.region,
                    "prefix": pull.prefix,
                    "old": pull.old,
                    "new": pull.new,
                }
                for pull in plan.interrupted_pulls
            ),
        },
        changes=only_look and plan.changes,
    )


def _lines(plan: "WritePlan", *, only_look: bool) -> Iterator[str]:
    from generator.write import Action

    for file in plan.files:
        if file.action is not Action.UNCHANGED:
            reason = f" ({file.refusal})" if file.refusal else ""
            yield f"{file.action.value:<9} {plan.out / file.path}{reason}"
    for pull in plan.interrupted_pulls:
        yield _interruption(pull)
    counts = Counter(file.action for file in plan.files)
    verb = "would be " if only_look else ""
    if plan.refused and not only_look:
        yield f"nothing was written to {plan.out}, because files are refused"
    else:
        words = {
            Action.CREATE: f"{verb}created",
            Action.UPDATE: f"{verb}updated",
            Action.DELETE: f"{verb}deleted",
            Action.REFUSED: "refused",
            Action.UNCHANGED: "unchanged",
        }
        said = [f"{counts[action]} {word}" for action, word in words.items() if counts[action]]
        yield f"{plan.out}: {len(plan.files)} files ({', '.join(said)})"


def _interruption(pull: "InterruptedPull") -> str:
    what = f"the cache `{pull.prefix}` of `{pull.old}` in account {pull.account}, {pull.region}"
    if pull.new is None:
        return f"note: the next apply destroys {what}. Pulls of new images fail from then on."
    return (
        f"note: the next apply destroys {what}, and makes it anew for `{pull.new}`. Pulls of new "
        "images fail meanwhile."
    )
