"""Tells what became of the files that `generate` wrote, for results to name it as their cause."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from generator.delivery import manifest as manifests
from generator.delivery.plan import (
    Action,
    Before,
    PlannedFile,
    first_changed_line,
    manifests_before,
    plan_some,
)
from generator.model.errors import ToolError
from generator.model.filetree import FileTree, RootFiles
from generator.model.generated_code import FileState, GeneratedCode, GeneratedRoot
from generator.model.late import LateMapping
from generator.model.span import Span

_CALL = re.compile(r'^module "([^"]+)" \{\n\s+source\s+= "([^"]*)"', re.MULTILINE)
_CODE = (".tf", ".tf.json")


def generated_code(
    tree: FileTree,
    out: Path,
    command: str = "forebay generate",
    untouched: Collection[str] = frozenset(),
    before: Before | None = None,
) -> GeneratedCode | None:
    """Compare what would be written with what is there; `None` where no run has written anything.

    `command` is what a person runs to write it. The code of `untouched` roots is known to be as it would
    be written, each with a manifest beside it, and is not looked at once more. `before` is what the
    manifests of the others say, where somebody has read them.
    """
    others = [root for root in tree.roots if root.folder not in untouched]
    written = {root.folder for root in tree.roots if root.folder in untouched}
    written |= {root.folder for root in others if (out / root.folder / manifests.NAME).is_file()}
    if not written and not (out / manifests.NAME).is_file():
        return None
    try:
        if before is None:
            before = manifests_before(out, sorted(root.folder for root in others))
        planned = plan_some(tree, others, out, before)
    except ToolError:
        # `generate` says what is wrong with a manifest.
        return None
    files = {file.path: file for file in planned if file.path.endswith(_CODE)}
    by_folder: dict[str, list[PlannedFile]] = {}
    for path, file in files.items():
        by_folder.setdefault(path.rpartition("/")[0] or ".", []).append(file)
    modules: dict[str, list[PlannedFile]] = {}
    for path in tree.shared:
        if path in files:
            modules.setdefault(path.rpartition("/")[0], []).append(files[path])
    return GeneratedCode(
        roots={root.folder: _root(root, by_folder, out) for root in tree.roots},
        ever_written=frozenset((*written, *before.output.roots)),
        modules={folder: _state(some) for folder, some in modules.items()},
        changed_modules={
            folder: tuple(_changed(some, out).values())
            for folder, some in modules.items()
            if _state(some) in {FileState.EDITED, FileState.OLDER}
        },
        command=command,
        out=out,
    )


def _root(
    root: RootFiles, by_folder: Mapping[str, Sequence[PlannedFile]], out: Path
) -> GeneratedRoot:
    # Files that are no longer written are part of an older root as well.
    own = by_folder.get(PurePosixPath(root.folder).as_posix(), ())
    return GeneratedRoot(
        folder=root.folder,
        account=root.account,
        account_id=root.account_id,
        state=_state(own),
        changed=_changed(own, out),
        calls=LateMapping(lambda: dict(_calls(root))),
    )


def _state(files: Sequence[PlannedFile]) -> FileState:
    if all(file.action is Action.UNCHANGED for file in files):
        return FileState.CURRENT
    if all(file.current is None and file.refusal is None for file in files):
        return FileState.GONE
    if any(file.action is Action.REFUSED for file in files):
        return FileState.EDITED
    return FileState.OLDER


def _changed(files: Iterable[PlannedFile], out: Path) -> dict[str, Span]:
    """Where each file that is there begins to differ; nothing for one that is not."""
    found: dict[str, Span] = {}
    for file in files:
        if file.action is not Action.UNCHANGED and file.current is not None:
            number = first_changed_line(file)
            lines = file.current.decode("utf-8", "replace").splitlines()
            text = lines[number - 1] if number <= len(lines) else ""
            start = len(text) - len(text.lstrip()) + 1
            found[PurePosixPath(file.path).name] = Span(
                file=out / file.path,
                line=number,
                column=start,
                end_line=number,
                end_column=max(len(text.rstrip()) + 1, start + 1),
            )
    return found


def _calls(root: RootFiles) -> Iterable[tuple[str, str]]:
    for name, text in root.files.items():
        if name.endswith(".tf"):
            for call, source in _CALL.findall(text):
                folder = next((each for each in root.modules if source.endswith(f"/{each}")), None)
                if folder is not None:
                    yield call, folder
