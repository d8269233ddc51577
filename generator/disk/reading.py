"""Reads ordinary files: never one that has no end, or that waits for a writer."""

import errno
import os
import stat
from pathlib import Path

_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")


def read_file(path: Path, *, limit: int, may_be_stream: bool = False) -> bytes:
    """At most `limit` bytes of a file, and one more where it has more.

    Raises `OSError`, for a FIFO or a device as well. `may_be_stream` lets those through that a shell
    makes (`<(…)`): the user named them, and no checkout can hold one.
    """
    if may_be_stream and str(path).startswith(_STREAMS):
        with path.open("rb") as stream:
            return stream.read(limit + 1)
    # Without this flag, opening a FIFO that nobody writes to never returns.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_dir():  # Windows calls it a matter of permissions
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    number = os.open(path, flags)
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))
        return file.read(limit + 1)
