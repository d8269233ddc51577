"""Terraform's values as plain Python, and back.

An unknown value is the one object `UNKNOWN`. Objects must hold exactly the names of the schema when they go
back to Terraform, which `conform` sees to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgpack

from . import messages

if TYPE_CHECKING:
    from google.protobuf.message import Message

Values = dict[str, object]
Schema = Mapping[str, object]


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __bool__(self) -> bool:
        raise TypeError("an unknown value was used as a condition")


UNKNOWN: Final = Unknown()


def is_known(value: object) -> bool:
    """Is this value known all the way down?"""
    match value:
        case Unknown():
            return False
        case dict():
            return all(is_known(item) for item in value.values())
        case list():
            return all(is_known(item) for item in value)
        case _:
            return True


def decode(value: Message) -> object:
    """Read a value from the wire. Every extension type of MessagePack is an unknown value."""
    if value.msgpack:
        return msgpack.unpackb(
            value.msgpack, ext_hook=lambda _code, _content: UNKNOWN, strict_map_key=False
        )
    return json.loads(value.json) if value.json else None


def encode(value: object) -> Message:
    """Write a value for the wire."""
    content = msgpack.packb(value, default=lambda _unknown: msgpack.ExtType(0, b"\0"))
    return messages.new("DynamicValue", msgpack=content)


def conform(block: Schema, value: object) -> object:
    """Give a value exactly the attributes and blocks of its schema; what is missing is null."""
    if not isinstance(value, dict):
        return value
    result: Values = {
        name: _conform_type(attribute["type"], value.get(name))
        for name, attribute in block.get("attributes", {}).items()
    }
    for name, nested in block.get("block_types", {}).items():
        content, inner = value.get(name), nested["block"]
        match nested["nesting_mode"]:
            case _ if content is UNKNOWN:
                result[name] = content
            case "list" | "set":
                result[name] = [conform(inner, item) for item in content or []]
            case "map":
                result[name] = {key: conform(inner, item) for key, item in (content or {}).items()}
            case "group":
                result[name] = conform(inner, content or {})
            case _:
                result[name] = conform(inner, content)
    return result


def _conform_type(kind: object, value: object) -> object:
    if value is None or value is UNKNOWN:
        return value
    match kind:
        case ["list" | "set", inner]:
            return [_conform_type(inner, item) for item in value]
        case ["map", inner]:
            return {key: _conform_type(inner, item) for key, item in value.items()}
        case ["object", members]:
            return {key: _conform_type(inner, value.get(key)) for key, inner in members.items()}
        case "string":
            return value if isinstance(value, str) else str(value)
        case _:
            return value
