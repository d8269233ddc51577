"""The folders below a code folder in which Terraform could be run, and what of them cannot be seen."""

import os
from operator import attrgetter
from pathlib import Path

from generator.frozen_data import frozen
from generator.hcl.files import is_inside, resolved
from generator.hcl.other_programs import may_be_of_another
from generator.hcl.settings import Engine, is_code

_FETCHED = ".terragrunt-cache"
NOT_CODE = frozenset({".git", ".terraform", _FETCHED})
"""What git, Terraform and Terragrunt keep for themselves: what was fetched is read by its calls."""


@frozen
class HiddenFolder:
    """A folder that may hold code and was not looked into, and why."""

    folder: Path
    reason: str
    is_outside: bool = False


@frozen
class CodeTree:
    """All folders with files that Terraform or OpenTofu loads, in the order in which they are read.

    `links` are those of them that are links to other folders of the tree; `seen` is every folder that
    was looked into, links followed.
    """

    folders: tuple[Path, ...]
    links: frozenset[Path]
    hidden: tuple[HiddenFolder, ...]
    files: tuple[Path, ...]
    seen: frozenset[Path]
    others: tuple[Path, ...] = ()
    """Files that other programs may make infrastructure from."""
    fetched: tuple[Path, ...] = ()
    """Folders in which Terragrunt keeps code that it fetched, not looked into."""


def code_tree(code: Path, project_root: Path) -> CodeTree:
    """Walk through everything below a folder: hidden folders, and links inside of the project."""
    walk = _Walk(project_root)
    walk.through(code)
    walk.along_links()
    return CodeTree(
        folders=tuple(sorted(walk.folders, key=_parts)),
        links=frozenset(walk.links),
        hidden=tuple(sorted(walk.hidden, key=lambda each: each.folder)),
        files=tuple(sorted(walk.files, key=_parts)),
        others=tuple(sorted(walk.others, key=_parts)),
        seen=frozenset(walk.seen),
        fetched=tuple(sorted(walk.fetched, key=_parts)),
    )


_parts = attrgetter("parts")
"""By what paths are put in order: to compare the paths themselves costs more."""


class _Walk:
    def __init__(self, project_root: Path) -> None:
        self._project_root = project_root
        self.seen: set[Path] = set()
        self._left: list[Path] = []
        self.folders: dict[Path, None] = {}
        self.links: list[Path] = []
        self.hidden: list[HiddenFolder] = []
        self.files: list[Path] = []
        self.others: list[Path] = []
        self.fetched: list[Path] = []

    def through(self, top: Path) -> None:
        """Walk through a folder and what lies below, once."""
        stack = [(top, resolved(top))]
        while stack:
            folder, place = stack.pop()
            if place is not None:
                if place in self.seen:
                    continue
                self.seen.add(place)
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except OSError as error:
                reason = error.strerror or "it cannot be listed"
                self.hidden.append(HiddenFolder(folder=folder, reason=reason))
                continue
            self._note(folder, entries)
            stack.extend(
                # What is no link lies where its folder lies.
                (Path(entry.path), None if place is None else place / entry.name)
                for entry in entries
                if _is_folder(entry)
            )
            self._left.extend(Path(entry.path) for entry in entries if _is_link_to_folder(entry))

    def along_links(self) -> None:
        """Follow the links to folders; one to a folder that was seen stays a folder by itself."""
        while self._left:
            link = self._left.pop()
            if not is_inside(link, self._project_root):
                reason = "it is a link that leads out of the project"
                self.hidden.append(HiddenFolder(folder=link, reason=reason, is_outside=True))
            elif resolved(link) not in self.seen:
                self.through(link)
            elif _holds_code(link):
                self.folders[link] = None
                self.links.append(link)

    def _note(self, folder: Path, entries: list["os.DirEntry[str]"]) -> None:
        found = [Path(entry.path) for entry in entries if _is_code(entry.name)]
        self.files.extend(path for path in found if not path.is_dir() or path.is_symlink())
        self.others.extend(Path(entry.path) for entry in entries if may_be_of_another(entry.name))
        self.fetched.extend(Path(entry.path) for entry in entries if entry.name == _FETCHED)
        if found:
            self.folders[folder] = None


def _is_code(name: str) -> bool:
    return is_code(name, Engine.TOFU)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return entry.name not in NOT_CODE and entry.is_dir(follow_symlinks=False)


def _is_link_to_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.name not in NOT_CODE and entry.is_symlink() and entry.is_dir()
    except OSError:
        return False


def _holds_code(folder: Path) -> bool:
    try:
        return any(_is_code(path.name) for path in folder.iterdir())
    except OSError:
        return False
