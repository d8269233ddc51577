"""`check --since`: what policies grant too much since an earlier revision of the code."""

from collections.abc import Iterable
from dataclasses import replace

from generator.gate.causes import kept_with_causes
from generator.gate.check import all_findings, questions_of
from generator.gate.expectation_results import expectation_results
from generator.gate.outcome import Outcome
from generator.gate.policy_results import judged_policies, with_findings, without_accepted
from generator.gate.proof import proof_of
from generator.gate.suppressions import Suppressor
from generator.grants.since import changes, earlier_code, new_findings, summary, with_new_access
from generator.model.finding import Finding, Severity
from generator.model.reading import Reading
from generator.model.topology import Topology


def check_since(
    topology: Topology,
    reading: Reading,
    before: Reading,
    revision: str,
    suppressor: Suppressor | None = None,
) -> Outcome:
    """Judge both revisions, take out what was accepted and what was there before, and order."""
    suppressor = suppressor or Suppressor()
    policies = judged_policies(topology, reading)
    policies_before = judged_policies(topology, before)
    now = [with_findings(topology, reading, policy) for policy in policies]
    then = [with_findings(topology, before, policy) for policy in policies_before]
    everything = all_findings(topology, reading, now)
    earlier = earlier_code(
        revision,
        [result.policy for result in then],
        findings=(
            *all_findings(topology, before, then),
            *expectation_results(topology, before).findings,
        ),
    )
    left = [without_accepted(topology, reading, result, suppressor) for result in now]
    new = [
        with_findings(topology, reading, with_new_access(result.policy, earlier)) for result in left
    ]
    expected = expectation_results(topology, reading)
    expectations = expected.findings
    # Where the proof has spoken of an old hole, it has spoken, though it is left out here.
    told = new_findings((*all_findings(topology, reading, new, proved=now), *expectations), earlier)
    # What was accepted is counted as that.
    is_accepted = any(after is not before for after, before in zip(left, now, strict=True))
    not_accepted = all_findings(topology, reading, left, proved=now) if is_accepted else everything
    results = sum(map(_is_result, (*not_accepted, *expectations)))
    left_out = results - sum(map(_is_result, told))
    home = next(iter(topology.accounts.values())).regions[0]
    notes = changes([result.policy for result in left], told, earlier, home)
    found = (*told, *notes, summary(earlier, max(left_out, 0)))
    unsaid = _unsaid_notes(everything, told)
    return Outcome(
        findings=kept_with_causes(topology, reading, found, suppressor),
        questions=tuple(
            replace(question, findings=tuple(one for one in question.findings if one not in unsaid))
            for question in questions_of(reading, left, everything)
        ),
        proof=proof_of(topology, reading, (result.policy for result in now)),
        expectations=expected.asked,
    )


def _unsaid_notes(everything: Iterable[Finding], told: Iterable[Finding]) -> frozenset[str]:
    """The notes that are left out: what they are about is proved all the same."""
    said = {finding.fingerprint for finding in told}
    serious = {finding.fingerprint for finding in everything if _is_result(finding)}
    return frozenset(finding.fingerprint for finding in everything) - said - serious


def _is_result(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO
