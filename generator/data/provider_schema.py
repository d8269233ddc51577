"""What the package knows of the Terraform AWS provider's schema.

`make data` extracts it from the provider's own schema: the arguments of the resources that rules
judge, those of the `assume_role` block, and the names that are marked as sensitive. Other resource types are not listed.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from generator.frozen_data import frozen


@frozen
class _Schema:
    """The packaged extract: types of `assume_role`'s arguments, paths of each type's, sensitive names of types."""

    assume_role: Mapping[str, str]
    resources: Mapping[str, frozenset[str]]
    sensitive: Mapping[str, frozenset[str]]


@cache
def _schema() -> _Schema:
    text = (Path(__file__).parent / "provider_schema.json").read_text(encoding="utf-8")
    document: dict[str, dict[str, list[str]]] = json.loads(text)
    return _Schema(
        assume_role={name: str(kind) for name, kind in document["assume_role"].items()},
        resources={name: frozenset(paths) for name, paths in document["resources"].items()},
        sensitive={name: frozenset(names) for name, names in document["sensitive"].items()},
    )


def arguments_of(resource_type: str) -> frozenset[str] | None:
    """The paths of a type's arguments and blocks (`block.argument`); `None` for other types."""
    return _schema().resources.get(resource_type)


def assume_role_arguments() -> Mapping[str, str]:
    """The arguments of the provider's `assume_role` block: `string`, `set` or `map` (of texts)."""
    return _schema().assume_role


def sensitive_names() -> frozenset[str]:
    """The names of arguments and attributes that the provider marks as sensitive, of any type."""
    return frozenset[str]().union(*_schema().sensitive.values())


def is_sensitive(resource_type: str, name: str) -> bool:
    """Whether the provider marks an argument or attribute of a type as sensitive."""
    return name in _schema().sensitive.get(resource_type, ())
