"""A project of the kind that strangers send, and what lies outside of it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli_running import Ran, forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "https://user:ghp_do_not_print_me@github.com"


@dataclass(frozen=True, slots=True)
class Attacked:
    """A checkout with a topology and generated code, and a folder beside it that is not its own."""

    folder: Path
    outside: Path

    def run(self, *arguments: str) -> Ran:
        return forebay(self.folder, *arguments)

    def git(self, *words: str) -> str:
        return git(self.folder, *words)


def project(tmp_path: Path) -> Attacked:
    """A checkout whose code was generated and committed."""
    folder, outside = tmp_path / "project", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "credentials").write_text(f"{SECRET}\n")
    write_topology(folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    attacked = Attacked(folder, outside)
    assert attacked.run("generate").code == 0
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "first")
    return attacked


def git(folder: Path, *words: str, given: bytes = b"") -> str:
    """Run git without the settings of whoever runs the tests."""
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "somebody"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "somebody@example.com"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *words],
        cwd=folder,
        env=surroundings,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()
