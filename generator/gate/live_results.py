"""What only a reading of AWS can find, whatever a topology says."""

from collections.abc import Iterator, Sequence

from generator.gate.outcome import named_by_source
from generator.model.finding import Finding, Question
from generator.model.reading import Reading, Source
from generator.model.topology import Topology


def live_findings(reading: Reading, topology: Topology | None = None) -> tuple[Finding, ...]:
    """Run the rules about registries in AWS; nothing for any other source."""
    if reading.source is not Source.LIVE:
        return ()
    from generator.rules.live.registries import live_registries
    from generator.rules.live_rules import LIVE_RULES

    return tuple(
        named_by_source(
            reading,
            (
                finding
                for registry in live_registries(reading.units, topology)
                for rule in LIVE_RULES
                for finding in rule.check(registry)
            ),
        )
    )


def live_questions(reading: Reading, findings: Sequence[Finding]) -> Iterator[Question]:
    """One question for each of these rules: whether anything in AWS breaks it."""
    if reading.source is not Source.LIVE:
        return
    from generator.rules.live_rules import LIVE_RULES

    for rule in LIVE_RULES:
        name = rule.rule.name
        yield Question(
            suite=f"{reading.source}: rules",
            name=name,
            findings=tuple(one.fingerprint for one in findings if one.rule == name),
        )
