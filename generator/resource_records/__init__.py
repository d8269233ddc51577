"""What resources mean: types and their values, wherever read, become records of the estate."""

from generator.resource_records.builder import RecordBuilder, computed_text
from generator.resource_records.resource import InlinePolicy, Resource
from generator.resource_records.shapes import GLOBAL_KINDS, SHAPES, Shape, secret_name

__all__ = [
    "GLOBAL_KINDS",
    "SHAPES",
    "InlinePolicy",
    "RecordBuilder",
    "Resource",
    "Shape",
    "computed_text",
    "secret_name",
]
