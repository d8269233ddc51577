"""`drift`: what was read, compared with what the topology asks for."""

from collections.abc import Iterator, Sequence
from functools import partial

from generator.drift.compare import compare
from generator.drift.comparison import Comparison
from generator.drift.subjects import ResultsByRecord
from generator.drift.words import described
from generator.estate.keys_by_alias import with_keys_by_alias
from generator.estate.outside_topology import outside_findings
from generator.estate.source_accounts import asked_accounts, unasked_findings
from generator.gate.arguments import finder_of
from generator.gate.causes import kept_with_causes
from generator.gate.outcome import Outcome, named_by_source
from generator.gate.suppressions import Suppressor
from generator.intent.records import intended_beside
from generator.model.estate import Estate
from generator.model.finding import Finding, Question
from generator.model.reading import Reading
from generator.model.topology import Topology
from generator.rules.topology.account_not_managed import ACCOUNT_NOT_MANAGED
from generator.rules.topology.registry_policy_elsewhere import REGISTRY_POLICY_ELSEWHERE


def drift_findings(topology: Topology, reading: Reading) -> tuple[Finding, ...]:
    """Where code, a plan or a state differs from the topology, and what could not be read."""
    return find_drift(topology, reading, Suppressor()).findings


def find_drift(topology: Topology, reading: Reading, suppressor: Suppressor) -> Outcome:
    """Compare, add what was not compared, and take out what was accepted."""
    comparison = Comparison(
        topology=topology,
        intended=intended_beside(topology, reading),
        found=with_keys_by_alias(reading.estate),
        statement_span=reading.statement_span,
        unread=reading.unread_modules,
        source=reading.source,
        asked=asked_accounts(reading),
        unanswered=reading.unanswered,
        read_at=reading.read_at,
        waiting=reading.waiting,
        argument_in=finder_of(reading),
    )
    differences = tuple(named_by_source(reading, compare(comparison)))
    elsewhere = (
        left
        for rule in (ACCOUNT_NOT_MANAGED, REGISTRY_POLICY_ELSEWHERE)
        # Drift compares nothing that other code writes, wherever it is.
        for left in rule.check(topology, Estate(records=()))
    )
    found = (
        *reading.problems,
        *differences,
        *elsewhere,
        *outside_findings(topology, reading),
        *unasked_findings(topology, reading),
    )
    findings = kept_with_causes(topology, reading, found, suppressor)
    return Outcome(
        findings=findings,
        questions=tuple(_questions(comparison, reading, differences)),
    )


def _questions(
    comparison: Comparison, reading: Reading, differences: Sequence[Finding]
) -> Iterator[Question]:
    """One question for each thing that the topology asks for, with what differs about it."""
    source, asked = comparison.source, comparison.asked
    records = [
        record for record in comparison.intended.records if asked is None or record.account in asked
    ]
    words = [described(record) for record in records]
    results = ResultsByRecord(words, differences, source)
    for record, each in zip(records, words, strict=True):
        unanswered = (
            reading.unanswered.get(record.identity)
            if reading.unanswered and record.identity is not None
            else None
        )
        yield Question(
            suite=f"{source}: {each.where}",
            name=f"{each.what} is as the topology says",
            findings=(
                *results.fingerprints(each, partial(comparison.is_found, record)),
                *((unanswered.fingerprint,) if unanswered else ()),
            ),
        )
