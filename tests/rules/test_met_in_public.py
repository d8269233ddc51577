"""Mistakes, and what only looks like one, as public code has them: what the command line says of each.

Each file in `met_in_public/` is a sentence, commands with all of their results, and the files that
they are about. `REWRITE_SNAPSHOTS=1` writes the results anew, to be read and committed.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli_running import Ran, forebay

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "met_in_public"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.txt"))
REWRITE = "REWRITE_SNAPSHOTS"

FILE = re.compile(r"^-- (.+) --\n", re.MULTILINE)
COMMAND = re.compile(r"^\$ forebay (.+)\n((?:(?!\$ ).*\n)*?)exit \d\n", re.MULTILINE)


def result_line(one: dict[str, Any]) -> str:
    """Kind, rule and place of one result, and the topology's line where it has no other."""
    kind = "note" if one["severity"] == "info" and one["kind"] == "finding" else one["kind"]
    place = one.get("location") or {}
    where = f" {place['file']}:{place['line']}:{place['column']}" if place else ""
    return f"{kind} {one['rule']}{where}\n"


def results_of(ran: Ran) -> Iterator[str]:
    yield from sorted(result_line(one) for one in ran.document["results"])
    yield f"exit {ran.code}\n"


def written(folder: Path, text: str) -> None:
    """Write the files of an example into a folder."""
    _, *parts = FILE.split(text)
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_public_code_has_is_told_as_it_is(tmp_path: Path, name: str) -> None:
    file = FOLDER / f"{name}.txt"
    text = file.read_text("utf-8")
    written(tmp_path, text)

    def run(command: re.Match[str]) -> str:
        arguments = shlex.split(command[1])
        ran = forebay(tmp_path, *arguments, "--root", ".", "--format", "json")
        return f"$ forebay {command[1]}\n{''.join(results_of(ran))}"

    found = COMMAND.sub(run, text)

    if os.environ.get(REWRITE):
        file.write_text(found, encoding="utf-8")
    assert file.read_text("utf-8") == found
    assert COMMAND.search(text)
