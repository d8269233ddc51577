"""The values of a record that are not known."""

from collections.abc import Iterator, Mapping

from generator.model.estate import Json, Known, Record, Unknown


def open_parts(record: Record) -> Iterator[Unknown]:
    """What is not known of a record, leaves of documents included."""
    for part in (record.account, record.region, record.key, *record.attributes.values()):
        if isinstance(part, Unknown):
            yield part
        elif isinstance(part, Known):
            yield from _open_leaves(part.value)


def _open_leaves(value: Json) -> Iterator[Unknown]:
    match value:
        case Unknown():
            yield value
        case tuple():
            for item in value:
                yield from _open_leaves(item)
        case Mapping():
            for item in value.values():
                yield from _open_leaves(item)
        case _:
            return
