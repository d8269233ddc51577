"""The first screen of each break, as a person reads it, at two widths.

The breaks are those of a person's estate, and those by which the suite breaks the examples.

Set REWRITE_SNAPSHOTS to write the texts anew; read them before they are committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from breaks import BREAKS
from estates import Told, told_of_break, told_of_mutation

from e2e.mutations import MUTATIONS

FOLDER = Path(__file__).parent / "first"
LINES = 40
"""Lines that a screen holds."""


SHOWN = [
    (name, "check" if name == "24-role-may-push" else "drift", width)
    for name in BREAKS
    for width in (80, 120)
] + [
    (name, "check", 80)
    for name in (
        "01-stranger-in-account-ids",
        "03-level-raised",
        "04-level-lowered-at-consumer",
        "10-second-registry-policy",
        "11-unit-condition-gone",
        "13-wildcard-in-module",
        "20-variable-without-value",
    )
]


SHOWN += [
    (name, command, width)
    for name, mutation in MUTATIONS.items()
    for command, width in (
        ("drift", 80),
        ("drift", 120),
        *((("check", 80),) if mutation.check else ()),
    )
]


def _told(name: str, command: str) -> Told:
    return (told_of_mutation if name in MUTATIONS else told_of_break)(name, command)


@pytest.mark.parametrize(("name", "command", "width"), SHOWN)
def test_the_first_screen_is_this_text(name: str, command: str, width: int) -> None:
    text = _told(name, command).human(width)
    # How many questions there are changes with every rule, and so does where their line is folded.
    text = text.partition("\nproved: ")[0]
    screen = "\n".join(text.splitlines()[:LINES]) + "\n"

    file = FOLDER / f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}.{command}.{width}.txt"
    if os.environ.get("REWRITE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(screen, encoding="utf-8")
    assert screen == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "command", "width"), SHOWN)
def test_colours_change_nothing_and_prose_fits_the_width(
    name: str, command: str, width: int
) -> None:
    told = _told(name, command)

    text, coloured = told.human(width), told.human(width, colour=True)

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text != coloured
    for line in text.splitlines():
        # Titles, addresses, what is to be copied, and single long words keep their shape.
        is_prose = line.startswith("  ") and not line.startswith("    ") and " | " not in line
        is_kept = " = " in line[:8] or "-->" in line[:8] or len(line.split()) == 1
        assert len(line) <= width or not is_prose or is_kept, line
