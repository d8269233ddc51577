"""What differs between two values, field by field, in the words of the topology."""

import json
from collections.abc import Mapping

from generator.drift.words import compact, shown
from generator.model.estate import Absent, Attribute, Json, Known
from generator.model.reading import Source
from generator.model.values import with_aliases

_MOST_FIELDS = 4
"""The fields that a message names; of more, it says how many."""

_NOT_SET = object()


def difference_words(source: Source, name: str, wanted: Attribute, actual: Attribute) -> str:
    """The fields of an attribute that differ, each with its two values, as one sentence."""
    there = "AWS" if source is Source.LIVE else source.in_words
    pairs = _pairs(name, wanted, actual)
    told = [
        f"`{field}` is {mine} in {there}, and {theirs} in the topology"
        for field, mine, theirs in pairs[:_MOST_FIELDS]
    ]
    more = len(pairs) - len(told)
    return "; ".join(told) + (f"; {more} more fields differ" if more else "")


def fields_that_differ(name: str, wanted: Attribute, actual: Attribute) -> list[str]:
    """The fields of an attribute that differ, by their paths; its name where it has none."""
    return [field for field, _, _ in _pairs(name, wanted, actual)]


def _pairs(name: str, wanted: Attribute, actual: Attribute) -> list[tuple[str, str, str]]:
    mine, theirs = _document(name, actual), _document(name, wanted)
    if not isinstance(mine, Mapping) or not isinstance(theirs, Mapping):
        return [(name, with_aliases(shown(actual)), with_aliases(shown(wanted)))]
    mine_by_path, theirs_by_path = _leaves(mine), _leaves(theirs)
    # What the topology says is named first, and in its order.
    paths = dict.fromkeys((*theirs_by_path, *mine_by_path))
    found = [
        (
            path or name,
            _value(mine_by_path.get(path, _NOT_SET)),
            _value(theirs_by_path.get(path, _NOT_SET)),
        )
        for path in paths
        if mine_by_path.get(path, _NOT_SET) != theirs_by_path.get(path, _NOT_SET)
    ]
    return found or [(name, with_aliases(shown(actual)), with_aliases(shown(wanted)))]


def _document(name: str, attribute: Attribute) -> Json:
    """A value as the fields that people write, as far as there are such."""
    if isinstance(attribute, Absent):
        return {}
    value = attribute.value if isinstance(attribute, Known) else None
    if name == "lifecycle_policy":
        return _lifecycle(value)
    if name == "encryption_configuration" and isinstance(value, tuple) and len(value) == 1:
        block = value[0]
        if isinstance(block, Mapping):
            return {key: item for key, item in block.items() if item is not None}
    return value


def _lifecycle(document: Json) -> Json:
    """A lifecycle policy in the words of a template: one rule for all images has a key of its own."""
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(rules, tuple) or len(rules) != 1 or not isinstance(rules[0], Mapping):
        return document
    selection, action = rules[0].get("selection"), rules[0].get("action")
    if not isinstance(selection, Mapping) or action != {"type": "expire"}:
        return document
    match dict(selection):
        case {
            "tagStatus": "any",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": int(number),
            **rest,
        } if not rest:
            return {"expire_after_days": number}
        case {
            "tagStatus": "any",
            "countType": "imageCountMoreThan",
            "countNumber": int(number),
            **rest,
        } if not rest:
            return {"keep_images": number}
    return document


def _leaves(value: Json, path: str = "") -> dict[str, Json]:
    """Every leaf of a document by its path, such as `rules[0].selection.countNumber`."""
    found: dict[str, Json] = {}
    match value:
        case Mapping() if value:
            for key, item in value.items():
                found.update(_leaves(item, f"{path}.{key}" if path else str(key)))
        case tuple() if any(isinstance(item, Mapping | tuple) for item in value):
            for number, item in enumerate(value):
                found.update(_leaves(item, f"{path}[{number}]"))
        case _:
            if path:
                found[path] = value
    return found


def _value(value: object) -> str:
    if value is _NOT_SET:
        return "not set"
    if isinstance(value, str):
        return f"`{with_aliases(value)}`"
    if isinstance(value, int | float | bool) or value is None:
        return json.dumps(value)
    return f"`{with_aliases(compact(value))}`"  # type: ignore[arg-type] # a value of a document
