"""Pick the rules that apply, run them, and put what they found in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from generator.estate.accounts_asked import asked_accounts, unasked_findings
from generator.estate.outside_topology import outside_findings
from generator.gate.suppressions import Suppressor
from generator.model.estate import Unknown
from generator.model.finding import Finding, FindingKind, Question, Severity, in_order
from generator.model.reading import Reading, Source
from generator.model.topology import Topology
from generator.rules.code_rules import CODE_RULES
from generator.rules.grant_rules import GRANT_RULES
from generator.rules.outside_rules import OUTSIDE_RULES
from generator.rules.topology.account_not_managed import ACCOUNT_NOT_MANAGED
from generator.rules.topology.registry_policy_elsewhere import REGISTRY_POLICY_ELSEWHERE
from generator.rules.topology_rules import DATED_RULES, TOPOLOGY_RULES

if TYPE_CHECKING:
    from generator.grants.judged_policy import JudgedPolicy

_LACKING = frozenset({"grant-missing", "attachment-not-seen"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command found, and the questions it asked, with those that turned out well."""

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]


def topology_findings(topology: Topology, *, today: date) -> tuple[Finding, ...]:
    """Mistakes in a topology that only show once everything in it is resolved, or on this day."""
    lasting = (found for rule in TOPOLOGY_RULES for found in rule.check(topology))
    dated = (found for rule in DATED_RULES for found in rule.check(topology, today))
    return in_order((*lasting, *dated))


def drift_findings(topology: Topology, reading: Reading) -> tuple[Finding, ...]:
    """Where code, a plan or a state differs from the topology, and what could not be read."""
    return find_drift(topology, reading, Suppressor()).findings


def check_findings(topology: Topology, reading: Reading) -> tuple[Finding, ...]:
    """What the policies in code, a plan or a state grant against what the topology declares."""
    return check_grants(topology, reading, Suppressor()).findings


def find_drift(topology: Topology, reading: Reading, suppressor: Suppressor) -> Outcome:
    """Compare, and take out what was accepted."""
    from generator.drift.compare import Comparison, compare, described
    from generator.intent.records import intend

    asked = asked_accounts(reading)
    comparison = Comparison(
        topology=topology,
        intended=intend(topology),
        found=reading.estate,
        statement_span=reading.statement_span,
        unread=reading.unread_modules,
        source=reading.source,
        asked=asked,
    )
    found = tuple(_named_by_source(reading, compare(comparison)))
    outside = outside_findings(topology, reading)
    elsewhere = (
        left
        for rule in (ACCOUNT_NOT_MANAGED, REGISTRY_POLICY_ELSEWHERE)
        for left in rule.check(topology)
    )
    unasked = unasked_findings(topology, reading)
    everything = in_order((*reading.problems, *found, *elsewhere, *outside, *unasked))
    there = {record.identity for record in reading.estate.records}
    questions = []
    for record in comparison.intended.records:
        if asked is None or record.account in asked:
            where, what, subject = described(record)
            about = (
                finding.fingerprint
                for finding in found
                if _is_about(finding, subject, reading.source)
                # What may be somewhere that was not read is named by the result that says so.
                or (record.identity not in there and _leaves_open(finding, what))
            )
            questions.append(
                Question(
                    suite=f"{reading.source}: {where}",
                    name=f"{what} is as the topology says",
                    findings=tuple(about),
                )
            )
    return Outcome(findings=tuple(suppressor.keep(everything)), questions=tuple(questions))


def check_grants(topology: Topology, reading: Reading, suppressor: Suppressor) -> Outcome:
    """Judge the policies, with the access that was accepted counted as declared."""
    from generator.estate.unread_modules import unread_findings

    policies = _judged(topology, reading)
    before = [_policy_findings(topology, reading, policy) for policy in policies]
    policies = _accept(topology, reading, policies, suppressor)
    proved = [finding for some in before for finding in some]
    everything = _check(topology, reading, policies, proved=proved)
    unread = tuple(_named_by_source(reading, unread_findings(reading.unread_modules)))
    questions = [
        question
        for policy in policies
        for question in _questions(
            reading.source,
            policy,
            (
                *_policy_findings(topology, reading, policy),
                *(() if policy.records else unread),
            ),
        )
    ]
    return Outcome(
        findings=tuple(suppressor.keep(everything)),
        questions=(*questions, *_rule_questions(reading.source, everything)),
    )


