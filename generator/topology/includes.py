"""Merges the files that a topology includes into it, each value with its place in its own file."""

import glob
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from generator.disk.checkout import is_left_behind
from generator.disk.places import holds_credentials, is_of_git
from generator.model.errors import ToolError
from generator.model.quotes import quoted
from generator.model.span import first_line
from generator.topology.contents import Items, Text
from generator.topology.document import Document, Node, Scalar, Table, read_document
from generator.topology.fields import TOPOLOGY
from generator.topology.mistakes import (
    EMPTY_VALUE,
    INCLUDE_NESTED,
    INCLUDE_UNREADABLE,
    LISTED_TWICE,
    SECOND_DOCUMENT,
    Mistakes,
    Place,
)
from generator.topology.raw_documents import project_root_of
from generator.topology.shapes import MapShape, RecordShape
from generator.topology.structure import fit
from generator.topology.wrong_types import add_wrong_type

MAX_FILES = 1000
"""The most files that one topology is made of."""

_SHAPES = {known.name: known.shape for known in TOPOLOGY.fields}
_SECTIONS = frozenset(
    name for name, shape in _SHAPES.items() if isinstance(shape, MapShape | RecordShape)
)


def merge_includes(
    document: Document, mistakes: Mistakes, edited: Mapping[Path, bytes]
) -> Node | None:
    """The document's root with the sections of all included files merged into its own.

    What is `edited` is read as that, instead of what the file holds.
    """
    if document.second is not None:
        mistakes.add(
            SECOND_DOCUMENT,
            Place(span=document.second, path=""),
            "At this line a second YAML document begins, and only the first one was read. A "
            "topology is one document: remove the `---`, or move the rest to a file of its own "
            "that `include` names.",
        )
    if not isinstance(document.root, Table) or document.root.tag is not None:
        return document.root
    merging = _Merging(document.root)
    for text, file in _included_files(document, document.root, mistakes):
        merging.take(read_document(file, edited), text, mistakes)
    return replace(document.root, entries=tuple(merging.entries))


class _Merging:
    """The entries of a topology while files are merged into it."""

    def __init__(self, root: Table) -> None:
        self.entries = list(root.entries)
        self.positions: dict[str, int] = {}
        for position, (key, _) in enumerate(self.entries):
            if isinstance(key, Scalar):
                self.positions.setdefault(key.text, position)

    def take(self, document: Document, text: Text, mistakes: Mistakes) -> None:
        """Merge one included file, named by the `text` of an `include`."""
        if document.second is not None:
            mistakes.add(
                SECOND_DOCUMENT,
                Place(span=document.second, path=""),
                "At this line a second YAML document begins, and only the first one was read. "
                "Remove the `---`, or move the rest to a file of its own.",
            )
        root = document.root
        if root is None:
            mistakes.add(
                EMPTY_VALUE,
                Place(span=first_line(document.file), path=""),
                f"The file is empty, and `{text.place.path}` includes it. Write sections of the "
                "topology into it, such as `accounts:`, or remove the file.",
            )
            return
        if not isinstance(root, Table) or root.tag is not None:
            add_wrong_type(root, TOPOLOGY, Place(span=root.span, path="", use=root.use), mistakes)
            return
        seen: set[str] = set()
        for key, value in root.entries:
            name = key.text if isinstance(key, Scalar) and key.tag is None else ""
            if name in seen:
                # The reader says that the key stands twice.
                self.entries.append((key, value))
            elif name == "include":
                mistakes.add(
                    INCLUDE_NESTED,
                    Place(span=key.span, path=name, use=key.use),
                    "`include`: only the topology itself includes files, so that one look at it "
                    "shows all of them. Name these files there.",
                )
            elif name == "version" and name in self.positions:
                place = Place(span=value.span, path=name, use=value.use)
                fit(value, _SHAPES[name], place, mistakes)
            else:
                self._add(name, key, value)
            if name:
                seen.add(name)

    def _add(self, name: str, key: Node, value: Node) -> None:
        position = self.positions.get(name)
        if position is None or name not in _SECTIONS:
            self.positions.setdefault(name, len(self.entries))
            self.entries.append((key, value))
            return
        first_key, first = self.entries[position]
        if not _is_section(first):
            return
        # Of two values the wrong one stays: it is reported, and nothing is known of the section.
        if isinstance(first, Table) and isinstance(value, Table) and _is_section(value):
            merged = replace(first, entries=(*first.entries, *value.entries))
            self.entries[position] = (first_key, merged)
        else:
            self.entries[position] = (key, value)


def _is_section(node: Node) -> bool:
    return isinstance(node, Table) and node.tag is None and bool(node.entries)


