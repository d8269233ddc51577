"""`check`: what policies grant, against what the topology declares, and mistakes in code."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from generator.estate.outside_topology import no_code, outside_findings
from generator.estate.source_accounts import unasked_findings
from generator.estate.unread_modules import unread_accounts, unread_findings
from generator.gate.causes import kept_with_causes
from generator.gate.code_results import RULES, code_findings
from generator.gate.expectation_results import expectation_results
from generator.gate.live_results import live_findings, live_questions
from generator.gate.outcome import (
    Outcome,
    named_by_source,
    once_for_each_cause,
    rule_questions,
    waiting_together,
)
from generator.gate.policy_results import (
    PolicyResult,
    judged_policies,
    questions_about,
    with_findings,
    without_accepted,
)
from generator.gate.proof import proof_of
from generator.gate.suppressions import Suppressor
from generator.gate.unjudged import unjudged_findings
from generator.model.finding import Finding, FindingKind, Question, in_order
from generator.model.progress import begin, counted
from generator.model.reading import Reading
from generator.model.topology import Topology
from generator.rules.outside_rules import OUTSIDE_RULES


def check_findings(topology: Topology, reading: Reading) -> tuple[Finding, ...]:
    """What the policies in code, a plan or a state grant against what the topology declares."""
    return check_grants(topology, reading, Suppressor()).findings


def check_grants(topology: Topology, reading: Reading, suppressor: Suppressor) -> Outcome:
    """Judge each policy, run the rules, take out what was accepted, and put the rest in order."""
    judged = judged_policies(topology, reading)
    found = [
        with_findings(topology, reading, policy) for policy in counted(judged, "proving policies")
    ]
    left = [without_accepted(topology, reading, result, suppressor) for result in found]
    begin("running the rules")
    expectations = expectation_results(topology, reading)
    findings = in_order(
        (*all_findings(topology, reading, left, proved=found), *expectations.findings)
    )
    return Outcome(
        findings=once_for_each_cause(
            kept_with_causes(topology, reading, findings, suppressor), RULES
        ),
        questions=(*questions_of(reading, left, findings), *expectations.questions),
        proof=proof_of(topology, reading, (result.policy for result in found)),
        expectations=expectations.asked,
    )


def questions_of(
    reading: Reading, results: Sequence[PolicyResult], findings: Sequence[Finding]
) -> Iterator[Question]:
    """Everything that was asked about a reading, each with what was found."""
    unanswered = {finding.fingerprint: finding for finding in reading.unanswered.values()}
    unread = (*not_read(reading), *unanswered.values())
    errors = tuple(each for each in reading.problems if each.kind is FindingKind.ERROR)
    hidden = unread_accounts(
        reading.estate, [module for module in reading.unread_modules if not module.address]
    ).anything
    for result in results:
        # A file that cannot be read may hold more of a policy's account.
        is_hidden = errors and (hidden is None or result.policy.account in hidden)
        yield from questions_about(result, reading.source, unread, errors if is_hidden else ())
    yield from rule_questions(reading.source, RULES, findings)
    yield from live_questions(reading, findings)


def all_findings(
    topology: Topology,
    reading: Reading,
    results: Sequence[PolicyResult],
    *,
    proved: Sequence[PolicyResult] = (),
) -> tuple[Finding, ...]:
    """Everything to say about a reading, in order.

    `proved` are the results before anything was taken out: the proof has spoken of them as well.
    """
    spoken = [finding for result in (*results, *proved) for finding in result.findings]
    return in_order(
        (
            *reading.problems,
            *(finding for result in results for finding in result.findings),
            *code_findings(reading, topology=topology, proved=spoken, now=topology.asked_at),
            *live_findings(reading, topology),
            *not_read(reading),
            *(
                finding
                for rule in OUTSIDE_RULES
                for finding in rule.check(topology, reading.estate)
            ),
            *outside_findings(topology, reading),
            *unasked_findings(topology, reading),
            *unjudged_findings(topology, reading, results),
        )
    )


def not_read(reading: Reading) -> tuple[Finding, ...]:
    """One open question for each module of a reading that was not read."""
    return tuple(named_by_source(reading, unread_findings(reading.unread_modules)))


def check_findings_without_topology(reading: Reading) -> tuple[Finding, ...]:
    """What is wrong with code of which no topology is known, and what was not looked at."""
    return check_without_topology(reading, Suppressor()).findings


def check_without_topology(reading: Reading, suppressor: Suppressor) -> Outcome:
    """Run the rules that need no topology, and take out what was accepted."""
    findings = findings_without_topology(reading, now=suppressor.begin_of_today)
    return Outcome(
        findings=waiting_together(once_for_each_cause(suppressor.keep(findings), RULES)),
        questions=(
            *rule_questions(reading.source, RULES, findings),
            *live_questions(reading, findings),
        ),
    )


def findings_without_topology(reading: Reading, *, now: datetime | None) -> tuple[Finding, ...]:
    """Everything that is to be said without a topology, whatever was accepted.

    It follows from the reading and the day alone, so that it can be kept with both.
    """
    return in_order(
        (
            *reading.problems,
            *code_findings(reading, now=now),
            *live_findings(reading),
            *not_read(reading),
            *no_code(reading),
        )
    )
