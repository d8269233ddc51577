"""Where the code stands that makes what AWS has."""

from dataclasses import replace

from generator.model.estate import Attribute, Identity, Record
from generator.model.reading import Reading


def placed(live: Reading, code: Reading) -> Reading:
    """The reading of AWS, with the lines of the code that makes each thing of it.

    A thing has a line where exactly one record of the code is the same thing for sure.
    """
    written: dict[Identity, list[Record]] = {}
    for record in code.estate.records:
        if record.identity is not None and record.uncertain is None:
            written.setdefault(record.identity, []).append(record)
    records = tuple(
        _placed(record, written.get(record.identity, ()) if record.identity else ())
        for record in live.estate.records
    )
    return replace(live, estate=replace(live.estate, records=records, places=code.estate.places))


def _placed(record: Record, twins: "list[Record] | tuple[()]") -> Record:
    if len(twins) != 1:
        return record
    (twin,) = twins

    def here(name: str, attribute: Attribute) -> Attribute:
        return replace(attribute, span=twin.get(name).span or twin.span)

    return replace(
        record,
        span=twin.span,
        attributes={name: here(name, value) for name, value in record.attributes.items()},
    )
