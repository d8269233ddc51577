"""A plan's open values, taken from the code that it was made from."""

from collections.abc import Mapping
from dataclasses import replace

from generator.estate.open_parts import open_parts
from generator.model.estate import Attribute, Json, Known, Link, Record, Unknown
from generator.model.reading import Reading


def filled(plan: Reading, code: Reading) -> Reading:
    """The plan (or state), with what it does not know taken from code at the same address.

    A plan knows no ARN of what it creates; the code says which resource the ARN is of. Values that
    the plan knows stay.
    """
    written: dict[str, list[Record]] = {}
    for record in code.estate.records:
        written.setdefault(record.address, []).append(record)
    records = tuple(
        _filled(record, written.get(record.address, ())) for record in plan.estate.records
    )
    return replace(plan, estate=replace(plan.estate, records=records))


def _filled(record: Record, written: "list[Record] | tuple[()]") -> Record:
    if not any(True for _ in open_parts(record)):
        return record
    twins = [
        other
        for other in written
        if other.kind is record.kind
        and other.uncertain is None
        and _agree(record.account, other.account)
        and _agree(record.region, other.region)
        and _agree(record.key, other.key)
    ]
    # Two roots may use one address; then nothing tells which of them the plan is of.
    if len(twins) != 1:
        return record
    (twin,) = twins
    return replace(
        record,
        account=twin.account if isinstance(record.account, Unknown) else record.account,
        region=twin.region if isinstance(record.region, Unknown) else record.region,
        key=twin.key if isinstance(record.key, Unknown) else record.key,
        attributes={
            name: _known(attribute, twin.get(name)) for name, attribute in record.attributes.items()
        },
    )


def _known(attribute: Attribute, other: Attribute) -> Attribute:
    """The attribute, or what the code knows of it; the place stays the plan's."""
    match attribute, other:
        case (Unknown(), Link() | Known()):
            return replace(other, span=attribute.span)
        case (Known(), Known()):
            return replace(attribute, value=_leaves(attribute.value, other.value))
        case _:
            return attribute


def _leaves(value: Json, other: Json) -> Json:
    """A value whose unknown leaves are those of another one of the same shape.

    What the code does not set is absent: the provider fills in what there is by default.
    """
    match value, other:
        case (Unknown(), _):
            return other
        case (tuple(), tuple()) if len(value) == len(other):
            return tuple(_leaves(mine, theirs) for mine, theirs in zip(value, other, strict=True))
        case (Mapping(), Mapping()):
            return {name: _leaves(item, other.get(name)) for name, item in value.items()}
        case _:
            return value


def _agree(mine: object, other: object) -> bool:
    return isinstance(mine, Unknown) or isinstance(other, Unknown) or mine == other
