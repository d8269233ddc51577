"""Reads the files of a project as a git revision holds them, without touching anything.

Nothing is checked out and no hook, filter or attribute takes part: file names and contents are read
straight from git's store. Nothing is fetched.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from generator.model.errors import ToolError
from generator.programs.external import Ran, run_program

_SECONDS = 120.0
_BYTES_OF_A_FILE = 16 * 1024 * 1024
_BYTES_OF_ALL = 1024 * 1024 * 1024
_GIT = (
    "git",
    *("--no-replace-objects", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "protocol.allow=never"),
)
# A hook that runs us has told git where its folder is; that is not this project's.
_ENVIRONMENT: dict[str, str | None] = {
    "GIT_DIR": None,
    "GIT_WORK_TREE": None,
    "GIT_INDEX_FILE": None,
    "GIT_COMMON_DIR": None,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A project at one commit, written to a folder; what could not be written is named."""

    name: str
    commit: str
    folder: Path
    submodules: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    mode: str
    sort: str
    name: str
    path: str


@contextmanager
def at_revision(revision: str, project: Path) -> Iterator[Revision]:
    """The project as the revision holds it, in a folder that is gone afterwards. `ToolError`."""
    commit = _commit(revision, project)
    prefix = _git(project, "rev-parse", "--show-prefix").out.decode(errors="surrogateescape")
    entries = list(_entries(project, commit, prefix.strip("\n")))
    with tempfile.TemporaryDirectory(prefix="forebay-") as made:
        folder = Path(made).resolve()
        # The reader takes a folder with `.git` for the end of the project.
        (folder / ".git").mkdir()
        left_out = tuple(_write(project, folder, entries))
        yield Revision(
            name=revision,
            commit=commit,
            folder=folder,
            submodules=tuple(entry.path for entry in entries if entry.sort == "commit"),
            left_out=left_out,
        )


def _git(project: Path, *words: str) -> Ran:
    try:
        return run_program(
            (*_GIT, "-C", project, *words),
            folder=project,
            seconds=_SECONDS,
            environment=_ENVIRONMENT,
        )
    except FileNotFoundError as error:
        raise ToolError(
            "git is not there", "`--since` reads the earlier code with git; put it on PATH."
        ) from error


def _commit(revision: str, project: Path) -> str:
    inside = _git(project, "rev-parse", "--is-inside-work-tree")
    if inside.code != 0:
        raise ToolError(
            "there is no git checkout",
            f"`--since` compares with an earlier commit, and `{project}` is not in a git checkout: "
            f"{inside.err.strip() or 'git says nothing more'}",
        )
    if revision.startswith("-"):
        raise ToolError("the revision cannot be read", f"`{revision}` is not the name of a commit.")
    found = _git(project, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    commit = found.out.decode(errors="replace").strip()
    if found.code != 0 or not commit:
        shallow = _git(project, "rev-parse", "--is-shallow-repository").out.strip() == b"true"
        if shallow:
            raise ToolError(
                "the revision is not here",
                f"`{revision}` is not in this clone, which holds only the newest commits. Fetch it "
                "first, in GitHub Actions with `fetch-depth: 0`, or:",
                commands=("git fetch --unshallow origin",),
            )
        raise ToolError(
            "the revision is not here",
            f"There is no commit `{revision}` in `{project}`. A branch of the server is "
            "`origin/NAME`; nothing is fetched by itself:",
            commands=("git fetch origin",),
        )
    return commit


def _entries(project: Path, commit: str, prefix: str) -> Iterator[_Entry]:
    words = ["ls-tree", "-r", "-z", "--full-tree", commit]
    if prefix:
        words += ["--", prefix]
    listed = _git(project, *words)
    if listed.code != 0:
        raise ToolError("the revision cannot be read", listed.err.strip())
    for line in listed.out.split(b"\0"):
        if not line:
            continue
        facts, _, path = line.partition(b"\t")
        mode, sort, name = facts.decode("ascii").split(" ")
        text = os.fsdecode(path).removeprefix(prefix)
        yield _Entry(mode=mode, sort=sort, name=name, path=text)


def _write(project: Path, folder: Path, entries: list[_Entry]) -> Iterator[str]:
    """Write all files; yield the names of those that are too large or have no place here."""
    files = [entry for entry in entries if entry.sort == "blob"]
    with _contents(project) as (asks, answers):
        total = 0
        for entry in files:
            content = _content(entry, asks, answers)
            if content is None or not _is_tame(entry.path):
                yield entry.path
                continue
            total += len(content)
            if total > _BYTES_OF_ALL:
                raise ToolError(
                    "the revision is too large",
                    f"Its files have more than {_BYTES_OF_ALL} bytes. Name a smaller folder with "
                    "`--root`.",
                )
            target = folder / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            if entry.mode == "120000":
                # The reader follows no link out of the project, wherever it points to.
                target.symlink_to(os.fsdecode(content))
            else:
                target.write_bytes(content)


def _is_tame(path: str) -> bool:
    """Whether a path stays below the folder it is written to, and leaves `.git` alone."""
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and not path.startswith("/")
        and ".." not in parts
        and parts[0].lower() != ".git"
    )


@contextmanager
def _contents(project: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    surroundings = dict(os.environ)
    for name, value in _ENVIRONMENT.items():
        if value is None:
            surroundings.pop(name, None)
        else:
            surroundings[name] = value
    with subprocess.Popen(  # noqa: S603 - no shell
        [*_GIT, "-C", str(project), "cat-file", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=surroundings,
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        yield process.stdin, process.stdout
        process.stdin.close()


def _content(entry: _Entry, asks: IO[bytes], answers: IO[bytes]) -> bytes | None:
    """The content of a file, or `None` when it is too large to matter."""
    asks.write(f"{entry.name}\n".encode("ascii"))
    asks.flush()
    heading = answers.readline().decode("ascii", errors="replace").split()
    if len(heading) != 3 or not heading[2].isdecimal():
        # A clone without the contents of old files would have to fetch them.
        raise ToolError(
            "the revision cannot be read",
            f"git does not hold the content of `{entry.path}` at that commit; nothing is fetched "
            "by itself. Fetch it first.",
        )
    size = int(heading[2])
    if size > _BYTES_OF_A_FILE:
        left = size
        while left:
            left -= len(answers.read(min(left, 1 << 20)))
        answers.read(1)
        return None
    content = answers.read(size)
    answers.read(1)
    return content
