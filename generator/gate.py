"""Pick the rules that apply, run them, and put what they found in order."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from generator.asked import asked_accounts, unasked_findings
from generator.finding import Finding, Severity, in_order
from generator.model.estate import Unknown
from generator.model.reading import Reading, Source
from generator.model.topology import Topology
from generator.outside import outside_findings
from generator.rules import (
    CODE_RULES,
    DATED_RULES,
    GRANT_RULES,
    OUTSIDE_RULES,
    TOPOLOGY_RULES,
)
from generator.rules.topology.account_not_managed import ACCOUNT_NOT_MANAGED
from generator.rules.topology.registry_policy_elsewhere import REGISTRY_POLICY_ELSEWHERE

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy


def topology_findings(topology: Topology, *, today: date) -> tuple[Finding, ...]:
    """Mistakes in a topology that only show once everything in it is resolved, or on this day."""
    lasting = (found for rule in TOPOLOGY_RULES for found in rule.check(topology))
    dated = (found for rule in DATED_RULES for found in rule.check(topology, today))
    return in_order((*lasting, *dated))


def drift_findings(topology: Topology, reading: Reading) -> tuple[Finding, ...]:
    """Where code, a plan or a state differs from the topology, and what could not be read."""
    from generator.compare import Comparison, compare
    from generator.intent import intend

    comparison = Comparison(
        topology=topology,
        intended=intend(topology),
        found=reading.estate,
        statement_span=reading.statement_span,
        unread=reading.unread_modules,
        source=reading.source,
        asked=asked_accounts(reading),
    )
    found = _named_by_source(reading, compare(comparison))
    outside = outside_findings(topology, reading)
    elsewhere = (
        left
        for rule in (ACCOUNT_NOT_MANAGED, REGISTRY_POLICY_ELSEWHERE)
        for left in rule.check(topology)
    )
    unasked = unasked_findings(topology, reading)
    return in_order((*reading.problems, *found, *elsewhere, *outside, *unasked))


def check_findings(topology: Topology, reading: Reading) -> tuple[Finding, ...]:
    """What the policies in code, a plan or a state grant against what the topology declares."""
    return _check(topology, reading, _judged(topology, reading))


def check_since(
    topology: Topology, reading: Reading, before: Reading, revision: str
) -> tuple[Finding, ...]:
    """What the policies in code grant too much since an earlier revision of it, by meaning."""
    from generator.since import changes, earlier_code, news, only_new, summary

    policies, policies_before = _judged(topology, reading), _judged(topology, before)
    everything = _check(topology, reading, policies)
    earlier = earlier_code(
        revision, policies_before, findings=_check(topology, before, policies_before)
    )
    # Where the proof has spoken of an old hole, it has spoken, though it is left out here.
    of_proof = {rule.rule.name for rule in GRANT_RULES}
    found = _check(
        topology,
        reading,
        [only_new(policy, earlier) for policy in policies],
        proved=[finding for finding in everything if finding.rule in of_proof],
    )
    new = news(found, earlier)
    left_out = sum(map(_is_result, everything)) - sum(map(_is_result, new))
    home = next(iter(topology.accounts.values())).regions[0]
    notes = changes(policies, new, earlier, home)
    return in_order((*new, *notes, summary(earlier, max(left_out, 0))))


def _is_result(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _judged(topology: Topology, reading: Reading) -> "list[JudgedPolicy]":
    """Every policy of an estate with its judgement, where its account was asked about."""
    from generator.judgements import judge

    asked = asked_accounts(reading)
    return [
        policy
        for policy in judge(
            topology, reading.estate, reading.statement_span, unread=reading.unread_modules
        )
        if asked is None or policy.account in asked or isinstance(policy.account, Unknown)
        # Of single policies nothing is asked but what they say.
        if reading.source is not Source.POLICY or policy.records
    ]


def _check(
    topology: Topology,
    reading: Reading,
    policies: "Iterable[JudgedPolicy]",
    *,
    proved: Iterable[Finding] = (),
) -> tuple[Finding, ...]:
    """Run the rules on policies, and say what was not looked at."""
    from generator.replay import replayable
    from generator.unread import unread_findings

    partition = next(iter(topology.accounts.values())).regions[0].aws_partition.id
    found = tuple(
        replayable(policy, finding, partition)
        for policy in policies
        for rule in GRANT_RULES
        for finding in rule.check(policy)
    )
    code = code_findings(reading, proved=(*found, *proved))
    elsewhere = (finding for rule in OUTSIDE_RULES for finding in rule.check(topology))
    outside = outside_findings(topology, reading)
    unread = unread_findings(reading.unread_modules)
    unasked = unasked_findings(topology, reading)
    judgements = _named_by_source(reading, (*found, *code, *unread))
    return in_order((*reading.problems, *judgements, *elsewhere, *outside, *unasked))


def _named_by_source(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings about a plan or state, so that they are not taken for those about code."""
    for finding in findings:
        if reading.source is Source.CODE:
            yield finding
        else:
            yield replace(finding, subject=f"{reading.source} {finding.subject}")


def code_findings(reading: Reading, *, proved: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """What is wrong with code whatever the topology says.

    Where the proof of the grants has spoken about a place (`proved`), rules that ask the same
    question stay silent.
    """
    from generator.written import Written

    written = Written(
        estate=reading.estate,
        statement_span=reading.statement_span,
        named_blocks=reading.named_blocks,
    )
    told = {(finding.address, finding.location) for finding in proved}
    found = (
        finding
        for rule in CODE_RULES
        for finding in rule.check(written)
        if not (rule.is_proved and (finding.address, finding.location) in told)
    )
    # Several records can make one open question, such as the account of their root.
    return tuple({(each.fingerprint, each.location): each for each in found}.values())


def check_findings_without_topology(reading: Reading) -> tuple[Finding, ...]:
    """What is wrong with code of which no topology is known, and what was not looked at."""
    from generator.outside import no_code
    from generator.unread import unread_findings

    unread = unread_findings(reading.unread_modules)
    nothing = no_code(reading)
    found = _named_by_source(reading, (*code_findings(reading), *unread))
    return in_order((*reading.problems, *found, *nothing))
