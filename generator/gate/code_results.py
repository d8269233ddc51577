"""What is wrong with code whatever a topology says."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from generator.gate.outcome import named_by_source
from generator.grants.code_policies import CodePolicies
from generator.grants.open_statements import OpenStatements
from generator.model.finding import Finding, FindingKind
from generator.model.reading import Reading, Source
from generator.model.topology import Topology
from generator.rules.code_rules import CODE_RULES


def code_findings(
    reading: Reading,
    *,
    topology: Topology | None = None,
    proved: Iterable[Finding] = (),
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Run the rules that need no topology.

    Where the proof of the grants has spoken about a place (`proved`), rules that ask the same
    question stay silent. No request is made before `now`; without it the time is not known.
    """
    code = CodePolicies(
        estate=replace(reading.estate, records=(*reading.estate.records, *reading.off_by_default)),
        statement_span=reading.statement_span,
        named_blocks=reading.named_blocks,
        topology=topology,
        asked_at=now,
        are_named=reading.source is Source.POLICY,
    )
    told = {(finding.address, finding.location) for finding in proved}
    refused = {
        (problem.address, problem.location)
        for problem in reading.problems
        if problem.kind is FindingKind.ERROR
    }
    strangers = OpenStatements(code)
    found = (
        strangers.shown(finding) if rule.is_about_strangers else finding
        for rule in CODE_RULES
        for finding in rule.check(code)
        if not (rule.is_proved and (finding.address, finding.location) in told)
        # What Terraform refuses to evaluate is told once, as the error that it is.
        and not (
            finding.kind is FindingKind.UNDECIDED and (finding.address, finding.location) in refused
        )
    )
    # Several records can make one open question, such as the account of their root.
    once = {(each.fingerprint, each.location): each for each in found}
    return tuple(named_by_source(reading, once.values()))


RULES = tuple(sorted({rule.rule.name for rule in CODE_RULES}))
"""The names of the rules that need no topology."""
