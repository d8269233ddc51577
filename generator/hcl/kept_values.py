"""Texts that are kept in the user's cache folder between runs, where nobody else may write."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

LARGEST = 16_000_000
"""In bytes: nothing that is kept is larger."""

MOST_BYTES = 200_000_000
"""What lies longest unused is removed when the folder holds more than this."""


def kept_text(folder: Path, name: str) -> str | None:
    """What is kept under a name; `None` when nothing is, or somebody else may have written it."""
    if not _is_private(folder):
        return None
    file = folder / name
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode) or not _is_ours(status) or status.st_size > LARGEST:
            return None
        text = file.read_text(encoding="utf-8")
        os.utime(file)
    except (OSError, ValueError):
        return None
    return text


def keep_text(folder: Path, name: str, text: str) -> None:
    """Keep a text for later runs; where that cannot be done safely, it is not kept."""
    content = text.encode()
    if len(content) > LARGEST:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_private(folder):
            return
        handle, written = tempfile.mkstemp(dir=folder, prefix=".new-")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(written).replace(folder / name)
    except OSError:
        with contextlib.suppress(OSError):
            Path(written).unlink()
    _make_room(folder)


def _make_room(folder: Path) -> None:
    """Remove what was not used for longest, while there is too much."""
    try:
        files = [(file, file.lstat()) for file in folder.iterdir()]
    except OSError:
        return
    files.sort(key=lambda entry: entry[1].st_mtime, reverse=True)
    total = 0
    for file, status in files:
        total += status.st_size
        if total > MOST_BYTES and stat.S_ISREG(status.st_mode):
            with contextlib.suppress(OSError):
                file.unlink()


def _is_private(folder: Path) -> bool:
    """Whether the folder is the user's, no link, and nobody else may write to it.

    A folder of an earlier version, which others may read, is closed to them.
    """
    try:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or not _is_ours(status):
            return False
        if hasattr(os, "getuid") and stat.S_IMODE(status.st_mode) != 0o700:
            if status.st_mode & 0o022:
                # What is in it may be somebody else's.
                return False
            folder.chmod(0o700)
    except OSError:
        return False
    return True


def _is_ours(status: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or status.st_uid == os.getuid()
