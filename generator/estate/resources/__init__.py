"""What resources mean: types and their values, wherever read, become records of the estate."""

from generator.estate.resources.builder import RecordBuilder, computed_text
from generator.estate.resources.resource import InlinePolicy, Resource
from generator.estate.resources.shapes import GENERATED, GLOBAL_KINDS, SHAPES, Shape, secret_name

__all__ = [
    "GENERATED",
    "GLOBAL_KINDS",
    "SHAPES",
    "InlinePolicy",
    "RecordBuilder",
    "Resource",
    "Shape",
    "computed_text",
    "secret_name",
]
