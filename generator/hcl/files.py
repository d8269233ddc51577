"""Reads files of the project and nothing else: no link and no `..` leads out of its root."""

import os
import stat
from pathlib import Path

from generator.disk.checkout import is_left_behind
from generator.disk.places import holds_credentials

LARGEST_FILE = 8_000_000
"""In bytes; more is not code that a person wrote."""


class UnreadableError(Exception):
    """A file that was not read; the message says why, without a full stop, and `fix` what to do."""

    def __init__(
        self, reason: str, fix: str = "Mend or remove it", *, line: int | None = None
    ) -> None:
        super().__init__(reason)
        self.fix = fix
        self.line = line


def resolved(path: Path) -> Path | None:
    """The path with all links followed, or `None` for a link that leads nowhere."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def is_inside(path: Path, project_root: Path) -> bool:
    """Whether a path, links followed, lies in the project (the root itself included).

    What git keeps for itself does not: its settings may hold the password of whoever fetched it.
    """
    target, root = resolved(path), resolved(project_root)
    if target is None or root is None or not target.is_relative_to(root):
        return False
    return ".git" not in target.relative_to(root).parts


def joined(folder: Path, relative: str) -> Path:
    """A path below (or beside) a folder, without `..` in it when that names the same place."""
    raw = folder / relative
    plain = Path(os.path.normpath(raw))
    return plain if resolved(plain) == resolved(raw) else (resolved(raw) or plain)


def read_text(path: Path, project_root: Path) -> str:
    """A file's text; raises `UnreadableError`."""
    if path.is_symlink() and not path.exists():
        raise UnreadableError("it is a link that leads nowhere", "Mend or remove the link")
    if not is_inside(path, project_root):
        raise UnreadableError(
            "it lies outside of the project",
            "Name a folder above both with `--root`, or put a copy inside the project",
        )
    if path.is_symlink() and (holds_credentials(path) or is_left_behind(path)):
        raise UnreadableError(
            "it is a link to a file of credentials, or to one that git does not track",
            "Put the file itself there",
        )
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("it is not an ordinary file", "Give it another name or remove it")
        if status.st_size > LARGEST_FILE:
            raise UnreadableError(f"it is larger than {LARGEST_FILE:,} bytes", "Split the file")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            error.strerror or "it cannot be opened", "See who may read it (`ls -l`)"
        ) from None
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            f"it is not UTF-8 text: see line {line}", "Save it as UTF-8", line=line
        ) from None
