"""Bring the generated files to disk: every file is planned first, then all are written or none."""

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from generator.delivery import manifest as manifests
from generator.delivery.manifest import (
    Manifest,
    RootEntry,
    content_hash,
    manifest_text,
    read_manifest,
)
from generator.disk.places import leads_out
from generator.disk.reading import read_file
from generator.disk.writing import Folder
from generator.model.errors import ToolError
from generator.model.filetree import FileTree

STAGED_SUFFIX = ".forebay-new"
"""The end of the hidden names under which new files wait; only a killed run leaves one behind."""


class Action(StrEnum):
    """What happens to one file."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a file is not touched."""

    EDITED = "edited"
    IN_THE_WAY = "in-the-way"
    LINK = "link"
    NOT_A_FILE = "not-a-file"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """One file: its path below the output folder, what is there, what should be there, and so on.

    `current` and `wanted` are `None` for no file. `refusal` is set exactly for a refused file.
    """

    path: str
    action: Action
    current: bytes | None
    wanted: str | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A root that the topology no longer asks for at this place.

    `moved_to` is the folder of the account's present root, `None` when the account has none. Its
    files stay unless it `is_pruned`.
    """

    folder: str
    account: str
    account_id: str
    moved_to: str | None
    is_pruned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedPull:
    """A cache that the next apply destroys (and makes anew when `new` is set): pulls fail meanwhile.

    `old` and `new` are upstreams.
    """

    account: str
    region: str
    prefix: str
    old: str
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePlan:
    """What writing a file tree would do; files are sorted, the manifests among them."""

    out: Path
    files: tuple[PlannedFile, ...]
    orphans: tuple[Orphan, ...]
    interrupted_pulls: tuple[InterruptedPull, ...]

    @property
    def refused(self) -> tuple[PlannedFile, ...]:
        """The files that keep everything from being written."""
        return tuple(file for file in self.files if file.action is Action.REFUSED)

    @property
    def changes(self) -> bool:
        """Whether writing would do anything, or is refused."""
        return any(file.action is not Action.UNCHANGED for file in self.files)


def plan_write(tree: FileTree, out: Path, *, force: bool = False, prune: bool = False) -> WritePlan:
    """Compare the file tree with what lies in the output folder; nothing is written.

    `force` overwrites and deletes generated files although a person edited them. A file that no
    manifest knows is never overwritten, and nothing is ever written through a link. `prune` removes
    the generated files of roots that the topology does not ask for any more.
    """
    try:
        before = _read_manifests(out, tree)
        found = tuple(_orphans(before, tree, prune=prune))
        orphans = tuple(orphan for orphan in found if not orphan.is_pruned)
        wanted = _wanted_files(tree)
        known = _known_files(before, orphans, tree)
        kept = _kept_shared(before, orphans, tree, wanted)
        files = [
            _plan_file(out, path, wanted=wanted.get(path), known_hash=known.get(path), force=force)
            for path in {*wanted, *known} - kept.keys()
        ]
        files += [
            _plan_manifest(out, path, None)
            for orphan in found
            if orphan.is_pruned
            and (path := _below(orphan.folder, manifests.NAME)) != manifests.NAME
        ]
        files += [
            _plan_manifest(out, path, text)
            for path, text in _manifest_files(before, tree, orphans, kept).items()
        ]
    except OSError as error:
        raise _write_error(error, Path(error.filename or out)) from error
    return WritePlan(
        out=out,
        files=tuple(
            sorted(
                (file for file in files if file.current is not None or file.wanted is not None),
                key=lambda file: file.path,
            )
        ),
        orphans=found,
        interrupted_pulls=tuple(_interrupted_pulls(before, tree)),
    )


def apply_write(plan: WritePlan) -> None:
    """Carry out the plan: stage and flush every file, then rename, then delete, manifests last.

    After a kill each file is old or new, and the next run finishes.
    """
    if plan.refused:
        raise ToolError(
            "some files must not be overwritten",
            "Nothing was written because of these files: "
            + ", ".join(f"`{file.path}` ({file.refusal})" for file in plan.refused),
        )
    made: list[Path] = []
    try:
        try:
            _make_folders(plan.out, made)
        except BaseException:
            _remove_empty(reversed(made))
            raise
        with _alone(plan.out):
            _write_all(plan, made)
    except OSError as error:
        raise _write_error(error, Path(error.filename or plan.out)) from error


def unified_diff(file: PlannedFile) -> str:
    """The change to one file as a unified diff; empty for no change."""
    import difflib

    before = (file.current or b"").replace(b"\r\n", b"\n").decode("utf-8", "replace")
    after = file.wanted or ""
    lines: list[str] = []
    for line in difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        fromfile="/dev/null" if file.current is None else f"a/{file.path}",
        tofile="/dev/null" if file.wanted is None else f"b/{file.path}",
    ):
        ended = line.endswith("\n")
        lines.append(line if ended else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def first_changed_line(file: PlannedFile) -> int:
    """The first line (from 1) of the file on disk that is not as forebay would write it."""
    before = (file.current or b"").decode("utf-8", "replace").splitlines()
    after = (file.wanted or "").splitlines()
    for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if old != new:
            return number
    return max(1, min(len(before), len(after) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """The manifests as they lie on disk: of the output folder, and of the roots by folder."""

    output: Manifest
    roots: Mapping[str, RootEntry]


def _read_manifests(out: Path, tree: FileTree) -> _Before:
    _check_folder(out)
    output = read_manifest(out / manifests.NAME) or Manifest()
    roots: dict[str, RootEntry] = {}
    # A run that was killed may have written a root's manifest and not yet the list of roots.
    for folder in sorted({*output.roots, *(root.folder for root in tree.roots)}):
        path = _below(folder, manifests.NAME)
        if _look(out, path) is None:
            entry = read_manifest(out / path)
            if entry is not None and entry.root is not None:
                roots[folder] = entry.root
    return _Before(output=output, roots=roots)


def _check_folder(out: Path) -> None:
    """Raise `ToolError` when the output folder is something else, or cannot be made where it is."""
    if leads_out(out):
        raise ToolError(
            "the output folder leads out of the project",
            f"`{out}` is, or lies below, a link to a folder outside of the project, and forebay never "
            "writes through one. Name the folder itself with `--out`.",
        )
    for place in (out, *out.parents):
        if place.exists():
            if not place.is_dir():
                raise ToolError("the output folder is not a folder", f"`{place}` is not a folder.")
            return
        if place.is_symlink():
            problem = f"`{place}` is a link to `{place.readlink()}`, which does not exist."
            raise ToolError("the output folder is not a folder", problem)


def _orphans(before: _Before, tree: FileTree, *, prune: bool) -> Iterator[Orphan]:
    folders = {root.account_id: root.folder for root in tree.roots}
    for folder, entry in sorted(before.roots.items()):
        is_looked_at = tree.only is None or entry.account_id in tree.only
        if is_looked_at and folder not in folders.values():
            yield Orphan(
                folder=folder,
                account=entry.account,
                account_id=entry.account_id,
                moved_to=folders.get(entry.account_id),
                is_pruned=prune,
            )


def _wanted_files(tree: FileTree) -> dict[str, str]:
    wanted = dict(tree.shared)
    for root in tree.roots:
        for name, text in root.files.items():
            wanted[_below(root.folder, name)] = text
    for path in wanted:
        if path.startswith("/") or ".." in PurePosixPath(path).parts:
            raise ToolError(
                "a file would lie outside the output folder",
                f"`{path}` leads out of it; nothing was written.",
            )
    return wanted


def _kept_shared(
    before: _Before, orphans: Iterable[Orphan], tree: FileTree, wanted: Mapping[str, str]
) -> dict[str, str]:
    """The hashes of the shared files that stay although the tree has them no more."""
    # Roots that are kept, or not looked at, may call modules that nobody else calls any more.
    are_all_kept = any(True for _ in orphans)
    return {
        path: content
        for path, content in before.output.shared.items()
        if path not in wanted
        and (
            are_all_kept
            or (tree.only is not None and path.rpartition("/")[0] not in tree.needed_modules)
        )
    }


def _known_files(before: _Before, orphans: Iterable[Orphan], tree: FileTree) -> dict[str, str]:
    """The hash of every file that an earlier run wrote, except in roots that are kept."""
    known = dict(before.output.shared)
    kept = {orphan.folder for orphan in orphans}
    for folder, entry in before.roots.items():
        is_looked_at = tree.only is None or entry.account_id in tree.only
        if is_looked_at and folder not in kept:
            for name, content in entry.files.items():
                known[_below(folder, name)] = content
    return known


def _manifest_files(
    before: _Before, tree: FileTree, orphans: Iterable[Orphan], kept: Mapping[str, str]
) -> dict[str, str]:
    """The manifests as they should be; the one of a root in the output folder itself is both."""
    entries = {
        root.folder: RootEntry(
            account=root.account,
            account_id=root.account_id,
            files=_hashes(root.files),
            caches=root.caches,
        )
        for root in tree.roots
    }
    for folder, entry in before.roots.items():
        if folder not in entries and (
            any(orphan.folder == folder for orphan in orphans)
            or (tree.only is not None and entry.account_id not in tree.only)
        ):
            entries[folder] = entry
    here = next((entry for folder, entry in entries.items() if _below(folder, "") == "."), None)
    output = Manifest(root=here, roots=tuple(entries), shared={**_hashes(tree.shared), **kept})
    texts = {
        _below(root.folder, manifests.NAME): manifest_text(
            Manifest(root=entries[root.folder]), of_output_folder=False
        )
        for root in tree.roots
    }
    return {**texts, manifests.NAME: manifest_text(output, of_output_folder=True)}


def _hashes(files: Mapping[str, str]) -> dict[str, str]:
    return {name: content_hash(text.encode()) for name, text in files.items()}


def _interrupted_pulls(before: _Before, tree: FileTree) -> Iterator[InterruptedPull]:
    for root in sorted(tree.roots, key=lambda root: root.account):
        # A root that moved to another folder keeps its caches: the account is what counts.
        entry = before.roots.get(root.folder)
        if entry is None or entry.account_id != root.account_id:
            others = before.roots.values()
            entry = next((other for other in others if other.account_id == root.account_id), None)
        new = {(cache.region, cache.prefix): cache.upstream for cache in root.caches}
        for cache in (
            sorted(entry.caches, key=lambda cache: (cache.region, cache.prefix)) if entry else ()
        ):
            upstream = new.get((cache.region, cache.prefix))
            if upstream != cache.upstream:
                yield InterruptedPull(
                    account=root.account,
                    region=cache.region,
                    prefix=cache.prefix,
                    old=cache.upstream,
                    new=upstream,
                )


def _plan_file(
    out: Path, path: str, *, wanted: str | None, known_hash: str | None, force: bool
) -> PlannedFile:
    refusal = _look(out, path)
    current = _content(out / path) if refusal is None else None
    if refusal is None and current is not None:
        found = content_hash(current)
        is_wanted = wanted is not None and found == content_hash(wanted.encode())
        if known_hash is None and not is_wanted:
            refusal = Refusal.IN_THE_WAY
        elif not is_wanted and found != known_hash and not force:
            refusal = Refusal.EDITED
    return _planned(path, current=current, wanted=wanted, refusal=refusal)


def _plan_manifest(out: Path, path: str, text: str | None) -> PlannedFile:
    # Its content was read and understood before, so it is forebay's own.
    refusal = _look(out, path)
    current = _content(out / path) if refusal is None else None
    return _planned(path, current=current, wanted=text, refusal=refusal)


def _planned(
    path: str, *, current: bytes | None, wanted: str | None, refusal: Refusal | None
) -> PlannedFile:
    if refusal is not None:
        action = Action.REFUSED
    elif current is None:
        action = Action.UNCHANGED if wanted is None else Action.CREATE
    elif wanted is None:
        action = Action.DELETE
    elif content_hash(current) == content_hash(wanted.encode()):
        action = Action.UNCHANGED
    else:
        action = Action.UPDATE
    return PlannedFile(path=path, action=action, current=current, wanted=wanted, refusal=refusal)


def _look(out: Path, path: str) -> Refusal | None:
    """Whether something on the way to the file, or in its place, forbids to write it."""
    place = out
    parts = PurePosixPath(path).parts
    for number, part in enumerate(parts, start=1):
        place /= part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            return Refusal.LINK
        expected = stat.S_ISREG if number == len(parts) else stat.S_ISDIR
        if not expected(mode):
            return Refusal.NOT_A_FILE
    return None


def _content(path: Path) -> bytes | None:
    try:
        return read_file(path, limit=manifests.MOST_BYTES)
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep other runs from writing to the output folder; the lock ends with the process."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ToolError(
                "another run is writing to the output folder",
                f"`{out}`: nothing was written. Run the command again when the other has ended.",
            ) from error
        except OSError:  # some network file systems know no locks
            pass
        yield
    finally:
        os.close(folder)


def _write_all(plan: WritePlan, made: list[Path]) -> None:
    staged: set[PurePosixPath] = set()
    with contextlib.ExitStack() as stack:
        out = Folder.open(plan.out)
        stack.callback(out.close)
        try:
            _check_current(plan)
            _remove_leftovers(plan, out)
            for file in plan.files:
                if file.wanted is not None and file.action is not Action.UNCHANGED:
                    path = PurePosixPath(file.path)
                    _make_folders((plan.out / path).parent, made)
                    staged.add(path)
                    _stage(out, path, file.wanted)
            _finish(plan, out, staged)
        finally:
            # After success there is nothing left; after a failure or Ctrl-C this is the way back.
            # What cannot be removed now, the next run removes.
            for path in staged:
                with contextlib.suppress(OSError), _parent(out, path) as folder:
                    folder.unlink(_staged_name(path))
            _remove_empty(reversed(made))


@contextlib.contextmanager
def _parent(out: Folder, path: PurePosixPath) -> Iterator[Folder]:
    """The folder of a file; a name that has become a link meanwhile leads nowhere."""
    folder = out.below(*path.parent.parts)
    try:
        yield folder
    finally:
        folder.close()


def _staged_name(path: PurePosixPath) -> str:
    return f".{path.name}{STAGED_SUFFIX}"


def _check_current(plan: WritePlan) -> None:
    """Raise `ToolError` when a file is not as it was when the plan was made."""
    for file in plan.files:
        if _look(plan.out, file.path) or _content(plan.out / file.path) != file.current:
            raise ToolError(
                "a file changed in the meantime",
                f"`{plan.out / file.path}` is not as it was a moment ago: another program writes to "
                "this folder. Nothing was written; run the command again.",
            )


def _below(folder: str, name: str) -> str:
    return PurePosixPath(folder, name).as_posix()


def _remove_leftovers(plan: WritePlan, out: Folder) -> None:
    """Remove what a killed run had staged and not yet renamed."""
    for parent in sorted({PurePosixPath(file.path).parent for file in plan.files}):
        if not (plan.out / parent).is_dir():
            continue
        with _parent(out, parent / "any") as folder:
            for name in folder.names():
                if name.startswith(".") and name.endswith(STAGED_SUFFIX):
                    folder.unlink(name)


def _make_folders(folder: Path, made: list[Path]) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, made)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            made.append(folder)


def _stage(out: Folder, path: PurePosixPath, text: str) -> None:
    with _parent(out, path) as folder:
        try:
            folder.create(_staged_name(path), text.encode(), mode=folder.mode(path.name))
        except OSError as error:
            raise _write_error(error, out.path / path) from error


def _finish(plan: WritePlan, out: Folder, staged: set[PurePosixPath]) -> None:
    """Rename and delete; each file that is renamed is taken out of `staged`."""
    targets = sorted(staged, key=_turn)
    _rename([path for path in targets if path.name != manifests.NAME], out, staged)
    deleted = [file for file in plan.files if file.action is Action.DELETE]
    # A manifest goes after the files that only it knows.
    for file in sorted(deleted, key=lambda file: Path(file.path).name == manifests.NAME):
        if file.current is not None:
            path = PurePosixPath(file.path)
            with _parent(out, path) as folder:
                folder.unlink(path.name)
            _remove_empty(plan.out / parent for parent in path.parents if parent.name)
    _rename([path for path in targets if path.name == manifests.NAME], out, staged)


def _rename(paths: Iterable[PurePosixPath], out: Folder, staged: set[PurePosixPath]) -> None:
    for path in paths:
        with _parent(out, path) as folder:
            folder.rename(_staged_name(path), path.name)
        staged.discard(path)


def _turn(path: PurePosixPath) -> tuple[bool, str]:
    """The output folder's own manifest comes last: it names the roots that have theirs."""
    return (path == PurePosixPath(manifests.NAME), path.as_posix())


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _write_error(error: OSError, path: Path) -> ToolError:
    then = "Every file is either as it was or as it should be; run the command again afterwards."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ToolError("the disk is full", f"`{path}` does not fit any more. {then}")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ToolError(
            "a folder or file may not be written",
            f"`{path}`: {error.strerror}. Allow it, or choose another folder. {then}",
        )
    return ToolError("a file cannot be written", f"`{path}`: {error.strerror}. {then}")
