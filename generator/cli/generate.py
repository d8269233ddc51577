"""`forebay generate`: writes the Terraform."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.completion import complete_account
from generator.cli.options import (
    PathType,
    exit_zero_option,
    reading_options,
    report_options,
    root_option,
    topology_option,
)
from generator.cli.progress import progress_option
from generator.model.quotes import did_you_mean, quoted
from generator.report import Format
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.delivery.plan import InterruptedPull, Orphan, WritePlan
    from generator.model.filetree import Adopted, FileTree
    from generator.model.topology import Topology


@click.command()
@topology_option
@click.option(
    "--out",
    type=PathType(),
    help="The folder to write to.  [default: terraform/ beside the topology]",
)
@click.option(
    "--check",
    "--dry-run",
    "check",
    is_flag=True,
    help="Write nothing; exit with 2 if anything would change.",
)
@click.option("--diff", is_flag=True, help="Like --check, and show what would change.")
@click.option("--force", is_flag=True, help="Overwrite generated files that a person edited.")
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_account,
    help="Only the root of this account and the modules that it calls; can be repeated.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Remove the generated files of roots that the topology does not ask for any more.",
)
@click.option(
    "--adopt",
    "sources",
    type=PathType(),
    multiple=True,
    metavar="SOURCE",
    help="What is there already, to be imported by the first plan: a file of `snapshot`, the JSON of a "
    "state or plan, or the folder with old code; can be repeated.",
)
@click.option(
    "--gitattributes",
    "attributes",
    is_flag=True,
    help="Write a .gitattributes as well that folds generated files in pull requests; one that is "
    "there is left alone.",
)
@click.option("--no-adopt", is_flag=True, help="Take out the blocks that an earlier --adopt wrote.")
@root_option
@reading_options
@report_options(
    "files",
    "interrupted_pulls",
    "adopted",
    "released",
    formats=(Format.HUMAN, Format.JSON, Format.MARKDOWN),
)
@exit_zero_option
@progress_option
def generate(
    topology: Path,
    out: Path | None,
    check: bool,  # noqa: FBT001
    diff: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
    accounts: tuple[str, ...],
    prune: bool,  # noqa: FBT001
    sources: tuple[Path, ...],
    attributes: bool,  # noqa: FBT001
    no_adopt: bool,  # noqa: FBT001
    root: Path | None,
) -> Report:
    """Write one Terraform root module for each account, and the modules that they call."""
    from generator.cli.adopting import adoption_extra, adoption_lines, adoption_of, with_earlier
    from generator.cli.inputs import are_reading_options_given
    from generator.cli.topology_file import sound_topology

    if sources and no_adopt:
        raise click.UsageError("--adopt and --no-adopt exclude each other.")
    if not sources and (root is not None or are_reading_options_given()):
        raise click.UsageError(
            "--root, --engine, --workspace, --var, --var-file and --region say how old code is read: give "
            "its folder with --adopt."
        )
    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("generate", mistakes)
    from generator.delivery.findings import plan_findings
    from generator.delivery.plan import Refusal, adopted_before, change_of, plan_write
    from generator.delivery.write import apply_write
    from generator.generate import file_tree
    from generator.model.filetree import narrowed

    only = _account_ids(read, accounts)
    out = out or topology.parent / "terraform"
    found = adoption_of(read, sources, out, only, root) if sources else None
    earlier: Mapping[str, Adopted] = {}
    if not no_adopt:
        # What was taken over once stays so in later runs, which need not know from where.
        folders = {read.folder(name) for name in read.managed_accounts}
        earlier = adopted_before(out, sorted(folders))
    tree = file_tree(read, with_earlier(found.by_root if found else {}, earlier))
    if only:
        tree = narrowed(tree, only)
    plan = plan_write(tree, out, force=force, prune=prune)
    only_look = check or diff
    if not only_look and not plan.refused:
        apply_write(plan)
    lines = [*_without_root(read, tree), *plan_lines(plan, only_look=only_look)]
    if found is not None and (only_look or not plan.refused):
        lines.extend(adoption_lines(found, only_look=only_look))
    if attributes:
        from generator.delivery.git_attributes import write_attributes

        only_look_too = only_look or bool(plan.refused)
        lines.append(write_attributes(out, tree, only_look=only_look_too))
    text = "\n".join(lines)
    if diff:
        writable = (file for file in plan.files if file.refusal in {None, Refusal.EDITED})
        text = "".join(change_of(file, out / file.path) for file in writable) + text
    return Report(
        command="generate",
        findings=(
            *plan_findings(plan, only_look=only_look),
            *(found.findings if found is not None else ()),
        ),
        text=text,
        extra={
            **adoption_extra(found),
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


def _account_ids(topology: "Topology", names: Sequence[str]) -> frozenset[str]:
    """The ids of the accounts that were named; an unknown name is a wrong call."""
    known = topology.accounts
    for name in names:
        if name not in known:
            by_id = next((account.name for account in known.values() if account.id == name), None)
            hint = (
                f" Did you mean {quoted(by_id)}?"
                if by_id is not None
                else did_you_mean(name, known)
            )
            raise click.BadParameter(
                f"{quoted(name)} is not an account of the topology.{hint}", param_hint="'--account'"
            )
    return frozenset(known[name].id for name in names)


def _without_root(topology: "Topology", tree: "FileTree") -> Iterator[str]:
    """A line for each account that was asked for and needs nothing."""
    for account in topology.accounts.values():
        if account.id in (tree.only or ()) and all(
            root.account_id != account.id for root in tree.roots
        ):
            why = "needs nothing" if account.is_managed else "has `managed: false`"
            yield f"note: the account `{account.name}` {why}, so it has no root."


def plan_lines(plan: "WritePlan", *, only_look: bool) -> Iterator[str]:
    """What happens to each file, or would, in lines for people."""
    from generator.delivery.plan import Action

    for file in plan.files:
        if file.action is not Action.UNCHANGED:
            reason = f" ({file.refusal})" if file.refusal else ""
            yield f"{file.action.value:<9} {plan.out / file.path}{reason}"
    for pull in plan.interrupted_pulls:
        yield _interruption(pull)
    if not plan.refused:
        for orphan in plan.orphans:
            if orphan.is_pruned:
                yield _pruned(plan, orphan, only_look=only_look)
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


def _pruned(plan: "WritePlan", orphan: "Orphan", *, only_look: bool) -> str:
    """What happens to a root that is removed, and what that does not do."""
    folder = plan.out / orphan.folder
    verb = "would be removed" if only_look else "were removed"
    text = f"note: the generated files of `{folder}` (account {orphan.account}) {verb}"
    if orphan.moved_to is not None:
        return (
            f"{text}; its root is now `{plan.out / orphan.moved_to}`, which has to have its state."
        )
    text += "; nothing in AWS is destroyed by that."
    left = folder.is_dir() and not only_look
    return f"{text} What forebay did not write stays there." if left else text


def _interruption(pull: "InterruptedPull") -> str:
    what = f"the cache `{pull.prefix}` of `{pull.old}` in account {pull.account}, {pull.region}"
    if pull.new is None:
        return f"note: the next apply destroys {what}. Pulls of new images fail from then on."
    return (
        f"note: the next apply destroys {what}, and makes it anew for `{pull.new}`. Pulls of new "
        "images fail meanwhile."
    )
