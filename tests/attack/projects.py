"""A project of the kind that strangers send, and what lies outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli_running import Ran, forebay, write_topology

from git_running import git

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