def _accept(
    topology: Topology,
    reading: Reading,
    policies: "Sequence[JudgedPolicy]",
    suppressor: Suppressor,
) -> "list[JudgedPolicy]":
    """The policies, judged anew where access of theirs was accepted."""
    from generator.gate.suppressions import accepted_policy

    accepted: list[JudgedPolicy] = []
    for policy in policies:
        found = _policy_findings(topology, reading, policy)
        by, again = suppressor.accepting(found), policy.judgement.again
        if by and again is not None:
            left = again(accepted_policy(by, policy.kind))
            judgement = replace(policy.judgement, over=left.over, omitted=left.omitted)
            policy = replace(policy, judgement=judgement)  # noqa: PLW2901 - the same one, anew
            suppressor.note_accepted(found, _policy_findings(topology, reading, policy), by)
        accepted.append(policy)
    return accepted


def _policy_findings(
    topology: Topology, reading: Reading, policy: "JudgedPolicy"
) -> tuple[Finding, ...]:
    """What the rules say about one policy."""
    from generator.grants.replay import replayable

    partition = next(iter(topology.accounts.values())).regions[0].aws_partition.id
    found = (
        replayable(policy, finding, partition)
        for rule in GRANT_RULES
        for finding in rule.check(policy)
    )
    return tuple(_named_by_source(reading, found))


def _questions(
    source: Source, policy: "JudgedPolicy", findings: Sequence[Finding]
) -> Iterator[Question]:
    """The two questions about a policy: whether it gives too much, and whether too little."""
    surplus = [finding for finding in findings if finding.rule not in _LACKING]
    lacking = [
        finding
        for finding in findings
        if finding.rule in _LACKING or finding.kind is FindingKind.UNDECIDED
    ]
    suite = f"{source}: {policy.what}"
    for name, some in (
        ("gives nothing that is not declared", surplus),
        ("gives all that is declared", lacking),
    ):
        yield Question(
            suite=suite,
            name=f"{policy.address} {name}",
            findings=tuple(finding.fingerprint for finding in some),
        )


def _rule_questions(source: Source, findings: Sequence[Finding]) -> Iterator[Question]:
    """One question for each rule that needs no topology: whether any code breaks it."""
    for name in sorted({rule.rule.name for rule in CODE_RULES}):
        yield Question(
            suite=f"{source}: rules",
            name=name,
            findings=tuple(one.fingerprint for one in findings if one.rule == name),
        )


def _leaves_open(finding: Finding, what: str) -> bool:
    return finding.kind is FindingKind.UNDECIDED and what in finding.message


def _is_about(finding: Finding, subject: str, source: Source) -> bool:
    own = finding.subject
    if source is not Source.CODE:
        own = own.removeprefix(f"{source} ")
    return own == subject or own.startswith(f"{subject} ")


def check_since(
    topology: Topology,
    reading: Reading,
    before: Reading,
    revision: str,
    suppressor: Suppressor | None = None,
) -> tuple[Finding, ...]:
    """What the policies in code grant too much since an earlier revision of it, by meaning."""
    from generator.grants.since import changes, earlier_code, news, only_new, summary

    suppressor = suppressor or Suppressor()
    policies, policies_before = _judged(topology, reading), _judged(topology, before)
    everything = _check(topology, reading, policies)
    policies = _accept(topology, reading, policies, suppressor)
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
    told = in_order((*new, *notes, summary(earlier, max(left_out, 0))))
    return tuple(suppressor.keep(told))


def _is_result(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _judged(topology: Topology, reading: Reading) -> "list[JudgedPolicy]":
    """Every policy of an estate with its judgement, where its account was asked about."""
    from generator.grants.judgements import judge

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
    from generator.estate.unread_modules import unread_findings

    found = tuple(
        finding for policy in policies for finding in _policy_findings(topology, reading, policy)
    )
    code = code_findings(reading, proved=(*found, *proved))
    elsewhere = (finding for rule in OUTSIDE_RULES for finding in rule.check(topology))
    outside = outside_findings(topology, reading)
    unread = unread_findings(reading.unread_modules)
    unasked = unasked_findings(topology, reading)
    more = _named_by_source(reading, (*code, *unread))
    return in_order((*reading.problems, *found, *more, *elsewhere, *outside, *unasked))


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
    from generator.grants.code_policies import Written

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
    return check_without_topology(reading, Suppressor()).findings


def check_without_topology(reading: Reading, suppressor: Suppressor) -> Outcome:
    """Judge code of which no topology is known, and take out what was accepted."""
    from generator.estate.outside_topology import no_code
    from generator.estate.unread_modules import unread_findings

    unread = unread_findings(reading.unread_modules)
    nothing = no_code(reading)
    found = tuple(_named_by_source(reading, (*code_findings(reading), *unread)))
    everything = in_order((*reading.problems, *found, *nothing))
    return Outcome(
        findings=tuple(suppressor.keep(everything)),
        questions=tuple(_rule_questions(reading.source, found)),
    )
