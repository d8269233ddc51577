"""The format for people."""

from __future__ import annotations

import os
import re
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import finding, full_report, span

from generator.model.finding import FindingKind
from generator.report import Format, render
from generator.report.excerpt import Sources, excerpt, printable
from generator.report.human import wrapped
from generator.report.report import Report

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = """\
high[different]: The cache `quay` reads from another upstream.
 --> terraform/main/main.tf:4:38
  |
4 |     quay = { upstream_registry_url = "quay.example" }
  |                                      ^^^^^^^^^^^^^^
 --> topology.yaml:5:7
  |
5 |       quay: {}
  |       ^^^^^^^^
  = address: module.cache_eu_west_1.aws_ecr_pull_through_cache_rule.this["quay"]
  The topology says `quay.io`, the code `quay.example`, so every image comes from a stranger. Write:
    upstream_registry_url = "quay.io"
"""


def first_block(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[0] + "\n"


def test_a_result_shows_place_source_topology_line_and_fix(tmp_path: Path) -> None:
    text = render(full_report(tmp_path), Format.HUMAN)

    assert first_block(text) == EXPECTED.replace("    upstream_reg", "      upstream_reg")


def test_a_long_stretch_shows_its_beginning_and_its_end(tmp_path: Path) -> None:
    text = render(full_report(tmp_path), Format.HUMAN)

    block = text.split("\n\n")[1]
    assert '1 | module "cache_eu_west_1" {' in block
    assert "\n...\n6 | }\n" in block
    assert "quay = {" not in block.split("topology.yaml")[0]


def test_the_last_line_counts(tmp_path: Path) -> None:
    text = render(full_report(tmp_path), Format.HUMAN)

    assert text.endswith("\n\ndrift: 1 difference, 1 finding, 1 not decided, 1 warning\n")


def test_an_error_without_a_rule_is_called_error_once() -> None:
    error = finding(kind=FindingKind.ERROR, rule="error")

    text = render(Report(command="check", findings=(error,)), Format.HUMAN)

    assert text.startswith("error: Something is wrong.\n")


@pytest.mark.parametrize("format_", [Format.HUMAN, Format.MARKDOWN])
def test_the_line_of_a_secret_is_never_quoted_for_whatever_reason(
    tmp_path: Path, format_: Format
) -> None:
    file = tmp_path / "topology.yaml"
    file.write_text("backend: {token: not-a-real-one, key: x}\n", encoding="utf-8")
    secret = finding(rule="secret-in-topology", location=span(file, 1, 18, 1, 32))
    other = finding(rule="unknown-key", location=span(file, 1, 34, 1, 37))

    text = render(Report(command="validate", findings=(other, secret)), format_)

    assert "not-a-real-one" not in text
    assert text.count("(not shown, because of the secret in it)") == 2


def test_nothing_to_report_is_said() -> None:
    text = render(Report(command="validate", findings=()), Format.HUMAN)

    assert text == "validate: nothing to report\n"


def test_colours_change_nothing_but_colours(tmp_path: Path) -> None:
    report = full_report(tmp_path)

    coloured = render(report, Format.HUMAN, colour=True)

    assert "\x1b[1;31mhigh[different]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(report, Format.HUMAN)


def test_topology_mistakes_show_their_line_once(tmp_path: Path) -> None:
    file = tmp_path / "topology.yaml"
    file.write_text("version: 2\n", encoding="utf-8")
    place = span(file, 1, 10, 1, 11)
    mistake = replace(finding(location=place), topology=place)

    text = render(Report(command="validate", findings=(mistake,), base=tmp_path), Format.HUMAN)

    assert text.count("topology.yaml:1:10") == 1


def test_a_file_that_cannot_be_read_has_no_excerpt(tmp_path: Path) -> None:
    place = span(tmp_path / "gone.tf", 3, 1, 3, 2)

    text = render(
        Report(command="check", findings=(finding(location=place),), base=tmp_path), Format.HUMAN
    )

    assert " --> gone.tf:3:1\n  It matters, so fix it." in text


def test_a_link_out_of_the_project_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password\n", encoding="utf-8")
    code = tmp_path / "project" / "code"
    code.mkdir(parents=True)
    (code / "out.tf").symlink_to("../../secret")
    (code / "inside.tf").symlink_to("real.tf")
    (code / "real.tf").write_text("resource\n", encoding="utf-8")

    quoted = {
        name: excerpt(span(code / name, 1, 1, 1, 2), Sources(), width=80)
        for name in ("out.tf", "inside.tf")
    }

    assert quoted["out.tf"] == ()
    assert quoted["inside.tf"][0].text == "resource"


def test_a_pipe_is_not_read_a_second_time(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert excerpt(span(tmp_path / "pipe", 1, 1, 1, 2), Sources(), width=80) == ()


def test_long_messages_are_wrapped_and_commands_are_not() -> None:
    command = "    aws ecr get-registry-policy --query policyText " + "x" * 120
    result = replace(finding(), message=f"{'word ' * 60}\n{command}")

    lines = render(Report(command="check", findings=(result,)), Format.HUMAN).split("\n")

    assert f"  {command}" in lines
    assert all(len(line) <= 100 for line in lines if "aws ecr" not in line)


def marks(folder: Path, text: str, start: int, end: int, *, width: int = 100) -> tuple[str, str]:
    file = folder / "file.tf"
    file.write_text(text, encoding="utf-8", newline="")
    lines = excerpt(span(file, 1, start, 1, end), Sources(), width=width)
    return lines[0].text, lines[0].marks


def test_carets_stand_below_their_text_after_a_tab(tmp_path: Path) -> None:
    assert marks(tmp_path, "\ta = 1\n", 2, 3) == ("    a = 1", "    ^")


def test_carets_stand_below_their_text_after_wide_letters(tmp_path: Path) -> None:
    assert marks(tmp_path, "名前 = x\n", 6, 7) == ("名前 = x", "       ^")


def test_windows_line_ends_do_not_show(tmp_path: Path) -> None:
    assert marks(tmp_path, "a = 1\r\n", 1, 2) == ("a = 1", "^")


def test_a_very_long_line_is_cut_around_the_mark(tmp_path: Path) -> None:
    text, below = marks(tmp_path, f"{'a' * 5000} here {'b' * 5000}\n", 5002, 5006, width=60)

    assert len(text) <= 60
    assert text.startswith("…")
    assert text.endswith("…")
    assert text[below.index("^") : below.rindex("^") + 1] == "here"


def test_a_mark_behind_the_end_of_a_line_is_one_caret(tmp_path: Path) -> None:
    assert marks(tmp_path, "abc\n", 4, 4) == ("abc", "   ^")


def test_a_source_line_cannot_command_the_terminal(tmp_path: Path) -> None:
    text, _ = marks(tmp_path, 'a = "\x1b[2J\u202e"\n', 1, 2)

    assert text == 'a = "\\x1b[2J\\u202e"'


def test_titles_cannot_command_the_terminal() -> None:
    result = replace(finding(), title="bad \x1b]0;title\x07", message="worse \x1b[2J\r")

    text = render(Report(command="check", findings=(result,)), Format.HUMAN)

    assert "\x1b" not in text
    assert "\r" not in text


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from("ab`- é\t"), min_size=1, max_size=80), width=st.integers(3, 30))
def test_a_paragraph_is_broken_as_the_library_breaks_it(text: str, width: int) -> None:
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)

    assert list(wrapped(text, width)) == lines


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters()))
def test_printable_text_has_no_control_characters(text: str) -> None:
    shown = printable(text)

    assert not [c for c in shown if (ord(c) < 32 and c not in "\t\n") or 127 <= ord(c) < 160]
    assert isinstance(shown.encode("utf-8"), bytes)


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
    line=st.integers(1, 8),
    column=st.integers(1, 50),
    more_lines=st.integers(0, 20),
    end_column=st.integers(1, 50),
    width=st.integers(20, 100),
)
def test_any_span_of_any_file_can_be_shown(
    content: bytes,
    line: int,
    column: int,
    more_lines: int,
    end_column: int,
    width: int,
) -> None:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        file.write_bytes(content)
        place = span(file, line, column, line + more_lines, end_column)
        report = Report(command="check", findings=(finding(location=place),))
        shown = excerpt(place, Sources(), width=width)

        assert render(report, Format.HUMAN, width=width)

    assert len(shown) <= 5
    assert all("\n" not in shown_line.text for shown_line in shown)
