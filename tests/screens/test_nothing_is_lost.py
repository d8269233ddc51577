"""Whatever is folded, left out or hidden: every result is told or counted, in every way to look at it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from breaks import BREAKS, broken
from estates import Told, sound_estate, told
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.gate import check as check_gate
from generator.gate import drift as drift_gate
from generator.gate.code_results import RULES
from generator.model.finding import CAUSES, Finding, FindingKind, Severity
from generator.report import Format, render
from generator.report.report import label
from git_running import commit_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from generator.gate.suppressions import Suppressor
    from generator.model.reading import Reading
    from generator.model.topology import Topology

    KeepWithCauses = Callable[
        [Topology, Reading, Iterable[Finding], Suppressor], tuple[Finding, ...]
    ]

_SORTS = "error|undecided|critical|high|medium|low|warning|info"
_HEAD = re.compile(rf"^(?:    )?((?:{_SORTS})(?:\[[a-z-]+\])?): (.*)$", re.MULTILINE)
_TIMES = re.compile(r", (\d+) times(?: \(|$)")
_WIDE = 100_000
ACCEPTED = """\
version: 1
ignore:
  - rule: grant-undeclared
    address: module.*
    reason: known
    access:
      - 333333333333
        ecr:BatchGetImage,ecr:BatchImportUpstreamImage,ecr:GetDownloadUrlForLayer
        arn:aws:ecr:eu-central-1:111111111111:repository/*
  - {rule: grant-missing, address: module.*, reason: known}
"""

some_breaks = st.lists(st.sampled_from(sorted(BREAKS)), min_size=1, max_size=3, unique=True)
one_command = st.sampled_from(["drift", "check"])


def broken_by(folder: Path, names: Iterable[str]) -> Path:
    """The estate with several breaks, each where the others have left its text."""
    copy = folder / "estate"
    shutil.copytree(sound_estate(), copy)
    for name in names:
        try:
            broken(copy / "terraform", name)
        except (AssertionError, OSError):
            continue
    return copy


def heads(text: str) -> Counter[str]:
    """How many results of each label a text tells, those that it tells together among them."""
    found: Counter[str] = Counter()
    for name, rest in _HEAD.findall(text):
        times = _TIMES.search(rest)
        found[name] += int(times[1]) if times else 1
    return found


def shown(told_: Told, **changes: object) -> str:
    return render(replace(told_.report, **changes), Format.HUMAN, width=_WIDE)


def found_by(folder: Path, command: str, *options: str) -> tuple[Told, Sequence[Finding]]:
    """What a command tells, and what had been found before anything was put in order."""
    found: list[Finding] = []
    with pytest.MonkeyPatch.context() as patch:
        for gate in (check_gate, drift_gate):

            def keep(
                topology: Topology,
                reading: Reading,
                findings: Iterable[Finding],
                suppressor: Suppressor,
                *,
                keep_with_causes: KeepWithCauses = gate.kept_with_causes,
            ) -> tuple[Finding, ...]:
                found.extend(findings)
                return keep_with_causes(topology, reading, found, suppressor)

            patch.setattr(gate, "kept_with_causes", keep)
        return told(folder, command, *options), found


@settings(max_examples=4)
@given(names=some_breaks, command=one_command)
def test_every_result_is_in_json_and_in_full_and_folding_counts_them_all(
    names: list[str], command: str
) -> None:
    with TemporaryDirectory() as folder:
        run, found = found_by(broken_by(Path(folder), names), command)

    results = run.results
    told_ = {one["fingerprint"] for one in results}
    lost = [one for one in found if one.fingerprint not in told_]
    # One cause in a module that several roots call is one result, which names them.
    together = {one["rule"] for one in results if "It is so in " in one["message"]}
    assert {one.rule for one in lost} <= together & set(RULES)
    made_up = told_ - {one.fingerprint for one in found}
    assert {one["rule"] for one in results if one["fingerprint"] in made_up} <= CAUSES

    labels = Counter(label(one) for one in run.report.findings)
    assert sum(labels.values()) == len(results)
    assert heads(shown(run, folds_notes=False)) == labels
    assert heads(shown(run, folds_notes=True)) == labels


@settings(max_examples=2)
@given(names=some_breaks, command=one_command)
def test_what_the_least_severity_hides_is_counted(names: list[str], command: str) -> None:
    with TemporaryDirectory() as folder:
        run = told(broken_by(Path(folder), names), command)

    for severity in Severity:
        text = shown(run, min_severity=severity)
        milder = re.search(r"(\d+) milder ones? not shown", text)
        assert heads(text).total() + int(milder[1] if milder else 0) == len(run.results)
        left = replace(run.report, min_severity=severity)
        assert render(left, Format.JSON) == render(run.report, Format.JSON)


@settings(max_examples=2)
@given(names=some_breaks, command=one_command)
def test_what_a_baseline_knows_is_counted(names: list[str], command: str) -> None:
    with TemporaryDirectory() as place:
        folder = broken_by(Path(place), names)
        before = list(serious(told(folder, command)))
        told(folder, command, "--write-baseline", "known.json")
        run = told(folder, command, "--baseline", "known.json")

    after = list(serious(run))
    assert not Counter(after) - Counter(before)
    assert len(before) == len(after) + run.document["summary"]["suppressed"]


@settings(max_examples=1)
@example(names=["09-rule-added", "02-role-widened"])
@given(names=st.lists(st.sampled_from(sorted(BREAKS)), min_size=2, max_size=3, unique=True))
def test_what_was_there_before_a_change_is_counted(names: list[str]) -> None:
    with TemporaryDirectory() as place:
        folder = broken_by(Path(place), names[:1])
        # What is accepted is counted as that, once.
        (folder / "forebay-ignore.yaml").write_text(ACCEPTED)
        commit_all(folder)
        for name in names[1:]:
            try:
                broken(folder / "terraform", name)
            except (AssertionError, OSError):
                continue
        whole = told(folder, "check")
        run = told(folder, "check", "--since", "HEAD")

    (note,) = [one for one in run.results if one["rule"] == "since"]
    left_out = int(note["message"].split()[0])
    everything = len(list(serious(whole))) + whole.report.suppressed
    assert len(list(serious(run))) + left_out + run.report.suppressed == everything


def serious(run: Told) -> Iterator[str]:
    """The results that are no notes, but for the causes that are only told with them."""
    for one in run.report.findings:
        if (
            one.severity is not Severity.INFO
            and one.rule != "suppression-unused"
            and (one.rule not in CAUSES or one.kind is FindingKind.ERROR)
        ):
            yield one.fingerprint
