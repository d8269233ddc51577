"""One file that only its owner may read: written beside its place first, so that it is whole or not there."""

import contextlib
import os
import secrets
from pathlib import Path

from generator.delivery.write import STAGED_SUFFIX
from generator.model.errors import ToolError


def write_private(file: Path, content: bytes) -> None:
    """Write the file with mode 0600, in the place of one that is there; raises `ToolError`."""
    if file.is_dir():
        raise ToolError("a file cannot be written", f"`{file}` is a folder; name a file in it.")
    waiting = file.parent / f".{file.name}.{secrets.token_hex(4)}{STAGED_SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(waiting, flags, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        waiting.replace(file)
    except OSError as error:
        raise ToolError(
            "a file cannot be written",
            f"`{file}`: {error.strerror}. The folder must exist and be writable.",
        ) from error
    finally:
        # Whatever happened, an interrupt too, nothing half stays behind.
        with contextlib.suppress(OSError):
            waiting.unlink()
