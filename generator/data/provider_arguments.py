"""The arguments that the Terraform AWS provider knows, for the resources that rules judge.

Extracted from the provider's schema by `make data`; other resource types are not listed.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def _table() -> Mapping[str, frozenset[str]]:
    file = Path(__file__).parent / "provider_arguments.json"
    entries: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return {name: frozenset(paths) for name, paths in entries.items()}


def arguments_of(resource_type: str) -> frozenset[str] | None:
    """The paths of a type's arguments and blocks (`block.argument`); `None` for other types."""
    return _table().get(resource_type)
