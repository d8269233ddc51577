"""One estate, generated once, and copies of it that are broken in one way each."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest
from breaks import broken
from cli_running import forebay, inside

from e2e.mutations import MUTATIONS
from e2e.project import generated_example
from generator.cli import delivery
from generator.report import Format, render

if TYPE_CHECKING:
    from generator.report.report import Report

TOPOLOGY = Path(__file__).parent / "estate.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command told: its report, of which every format can be made without another run."""

    code: int
    report: Report
    folder: Path

    def human(self, width: int, *, colour: bool = False) -> str:
        """What a person reads on a terminal of that width, with the lines of the files."""
        with inside(self.folder):
            return render(self.report, Format.HUMAN, colour=colour, width=width)

    @property
    def results(self) -> tuple[dict[str, Any], ...]:
        """The results, as the JSON document has them."""
        return tuple(self.document["results"])

    @property
    def document(self) -> dict[str, Any]:
        document = json.loads(render(self.report, Format.JSON))
        assert isinstance(document, dict)
        return document


@cache
def sound_estate() -> Path:
    """The folder of the estate as `generate` wrote it; nobody writes into it."""
    folder = Path(mkdtemp(prefix="forebay-estate-"))
    shutil.copy(TOPOLOGY, folder / "topology.yaml")
    assert forebay(folder, "generate").code == 0
    return folder


def broken_estate(folder: Path, name: str) -> Path:
    """A copy of the estate with one break, in a new folder below this one."""
    copy = folder / name
    shutil.copytree(sound_estate(), copy)
    broken(copy / "terraform", name)
    return copy


def told(folder: Path, command: str, *options: str) -> Told:
    """Run a command in a folder and keep its report."""
    reports: list[Report] = []

    def keep(report: Report, format_: Format, *, colour: bool = False, width: int = 100) -> str:
        reports.append(report)
        return render(report, format_, colour=colour, width=width)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "render", keep)
        code = forebay(folder, command, *options).code
    return Told(code=code, report=reports[-1], folder=folder)


@cache
def told_of_mutation(name: str, command: str) -> Told:
    """What a command tells about an example that was changed in one place, run once for all tests."""
    mutation = MUTATIONS[name]
    folder = Path(mkdtemp(prefix="forebay-mutation-")) / "mutated"
    shutil.copytree(generated_example(mutation.example), folder)
    file = folder / "terraform" / mutation.file
    file.write_text(file.read_text().replace(mutation.old, mutation.new))
    return told(folder, command)


@cache
def told_of_break(name: str, command: str) -> Told:
    """What a command tells about a break, run once for all tests."""
    folder = broken_estate(Path(mkdtemp(prefix="forebay-break-")), name)
    return told(folder, command)
