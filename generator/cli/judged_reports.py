"""The reports of `drift` and `check`: each reading judged, without what was accepted."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from generator.cli.acceptances import know_rules, suppression_file, suppressor_of, take_comments
from generator.cli.baselines import with_baseline_written
from generator.cli.expectation_rows import expectations_extra
from generator.cli.inputs import Inputs, readings
from generator.cli.topology_file import sound_topology
from generator.gate.outcome import Outcome
from generator.model.finding import Finding, FindingKind, Question
from generator.model.proof import Proof, least
from generator.model.reading import Reading, Source
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.gate.expectation_results import Asked
    from generator.gate.suppressions import Suppressor
    from generator.model.topology import Topology


def report_on(
    command: str, judge: "Callable[[Topology, Reading, Suppressor], Outcome]", inputs: Inputs
) -> Report:
    """Read the topology and what was named, judge each by the topology; mistakes stop it."""
    assert inputs.topology is not None  # noqa: S101 - only `check --no-topology` has none
    topology, mistakes = sound_topology(inputs.topology)
    if topology is None:
        return Report.mistakes(command, (*mistakes, *suppression_file(inputs)[1]))
    from generator.cli.stories import Stories

    stories = Stories(topology)
    return stories.told_in(
        _judged(
            command,
            inputs,
            readings(topology, inputs),
            stories.listening(lambda reading, suppressor: judge(topology, reading, suppressor)),
        )
    )


def report_without_topology(command: str, inputs: Inputs) -> Report:
    """Read what was named, judge it without any topology."""
    from generator.cli.stories import Stories
    from generator.gate.check import check_without_topology

    stories = Stories(None)
    return stories.told_in(
        _judged(command, inputs, readings(None, inputs), stories.listening(check_without_topology))
    )


def _judged(
    command: str,
    inputs: Inputs,
    readings: Iterable[Reading],
    judge: "Callable[[Reading, Suppressor], Outcome]",
) -> Report:
    """Judge each reading, without what was accepted; mistakes in the ignore file stop it."""
    suppressor, mistakes = suppressor_of(inputs, command)
    if mistakes:
        return Report.mistakes(command, mistakes)
    findings: list[Finding] = []
    questions: list[Question] = []
    proofs: list[Proof] = []
    asked: list[Asked] = []
    judged_code = False
    for reading in readings:
        inputs.seen.append(reading)
        if reading.source is Source.CODE:
            judged_code = True
            take_comments(suppressor, reading, inputs)
        outcome = judge(reading, suppressor)
        questions.extend(outcome.questions)
        findings.extend(outcome.findings)
        asked.extend(outcome.expectations)
        if outcome.proof is not None:
            proofs.append(outcome.proof)
    among = None
    if inputs.topology is None:
        from generator.gate.code_results import RULES

        among = frozenset(RULES)
    return finished(
        command,
        inputs,
        Outcome(
            findings=tuple(findings),
            questions=tuple(questions),
            proof=least(proofs),
            expectations=tuple(asked),
        ),
        suppressor,
        judged_code=judged_code,
        among=among,
    )


def finished(
    command: str,
    inputs: Inputs,
    outcome: Outcome,
    suppressor: "Suppressor",
    *,
    judged_code: bool,
    among: frozenset[str] | None,
) -> Report:
    """The report of what was found, with what is to be said about acceptances of its rules."""
    know_rules(suppressor)
    # What the topology itself says is the same whatever is judged by it.
    once: dict[tuple[object, ...], Finding] = {}
    for finding in outcome.findings:
        once.setdefault((*finding.identity, finding.location), finding)
    report = Report(
        command=command,
        findings=(
            *once.values(),
            *suppressor.findings(command, judged_code=judged_code, among=among),
            *_outdated(suppressor, once.values()),
        ),
        questions=outcome.questions,
        proof=outcome.proof,
        suppressed=len(suppressor.silenced),
        silenced=tuple(suppressor.silenced),
        private=frozenset(
            (*inputs.plans, *inputs.states, *(inputs.live.files if inputs.live else ()))
        ),
        extra=expectations_extra(outcome.expectations),
    )
    if inputs.write_baseline is None:
        return report
    return with_baseline_written(report, inputs.write_baseline, suppressor.baseline)


def _outdated(suppressor: "Suppressor", findings: Iterable[Finding]) -> Iterator[Finding]:
    """What of the baseline did not occur, in a run that could read everything."""
    if suppressor.baseline is None or any(each.kind is FindingKind.ERROR for each in findings):
        return
    if (note := suppressor.baseline.outdated()) is not None:
        yield note
