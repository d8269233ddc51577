"""What stands first in a report, what is told together, and what a run has proved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import finding, span

from generator.model.finding import (
    ABOUT_CHANGES,
    TAKEN_AS_GIVEN,
    Finding,
    FindingKind,
    Question,
    Severity,
    in_order,
)
from generator.report import Format, render
from generator.report.report import Report, summarise
from generator.rules.manuals import rule_names

HERE = Path("/project")


def note(number: int, *, rule: str = "attachment-not-seen") -> Finding:
    place = span(HERE / f"root-{number:03}" / "main.tf", number + 1, 1, number + 1, 2)
    told = finding(severity=Severity.INFO, rule=rule, subject=str(number), location=place)
    return replace(told, title="Nothing attaches this policy", message=f"Role {number} is given.")


def report(*findings: Finding, questions: tuple[Question, ...] = (), folds: bool = True) -> Report:
    return Report(
        command="check", findings=findings, base=HERE, folds_notes=folds, questions=questions
    )


SOME = st.builds(
    lambda kind, severity, rule, line: finding(
        kind=kind,
        severity=severity,
        rule=rule,
        subject=f"{rule} {line}",
        location=span(HERE / "main.tf", line, 1, line, 2),
    ),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    rule=st.sampled_from(["attachment-not-seen", "scope-assumed", "grant-missing", "since"]),
    line=st.integers(1, 9),
)


def test_errors_stand_first_then_the_worst_then_what_is_not_decided_and_notes_last() -> None:
    early, late = span(HERE / "a.tf", 1, 1, 1, 2), span(HERE / "z.tf", 9, 1, 9, 2)
    results = (
        finding(severity=Severity.INFO, rule="a-note", location=early),
        finding(severity=Severity.WARNING, rule="a-warning", location=early),
        finding(kind=FindingKind.UNDECIDED, rule="unknown-value", location=early),
        finding(severity=Severity.LOW, rule="low", location=early),
        finding(severity=Severity.CRITICAL, rule="critical", location=late),
        finding(kind=FindingKind.ERROR, rule="unreadable-file", location=late),
        finding(severity=Severity.WARNING, rule="suppression-added", location=late),
    )

    assert [result.rule for result in in_order(results)] == [
        "suppression-added",
        "unreadable-file",
        "critical",
        "low",
        "unknown-value",
        "a-warning",
        "a-note",
    ]


def test_notes_of_one_rule_are_one_line_with_the_first_places() -> None:
    text = render(report(*map(note, range(150))), Format.HUMAN, width=200)

    assert text == (
        "info[attachment-not-seen]: Nothing attaches this policy, 150 times (root-000/main.tf:1, "
        "root-001/main.tf:2, root-002/main.tf:3 and 147 more places)\n"
        "\n"
        "check: 150 notes (`-v` shows them in full)\n"
    )


@given(st.lists(SOME, max_size=30))
def test_what_is_folded_is_counted_and_everything_stands_in_the_other_forms(
    results: list[Finding],
) -> None:
    folded = report(*in_order(results))
    full = replace(folded, folds_notes=False)

    assert summarise(folded) == summarise(full)
    document = json.loads(render(folded, Format.JSON))
    assert len(document["results"]) == len(results)
    assert render(folded, Format.JSON) == render(full, Format.JSON)
    assert render(full, Format.HUMAN).count("It matters, so fix it.") == len(results)
    for format_ in (Format.HUMAN, Format.MARKDOWN, Format.GITHUB):
        text = render(folded, format_)
        assert all(result.rule.replace("-", "") in text.replace("-", "") for result in results)


def test_what_a_change_does_is_never_folded() -> None:
    text = render(report(note(1, rule="since"), note(2, rule="since")), Format.HUMAN)

    assert "Role 1 is given." in text
    assert "Role 2 is given." in text


def test_a_comment_lists_the_notes_of_a_rule_in_one_block() -> None:
    text = render(report(*map(note, range(30))), Format.MARKDOWN)

    assert text.count("<details>") == 1
    assert "<b>Nothing attaches this policy</b>, 30 times" in text
    assert "- `root-019/main.tf:20:1`: Role 19 is given." in text
    assert "- … 10 more" in text


def test_the_annotations_hold_one_notice_for_each_rule() -> None:
    lines = render(report(note(1), note(2)), Format.GITHUB).splitlines()

    (line,) = lines
    assert line == (
        "::notice title=2 notes [attachment-not-seen]::Nothing attaches this policy, 2 times "
        "(root-001/main.tf:2, root-002/main.tf:3)"
    )


def test_the_least_severity_hides_what_is_milder_and_counts_it() -> None:
    results = (
        finding(severity=Severity.HIGH),
        finding(severity=Severity.LOW, subject="low"),
        finding(kind=FindingKind.UNDECIDED, severity=Severity.LOW, rule="unknown-value"),
        note(1),
    )
    shown = replace(report(*results), min_severity=Severity.HIGH)

    text = render(shown, Format.HUMAN)

    assert [line for line in text.splitlines() if "[" in line] == [
        "high[grant-any-principal]: Something is wrong.",
        "undecided[unknown-value]: Something is wrong.",
    ]
    assert text.endswith("check: 1 finding, 1 not decided, 2 milder ones not shown\n")
    assert summarise(shown).exit_code == summarise(report(*results)).exit_code
    assert len(json.loads(render(shown, Format.JSON))["results"]) == 4
    assert "1 more result" not in render(shown, Format.MARKDOWN)


@pytest.mark.parametrize("form", [Format.HUMAN, Format.MARKDOWN, Format.HTML])
def test_what_was_mended_is_counted_wherever_people_read(form: Format) -> None:
    mended = replace(report(finding(subject="left")), fixed=(finding(), finding(subject="y")))

    assert "1 finding, 2 fixed" in render(mended, form)


def test_a_run_says_what_it_proved_and_what_it_took_as_given() -> None:
    given, wrong = note(1), finding(subject="wrong")
    questions = tuple(
        Question(suite="code: a policy", name=name, findings=findings)
        for name, findings in (
            ("right", ()),
            ("right but for a note", (given.fingerprint,)),
            ("wrong", (wrong.fingerprint,)),
            ("accepted", ("the fingerprint of a result that is not shown",)),
        )
    )
    whole = report(wrong, given, questions=questions)

    assert render(whole, Format.HUMAN).endswith("\nproved: 2 of 4 questions; 1 taken as given\n")
    assert "\nProved: 2 of 4 questions; 1 taken as given.\n" in render(whole, Format.MARKDOWN)
    summary = json.loads(render(whole, Format.JSON))["summary"]
    assert (summary["questions"], summary["proved"], summary["taken_as_given"]) == (4, 2, 1)


@pytest.mark.parametrize("rule", sorted(TAKEN_AS_GIVEN | ABOUT_CHANGES))
def test_the_rules_that_reports_know_exist(rule: str) -> None:
    assert rule in rule_names()
