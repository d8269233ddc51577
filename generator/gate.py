"""Pick the rules that apply, run them, and put what they found in order."""

from datetime import date
from typing import TYPE_CHECKING

from generator.finding import Finding, in_order
from generator.model.topology import Topology
from generator.outside import outside_findings
from generator.rules import DATED_RULES, GRANT_RULES, OUTSIDE_RULES, TOPOLOGY_RULES
from generator.rules.topology.registry_policy_elsewhere import REGISTRY_POLICY_ELSEWHERE

if TYPE_CHECKING:
    from generator.hcl.reader import CodeReading


def topology_findings(topology: Topology, *, today: date) -> tuple[Finding, ...]:
    """Mistakes in a topology that only show once everything in it is resolved, or on this day."""
    lasting = (found for rule in TOPOLOGY_RULES for found in rule.check(topology))
    dated = (found for rule in DATED_RULES for found in rule.check(topology, today))
    return in_order((*lasting, *dated))


def drift_findings(topology: Topology, reading: "CodeReading") -> tuple[Finding, ...]:
    """Where code differs from the topology, with the files that could not be read."""
    from generator.compare import Comparison, compare
    from generator.intent import intend

    comparison = Comparison(
        topology=topology,
        intended=intend(topology),
        found=reading.estate,
        statement_span=reading.statement_span,
        unread=reading.unread_modules,
    )
    outside = outside_findings(topology, reading.estate)
    elsewhere = REGISTRY_POLICY_ELSEWHERE.check(topology)
    return in_order((*reading.problems, *compare(comparison), *elsewhere, *outside))


def check_findings(topology: Topology, reading: "CodeReading") -> tuple[Finding, ...]:
    """What the policies in code grant against what the topology declares."""
    from generator.judgements import judge
    from generator.unread import unread_findings

    judged = judge(topology, reading.estate, reading.statement_span, unread=reading.unread_modules)
    found = (finding for policy in judged for rule in GRANT_RULES for finding in rule.check(policy))
    elsewhere = (finding for rule in OUTSIDE_RULES for finding in rule.check(topology))
    outside = outside_findings(topology, reading.estate)
    unread = unread_findings(reading.unread_modules)
    return in_order((*reading.problems, *found, *elsewhere, *outside, *unread))
