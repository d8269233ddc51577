"""Runs other programs: never through a shell, with a time limit, and with words when it fails."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.model.errors import ToolError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a program left behind."""

    code: int
    out: bytes
    err: str


def run_program(
    words: Sequence[str | Path],
    *,
    folder: Path,
    seconds: float,
    environment: Mapping[str, str | None] | None = None,
) -> Ran:
    """Run a program to its end; `environment` sets variables, or with `None` takes them away.

    Raises `FileNotFoundError` where there is no such program, `ToolError` when it takes too long.
    """
    surroundings = dict(os.environ)
    for name, value in (environment or {}).items():
        if value is None:
            surroundings.pop(name, None)
        else:
            surroundings[name] = value
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the program is the user's own
            [str(word) for word in words],
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            "another program takes too long",
            f"`{words[0]}` did not end within {seconds:.0f} seconds, and was stopped.",
        ) from error
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr.decode(errors="replace"))
