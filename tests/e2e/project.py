"""A folder as a user has it: an example's topology, and forebay run in it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import cli_running

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one forebay command did."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, object]:
        """The JSON document on stdout."""
        document: dict[str, object] = json.loads(self.stdout)
        return document

    @property
    def results(self) -> list[dict[str, object]]:
        """The results of the JSON document that are not only for information."""
        results = self.document["results"]
        assert isinstance(results, list)
        return [result for result in results if result["severity"] != "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a topology, and the commands that a person would run there."""

    folder: Path

    @property
    def code(self) -> Path:
        """Where `generate` writes."""
        return self.folder / "terraform"

    @property
    def accounts(self) -> dict[str, str]:
        """The account id of each root module, by its folder, as `show --roots` lists them."""
        roots = self.forebay("show", "--roots", "--format", "json").document["roots"]
        assert isinstance(roots, list)
        return {root["path"]: root["account_id"] for root in roots}

    @property
    def roots(self) -> list[str]:
        """The root modules' folders."""
        return list(self.accounts)

    def forebay(self, *arguments: str) -> Run:
        """Run forebay in the folder; in this process, since starting one costs as much as most commands."""
        ran = cli_running.forebay(self.folder, *arguments)
        return Run(exit_code=ran.code, stdout=ran.out, stderr=ran.err)

    def judged(self, command: str) -> Run:
        """Run `drift` or `check` with a JSON document."""
        return self.forebay(command, "--format", "json")

    def file(self, path: str) -> Path:
        """A generated file."""
        return self.code / path

    def line_of(self, path: str, text: str) -> int:
        """The number of the one line of a generated file that holds the text."""
        lines = self.file(path).read_text(encoding="utf-8").splitlines()
        (number,) = [number for number, line in enumerate(lines, 1) if text in line]
        return number


def copied_example(name: str, folder: Path) -> Project:
    """A project with what a person wrote of an example: its topology and the documents it names."""
    written = shutil.ignore_patterns("terraform", "README.md")
    shutil.copytree(EXAMPLES / name, folder, ignore=written, dirs_exist_ok=True)
    return Project(folder=folder)


def from_example(name: str, folder: Path) -> Project:
    """A project with an example's topology, generated."""
    project = copied_example(name, folder)
    done = project.forebay("generate")
    assert done.exit_code == 0, done.stdout + done.stderr
    return project


@cache
def generated_example(name: str) -> Path:
    """The folder of an example as `generate` wrote it, made once; nobody writes into it."""
    return from_example(name, Path(mkdtemp(prefix="forebay-example-"))).folder
