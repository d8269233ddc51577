"""The messages of Terraform's plugin protocol 6, declared by their field numbers.

Facts from the published `tfplugin6.proto`: only the messages and fields that are used here. They are built
at import, so there is no protoc step and no generated code. The syntax is proto2, which is the same on the
wire but keeps zero values (`element_key_int` 0 is an index, not "absent").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if TYPE_CHECKING:
    from google.protobuf.message import Message

DECLARATIONS = """
DynamicValue { bytes msgpack 1; bytes json 2 }
AttributePath { *AttributePath_Step steps 1 }
AttributePath_Step { string attribute_name 1; string element_key_string 2; int64 element_key_int 3 }
Diagnostic { int32 severity 1; string summary 2; string detail 3; AttributePath attribute 4 }
Attribute { string name 1; bytes type 2; string description 3; bool required 4; bool optional 5;
    bool computed 6; bool sensitive 7; bool deprecated 9; NestedType nested_type 10; bool write_only 11 }
NestedType { *Attribute attributes 1; int32 nesting 3 }
Block { int64 version 1; *Attribute attributes 2; *NestedBlock block_types 3; string description 4;
    bool deprecated 6 }
NestedBlock { string type_name 1; Block block 2; int32 nesting 3; int64 min_items 4; int64 max_items 5 }
Schema { int64 version 1; Block block 2 }
ServerCapabilities { bool plan_destroy 1; bool get_provider_schema_optional 2;
    bool move_resource_state 3 }
RawState { bytes json 1 }
Empty { }
ProviderConfig { DynamicValue config 1 }
TypedConfig { string type_name 1; DynamicValue config 2 }
Diagnostics { *Diagnostic diagnostics 1 }
ProviderValidation { *Diagnostic diagnostics 2 }
SchemaEntry { string key 1; Schema value 2 }
Functions { }
ProviderSchema { Schema provider 1; *SchemaEntry resource_schemas 2; *SchemaEntry data_source_schemas 3;
    *Diagnostic diagnostics 4; Schema provider_meta 5; ServerCapabilities server_capabilities 6;
    *SchemaEntry ephemeral_resource_schemas 8 }
Configure { string terraform_version 1; DynamicValue config 2 }
Upgrade { string type_name 1; int64 version 2; RawState raw_state 3 }
Upgraded { DynamicValue upgraded_state 1; *Diagnostic diagnostics 2 }
Read { string type_name 1; DynamicValue current_state 2; bytes private 3 }
WasRead { DynamicValue new_state 1; *Diagnostic diagnostics 2; bytes private 3 }
Plan { string type_name 1; DynamicValue prior_state 2; DynamicValue proposed_new_state 3;
    DynamicValue config 4; bytes prior_private 5 }
Planned { DynamicValue planned_state 1; *AttributePath requires_replace 2; bytes planned_private 3;
    *Diagnostic diagnostics 4; bool legacy_type_system 5 }
Apply { string type_name 1; DynamicValue prior_state 2; DynamicValue planned_state 3;
    DynamicValue config 4; bytes planned_private 5 }
Applied { DynamicValue new_state 1; bytes private 2; *Diagnostic diagnostics 3;
    bool legacy_type_system 4 }
Import { string type_name 1; string id 2 }
ImportedResource { string type_name 1; DynamicValue state 2; bytes private 3 }
Imported { *ImportedResource imported_resources 1; *Diagnostic diagnostics 2 }
DataRead { DynamicValue state 1; *Diagnostic diagnostics 2 }
Opened { *Diagnostic diagnostics 1; DynamicValue result 3; bytes private 4 }
Close { string type_name 1; bytes private 2 }
"""
PACKAGE = "standin"


def _build() -> dict[str, type[Message]]:
    field_type = descriptor_pb2.FieldDescriptorProto
    scalars = {
        "bytes": field_type.TYPE_BYTES,
        "string": field_type.TYPE_STRING,
        "bool": field_type.TYPE_BOOL,
        "int64": field_type.TYPE_INT64,
        "int32": field_type.TYPE_INT32,
    }
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto2"
    )
    for name, body in re.findall(r"^(\w+) \{([^}]*)\}", DECLARATIONS, re.MULTILINE):
        message = file.message_type.add(name=name)
        for declaration in body.split(";"):
            if not declaration.strip():
                continue
            kind, field_name, number = declaration.split()
            is_list, kind = kind.startswith("*"), kind.removeprefix("*")
            field = message.field.add(
                name=field_name,
                number=int(number),
                label=field_type.LABEL_REPEATED if is_list else field_type.LABEL_OPTIONAL,
            )
            if kind in scalars:
                field.type = scalars[kind]
            else:
                field.type, field.type_name = field_type.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{PACKAGE}.{message.name}")
        )
        for message in file.message_type
    }


_CLASSES = _build()


def new(kind: str, /, **fields: object) -> Message:
    """Make a message of one kind."""
    return _CLASSES[kind](**fields)


def parse(name: str, raw: bytes) -> Message:
    """Read a message from the wire."""
    return _CLASSES[name].FromString(raw)
