"""Finds what many results follow from, so that one cause is one result and names the one remedy.

Nothing is taken out: what follows from a result says so, and reports tell it inside of its cause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from generator.gate.arguments import at_arguments
from generator.gate.generated_causes import GeneratedCauses, call_of
from generator.gate.outcome import variable_of
from generator.gate.own_code import in_own_code
from generator.gate.suppressions import Suppressor
from generator.gate.written_remedies import with_true_remedies
from generator.model.estate import Identity
from generator.model.finding import (
    ABOUT_CHANGES,
    CAUSES,
    TAKEN_AS_GIVEN,
    Finding,
    FindingKind,
    Severity,
    in_order,
    unlinked,
)
from generator.model.reading import Reading
from generator.model.span import Span
from generator.model.topology import Topology
from generator.rules.code.unknown_input import misspelled


def kept_with_causes(
    topology: Topology,
    reading: Reading,
    findings: Iterable[Finding],
    suppressor: Suppressor,
) -> tuple[Finding, ...]:
    """What nobody accepted, each with the result that it follows from, in order.

    Accepting a cause accepts nothing that follows from it.
    """
    placed = at_arguments(topology, reading, in_own_code(reading, findings))
    kept = tuple(suppressor.keep(placed))
    before = {finding.fingerprint for finding in kept}
    explained = with_causes(topology, reading, kept)
    if reading.generated is not None:
        explained = tuple(with_true_remedies(explained, reading.generated))
    new = [finding for finding in explained if finding.fingerprint not in before]
    wanted = {finding.fingerprint for finding in suppressor.keep(new)} | before
    return in_order(unlinked(each for each in explained if each.fingerprint in wanted))


def with_causes(
    topology: Topology, reading: Reading, findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """The findings, each with the one that it follows from, and the causes that nothing told yet."""
    given = tuple(findings)
    if not any(map(_may_follow, given)):
        return given
    search = _Search(topology=topology, reading=reading, findings=given)
    followers: dict[str, list[Finding]] = {}
    causes: dict[str, Finding] = {}
    left: list[Finding] = []
    for finding in given:
        cause = search.cause_of(finding) if _may_follow(finding) else None
        if cause is None or cause is finding:
            left.append(finding)
            continue
        causes.setdefault(cause.fingerprint, cause)
        followers.setdefault(cause.fingerprint, []).append(finding)
    told = {finding.fingerprint for finding in left}
    there = {finding.fingerprint for finding in given}
    # What is itself a consequence is no cause: its own cause is that of the others as well.
    new = [
        replace(cause, severity=_worst(cause, followers[print_]))
        for print_, cause in causes.items()
        if print_ not in there
    ]
    known = told | {cause.fingerprint for cause in new}
    return (
        *new,
        *left,
        *(
            replace(follower, caused_by=print_ if print_ in known else None)
            for print_, some in followers.items()
            for follower in some
        ),
    )


def _may_follow(finding: Finding) -> bool:
    """Whether a result can be the consequence of another."""
    return (
        finding.kind is not FindingKind.ERROR
        and finding.rule not in ABOUT_CHANGES | TAKEN_AS_GIVEN | CAUSES
        and (finding.severity is not Severity.INFO or finding.rule == "outside-topology")
    )


def _worst(cause: Finding, followers: Sequence[Finding]) -> Severity:
    """How bad a cause is: as bad as the worst that follows from it."""
    severities = [one.severity for one in followers if one.severity is not Severity.INFO]
    return min(severities, key=lambda severity: severity.rank, default=cause.severity)


@dataclass(frozen=True, kw_only=True)
class _Search:
    """Everything that the cause of a result is looked for in."""

    topology: Topology
    reading: Reading
    findings: Sequence[Finding]

    def cause_of(self, finding: Finding) -> Finding | None:
        """What a result follows from, `None` where nothing is known of that."""
        return (
            self._error(finding)
            or self._generated.cause_of(finding)
            or self._misspelled(finding)
            or self._two_owners(finding)
            or self._variable(finding)
            or self._same_place(finding)
        )

    @cached_property
    def _generated(self) -> GeneratedCauses:
        return GeneratedCauses(topology=self.topology, reading=self.reading, findings=self.findings)

    # What could not be read.

    @cached_property
    def _errors(self) -> Mapping[Span, Finding]:
        found: dict[Span, Finding] = {}
        for finding in self.findings:
            if finding.kind is FindingKind.ERROR and finding.location is not None:
                found.setdefault(finding.location, finding)
        return found

    def _error(self, finding: Finding) -> Finding | None:
        """The error because of which a root was not compared."""
        if finding.rule != "unread-module" or finding.address or finding.location is None:
            return None
        return self._errors.get(finding.location)

    # What two results have in common.

    @cached_property
    def _owners(self) -> Mapping[Identity, Finding]:
        return {
            finding.about: finding
            for finding in self.findings
            if finding.rule in {"two-owners", "two-registry-policies"}
            and finding.kind is not FindingKind.UNDECIDED
            and finding.about is not None
        }

    def _two_owners(self, finding: Finding) -> Finding | None:
        """Two owners of a thing, of which one lacks what the other has."""
        if finding.about is None or finding.rule not in {"different", "missing", "grant-missing"}:
            return None
        return self._owners.get(finding.about)

    @cached_property
    def _unknown_names(self) -> Sequence[Finding]:
        """A result for each name in an object of a call that Terraform drops."""
        return [
            misspelled(block, unknown)
            for block in self.reading.named_blocks
            for unknown in block.unknown_names
        ]

    def _misspelled(self, finding: Finding) -> Finding | None:
        """The misspelled name in the entry that a difference is about."""
        place = finding.within or finding.location
        if finding.rule != "different" or place is None:
            return None
        return next(
            (
                one
                for one in self._unknown_names
                if one.location is not None and place.contains(one.location)
            ),
            None,
        )

    @cached_property
    def _first_of_variable(self) -> Mapping[str, Finding]:
        found: dict[str, Finding] = {}
        for finding in self.findings:
            name = variable_of(finding)
            if name is not None:
                found.setdefault(name, finding)
        return found

    def _variable(self, finding: Finding) -> Finding | None:
        name = variable_of(finding)
        return None if name is None else self._first_of_variable[name]

    @cached_property
    def _first_at(self) -> Mapping[tuple[str, str, Span], Finding]:
        found: dict[tuple[str, str, Span], Finding] = {}
        for finding in self.findings:
            if finding.location is not None and self._is_shared(finding):
                key = (finding.rule, finding.kind.value, finding.location)
                found.setdefault(key, finding)
        return found

    def _same_place(self, finding: Finding) -> Finding | None:
        """The first result of the same rule at the same line, for code that many calls share."""
        if finding.location is None:
            return None
        return self._first_at.get((finding.rule, finding.kind.value, finding.location))

    def _is_shared(self, finding: Finding) -> bool:
        """Whether a result is at a line of a module, by way of a call."""
        return (
            call_of(finding.address) is not None
            and finding.location is not None
            and finding.location.file.parent not in self.reading.estate.root_folders
            and finding.location != finding.topology
        )
