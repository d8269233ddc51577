"""What a command hands to its report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.frozen_data import frozen
from generator.model.finding import Finding, FindingKind, Question
from generator.model.proof import Proof
from generator.model.reading import Reading, Source


@frozen
class Outcome:
    """What a command found, and the questions it asked, with those that turned out well.

    `proof` counts the grants and registries of which `check` proved all.
    """

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    proof: Proof | None = None


def named_by_source(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings about a plan or state, so that they are not taken for those about code."""
    if reading.source is Source.CODE:
        yield from findings
        return
    snapshots = {root.first_file.file for root in reading.estate.roots}
    for finding in findings:
        location = finding.location
        is_in_code = location is not None and location.file not in snapshots
        if reading.source is Source.LIVE and not is_in_code and finding.topology is not None:
            # Nobody edits AWS in a file; what asks for it is the place to go to.
            location = finding.topology
        yield replace(finding, subject=f"{reading.source} {finding.subject}", location=location)


def rule_questions(
    source: Source, rules: Iterable[str], findings: Sequence[Finding]
) -> Iterator[Question]:
    """One question for each rule that needs no topology: whether anything that was read breaks it."""
    for name in rules:
        yield Question(
            suite=f"{source}: rules",
            name=name,
            # No rule has looked at a file that cannot be read.
            findings=tuple(
                one.fingerprint
                for one in findings
                if one.rule == name or one.kind is FindingKind.ERROR
            ),
        )
