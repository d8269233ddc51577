"""The topology reader: one YAML file in, typed values or all of its mistakes out."""

from generator.topology.reading import Reading, read_topology
from generator.topology.schema import json_schema

__all__ = ["Reading", "json_schema", "read_topology"]
