"""Values whose keys the topology language does not fix: policy statements and arguments of Terraform."""

import re

from generator.model.estate import Json
from generator.model.terraform_settings import Argument
from generator.topology.contents import Statements
from generator.topology.document import Listing, Node, Scalar, Table
from generator.topology.mistakes import EMPTY_VALUE, WRONG_TYPE, YAML_TAG, Mistakes, Place
from generator.topology.scalars import fit_text
from generator.topology.shapes import ArgumentShape, StatementsShape
from generator.topology.wrong_types import (
    add_nothing_in_it,
    at,
    is_usable,
    key_of,
    tag_words,
    value_place,
)


def fit_statements(
    node: Listing, shape: StatementsShape, place: Place, mistakes: Mistakes
) -> Statements | None:
    """Policy statements, as JSON; `None` when there is a mistake in them."""
    if not node.items:
        add_nothing_in_it(shape, place, mistakes)
        return None
    statements = []
    is_whole = True
    for index, item in enumerate(node.items):
        item_place = Place(span=item.span, path=f"{place.path}[{index}]", use=item.use)
        if not isinstance(item, Table) or item.tag is not None or not item.entries:
            is_whole = False
            mistakes.add(
                WRONG_TYPE,
                item_place,
                f"{at(item_place)} a statement is a mapping with `Effect`, `Principal` and "
                f"`Action`, like the one in `{shape.example}`.",
            )
            continue
        value = _json(item, item_place, mistakes)
        if value is None:
            is_whole = False
        statements.append(value)
    return Statements(statements=tuple(statements), place=place) if is_whole else None


def argument_of(
    node: Node, shape: ArgumentShape, place: Place, mistakes: Mistakes
) -> Argument | None:
    """The node as an argument for Terraform; `None` when there is a mistake in it."""
    if not is_usable(node, shape.text, place, mistakes):
        return None
    match node:
        case Scalar():
            if node.is_plain and node.text in {"true", "false"}:
                return node.text == "true"
            if node.is_plain and re.fullmatch("0|-?[1-9][0-9]{0,17}", node.text):
                return int(node.text)
            text = fit_text(node, shape.text, place, mistakes)
            return None if text is None else text.text
        case Listing():
            items: list[Argument] = []
            for index, item in enumerate(node.items):
                item_place = Place(span=item.span, path=f"{place.path}[{index}]", use=item.use)
                value = argument_of(item, shape, item_place, mistakes)
                if value is not None:
                    items.append(value)
            return tuple(items) if len(items) == len(node.items) else None
        case Table():
            keys: dict[str, Place] = {}
            values: dict[str, Argument] = {}
            for key_node, value_node in node.entries:
                key = key_of(key_node, keys, place, mistakes)
                if key is None:
                    continue
                keys[key.text] = key.place
                complaint = shape.key.check(key.text)
                if complaint is not None:
                    mistakes.add(complaint.rule, key.place, f"{at(place)} {complaint.reason}")
                    continue
                value = argument_of(value_node, shape, value_place(key, value_node), mistakes)
                if value is not None:
                    values[key.text] = value
            return dict(sorted(values.items())) if len(values) == len(node.entries) else None


def _json(node: Node, place: Place, mistakes: Mistakes) -> Json:
    """The node as JSON with texts only; `None` when there is a mistake in it."""
    if node.tag is not None:
        mistakes.add(
            YAML_TAG,
            place,
            f"{at(place)} {tag_words(node.tag)} is a YAML tag: write the value without it.",
        )
        return None
    match node:
        case Scalar():
            if node.is_empty:
                mistakes.add(EMPTY_VALUE, place, f"{at(place)} there is no value. Write one.")
                return None
            return node.text
        case Listing():
            items = [
                _json(
                    item,
                    Place(span=item.span, path=f"{place.path}[{index}]", use=item.use),
                    mistakes,
                )
                for index, item in enumerate(node.items)
            ]
            return None if None in items else tuple(items)
        case Table():
            keys: dict[str, Place] = {}
            values: dict[str, Json] = {}
            for key_node, value_node in node.entries:
                key = key_of(key_node, keys, place, mistakes)
                if key is not None:
                    keys[key.text] = key.place
                    values[key.text] = _json(value_node, value_place(key, value_node), mistakes)
            is_whole = len(values) == len(node.entries) and None not in values.values()
            return values if is_whole else None
