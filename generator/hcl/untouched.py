"""Roots whose files are what `generate` would write: what they say is known without parsing them.

One root of each shape is read as any other; what the others of that shape say follows from it. They
differ in nothing but plain texts in quotes, the topology says which values these have, and the places
are the same but for the lengths of those texts. Where anything about the root that was read is not
as the topology says, nothing is concluded from it.
"""

import os
import re
import stat
from collections.abc import Container, Iterable, Mapping
from pathlib import Path, PurePosixPath

from generator.hcl.derivation import QUOTED, Derivation, Shape, UntouchedRoot
from generator.hcl.files import is_inside, resolved
from generator.hcl.root import RootReader, RootReading
from generator.hcl.roots import MANIFEST, FolderCalls, root_name
from generator.hcl.settings import ReadingSettings
from generator.model.estate import (
    Estate,
    Record,
)
from generator.model.expected import Expected
from generator.model.filetree import FileTree, RootFiles

_LOCK = ".terraform.lock.hcl"
_README = "README.md"
_DOWNLOADS = ".terraform"


class UntouchedRoots:
    """The roots of a code folder that are as `generate` would write them, and need not be parsed."""

    def __init__(
        self,
        code: Path,
        project_root: Path,
        expected: Expected | None,
        settings: ReadingSettings,
        folders: Iterable[Path],
    ) -> None:
        self._code = code
        self._project_root = project_root
        self._modules: dict[str, Path | None] = {}
        self._intended: Mapping[str, Mapping[str, Record]] = {}
        self._read: list[UntouchedRoot] = []
        self._alike: list[list[UntouchedRoot]] = []
        # What a person says about roots is for them to be evaluated with.
        if expected is not None and not (
            settings.variables or settings.variable_files or settings.accounts or settings.regions
        ):
            self._intended = _by_root(expected.estate)
            self._find(expected.tree, folders)

    def _find(self, tree: FileTree, folders: Iterable[Path]) -> None:
        by_folder = {root.folder: root for root in tree.roots}
        groups: dict[tuple[Shape, frozenset[str]], list[UntouchedRoot]] = {}
        for folder in folders:
            name = root_name(folder, self._code)
            if name and name in by_folder and name in self._intended:
                root = self._untouched(name, folder, by_folder[name], tree)
                if root is not None:
                    addresses = frozenset(self._intended[name])
                    groups.setdefault((root.shape, addresses), []).append(root)
        for first, *others in groups.values():
            self._read.append(first)
            self._alike.append(others)

    @property
    def folders(self) -> frozenset[Path]:
        """The folders of all these roots, whether they are parsed or not."""
        roots = (root for others in (self._read, *self._alike) for root in others)
        return frozenset(root.folder for root in roots)

    @property
    def calls(self) -> Mapping[Path, FolderCalls]:
        """What the roots that need not be parsed say about which folders are roots."""
        return {
            root.folder: FolderCalls(
                folder=root.folder, place=root.place, calls=root.calls, is_marked=True
            )
            for others in self._alike
            for root in others
        }

    def readings(
        self, roots_read: Iterable[RootReading], roots: Container[Path], reader: RootReader
    ) -> list[RootReading] | None:
        """What the roots say that were not parsed, from what the others said.

        `None` when nothing follows for some of them: then these have to be read as well.
        """
        read = {root.root.name: root for root in roots_read}
        found: list[RootReading] = []
        is_complete = True
        for number, (first, others) in enumerate(zip(self._read, self._alike, strict=True)):
            if not others:
                continue
            reading = read.get(first.name)
            derivation = (
                None if reading is None else Derivation(first, reading, self._intended[first.name])
            )
            if derivation is None or not derivation.is_sound(reader.calls([first.folder])):
                self._alike[number] = []
                is_complete = False
                continue
            left: list[UntouchedRoot] = []
            for root in others:
                derived = derivation.derived(root, self._intended[root.name])
                if derived is not None:
                    left.append(root)
                    if root.folder in roots:
                        found.append(derived)
            is_complete = is_complete and len(left) == len(others)
            self._alike[number] = left
        return found if is_complete else None

    def _untouched(
        self, name: str, folder: Path, files: RootFiles, tree: FileTree
    ) -> UntouchedRoot | None:
        # What Terraform would write in another form (Unicode's composed one) is not in the topology.
        # Nor are comments that accept a result.
        if not all(text.isascii() and "forebay:" not in text for text in files.files.values()):
            return None
        more = {MANIFEST, _LOCK, _README}
        if files.modules:
            # Only where modules come from elsewhere is it asked where they were put.
            more.add(_DOWNLOADS)
        there = _as_written(folder, files.files, more)
        if there is None or MANIFEST not in there:
            return None
        places = [self._module(module, tree) for module in files.modules]
        calls = frozenset(place for place in places if place is not None)
        if None in places:
            return None
        return UntouchedRoot(
            name=name,
            folder=folder,
            place=resolved(folder) or folder,
            files=files,
            shape=_shape(files.files),
            calls=calls,
        )

    def _module(self, folder: str, tree: FileTree) -> Path | None:
        """Where a module lies, links followed; `None` unless its files are as they would be written."""
        if folder not in self._modules:
            wanted = {
                PurePosixPath(path).name: text
                for path, text in tree.shared.items()
                if path.rpartition("/")[0] == folder
            }
            place = self._code / folder
            is_ours = bool(wanted) and _as_written(place, wanted, set()) is not None
            is_ours = is_ours and is_inside(place, self._project_root)
            self._modules[folder] = resolved(place) if is_ours else None
        return self._modules[folder]


def _by_root(estate: Estate) -> Mapping[str, Mapping[str, Record]]:
    """The records of each root by address; roots with one address twice are left out."""
    found: dict[str, dict[str, Record]] = {}
    twice: set[str] = set()
    for record in estate.records:
        root = found.setdefault(record.root, {})
        if record.address in root:
            twice.add(record.root)
        root[record.address] = record
    return {name: records for name, records in found.items() if name not in twice}


def _as_written(folder: Path, wanted: Mapping[str, str], more: set[str]) -> set[str] | None:
    """The names in a folder that holds these files, byte by byte, and at most `more`; else `None`."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208 - thousands of folders: paths cost more
        if not wanted.keys() <= names or names - wanted.keys() - more:
            return None
        for name, text in wanted.items():
            place = os.path.join(folder, name)  # noqa: PTH118
            content = text.encode()
            status = os.lstat(place)
            if not stat.S_ISREG(status.st_mode) or status.st_size != len(content):
                return None
            with open(place, "rb", buffering=0) as file:  # noqa: PTH123
                if file.read(len(content) + 1) != content:
                    return None
    except OSError:
        return None
    return names


def _shape(files: Mapping[str, str]) -> Shape:
    return tuple(
        (name, tuple(_VALUE_OR_OTHER.split(text)))
        for name, text in sorted(files.items())
        if name.endswith(".tf")
    )


_VALUE_OR_OTHER = re.compile(
    # A plain text that stands for a value, which a shape is without...
    r'"[^"\\\n$%]*+(?:(?:\\[^\n$%]|[$%](?!\{))[^"\\\n$%]*+)*+"(?! *[={"])'
    # ... or a label, a key, or a text with code in it, which stay.
    rf"|({QUOTED.pattern})"
)
