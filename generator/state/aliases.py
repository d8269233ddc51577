"""Keys that a plan or state itself resolves from aliases, put as a topology names them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from generator.model.estate import Attribute, Json, Known, Record, Unknown
from generator.model.values import key_of_alias
from generator.state.resources import StateResource


def with_aliases(records: Iterable[Record], resources: Sequence[StateResource]) -> list[Record]:
    """The records, with a key's ARN written as the key of the alias that was looked up for it.

    A key that was looked up by two aliases is left as it is: nobody can tell which one is meant.
    """
    names = _aliases(resources)
    return [_renamed_record(record, names) for record in records] if names else list(records)


def _aliases(resources: Iterable[StateResource]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for resource in resources:
        if resource.type != "aws_kms_alias" or resource.is_managed:
            continue
        name, key = resource.argument("name"), resource.argument("target_key_arn")
        account, region = resource.account, resource.region
        if isinstance(account, Unknown) or isinstance(region, Unknown):
            continue
        match name, key:
            case Known(value=str(alias)), Known(value=str(arn)):
                found.setdefault(arn, set()).add(key_of_alias(region, account, alias))
            case _:
                pass
    return {arn: names.pop() for arn, names in found.items() if len(names) == 1}


def _renamed_record(record: Record, names: Mapping[str, str]) -> Record:
    attributes = {name: _renamed(value, names) for name, value in record.attributes.items()}
    return record if attributes == record.attributes else replace(record, attributes=attributes)


def _renamed(value: Attribute, names: Mapping[str, str]) -> Attribute:
    return replace(value, value=_in(value.value, names)) if isinstance(value, Known) else value


def _in(value: Json, names: Mapping[str, str]) -> Json:
    match value:
        case str():
            return names.get(value, value)
        case tuple():
            return tuple(_in(item, names) for item in value)
        case Mapping():
            return {name: _in(item, names) for name, item in value.items()}
        case _:
            return value
