"""Runs other programs: never through a shell, with a time limit, and with words when it fails."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.errors import ToolError


def find_program(name: str, *, project: Path) -> Path | None:
    """A program by the folders of PATH, or by its own path when the name is one.

    Of PATH, only folders that are absolute and lie outside of the project count: what lies in a
    checkout is a stranger's.
    """
    if os.path.dirname(name):  # noqa: PTH120 - `./name` is a path, and `name` is not
        found = shutil.which(name)
        return None if found is None else Path(found).absolute()
    root = os.path.realpath(project)
    for folder in os.get_exec_path():
        real = Path(os.path.realpath(folder))
        if os.path.isabs(folder) and not real.is_relative_to(root):  # noqa: PTH117
            found = shutil.which(name, path=folder)
            if found is not None:
                return Path(found)
    return None


@frozen
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
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the program is the user's own
            [str(word) for word in words],
            cwd=folder,
            env=surroundings(environment or {}),
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


def surroundings(environment: Mapping[str, str | None]) -> dict[str, str]:
    """The environment of this process with these variables set, or with `None` taken away."""
    found = {**os.environ, **{name: value for name, value in environment.items() if value}}
    return {name: value for name, value in found.items() if environment.get(name, "") is not None}
