"""The comment on a pull request as a code host shows it: as tables and groups, in a real browser."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from report_samples import full_report, span

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.printable import one_line
from generator.report import Format, render
from generator.report.markdown import NOTES_LIMIT, ROWS_LIMIT
from generator.report.report import Report, ReportTable
from map.browsing import opened
from map.estates import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SPEC = importlib.util.spec_from_file_location(
    "comment", Path(__file__).parents[2] / ".github" / "action" / "comment.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
comment = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(comment)

ODD = (*HOSTILE, "a | b", "`c` | `d", "</details><b>", "@team #1 GH-1", "\\| x")
HEADINGS = ("consumer", "registries", "repositories", "before", "after")


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("GITHUB_SERVER_URL", "https://github.example"),
        ("GITHUB_REPOSITORY", "acme/caches"),
        ("GITHUB_RUN_ID", "1"),
    ):
        monkeypatch.setenv(name, value)


def result(number: int, text: str, *, rule: str, severity: Severity) -> Finding:
    place = span(Path("main.tf"), number + 1, 1, number + 1, 2)
    return Finding(
        kind=FindingKind.FINDING,
        rule=rule,
        severity=severity,
        title=f"Odd: {text}",
        message=f"Said of {text}\n  to copy {text}",
        subject=str(number),
        location=place,
    )


def change(rows: int) -> Report:
    """A report about a change of so many consumers, all with names that are not just names."""
    names = [ODD[number % len(ODD)] for number in range(rows)]
    return Report(
        command="check",
        folds_notes=True,
        tables=(
            ReportTable(
                title="Who gets what",
                headings=HEADINGS,
                rows=tuple((name, name, name, "pull", "first-pull") for name in names),
            ),
        ),
        findings=(
            *(
                result(number, "grants", rule="topology-widened", severity=Severity.WARNING)
                for number in range(rows)
            ),
            *(
                result(number, text, rule="grant-undeclared", severity=Severity.HIGH)
                for number, text in enumerate(ODD)
            ),
            *(
                result(number, "policies", rule="access-added", severity=Severity.INFO)
                for number in range(rows)
            ),
        ),
    )


def page_of(text: str, folder: Path) -> Path:
    """The text as a page; raw HTML stays, where a code host would look through it."""
    body = MarkdownIt("gfm-like", {"html": True, "breaks": True}).render(text)
    file = folder / "comment.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", "utf-8")
    return file


def test_tables_are_tables_groups_open_and_names_stay_text(
    browser: Browser, tmp_path: Path
) -> None:
    sections = [
        f"\n{render(change(len(ODD)), Format.MARKDOWN)}",
        f"\n{render(full_report(tmp_path), Format.MARKDOWN)}",
    ]
    text = comment.comment_text("<!-- forebay x -->", sections)

    with opened(browser, page_of(text, tmp_path)) as seen:
        page = seen.page
        assert page.locator("h3").all_inner_texts() == ["forebay check", "forebay drift"]
        (table,) = page.locator("table").all()
        assert table.locator("th").all_inner_texts() == list(HEADINGS)
        rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
        assert [(len(row), *row[3:]) for row in rows] == [(5, "pull", "first-pull")] * len(ODD)
        for name, row in zip(ODD, rows, strict=True):
            shown = " ".join(one_line(name).replace("`", "").split())
            assert " ".join(row[0].replace("\u200b", "").replace("`", "").split()) == shown
        # Nothing of what a name says is markup, and nobody is called.
        assert page.locator("body script, body b b, body img").count() == 0
        assert page.locator("body a").all_inner_texts() == []
        groups = page.locator("details").all()
        assert len(groups) == 1 + len(ODD) + 1 + 4
        for group in groups:
            group.locator("summary").click()
            assert group.locator("p, ul, pre").first.is_visible()
            assert "rule " in group.inner_text()
        assert page.locator("details details").count() == 0


def test_the_comment_of_a_thousand_changes_fits_and_says_what_it_leaves_out() -> None:
    section = f"\n{render(change(1000), Format.MARKDOWN)}"

    text = comment.comment_text("<!-- forebay x -->", [section] * 8)

    assert len(text) < 65_536
    assert text.count("### forebay check") == 8
    assert f"… {1000 - ROWS_LIMIT} more" in section
    assert f"- … {1000 - NOTES_LIMIT} more" in section
    # What is wrong is told, however much was declared by the change itself.
    assert all(f"rule `{rule}`" in text for rule in ("topology-widened", "grant-undeclared"))
    assert text.endswith(
        "see the [summary of the job](https://github.example/acme/caches/actions/runs/1).\n"
    )
    for mark in ("^<details", "^</details>$", "^```"):
        assert len(re.findall(mark, text, re.MULTILINE)) > 10
    assert len(re.findall("^<details", text, re.MULTILINE)) == len(
        re.findall("^</details>$", text, re.MULTILINE)
    )
    assert len(re.findall("^```", text, re.MULTILINE)) % 2 == 0
