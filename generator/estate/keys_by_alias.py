"""Keys that code makes and gives one alias, named by it, as a topology names them."""

from collections.abc import Mapping
from dataclasses import replace

from generator.model.estate import Attribute, Estate, Json, Known, Record, Unknown
from generator.model.expected import WrittenAttributes


def with_keys_by_alias(estate: Estate) -> Estate:
    """The estate with each such key as the key of its alias; its ARN is known only after apply."""
    return replace(estate, records=tuple(map(_renamed, estate.records)))


def _renamed(record: Record) -> Record:
    if isinstance(record.attributes, WrittenAttributes):
        # What follows from a topology names keys as a topology does.
        return record
    changed = {
        name: value
        for name, old in record.attributes.items()
        if (value := _attribute(old)) is not old
    }
    return replace(record, attributes={**record.attributes, **changed}) if changed else record


def _attribute(value: Attribute) -> Attribute:
    match value:
        case Unknown(alias=str(alias)):
            return Known(value=alias, span=value.span)
        case Known(value=document) if isinstance(document, tuple | Mapping):
            found = _json(document)
            return value if found is document else replace(value, value=found)
        case _:
            return value


def _json(value: Json) -> Json:
    """The value, itself where nothing in it is such a key."""
    match value:
        case Unknown(alias=str(alias)):
            return alias
        case tuple():
            items = tuple(map(_json, value))
            return value if all(map(_is_same, items, value)) else items
        case Mapping():
            members = {name: _json(item) for name, item in value.items()}
            is_same = all(_is_same(members[name], item) for name, item in value.items())
            return value if is_same else members
        case _:
            return value


def _is_same(one: Json, other: Json) -> bool:
    return one is other
