"""Exports of several files: written anew each time, unless somebody else wrote or changed one.

The first line of each file holds the hash of the rest, so that no list of files is needed.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from generator.delivery.manifest import content_hash
from generator.disk.places import leads_out
from generator.disk.reading import read_file
from generator.disk.writing import write_file
from generator.frozen_data import frozen
from generator.model.errors import ToolError

Action = Literal["created", "updated", "unchanged", "left over"]

_MOST_BYTES = 64 * 1024 * 1024
_HEADER = re.compile(
    rb"# Written by `(?P<command>forebay export \w+)` \(sha256 (?P<hash>[0-9a-f]{64})\)\.[^\n]*\n"
)


@frozen
class ExportedFile:
    """A file of the folder, by its path in it, and what became of it.

    One that is left over was written by an earlier run and says what no longer holds.
    """

    path: str
    action: Action


def write_folder(
    out: Path, files: Mapping[str, str], *, command: str, pattern: str
) -> tuple[ExportedFile, ...]:
    """Write the files; `pattern` matches the paths that files of this command can have.

    Raises `ToolError`, and writes nothing, when one would replace what somebody else wrote.
    """
    texts = {path: _with_header(text, command) for path, text in sorted(files.items())}
    linked = [path for path in texts if leads_out(out / path)]
    if linked:
        raise ToolError(
            "a link is in the way",
            f"`{out / linked[0]}` leads out of the project, so nothing was written.",
        )
    try:
        before = {path: _content(out / path) for path in texts}
        refused = [path for path, content in before.items() if not _is_ours(content, command)]
        if refused:
            names = "\n".join(f"  {out / path}" for path in refused)
            raise ToolError(
                "files that somebody else wrote or changed are in the way",
                f"Nothing was written. Move these away, or name another folder:\n{names}",
            )
        written = []
        for path, text in texts.items():
            if before[path] == text:
                written.append(ExportedFile(path=path, action="unchanged"))
                continue
            _write(out / path, text)
            action: Action = "created" if before[path] is None else "updated"
            written.append(ExportedFile(path=path, action=action))
        return (*written, *_left_over(out, pattern, texts, command))
    except OSError as error:
        raise ToolError(
            "the export cannot be written",
            f"`{error.filename or out}`: {error.strerror}.",
            place=Path(error.filename or out),
        ) from error


def _with_header(text: str, command: str) -> bytes:
    body = text.encode()
    header = (
        f"# Written by `{command}` (sha256 {content_hash(body)}). Change the topology instead.\n"
    )
    return header.encode() + body


def _content(path: Path) -> bytes | None:
    """What is at a path; a link or a folder is somebody's, too."""
    if path.is_symlink() or path.is_dir():
        return b""
    try:
        return read_file(path, limit=_MOST_BYTES)
    except FileNotFoundError:
        return None


def _is_ours(content: bytes | None, command: str) -> bool:
    """Whether nothing is there, or what this command wrote and nobody changed."""
    if content is None:
        return True
    content = content.replace(b"\r\n", b"\n")
    header = _HEADER.match(content)
    return (
        header is not None
        and header["command"].decode() == command
        and header["hash"].decode() == content_hash(content[header.end() :])
    )


def _left_over(out: Path, pattern: str, wanted: Iterable[str], command: str) -> list[ExportedFile]:
    found = []
    for file in sorted(out.glob(pattern)):
        path = file.relative_to(out).as_posix()
        if path not in set(wanted) and file.is_file() and _is_ours(_content(file), command):
            found.append(ExportedFile(path=path, action="left over"))
    return found


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, content)