def _included_files(document: Document, root: Table, mistakes: Mistakes) -> list[tuple[Text, Path]]:
    """The files that a topology names, in its order, those of one pattern sorted."""
    value = next(
        (value for key, value in root.entries if isinstance(key, Scalar) and key.text == "include"),
        None,
    )
    if value is None:
        return []
    # The reader notes what is wrong with the list itself.
    items = fit(
        value, _SHAPES["include"], Place(span=value.span, path="include", use=value.use), Mistakes()
    )
    if not isinstance(items, Items):
        return []
    file = document.file.resolve() if document.file.is_symlink() else document.file
    named: dict[str, bool] = {os.path.realpath(file): False}
    found: list[tuple[Text, Path]] = []
    for text in items.items:
        if not isinstance(text, Text):
            continue
        for path in _paths(text, file.parent, mistakes):
            real = os.path.realpath(path)
            is_pattern = _is_pattern(text.text)
            if real not in named:
                found.append((text, path))
            elif real == os.path.realpath(file) and not is_pattern:
                _add_unreadable(text, "is the topology itself. Leave it out.", mistakes)
            elif named[real] and not is_pattern:
                mistakes.add(
                    LISTED_TWICE,
                    text.place,
                    f"`{text.place.path}`: {quoted(text.text)} is a file that is in the list "
                    "already. Remove one of the two.",
                )
            named[real] = named.get(real, False) or not is_pattern
    if len(found) >= MAX_FILES:
        raise ToolError(
            "the topology is too large",
            f"{file}: it includes more than {MAX_FILES - 1} files. Split it into several "
            "topologies.",
        )
    return found


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?")


def _paths(text: Text, folder: Path, mistakes: Mistakes) -> list[Path]:
    """The files that one entry of an `include` names; mistakes where there are none to read."""
    project = project_root_of(folder.resolve())
    if not _is_pattern(text.text):
        path = folder / text.text
        problem = _problem(path, project)
        if problem is not None:
            _add_unreadable(text, problem, mistakes)
        return [] if problem is not None else [path]
    head = text.text[: min(text.text.find(sign) % len(text.text) for sign in "*?")]
    if _problem_of_place(folder / head.rpartition("/")[0], project) is not None:
        _add_unreadable(text, _OUTSIDE, mistakes)
        return []
    pattern = text.text.replace("[", "[[]")
    try:
        # Not `Path.glob`, which takes hidden files for files like any other.
        names = sorted(glob.glob(pattern, root_dir=folder))  # noqa: PTH207
    except (OSError, ValueError):  # such as a name that is too long
        names = []
    paths = []
    for name in names:
        path = folder / name
        if (problem := _problem_of_place(path, project)) is not None:
            _add_unreadable(text, f"fits {quoted(name)}, which {problem}", mistakes)
        elif path.is_file():
            paths.append(path)
    if not names or (not paths and all((folder / name).is_dir() for name in names)):
        _add_unreadable(
            text, "fits no file. Correct the pattern, or remove it until there are files.", mistakes
        )
    return paths


_OUTSIDE = (
    "lies outside of the project, and nothing outside of it is read. Move it beside the topology."
)

_OF_CREDENTIALS = (
    "has a name of files with passwords or keys, and is not read. A topology ends in `.yaml`."
)

_LEFT_BEHIND = (
    "is not tracked by git, so this job has left it there, and it is not read. If the job makes it as a "
    "part of the topology, tell git of it first: `git add --intent-to-add`."
)


def _problem_of_place(path: Path, project: Path) -> str | None:
    # Unlike `resolve`, this takes a loop of links for a path that does not exist.
    real = Path(os.path.realpath(path))
    inside = real.is_relative_to(project) and not is_of_git(real.relative_to(project))
    if not inside:
        return _OUTSIDE
    is_data = path.suffix.lower() in {".yaml", ".yml"}
    if holds_credentials(path) and not is_data:
        return _OF_CREDENTIALS
    return _LEFT_BEHIND if path.is_file() and is_left_behind(path) else None


def _problem(path: Path, project: Path) -> str | None:
    """Why a file cannot be included."""
    try:
        if (problem := _problem_of_place(path, project)) is not None:
            return problem
        if path.is_dir():
            return "is a folder. Name the files in it, such as `teams/*.yaml`."
        return None if path.is_file() else "is not a file."
    except OSError:  # such as a name that is too long
        return "is not a file."


def _add_unreadable(text: Text, problem: str, mistakes: Mistakes) -> None:
    mistakes.add(
        INCLUDE_UNREADABLE,
        text.place,
        f"`{text.place.path}`: {quoted(text.text)} {problem}",
    )
