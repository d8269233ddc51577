"""Runs end: by a limit that somebody sets, and without one where a pattern is made to take for ever."""

from __future__ import annotations

import fnmatch
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attack.projects import Attacked, project
from generator.hcl.suppressions import read_suppressions
from generator.iam import automaton, globs
from generator.iam.globs import ANY, ANY_BUT_COLON, MANY, MANY_BUT_COLON, TooComplexError
from generator.iam.language import any_arn
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span
from generator.model.suppression import AtLine, Described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class LineCounter:
    """Counts the lines of Python that are run, which no other program on the machine can slow."""

    def __init__(self) -> None:
        self.lines = 0

    def __enter__(self) -> None:
        self._before = sys.gettrace()
        sys.settrace(self._count)

    def __exit__(self, *_error: object) -> None:
        sys.settrace(self._before)

    def _count(self, _frame: FrameType, event: str, _argument: object) -> Callable[..., object]:
        self.lines += event == "line"
        return self._count


@pytest.fixture
def attacked(tmp_path: Path) -> Attacked:
    return project(tmp_path)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reading that takes for ever, as a bomb would."""

    def read(*_: object, **__: object) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pass

    monkeypatch.setattr("generator.hcl.read_code", read)
    return


@pytest.mark.parametrize("command", ["drift", "check"])
@pytest.mark.parametrize("format_", ["human", "json", "github", "markdown", "sarif", "junit"])
def test_a_run_that_takes_too_long_is_not_decided(
    attacked: Attacked, slow: None, command: str, format_: str
) -> None:
    began = time.monotonic()

    ran = attacked.run(command, "--timeout", "0.3", "--format", format_, "--report", "json=r.json")

    assert time.monotonic() - began < 5
    assert ran.code == 3
    assert "time" in ran.out
    document = json.loads((attacked.folder / "r.json").read_text())
    assert document["summary"]["exit_code"] == 3
    assert [one["rule"] for one in document["results"]] == ["out-of-time"]


@pytest.mark.parametrize("command", ["drift", "check"])
def test_a_report_is_written_however_soon_the_time_is_up(attacked: Attacked, command: str) -> None:
    ran = attacked.run(command, "--timeout", "0.000001", "--report", "json=r.json", "--exit-zero")

    assert ran.code == 0
    document = json.loads((attacked.folder / "r.json").read_text())
    assert [one["rule"] for one in document["results"]] == ["out-of-time"]


def test_time_that_is_enough_changes_nothing(attacked: Attacked) -> None:
    assert attacked.run("check", "--timeout", "100").code == 0
    time.sleep(0.01)


def test_writing_that_takes_too_long_could_not_be_done(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.generate.file_tree", lambda *_, **__: time.sleep(60))

    ran = attacked.run("generate", "--timeout", "0.3")

    assert ran.code == 1
    assert "the time was up" in ran.err


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "nan"])
def test_a_time_that_is_none_is_refused(attacked: Attacked, seconds: str) -> None:
    assert attacked.run("check", "--timeout", seconds).code == 1


def found(address: str) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule="x",
        severity=Severity.HIGH,
        title="",
        message="",
        subject="",
        address=address,
    )


def test_a_pattern_of_many_stars_is_tried_in_no_time() -> None:
    began = time.monotonic()

    assert not Described(address="*a" * 200 + "*b").fits(found("a" * 5000))

    assert time.monotonic() - began < 5


@settings(max_examples=500)
@given(pattern=st.text("ab*?", max_size=8), text=st.text("ab", max_size=8))
def test_patterns_match_as_those_of_files_do(pattern: str, text: str) -> None:
    expected = fnmatch.fnmatchcase(text, pattern)

    assert Described(address=pattern).fits(found(text)) == expected


def test_a_policy_that_aws_would_not_take_is_not_judged(attacked: Attacked) -> None:
    statement = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [f"arn:aws:iam::{100000000000 + n}:root" for n in range(500)]},
        "Action": "*",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement] * 5}
    (attacked.folder / "p.json").write_text(json.dumps(document))
    began = time.monotonic()

    ran = attacked.run(
        "check", "--policy", "registry:111122223333/eu-west-1=p.json", "--format", "json"
    )

    assert time.monotonic() - began < 20
    assert ran.code in {2, 3}
    assert "more than 32,768 characters" in ran.out


TOKENS = st.lists(st.sampled_from((ANY, ANY_BUT_COLON, MANY, MANY_BUT_COLON, "a", ":", "aA")))


@settings(max_examples=500)
@given(glob=TOKENS, text=st.text("ab:A", max_size=9))
def test_patterns_of_policies_match_alike_by_both_ways(glob: list[str], text: str) -> None:
    by_expression = globs._expression(tuple(glob)).fullmatch(text) is not None

    assert globs._walked(tuple(glob), text) == by_expression
    assert globs.matches(tuple(glob), text) == by_expression


def test_comments_that_accept_results_take_work_by_their_number(tmp_path: Path) -> None:
    steps = {}
    for number in (500, 8000):
        file = tmp_path / f"{number}.tf"
        file.write_text('# forebay: ignore[unread-module] reason="x"\n' * number)
        count = steps[number] = LineCounter()
        with count:
            found, _ = read_suppressions([file], project_root=tmp_path)
        assert {one.target for one in found} == {AtLine(file=file, line=number + 1)}

    # As many times as much work, and not as many times squared.
    assert steps[8000].lines < 16 * steps[500].lines * 2


def test_patterns_of_accepted_results_are_passed_over_quickly() -> None:
    patterns = [Described(file=f"/home/somebody/project/*a{number}*b") for number in range(3000)]
    place = Span(
        file=Path("/home/somebody/project/main.tf"), line=1, column=1, end_line=1, end_column=1
    )
    finding = Finding(
        kind=FindingKind.UNDECIDED,
        rule="unread-module",
        severity=Severity.MEDIUM,
        title="a",
        message="b",
        subject="c",
        location=place,
    )
    began = time.process_time()

    fitting = [one for _ in range(10) for one in patterns if one.fits(finding)]

    assert fitting == []
    assert time.process_time() - began < 2


def test_what_has_too_many_cases_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = [globs.like_glob(f"{'*a?b' * 12}{number}") for number in range(4)]
    searched = []
    search = automaton._searched

    def noted(*given: object) -> tuple[str, ...]:
        searched.append(given)
        return search(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(automaton, "_searched", noted)

    for _ in range(3):
        with pytest.raises(TooComplexError):
            automaton.representatives(patterns, any_arn(), limit=50)

    assert len(searched) == 1
