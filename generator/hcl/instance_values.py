"""What a reference to a block or module call gives: one instance, or all of them by their keys."""

from collections.abc import Sequence
from dataclasses import replace

from generator.hcl.instance_keys import InstanceKey, doubt_of
from generator.hcl.syntax import Block
from generator.hcl.values import NULL, Fields, Items, UnknownContent, Value


def together(
    keys: Sequence[InstanceKey], values: Sequence[Value], block: Block, reference: str
) -> Value:
    """The instances of a block as one value, as code sees them by its name."""
    if any(map(doubt_of, keys)):
        return _with_unknown_keys(keys, values, reference)
    if "for_each" in block.body.attributes:
        named = dict(zip(map(str, keys), values, strict=True))
        return Value(Fields(values=named, kind="map"))
    if "count" in block.body.attributes:
        return Value(Items(values=tuple(values), kind="tuple"))
    # OpenTofu gives null for a block that is switched off.
    return values[0] if values else NULL


def _with_unknown_keys(
    keys: Sequence[InstanceKey], values: Sequence[Value], reference: str
) -> Value:
    """What has unknown keys, and of which every element is alike where there is one block for all."""
    content = UnknownContent(
        reason="the keys of its instances are unknown",
        reference=reference,
        element=values[0] if len(values) == 1 else None,
    )
    if all(isinstance(key, str) for key in keys):
        named = Fields(values=dict(zip(map(str, keys), values, strict=True)), kind="map")
        content = replace(content, entries=Value(named))
    return Value(content)
