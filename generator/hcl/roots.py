"""Which folders of a project are root modules."""

from collections.abc import Iterable
from pathlib import Path

from generator.data.resources import module_files, module_folder
from generator.frozen_data import frozen
from generator.hcl.budget import Budget
from generator.hcl.early_sources import with_plain_source
from generator.hcl.files import UnreadableError, resolved
from generator.hcl.module import Module
from generator.hcl.project import Project
from generator.hcl.providers import RootPlace
from generator.model.estate import Unknown

MANIFEST = ".forebay.json"
"""The manifest that `generate` leaves in the output folder and in each root."""

_ANYWHERE = RootPlace(account=Unknown(reason="nobody asks", reference="the account"))


@frozen
class FolderCalls:
    """What the parsed code of one folder says about which folders are roots.

    `place` is the folder, links followed. `is_marked` says that it calls itself a root: by a provider,
    a backend or a manifest.
    """

    folder: Path
    place: Path
    calls: frozenset[Path]
    is_marked: bool


def folder_calls(folder: Path, project: Project) -> FolderCalls | None:
    """Parse a folder; `None` when there is no code in it."""
    source = project.source(folder)
    if source is None:
        return None
    here = resolved(folder) or folder
    calls: set[Path] = set()
    scope = Module(project, source, budget=Budget(), place=_ANYWHERE).scope
    for name, written in source.calls.items():
        call = with_plain_source(written, scope, project)
        target = project.called_folder(call, folder, folder, name)
        place = resolved(target) if isinstance(target, Path) else None
        if place is not None and place != here:
            calls.add(place)
    is_marked = bool(source.providers) or source.has_backend or (folder / MANIFEST).is_file()
    return FolderCalls(folder=folder, place=here, calls=frozenset(calls), is_marked=is_marked)


def root_folders(parsed: Iterable[FolderCalls], links: frozenset[Path]) -> list[Path]:
    """The root modules among the parsed folders: those that no other folder calls as a module.

    Terraform can be run in any of them, whatever they say of themselves. A link to a folder that is
    a module elsewhere is a root of its own: with the values of its variables by default.
    """
    parsed = list(parsed)
    called = frozenset[Path]().union(*(entry.calls for entry in parsed))
    roots = [entry for entry in parsed if entry.place not in called]
    unlinked = frozenset(entry.folder for entry in roots)
    known = {entry.place for entry in roots if entry.folder not in links}
    return [
        entry.folder
        for entry in parsed
        if (entry.place not in known if entry.folder in links else entry.folder in unlinked)
    ]


def is_packaged(folder: Path, project: Project) -> bool:
    """Whether a folder is a copy of a module of ours, letter by letter: nobody applies it."""
    if module_folder(folder.name) is None:
        return False
    try:
        found = {file.name: project.text(file) for file in project.code_files(folder)}
    except UnreadableError:
        return False
    return found == module_files(folder.name)


def root_name(folder: Path, code: Path) -> str:
    """A root's name: its folder below the code folder."""
    name = folder.relative_to(code).as_posix()
    return "" if name == "." else name
