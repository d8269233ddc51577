"""`validate` beyond the text of one file: the rules about a topology that is resolved."""

from datetime import date

from generator.model.finding import Finding, in_order
from generator.model.topology import Topology
from generator.rules.topology_rules import DATED_RULES, TOPOLOGY_RULES


def topology_findings(topology: Topology, *, today: date) -> tuple[Finding, ...]:
    """Mistakes in a topology that only show once everything in it is resolved, or on this day."""
    lasting = (found for rule in TOPOLOGY_RULES for found in rule.check(topology))
    dated = (found for rule in DATED_RULES for found in rule.check(topology, today))
    return in_order((*lasting, *dated))
