"""What a write plan has to tell a person: files it refuses, roots that are left over."""

import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from generator.delivery.plan import (
    Orphan,
    PlannedFile,
    Refusal,
    WritePlan,
    change_of,
    first_changed_line,
)
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span, first_line

DIFF_LINES = 40
"""How many lines of a diff a refusal shows; `--diff` shows all."""


def plan_findings(plan: WritePlan, *, only_look: bool) -> tuple[Finding, ...]:
    """The plan's refusals and leftovers.

    When files were to be written, a refusal is an error; when somebody only looks, a finding.
    """
    return (
        *_refusals(plan, only_look=only_look),
        *(
            _orphan(plan.out, orphan, only_look=only_look)
            for orphan in plan.orphans
            if not orphan.is_pruned
        ),
    )


def _refusals(plan: WritePlan, *, only_look: bool) -> Iterator[Finding]:
    links: set[Path] = set()
    for file in plan.refused:
        path = plan.out / file.path
        if file.refusal is Refusal.LINK:
            path = _link(plan.out, file.path)
            if path in links:
                continue
            links.add(path)
        yield _refused(file, path, only_look=only_look)


def _refused(file: PlannedFile, path: Path, *, only_look: bool) -> Finding:
    rule, title, message = _words(file, path)
    line = first_changed_line(file) if file.refusal is Refusal.EDITED else 1
    return Finding(
        kind=FindingKind.FINDING if only_look else FindingKind.ERROR,
        rule=rule,
        severity=Severity.HIGH,
        title=title,
        message=message,
        subject=file.path,
        location=Span(file=path, line=line, column=1, end_line=line, end_column=2),
    )


def _link(out: Path, name: str) -> Path:
    """The link on the way to the file: the file itself or a folder above it."""
    parts = PurePosixPath(name).parts
    places = (out.joinpath(*parts[:length]) for length in range(1, len(parts) + 1))
    return next((place for place in places if place.is_symlink()), out / name)


def _words(file: PlannedFile, path: Path) -> tuple[str, str, str]:
    """The rule, the title and the message of a refusal."""
    match file.refusal:
        case Refusal.EDITED:
            return (
                "edited-file",
                "A generated file was edited by hand",
                (
                    f"`{path}` is not as forebay wrote it, and not as it would be written now. Move "
                    "the edit into the topology or into a file of your own beside this one, or "
                    "overwrite it with `--force`. Writing it would change:\n"
                    f"{_indented_diff(file, path)}"
                ),
            )
        case Refusal.LINK:
            return (
                "link-in-the-way",
                "A link is in the way",
                (
                    f"forebay has to write `{file.path}`, but `{path}` is a symbolic link. forebay "
                    "never writes through one, because it may lead out of the output folder. Replace "
                    "the link by what it points at."
                ),
            )
        case Refusal.NOT_A_FILE:
            return (
                "file-in-the-way",
                "Something that is not a file is in the way",
                (
                    f"`{path}` cannot be written: in its place, or in that of a folder above it, there "
                    "is something else. Move that away."
                ),
            )
        case Refusal.IN_THE_WAY | None if _is_ours_by_its_first_line(file):
            return (
                "file-in-the-way",
                "A file is in the way, and the manifest that lists it is gone",
                (
                    f"`{path}` says of itself that forebay wrote it, but no `.forebay.json` lists it, and it is "
                    "not as it would be written now. Restore the manifest from version control, or "
                    "delete the file where nothing in it is yours, and run the command again."
                ),
            )
        case Refusal.IN_THE_WAY | None:
            return (
                "file-in-the-way",
                "A file that forebay did not write is in the way",
                (
                    f"forebay has to write `{path}`, but a file of that name is there, and no manifest "
                    "says that forebay wrote it. Move it away or rename it; `--force` does not touch "
                    "it either."
                ),
            )


def _is_ours_by_its_first_line(file: PlannedFile) -> bool:
    return b"Written by `forebay generate`" in (file.current or b"").partition(b"\n")[0]


def _indented_diff(file: PlannedFile, path: Path) -> str:
    lines = [f"    {line}" for line in change_of(file, path).splitlines()]
    if len(lines) > DIFF_LINES:
        left_out = len(lines) - DIFF_LINES
        lines[DIFF_LINES:] = [f"    … {left_out} more lines; `forebay generate --diff` shows all"]
    return "\n".join(lines)


def _orphan(out: Path, orphan: Orphan, *, only_look: bool) -> Finding:
    folder = out / orphan.folder
    owner = f"the account `{orphan.account}` ({orphan.account_id})"
    if orphan.moved_to is None:
        title = "A root is left over from an account that the topology does not use any more"
        message = (
            f"`{folder}` belongs to {owner}, which needs nothing any more. What it made in AWS "
            "still exists, so its files are kept. Destroy that first, then let `forebay generate "
            "--prune` remove them:\n"
            f"    terraform {shlex.quote(f'-chdir={folder}')} destroy"
        )
    else:
        title = "A root is left over from a layout that the topology does not use any more"
        message = (
            f"The root of {owner} is now in `{out / orphan.moved_to}`. `{folder}` is kept, because "
            "its state may be there. Let the new root take over the state (the same backend, or "
            "the state file moved), see that its plan is empty, then let `forebay generate --prune` "
            "remove the old one. Do not destroy it: both roots manage the same things."
        )
    return Finding(
        kind=FindingKind.FINDING,
        rule="orphaned-root",
        severity=Severity.MEDIUM if only_look else Severity.WARNING,
        title=title,
        message=message,
        subject=orphan.folder,
        location=first_line(folder / ".forebay.json"),
    )
