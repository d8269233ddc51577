"""Places results about a statement at the one argument that makes the part that is wrong."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from generator.drift.meetings import differing_part, statements
from generator.drift.policies import ARGUMENTS, POLICIES
from generator.hcl.arguments import argument_finder
from generator.intent.records import intended_beside
from generator.model.estate import Identity, Known, Record
from generator.model.finding import Finding, Severity
from generator.model.generated_code import FileState
from generator.model.reading import Reading, Source
from generator.model.span import Span
from generator.model.topology import Topology


def finder_of(reading: Reading) -> Callable[[Span, Collection[str]], Span | None]:
    """What finds the argument that makes a part of a policy, unless a module may make it otherwise."""
    find = argument_finder()

    def found(span: Span, names: Collection[str]) -> Span | None:
        generated = None if reading.generated is None else reading.generated()
        if generated is not None and FileState.EDITED in generated.modules.values():
            return None
        return find(span, names)

    return found


def at_arguments(
    topology: Topology, reading: Reading, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """The findings, those about a statement of code at the argument that is not as it is asked for."""
    if reading.source is not Source.CODE:
        return iter(findings)
    return map(_Arguments(topology=topology, reading=reading).placed, findings)


@dataclass(frozen=True, kw_only=True)
class _Arguments:
    """Policies of code beside those that the topology asks for."""

    topology: Topology
    reading: Reading

    def placed(self, finding: Finding) -> Finding:
        """The finding, at an argument where it stands at a whole statement."""
        place = finding.location
        if (
            place is None
            or finding.address is None
            or finding.within is not None
            or finding.severity is Severity.INFO
            or finding.witness is None
        ):
            return finding
        records = self.reading.estate.by_address
        record = next(
            (
                record
                for root in finding.roots or self._roots
                if (record := records.get((root, finding.address))) is not None
            ),
            None,
        )
        intended = None if record is None else self._intended.get(record.identity)
        if record is None or intended is None:
            return finding
        part = self._part(record, intended, place)
        argument = None if part is None else self._find(place, ARGUMENTS.get(part, ()))
        return finding if argument is None else replace(finding, location=argument, within=place)

    def _part(self, record: Record, intended: Record, place: Span) -> str | None:
        """The part that differs of the statement at a place."""
        for kind, name in POLICIES:
            wanted, found = intended.get(name), record.get(name)
            if kind is not record.kind or not isinstance(wanted, Known):
                continue
            if not isinstance(found, Known):
                continue
            for number, _ in enumerate(statements(found.value)):
                if self.reading.statement_span(record, number, name) == place:
                    return differing_part(wanted.value, found.value, number)
        return None

    @cached_property
    def _find(self) -> Callable[[Span, Collection[str]], Span | None]:
        return finder_of(self.reading)

    @cached_property
    def _roots(self) -> tuple[str, ...]:
        return tuple(root.name for root in self.reading.estate.roots)

    @cached_property
    def _intended(self) -> Mapping[Identity | None, Record]:
        estate = intended_beside(self.topology, self.reading)
        return {record.identity: record for record in estate.records if record.identity}
