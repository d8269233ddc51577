"""The schemas of the two providers, as data and as the answer to GetProviderSchema."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING

from . import messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from .values import Schema

FOLDER = Path(__file__).parent
# `_source` in provider-schema.json names the version that the schema was taken from.
AWS_VERSION = "6.62.0"
TIME_VERSION = "0.14.2"
VERSIONS: Mapping[str, str] = {"aws": AWS_VERSION, "time": TIME_VERSION}

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}
FLAGS = ("required", "optional", "computed", "sensitive", "deprecated", "write_only")
KINDS = ("resource_schemas", "data_source_schemas", "ephemeral_resource_schemas")

TIME_SCHEMA: Schema = {
    "provider": {"version": 0, "block": {}},
    "resource_schemas": {
        "time_sleep": {
            "version": 0,
            "block": {
                "attributes": {
                    "create_duration": {"type": "string", "optional": True},
                    "destroy_duration": {"type": "string", "optional": True},
                    "id": {"type": "string", "computed": True},
                    "triggers": {"type": ["map", "string"], "optional": True},
                }
            },
        }
    },
}


@functools.cache
def load(provider: str) -> Schema:
    """Return the schema of `aws` or `time` in the shape of `terraform providers schema -json`."""
    if provider == "time":
        return TIME_SCHEMA
    document = json.loads((FOLDER / "provider-schema.json").read_text(encoding="utf-8"))
    return document["provider_schemas"]["registry.terraform.io/hashicorp/aws"]


@functools.cache
def replacing_arguments(resource_type: str) -> frozenset[str]:
    """Return the arguments of a resource type whose change means destroy and create."""
    if resource_type == "time_sleep":
        return frozenset({"triggers"})
    document = json.loads((FOLDER / "provider-force-new.json").read_text(encoding="utf-8"))
    return frozenset(document.get(resource_type, ()))


def response(provider: str) -> bytes:
    """Write the answer to GetProviderSchema."""
    schema = load(provider)
    message = messages.new("ProviderSchema", provider=_schema(schema["provider"]))
    for kind in KINDS:
        getattr(message, kind).extend(
            messages.new("SchemaEntry", key=name, value=_schema(entry))
            for name, entry in schema.get(kind, {}).items()
        )
    message.server_capabilities.get_provider_schema_optional = True
    return message.SerializeToString()


def _schema(schema: Schema) -> Message:
    return messages.new("Schema", version=schema.get("version", 0), block=_block(schema["block"]))


def _block(block: Schema) -> Message:
    return messages.new(
        "Block",
        deprecated=bool(block.get("deprecated")),
        attributes=[_attribute(*item) for item in sorted(block.get("attributes", {}).items())],
        block_types=[
            messages.new(
                "NestedBlock",
                type_name=name,
                nesting=NESTING[nested["nesting_mode"]],
                block=_block(nested["block"]),
                min_items=nested.get("min_items", 0),
                max_items=nested.get("max_items", 0),
            )
            for name, nested in sorted(block.get("block_types", {}).items())
        ],
    )


def _attribute(name: str, attribute: Schema) -> Message:
    message = messages.new(
        "Attribute", name=name, **{flag: True for flag in FLAGS if attribute.get(flag)}
    )
    if "nested_type" in attribute:
        nested = attribute["nested_type"]
        message.nested_type.nesting = NESTING[nested["nesting_mode"]]
        message.nested_type.attributes.extend(
            _attribute(*item) for item in sorted(nested["attributes"].items())
        )
    else:
        message.type = json.dumps(attribute["type"], separators=(",", ":")).encode()
    return message
