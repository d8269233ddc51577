"""Compares what two versions of forebay say, answer by answer: for changes that must change none.

Run it as `python tests/house/compare_answers.py OLD NEW [RANDOM] [MUTATIONS]`. OLD and NEW are checkouts. Both
are asked about every example, the tests' corpora of code, the code of the rules' manuals and RANDOM
random topologies, as they are and with MUTATIONS random edits of the generated code of two sorts each. Every
answer is compared to the letter, the second one of code that did not change as well.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))
from e2e.tree_mutations import mutate
from topology.strategies import to_yaml, topologies

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[2]
ASKED = """
import contextlib, io, json, os, sys
from generator.cli.main import run
for line in sys.stdin:
    folder, words = json.loads(line)
    os.chdir(folder)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


class Version:
    """One checkout, and a process of it that answers."""

    def __init__(self, checkout: Path, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", ASKED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(checkout.resolve()),
                "XDG_CACHE_HOME": str(home),
                "PYTHONHASHSEED": "0",
            },
        )

    def answer(self, folder: Path, *words: str) -> object:
        """Exit code and both streams of a command in a folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(folder), words]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Comparison:
    """Two versions, how many answers were compared, and which differ."""

    def __init__(self, old: Version, new: Version) -> None:
        self._versions = (old, new)
        self.count = 0
        self.different: list[str] = []

    def ask(self, folder: Path, *words: str, name: str = "") -> None:
        """Compare one answer."""
        old, new = (version.answer(folder, *words) for version in self._versions)
        self.count += 1
        if old != new:
            self.different.append(f"{name or folder.name}: {' '.join(words)}")
            sys.stdout.write(f"{self.different[-1]}\n- {str(old)[:2000]}\n+ {str(new)[:2000]}\n")

    def write(self, folder: Path) -> None:
        """Have the old version write its code, which both are asked about."""
        self._versions[0].answer(folder, "generate")


PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

"""
AS_JSON = ("--format", "json")
WITHOUT_TOPOLOGY = ("check", "--no-topology", *AS_JSON, "--code")


def of_topologies(home: Path, count: int) -> Iterator[Path]:
    """A folder for each topology: the examples, and random ones."""
    for file in sorted(HERE.glob("examples/*/topology.yaml")):
        folder = home / file.parent.name
        shutil.copytree(file.parent, folder, ignore=shutil.ignore_patterns("terraform"))
        yield folder
    strategy = topologies()
    for number in range(count):
        folder = home / f"random-{number}"
        folder.mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = to_yaml(strategy.example())
        (folder / "topology.yaml").write_text(text, encoding="utf-8")
        yield folder


def of_code(home: Path) -> Iterator[Path]:
    """A copy of each folder of code that tests read."""
    for pattern in ("tests/hcl/roots/*", "tests/hcl/styles/*", "examples/*/terraform"):
        for number, folder in enumerate(sorted(HERE.glob(pattern))):
            if folder.is_dir():
                copy = home / f"{folder.parent.name}-{number}-{folder.name}"
                shutil.copytree(folder, copy)
                yield copy
    for page in sorted(HERE.glob("docs/reference/rules/*.md")):
        for number, code in enumerate(_BLOCK.findall(page.read_text("utf-8"))):
            folder = home / f"{page.stem}-{number}"
            folder.mkdir()
            (folder / "main.tf").write_text(PROVIDER + code, encoding="utf-8")
            yield folder


_BLOCK = re.compile(r"^```hcl\n(.*?)^```", re.MULTILINE | re.DOTALL)


def mutated(code: Path, seed: str) -> Iterator[str]:
    """Edit the code as a careless person may, and change it back afterwards."""
    before = {
        str(file.relative_to(code)): file.read_text("utf-8")
        for file in sorted(code.rglob("*.tf"))
        if file.is_file()
    }
    try:
        changed = mutate(before, seed)
    except IndexError:
        # A tree can be too small for an edit.
        return
    for path, text in changed.tree.items():
        (code / path).write_text(text, encoding="utf-8")
    yield changed.name
    for path in {*before, *changed.tree}:
        if path in before:
            (code / path).write_text(before[path], encoding="utf-8")
        else:
            (code / path).unlink()


def edited(code: Path, chance: random.Random) -> Iterator[str]:
    """Change one file in one place, and change it back afterwards."""
    files = sorted(file for file in code.rglob("*") if file.is_file())
    file = chance.choice(files)
    content = file.read_bytes()
    place = chance.randrange(len(content) + 1)
    match chance.choice(("cut", "letter", "line", "gone", "host")):
        case "cut":
            file.write_bytes(content[:place] + content[place + 1 :])
        case "letter":
            file.write_bytes(content[:place] + b"x" + content[place + 1 :])
        case "line":
            file.write_bytes(content[:place] + b"\n" + content[place:])
        case "host":
            file.write_bytes(content.replace(b"quay.io", b"ghcr.io").replace(b"Allow", b"Deny"))
        case _:
            file.unlink()
    yield f"{file.relative_to(code)} at {place}"
    file.write_bytes(content)


def main() -> None:
    """Compare, and say how many answers are the same."""
    checkouts = [Path(word) for word in sys.argv[1:3]]
    count, mutations = (int(word) for word in (*sys.argv[3:5], "40", "4")[:2])
    chance = random.Random(0)  # noqa: S311 - to vary, not to hide
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        versions = [Version(one, home / f"cache-{n}") for n, one in enumerate(checkouts)]
        compared = Comparison(*versions)
        projects = home / "projects"
        projects.mkdir()
        for folder in of_topologies(projects, count):
            compared.ask(folder, "validate", *AS_JSON)
            compared.write(folder)
            code = folder / "terraform"
            if not code.is_dir():
                continue
            compared.ask(folder, "generate", "--check", *AS_JSON)
            for words in (("drift", *AS_JSON), ("check", *AS_JSON), (*WITHOUT_TOPOLOGY, str(code))):
                compared.ask(folder, *words)
            for number in range(mutations):
                # One after the other: each takes its change back before the next.
                for change in chain(edited(code, chance), mutated(code, f"{folder.name} {number}")):
                    for command in ("drift", "check"):
                        compared.ask(folder, command, *AS_JSON, name=f"{folder.name}, {change}")
        (home / "code").mkdir()
        for code in of_code(home / "code"):
            for words in (WITHOUT_TOPOLOGY, WITHOUT_TOPOLOGY, ("import", "--code")):
                compared.ask(home, *words, str(code), name=code.name)
        for version in versions:
            version.stop()
    sys.stdout.write(f"{compared.count} answers compared, {len(compared.different)} differ\n")
    sys.exit(bool(compared.different))


if __name__ == "__main__":
    main()
