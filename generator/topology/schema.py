"""Writes the JSON Schema of the topology, made from the field table, for editors."""

from typing import TypeAlias

from generator.topology.fields import TOPOLOGY
from generator.topology.shapes import (
    ArgumentShape,
    EitherShape,
    Field,
    IntegerShape,
    ListShape,
    MapShape,
    RecordShape,
    Shape,
    StatementsShape,
    TextShape,
    TrueShape,
    WordShape,
    YesNoShape,
)

Schema: TypeAlias = "dict[str, Schema] | list[Schema] | str | int | bool"
"""A part of a JSON Schema."""


def json_schema() -> dict[str, Schema]:
    """The JSON Schema (draft 2020-12) of a topology file.

    Every file that the reader takes is valid by it. The reader knows more: names that stand for
    nothing, registries that take no credential, and the like.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        # Where SchemaStore serves what its catalogue has; the entry is in CONTRIBUTING.md.
        "$id": "https://www.schemastore.org/forebay.json",
        "title": "forebay topology",
        "description": "Which private ECR registries cache which upstreams, and who may pull.",
        **_schema(TOPOLOGY),
        # Any other section may stand in an included file, for which this is the schema too.
        "required": ["version"],
    }


def _schema(shape: Shape) -> dict[str, Schema]:
    match shape:
        case TextShape():
            return _text(shape)
        case WordShape():
            return {"type": "string", "enum": list(shape.words)}
        case IntegerShape():
            ranges: list[Schema] = [
                {"type": "integer", "minimum": low, "maximum": high} for low, high in shape.ranges
            ]
            if len(ranges) == 1:
                return _schema_of_range(*shape.ranges[0])
            return {"anyOf": ranges}
        case TrueShape():
            return {"const": True}
        case YesNoShape():
            return {"type": "boolean"}
        case ListShape():
            most: dict[str, Schema] = {} if shape.maximum is None else {"maxItems": shape.maximum}
            return {
                "type": "array",
                "minItems": 1,
                **most,
                "uniqueItems": isinstance(shape.item, TextShape)
                and not shape.item.may_look_like_number,
                "items": _schema(shape.item),
            }
        case StatementsShape():
            return {"type": "array", "minItems": 1, "items": {"type": "object", "minProperties": 1}}
        case ArgumentShape():
            return {"type": ["string", "number", "boolean", "array", "object"]}
        case MapShape():
            return {
                "type": "object",
                "minProperties": 1,
                "propertyNames": _key(shape.key),
                "additionalProperties": _schema(shape.value),
            }
        case RecordShape():
            return _record(shape)
        case EitherShape():
            forms = (shape.text, shape.listing, shape.mapping)
            schemas: list[Schema] = [_schema(form) for form in forms if form is not None]
            if len(schemas) > 1:
                return {"anyOf": schemas}
            return next(_schema(form) for form in forms if form is not None)


def _schema_of_range(low: int, high: int) -> dict[str, Schema]:
    if low == high:
        return {"const": low}
    return {"type": "integer", "minimum": low, "maximum": high}


def _text(shape: TextShape) -> dict[str, Schema]:
    if shape.is_closed:
        return {"type": "string", "enum": list(shape.candidates())}
    # The reader takes a text as it is written; to an editor 012345678901 without quotes is a number.
    kind: Schema = ["string", "number"] if shape.may_look_like_number else "string"
    return {"type": kind, **_limits(shape), "examples": [shape.example.strip('"')]}


def _key(shape: TextShape) -> dict[str, Schema]:
    return {"type": "string", **_limits(shape)}


def _limits(shape: TextShape) -> dict[str, Schema]:
    return {
        "pattern": f"^(?:{shape.pattern})$",
        "minLength": shape.minimum,
        "maxLength": shape.maximum,
    }


def _record(shape: RecordShape) -> dict[str, Schema]:
    schema: dict[str, Schema] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {known.name: _field(known) for known in shape.fields},
    }
    if shape.others is not None:
        schema["additionalProperties"] = _schema(shape.others)
    required: list[Schema] = [known.name for known in shape.fields if known.is_required]
    if required:
        schema["required"] = required
    if not shape.may_be_empty:
        schema["minProperties"] = 1
    return schema


def _field(known: Field) -> dict[str, Schema]:
    schema = {"description": known.description, **_schema(known.shape)}
    if known.default is not None:
        schema["default"] = known.default
    return schema
