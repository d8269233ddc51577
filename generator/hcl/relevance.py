"""Which folders can matter, judged by their text alone: in most projects most code is about others.

What a text does not show at first sight counts as relevant, so no way of writing hides a block.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generator.hcl.files import LARGEST_FILE, is_inside, joined, resolved
from generator.hcl.project import Project

# Every type that the estate knows begins like this. A name can hide behind an escape.
_MATTERS = re.compile(
    rb"aws_(?:ecr|iam|secretsmanager|kms)_|\\[uU]"
    rb"|image_uri|aws_ecs_task_definition"
    rb"|aws(?:cc)?_organizations_policy|aws_vpc_endpoint(?:_policy)?\b|awscc_ec2_vpc_endpoint\b"
    # Other ways to give the same access.
    rb"|aws_(?:cloudformation|cloudcontrolapi|ssoadmin|ecrpublic)_"
    rb"|awscc_(?:cloudformation|ecr|iam|kms|secretsmanager|sso)_"
)
_COMMENT_LINE = re.compile(rb"^[ \t]*(?:#|//)[^\n]*$", re.MULTILINE)
# Whatever HCL may take for the head of a module call, comments between its words included.
_CALL = re.compile(
    rb"""(?<![\w.-])module(?:[ \t]*"[^"\n]*"[ \t]*(?:\{|/\*)|[ \t]*/\*|[ \t]+[^\s"{}]+[ \t]*(?:\{|/\*))"""
)
# A call of which the text alone says enough: nothing can stand between its head and its source.
_PLAIN_CALL = re.compile(
    rb"""^module[ ]+"[\w-]+"[ ]+\{\r?\n(?:[ \t]*\r?\n)*"""
    rb"""[ \t]+source[ \t]*=[ \t]*"(?P<source>[^"$%\\\r\n]*)"[ \t]*\r?$""",
    re.MULTILINE,
)
_LOCAL_SOURCE = re.compile(rb"\.\.?(?:/|$)")
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
            if file.suffix == ".json" or (text := plain_bytes(file, self.project_root)) is None:
                return None
            parts.append(text)
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
        return (
            content is None
            or bool(_MATTERS.search(content))
            or _has_session_policy(content)
            or self.local_calls is None
        )

    @cached_property
    def local_calls(self) -> tuple[str, ...] | None:
        """The folders that its module calls name, `None` when a call is not plain, or not local."""
        content = _COMMENT_LINE.sub(b"", self.content or b"")
        sources: list[bytes] = _PLAIN_CALL.findall(content)
        if len(_CALL.findall(content)) > len(sources):
            return None
        if not all(map(_LOCAL_SOURCE.match, sources)):
            return None
        return tuple(source.decode("utf-8", "replace") for source in sources)

    @property
    def variables(self) -> set[str]:
        """The names of the variables that it declares."""
        return {name.decode("utf-8", "replace") for name in _VARIABLE.findall(self.content or b"")}


def _has_session_policy(content: bytes) -> bool:
    """Whether a provider may give its session a policy, which is all that a root need hold to matter."""
    return b"assume_role" in content and b"policy" in content


def plain_bytes(file: Path, project_root: Path) -> bytes | None:
    """The bytes of a file, `None` when it cannot simply be read."""
    try:
        if not is_inside(file, project_root) or not file.is_file():
            return None
        return None if file.stat().st_size > LARGEST_FILE else file.read_bytes()
    except OSError:
        return None


def may_make_records(content: bytes | None) -> bool:
    """Whether a text can make a record or call a module."""
    return (
        content is None
        or bool(_MATTERS.search(content) or _CALL.search(content))
        or _has_session_policy(content)
    )


def code_folder(folder: Path, project: Project) -> CodeFolder:
    """A folder with the files that are read as code."""
    return CodeFolder(
        folder=folder, files=tuple(project.code_files(folder)), project_root=project.project_root
    )


def can_matter(folders: Sequence[CodeFolder], project: Project) -> set[Path]:
    """The folders that can make a record, themselves or by a module they call."""
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
        for source in entry.local_calls or ():
            called = joined(entry.folder, source)
            target = resolved(called)
            if target is None or not is_inside(called, project.project_root):
                matter.append(place)
                break
            callers.setdefault(target, set()).add(place)
            if target not in seen:
                seen[target] = code_folder(called, project)
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
