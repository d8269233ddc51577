"""Tells files of a checkout from those that a job left beside them, by git's own list of files.

The list is read as data: no git is run, so nothing that the checkout says to git takes part.
"""

import os
import struct
from functools import lru_cache
from pathlib import Path

from generator.disk.reading import read_file

OF_JOBS = ("CI", "TF_BUILD", "JENKINS_URL", "CODEBUILD_BUILD_ID", "TEAMCITY_VERSION")
"""Variables by which programs that run jobs say that they do."""

_LARGEST_LIST = 256 * 1024 * 1024
_MODES = frozenset({0o100644, 0o100755, 0o120000, 0o160000, 0o040000})
_HASHES = (20, 32)


def is_left_behind(path: Path) -> bool:
    """Whether a job has put a file beside the code: in a job, where git does not track it.

    What a job leaves can hold its passwords, and a stranger's change could name the file. Outside of
    jobs, where nobody else reads what is printed, and where git's list cannot be read, nothing is.
    """
    if not any(os.environ.get(name, "") not in {"", "0", "false"} for name in OF_JOBS):
        return False
    real = os.path.realpath(path)
    top = _top(os.path.dirname(real))  # noqa: PTH120 - this is asked for each file
    tracked = None if top is None else _tracked(top)
    if top is None or tracked is None:
        return False
    name = os.path.relpath(real, top).replace(os.sep, "/")
    return os.fsencode(name) not in tracked


@lru_cache(maxsize=4096)
def _top(folder: str) -> str | None:
    """The nearest folder with `.git`, from this one upwards."""
    if os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
        return folder
    above = os.path.dirname(folder)  # noqa: PTH120
    return None if above == folder else _top(above)


def _tracked(top: str) -> frozenset[bytes] | None:
    """The files that git tracks in a checkout; `None` where its list cannot be read."""
    kept = Path(top) / ".git"
    try:
        if kept.is_file():
            # A worktree or a submodule names the folder that git keeps for it.
            named = read_file(kept, limit=4096).decode("utf-8", errors="surrogateescape")
            kept = Path(top) / named.removeprefix("gitdir:").strip()
        status = (kept / "index").stat()
        return _listed(kept / "index", status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=16)
def _listed(index: Path, _changed: int, _size: int) -> frozenset[bytes] | None:
    content = read_file(index, limit=_LARGEST_LIST)
    for size in _HASHES:
        try:
            return _names(content, size)
        except (struct.error, ValueError):
            continue
    return None


def _names(content: bytes, hash_size: int) -> frozenset[bytes]:
    """The names in git's index; raises `ValueError` where it is no whole one of that size of hashes."""
    sign, version, count = struct.unpack_from(">4sII", content)
    if sign != b"DIRC" or version not in {2, 3, 4}:
        raise ValueError("this is no index that is understood")
    found: set[bytes] = set()
    position, before = 12, b""
    for _ in range(count):
        start = position
        (mode,) = struct.unpack_from(">I", content, start + 24)
        position += 40 + hash_size
        (flags,) = struct.unpack_from(">H", content, position)
        position += 4 if version > 2 and flags & 0x4000 else 2
        if mode not in _MODES:
            raise ValueError("this is no index that is understood")
        if version == 4:
            dropped, position = _number(content, position)
            if dropped > len(before):
                raise ValueError("this is no index that is understood")
            before = before[: len(before) - dropped]
        else:
            before = b""
        end = content.index(b"\0", position)
        before += content[position:end]
        found.add(before)
        position = end + 1 if version == 4 else start + (end - start + 8) // 8 * 8
    # Of a split index, this file holds only what changed.
    if content.startswith(b"link", position):
        raise ValueError("this is no index that is understood")
    return frozenset(found)


def _number(content: bytes, position: int) -> tuple[int, int]:
    """A number in git's own form of bytes, and the place behind it."""
    (byte,) = struct.unpack_from("B", content, position)
    number = byte & 127
    while byte & 128:
        position += 1
        (byte,) = struct.unpack_from("B", content, position)
        number = (number + 1 << 7) + (byte & 127)
    return number, position + 1
