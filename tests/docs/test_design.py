"""`docs/explanation/design.md`: its pictures are of the house as it is, and what it names is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
DESIGN = (CHECKOUT / "docs" / "explanation" / "design.md").read_text(encoding="utf-8")
HEADING = "## To add something, go to"
# What somebody would want to add; a row of the table says where each goes.
ADDITIONS = (
    *("key", "rule", "upstream", "resource type", "reader", "format", "command", "export", "test"),
)


def pictures() -> list[str]:
    return re.findall(r"```mermaid\n(.*?)```", DESIGN, re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    lines = DESIGN[DESIGN.index(heading) :].splitlines()
    table = [line for line in lines if line.startswith("|")]
    first = lines.index(table[0])
    own = lines[first : first + next(i for i, line in enumerate(lines[first:]) if not line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in own[2:]]


def paths_in(text: str) -> list[str]:
    """What is written like a path of this repository."""
    words = re.findall(r"`([^`\s]+)`", text)
    return [word for word in words if "/" in word or re.fullmatch(r"\w+\.(py|md|yml|toml)", word)]


def layers() -> list[list[str]]:
    """The floors that `make lint` checks, from the top."""
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    )
    return [re.findall(r"\w+", layer) for layer in contract["layers"]]


def test_the_picture_of_the_floors_is_what_is_checked() -> None:
    floors = re.findall(r'f\d+\["(.*?)"\]', pictures()[0])

    assert [floor.split(" · ") for floor in floors] == layers()


def test_the_table_of_rooms_has_every_room() -> None:
    named = [path for row in rows("## The floors") for path in paths_in(row[0])]

    rooms = [
        room
        for floor in layers()
        for room in floor
        if room not in ("frozen_data", "garbage", "version")
    ]
    assert sorted(named) == sorted(f"generator/{room}/" for room in rooms)


def test_whatever_is_to_be_added_has_a_row() -> None:
    wanted = [row[0] for row in rows(HEADING)]

    for addition in ADDITIONS:
        assert any(re.search(rf"\b{addition}\b", cell) for cell in wanted), addition


@pytest.mark.parametrize("row", rows(HEADING), ids=lambda row: row[0])
def test_every_path_of_the_table_exists(row: list[str]) -> None:
    assert len(row) == 3
    for cell in row[1:]:
        paths = paths_in(cell)
        assert paths or "make data" in cell, cell
        assert [path for path in paths if not (CHECKOUT / path).exists()] == []


def test_every_other_path_of_the_page_exists_too() -> None:
    paths = [
        path for path in paths_in(DESIGN) if path.startswith(("generator/", "tests/", "docs/"))
    ]

    assert len(paths) > 40
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


@pytest.mark.parametrize("picture", pictures(), ids=["floors", "generate", "check"])
def test_the_rooms_in_a_picture_exist(picture: str) -> None:
    # A node without a text of its own is named after a room, or after a module of the room it is in.
    bare = set(
        re.findall(r"(?<![\w|\"])([a-z_]+)(?![\w\[(\"])", re.sub(r'\|.*?\||"[^"]*"', "", picture))
    )
    known = {path.stem for path in (CHECKOUT / "generator").rglob("*.py")}
    known |= {path.name for path in (CHECKOUT / "generator").iterdir()}
    labelled = set(re.findall(r"([a-z_]+\d*)[\[(]", picture))

    assert bare - known - labelled - {"flowchart", "subgraph", "end"} == set()
