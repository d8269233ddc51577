"""What is wrong with code where a condition that is not known turns out in one way, and not in another."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from generator.estate.open_parts import open_parts
from generator.estate.wording import what_decides
from generator.model.estate import Estate, Record, Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading
from generator.model.span import Span

_Place = tuple[str, Span | None]

_EXCUSED_BY_LINKS = frozenset({"wildcard-resource"})
"""The rules that let pass what is linked to a cache: that a link is not known is no reason to speak."""


def supposed_results(
    reading: Reading,
    found: Iterable[Finding],
    look: Callable[[Reading], Sequence[Finding]],
) -> Iterator[Finding]:
    """The open questions about what rules find only where something is supposed about conditions.

    `found` are the results without that, and `look` runs the rules.
    """
    given = tuple(found)
    told: set[_Place] = {(finding.rule, finding.location) for finding in given}
    for supposed in reading.supposed:
        names = {root.name for root in supposed.estate.roots}
        doubts = _Doubts(reading.estate, supposed, given)
        for finding in look(_in_place(reading, supposed, names)):
            place = (finding.rule, finding.location)
            if place in told or not names.intersection(finding.roots):
                continue
            if finding.rule in _EXCUSED_BY_LINKS and not doubts.is_about_a_document(finding):
                continue
            doubt = doubts.of(finding)
            if doubt is not None:
                told.add(place)
                yield _opened(finding, doubt)


def _in_place(reading: Reading, supposed: Reading, names: set[str]) -> Reading:
    """The whole reading, its roots of these names as they are supposed to be."""
    others = (record for record in reading.estate.records if record.root not in names)
    return replace(
        reading,
        estate=replace(reading.estate, records=(*others, *supposed.estate.records)),
        statement_spans={**reading.statement_spans, **supposed.statement_spans},
        # What a call names is the same whatever is supposed.
        named_blocks=(),
    )


class _Doubts:
    """What each thing that is supposed hangs on, by the values that are not known without it."""

    def __init__(self, estate: Estate, supposed: Reading, found: Iterable[Finding]) -> None:
        self._by_span: dict[tuple[str, Span | None], Unknown] = {}
        self._by_root = supposed.hangs_on
        self._said = [finding for finding in found if finding.kind is FindingKind.UNDECIDED]
        made = {(record.root, record.address): record for record in supposed.estate.records}
        for record in estate.records:
            doubt = _doubt(record, made.get((record.root, record.address)))
            if doubt is not None:
                self._by_span.setdefault((record.root, record.span), doubt)
        self._documents = {
            (record.root, record.address)
            for record in estate.records
            if (other := made.get((record.root, record.address))) is not None
            and record.get("policy") != other.get("policy")
        }
        self._spans = {(each.root, each.address): each.span for each in supposed.estate.records}

    def is_about_a_document(self, finding: Finding) -> bool:
        """Whether what is supposed is a part of the policy that a result is about."""
        return any((root, finding.address or "") in self._documents for root in finding.roots)

    def of(self, finding: Finding) -> Unknown | None:
        """What a result hangs on; `None` where an open question about the same block says as much."""
        root = finding.roots[0]
        span = self._spans.get((root, finding.address or ""))
        doubt = self._by_span.get((root, span)) or self._by_root[root]
        address = _block(finding)
        is_said = any(
            root in each.roots
            and _block(each) == address
            and (each.rule == finding.rule or doubt.reference in each.message)
            for each in self._said
        )
        return None if is_said else doubt


def _block(finding: Finding) -> str:
    """The address of a result without the key at its end, which is not known while others are not."""
    return (finding.address or "").partition("[")[0]


def _doubt(record: Record, supposed: Record | None) -> Unknown | None:
    """What is not known of a record and is supposed of it."""
    if supposed is None:
        return record.uncertain or next(open_parts(record), None)
    known = {(each.reference, each.reason) for each in open_parts(supposed)}
    return next(
        (each for each in open_parts(record) if (each.reference, each.reason) not in known),
        None,
    )


def _opened(finding: Finding, doubt: Unknown) -> Finding:
    """A result as an open question; what is no more than a remark stays one."""
    message = (
        f"{finding.message} Whether it is so hangs on `{doubt.reference}`: {doubt.reason}. "
        f"{what_decides(doubt)}"
    )
    if finding.severity in (Severity.WARNING, Severity.INFO):
        return replace(finding, message=message)
    return replace(finding, kind=FindingKind.UNDECIDED, message=message, witness=None)
