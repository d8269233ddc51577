"""The formats that code hosts read: GitHub annotations, Markdown comments, GitLab code quality."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from report_samples import finding, full_report, span

from generator.model.finding import Finding, FindingKind, Severity, in_order
from generator.report import Format, render
from generator.report.markdown import SIZE_LIMIT
from generator.report.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def parse(command: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", command)
    assert match is not None, command
    properties = dict(entry.split("=", 1) for entry in match[2].split(","))

    def decoded(text: str) -> str:
        for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            text = text.replace(code, sign)
        return text

    return match[1], {name: decoded(text) for name, text in properties.items()}, decoded(match[3])


def test_each_result_is_one_annotation_at_its_lines(tmp_path: Path) -> None:
    report = full_report(tmp_path)

    commands = [parse(line) for line in render(report, Format.GITHUB).splitlines()]

    assert [level for level, _, _ in commands] == ["error", "error", "warning", "warning"]
    first = commands[0]
    assert first[1] == {
        "file": "terraform/main/main.tf",
        "line": "4",
        "endLine": "4",
        "col": "38",
        "endColumn": "52",
        "title": "The cache `quay` reads from another upstream [different]",
    }
    assert first[2] == report.findings[0].message
    assert "col" not in commands[1][1]


@given(text=st.text(max_size=60))
def test_no_text_breaks_out_of_an_annotation(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shown = Finding(
        kind=FindingKind.FINDING,
        rule="rule",
        severity=Severity.HIGH,
        title=f"t{text}",
        message=text,
        subject="s",
    )
    base = tmp_path_factory.getbasetemp()

    output = render(Report(command="check", base=base, findings=(shown,)), Format.GITHUB)

    command, _, rest = output.rpartition("\n")
    assert rest == ""
    assert "\n" not in command
    assert "\r" not in command
    assert command.startswith("::error title=")


def test_gitlab_gets_one_issue_a_result_with_a_place(tmp_path: Path) -> None:
    report = full_report(tmp_path)

    issues = json.loads(render(report, Format.GITLAB))

    assert len(issues) == 3
    assert {tuple(sorted(issue)) for issue in issues} == {
        ("check_name", "description", "fingerprint", "location", "severity")
    }
    assert issues[1]["severity"] == "blocker"
    assert issues[1]["location"] == {"path": "terraform/main/main.tf", "lines": {"begin": 1}}
    assert issues[2]["description"].startswith("Not decided: ")


def test_a_comment_begins_with_the_line_it_is_found_by(tmp_path: Path) -> None:
    text = render(full_report(tmp_path), Format.MARKDOWN)

    assert text.startswith("<!-- forebay drift -->\n### forebay drift\n\n❌ ")
    assert "1 difference, 1 finding, 1 question not decided, 1 warning" in text
    assert text.count("<details>") == text.count("</details>") == 4
    assert "<code>terraform/main/main.tf:4</code>" in text
    assert '```\n    upstream_registry_url = "quay.io"\n```' in text


def test_a_comment_without_results_says_so(tmp_path: Path) -> None:
    text = render(Report(command="check", base=tmp_path, findings=()), Format.MARKDOWN)

    assert text == "<!-- forebay check -->\n### forebay check\n\n✅ Nothing to report.\n"


def test_a_comment_keeps_its_size_limit_and_counts_the_rest(tmp_path: Path) -> None:
    many = tuple(finding(subject=str(number)) for number in range(2000))

    text = render(Report(command="check", base=tmp_path, findings=many), Format.MARKDOWN)

    shown = text.count("<details>")
    assert len(text) <= SIZE_LIMIT
    assert 0 < shown < 2000
    assert f"{2000 - shown} more results are not shown here." in text


def test_markup_in_a_message_stays_text(tmp_path: Path) -> None:
    shown = Finding(
        kind=FindingKind.FINDING,
        rule="rule",
        severity=Severity.HIGH,
        title="<script>alert(1)</script>",
        message="See [here](javascript:x) <img> *bold* and `co|de`.",
        subject="s",
        location=span(tmp_path / "no-file", 1, 1, 1, 2),
    )

    text = render(Report(command="check", base=tmp_path, findings=(shown,)), Format.MARKDOWN)

    assert "<script>" not in text
    assert "<img>" not in text
    assert "\\[here\\](javascript:x) \\<img\\> \\*bold\\* and `co|de`." in text


def test_two_results_of_gitlab_never_share_a_fingerprint(tmp_path: Path) -> None:
    places = [span(tmp_path / name, 1, 1, 1, 2) for name in ("a.tf", "b.tf", "c.tf")]
    findings = tuple(finding(location=place) for place in places)

    issues = json.loads(render(Report(command="check", findings=findings), Format.GITLAB))

    assert len({issue["fingerprint"] for issue in issues}) == 3


def test_ten_annotations_of_a_level_are_shown_and_the_others_are_lines_of_the_log() -> None:
    results = [
        *(finding(severity=Severity.HIGH, subject=str(number)) for number in range(13)),
        *(finding(severity=Severity.WARNING, subject=str(number)) for number in range(11)),
    ]
    report = Report(command="check", findings=in_order(results))

    lines = render(report, Format.GITHUB).splitlines()

    assert len([line for line in lines if line.startswith("::error ")]) == 10
    assert len([line for line in lines if line.startswith("::warning ")]) == 10
    group = lines.index("::group::3 errors and 1 warning more, of which GitHub shows no annotation")
    assert lines[-1] == "::endgroup::"
    inside = lines[group + 1 : -1]
    assert len(inside) == 4
    assert not any("::" in line for line in inside)
    assert inside[0] == "high[grant-any-principal]: Something is wrong."
