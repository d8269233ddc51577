"""Replaces files that people write, after an edit that they asked for: all of them or none."""

import contextlib
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from generator.delivery.plan import write_error
from generator.disk.places import leads_out
from generator.disk.reading import read_file
from generator.disk.writing import Folder
from generator.model.errors import ToolError


def replace_files(files: Mapping[Path, tuple[bytes, bytes]]) -> None:
    """Put the new content (the second) of each file in the place of the old one (the first).

    All are staged beside the old ones before one is renamed. A file that is not as it was, is a link,
    or may not be written keeps everything as it is.
    """
    with contextlib.ExitStack() as stack:
        staged: list[tuple[Folder, str, str]] = []
        for file, (before, after) in sorted(files.items()):
            try:
                folder = _folder_of(file, before)
                stack.callback(folder.close)
                beside = f".{file.name[:100]}.{secrets.token_hex(4)}"
                stack.callback(_forget, folder, beside)
                folder.create(beside, after, mode=folder.mode(file.name))
            except OSError as error:
                raise write_error(error, file) from error
            staged.append((folder, beside, file.name))
        for folder, beside, name in staged:
            try:
                folder.rename(beside, name)
            except OSError as error:
                raise write_error(error, folder.path / name) from error


def _folder_of(file: Path, before: bytes) -> Folder:
    """The folder of a file that is as it was read and may be replaced."""
    mode = file.lstat().st_mode
    if stat.S_ISLNK(mode) or leads_out(file.parent):
        raise ToolError(
            "a file cannot be edited",
            f"`{file}` is, or lies below, a link, and nothing is written through one. Nothing was "
            "changed: name the file that the link leads to.",
            place=file,
        )
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise ToolError(
            "a file cannot be edited",
            f"`{file}` is read-only. Nothing was changed: allow it (`chmod u+w`), and run the "
            "command again.",
            place=file,
        )
    if read_file(file, limit=len(before) + 1) != before:
        raise ToolError(
            "a file changed in the meantime",
            f"`{file}` is not as it was a moment ago. Nothing was changed: run the command again.",
            place=file,
        )
    return Folder.open(file.parent)


def _forget(folder: Folder, name: str) -> None:
    with contextlib.suppress(OSError):
        folder.unlink(name)
