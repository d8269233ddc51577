"""Which folders of a project are root modules, and which of them can matter."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generator.hcl.files import LARGEST_FILE, is_inside, joined, resolved
from generator.hcl.folder import Project
from generator.hcl.settings import is_code

MANIFEST = ".forebay.json"
"""The manifest that `generate` leaves in the output folder and in each root."""

_NEVER_ROOTS = frozenset({"modules", "handover"})

# Every type that the estate knows begins like this. A name can hide behind an escape.
_MATTERS = re.compile(
    rb"aws_(?:ecr|iam|secretsmanager|kms)_|awscc_(?:ecr|iam|kms|secret)|\\[uU]"
    rb"|aws_organizations_policy|aws_vpc_endpoint(?:_policy)?\b"
)
_ROOT_BLOCK = re.compile(
    rb"""^[ \t]*(?:provider|backend)[ \t]+["\w]|^[ \t]*cloud[ \t]*\{""", re.MULTILINE
)
_CALL = re.compile(rb"""\bmodule[ \t]+["\w]""")
_LOCAL_SOURCE = re.compile(rb"""\bsource[ \t]*=[ \t]*"(\.\.?(?:/[^"$%\\\n]*)?)\"""")
_VARIABLE = re.compile(rb"""^[ \t]*variable[ \t]+"?([\w-]+)""", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class CodeFolder:
    """A folder with code, seen as plain bytes before anything is parsed."""

    folder: Path
    files: tuple[Path, ...]
    project_root: Path

    @cached_property
    def content(self) -> bytes | None:
        """All its code one after the other, `None` when a file of it cannot simply be read."""
        parts: list[bytes] = []
        for file in self.files:
            try:
                if not is_inside(file, self.project_root) or not file.is_file():
                    return None
                if file.stat().st_size > LARGEST_FILE or file.suffix == ".json":
                    return None
                parts.append(file.read_bytes())
            except OSError:
                return None
        return b"\n".join(parts)

    @property
    def size(self) -> int:
        """How much there is to parse, in bytes."""
        sizes = 0
        for file in self.files:
            try:
                sizes += file.stat().st_size
            except OSError:
                continue
        return sizes

    @property
    def names_what_matters(self) -> bool:
        """Whether its own text can make a record, or calls a module that may."""
        content = self.content
        if content is None or _MATTERS.search(content):
            return True
        return len(_CALL.findall(content)) > len(self.local_calls)

    @property
    def local_calls(self) -> list[str]:
        """The folders that its module calls name."""
        found = _LOCAL_SOURCE.findall(self.content or b"")
        return [source.decode("utf-8", "replace") for source in found]

    @property
    def is_marked(self) -> bool:
        """Whether it says of itself that it is a root module."""
        manifest = (self.folder / MANIFEST).is_file()
        return manifest or _ROOT_BLOCK.search(self.content or b"") is not None

    @property
    def variables(self) -> set[str]:
        """The names of the variables that it declares."""
        return {name.decode("utf-8", "replace") for name in _VARIABLE.findall(self.content or b"")}


def code_folders(code: Path, project: Project) -> list[CodeFolder]:
    """All folders with code at or below `code`, in the order in which they are read."""
    return [_code_folder(folder, project) for folder in _walk(code, project)]


def _code_folder(folder: Path, project: Project) -> CodeFolder:
    return CodeFolder(
        folder=folder, files=tuple(project.code_files(folder)), project_root=project.project_root
    )


def _walk(code: Path, project: Project) -> Iterator[Path]:
    for folder, subfolders, files in os.walk(code):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        if any(is_code(name, project.settings.engine) for name in files):
            yield Path(folder)


def can_matter(folders: Sequence[CodeFolder], project: Project) -> set[Path]:
    """The folders that can make a record, themselves or by a module they call.

    Judged by their text alone: in most projects most code is about other things.
    """
    seen: dict[Path | None, CodeFolder] = {resolved(entry.folder): entry for entry in folders}
    callers: dict[Path, set[Path]] = {}
    matter: list[Path] = []
    left = list(seen.items())
    while left:
        place, entry = left.pop()
        if place is None:
            continue
        if entry.names_what_matters:
            matter.append(place)
            continue
        for source in entry.local_calls:
            called = joined(entry.folder, source)
            target = resolved(called)
            if target is None or not is_inside(called, project.project_root):
                matter.append(place)
                break
            callers.setdefault(target, set()).add(place)
            if target not in seen:
                seen[target] = _code_folder(called, project)
                left.append((target, seen[target]))
                if not seen[target].files:
                    matter.append(target)
    found: set[Path] = set()
    while matter:
        place = matter.pop()
        if place not in found:
            found.add(place)
            matter.extend(callers.get(place, ()))
    return {entry.folder for entry in folders if (resolved(entry.folder) in found)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCalls:
    """What the parsed code of one folder says about which folders are roots."""

    folder: Path
    calls: frozenset[Path]
    is_marked: bool


def folder_calls(folder: Path, project: Project) -> FolderCalls | None:
    """Parse a folder; `None` when there is no code in it."""
    source = project.source(folder)
    if source is None:
        return None
    calls: set[Path] = set()
    for name, call in source.calls.items():
        target = project.called_folder(call, folder, folder, name)
        place = resolved(target) if isinstance(target, Path) else None
        if place is not None and place != resolved(folder):
            calls.add(place)
    is_marked = bool(source.providers) or source.has_backend or (folder / MANIFEST).is_file()
    return FolderCalls(folder=folder, calls=frozenset(calls), is_marked=is_marked)


def root_folders(
    code: Path, parsed: Iterable[FolderCalls], skipped: Iterable[CodeFolder]
) -> list[Path]:
    """The root modules among the parsed folders; the skipped ones only say whether any is marked."""
    parsed = list(parsed)
    called = frozenset[Path]().union(*(entry.calls for entry in parsed))
    uncalled = [
        entry
        for entry in parsed
        if resolved(entry.folder) not in called and not _is_beside_manifest(entry.folder, code)
    ]
    marked = [entry.folder for entry in uncalled if entry.is_marked]
    others_are_marked = any(
        entry.is_marked and not _is_beside_manifest(entry.folder, code) for entry in skipped
    )
    return marked if marked or others_are_marked else [entry.folder for entry in uncalled]


def _is_beside_manifest(folder: Path, code: Path) -> bool:
    """Whether the folder belongs to generated modules or hand-over texts."""
    below = folder
    while below not in (code, below.parent):
        if below.name in _NEVER_ROOTS and (below.parent / MANIFEST).is_file():
            return True
        below = below.parent
    return False


def root_name(folder: Path, code: Path) -> str:
    """A root's name: its folder below the code folder."""
    name = folder.relative_to(code).as_posix()
    return "" if name == "." else name
