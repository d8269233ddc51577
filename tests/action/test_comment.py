"""The comment on a pull request: what is told by several commands, and what of it is told once."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span
from generator.report import Format, render
from generator.report.report import Report

_SPEC = importlib.util.spec_from_file_location(
    "edits_comment", Path(__file__).parents[2] / ".github" / "action" / "comment.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
comment = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(comment)

EDITED, OTHER = "terraform/main/access.tf", "terraform/main/own.tf"
LOOKS_LIKE_A_BLOCK = "Write:\n    <details><summary>x</summary>\n    </details>"


def section(command: str, *found: tuple[str, str], message: str = "What to do.") -> str:
    """What a command tells of its results, each a rule and a file."""
    findings = tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule=rule,
            severity=Severity.HIGH,
            title=f"What {rule} says",
            message=message,
            subject=f"{rule} {file}",
            location=Span(file=Path(file), line=3, column=1, end_line=3, end_column=2),
        )
        for rule, file in found
    )
    return f"\n{render(Report(command=command, findings=findings), Format.MARKDOWN)}"


def outer_titles(text: str) -> list[str]:
    """The titles of the blocks that are in no other one."""
    titles, depth = [], 0
    for line in text.splitlines():
        if line.startswith("<details>"):
            if depth == 0:
                titles.append(re.sub(".*<b>|</b>.*", "", line))
            depth += 1
        depth -= line == "</details>"
    assert depth == 0
    return titles


def test_an_edit_that_three_commands_tell_is_told_once() -> None:
    sections = {
        "check": section("check", ("grant-undeclared", EDITED), ("grant-missing", OTHER)),
        "generate": section("generate", ("edited-file", EDITED), message=LOOKS_LIKE_A_BLOCK),
        "drift": section("drift", ("different", EDITED), ("unexpected", OTHER)),
    }

    told = comment.with_edits_once(sections)

    assert {command: outer_titles(text) for command, text in told.items()} == {
        "check": [
            "What edited-file says: What grant-undeclared says, and 1 more",
            "What grant-missing says",
        ],
        "generate": [],
        "drift": ["What unexpected says"],
    }
    # Nothing is left out by that.
    lines = {line for text in sections.values() for line in text.splitlines()}
    left = lines - {line for text in told.values() for line in text.splitlines()}
    assert [re.sub(".*<b>|</b>.*", "", line) for line in left] == ["What edited-file says"]
    place = f"The edit of <code>{EDITED}</code> is told under `check`.\n"
    assert (told["generate"].count(place), told["drift"].count(place)) == (1, 1)


def test_results_in_files_that_nobody_edited_stay_where_they_are() -> None:
    sections = {
        "check": section("check", ("grant-undeclared", OTHER)),
        "generate": section("generate", ("edited-file", EDITED)),
        "drift": section("drift", ("different", OTHER)),
    }

    assert comment.with_edits_once(sections) == sections


def test_a_comment_is_cut_between_blocks_alone() -> None:
    sections = {
        "check": section("check", ("grant-undeclared", EDITED)),
        "generate": section("generate", ("edited-file", EDITED), message=LOOKS_LIKE_A_BLOCK),
    }
    whole = comment.with_edits_once(sections)["check"]

    for room in range(0, len(whole), 20):
        outer_titles(comment._beginning(whole, room))
