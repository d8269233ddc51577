"""Holds the nodes of a file against the field table: what fits comes out, all else is a mistake."""

from collections.abc import Collection
from dataclasses import dataclass, field

from generator.model.edit import Edit, NoEdit
from generator.model.quotes import listed, quoted
from generator.topology.contents import Entries, Fitting, Items, PlacedArgument, Text
from generator.topology.document import Listing, Node, Scalar, Table
from generator.topology.free_values import argument_of, fit_statements
from generator.topology.mistakes import (
    INVALID_VALUE,
    LISTED_TWICE,
    MISSING_KEY,
    UNKNOWN_KEY,
    Mistakes,
    Place,
)
from generator.topology.scalars import correction_of, fit_integer, fit_text, fit_word
from generator.topology.shapes import (
    ArgumentShape,
    EitherShape,
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
    example_of,
)
from generator.topology.slips import certain_word
from generator.topology.wrong_types import (
    add_nothing_in_it,
    add_wrong_type,
    at,
    is_bare_placeholder,
    is_usable,
    key_of,
    position,
    value_place,
)


def fit(node: Node, shape: Shape, place: Place, mistakes: Mistakes) -> Fitting | None:
    """The value of a node in the given shape; `None` when there is nothing usable in it."""
    if not is_usable(node, shape, place, mistakes):
        return None
    match shape:
        case EitherShape():
            return _fit_either(node, shape, place, mistakes)
        case TextShape() if isinstance(node, Scalar):
            return fit_text(node, shape, place, mistakes)
        case WordShape() if isinstance(node, Scalar):
            return fit_word(node, shape, place, mistakes)
        case IntegerShape() if isinstance(node, Scalar):
            return fit_integer(node, shape, place, mistakes)
        case TrueShape() if isinstance(node, Scalar) and node.is_plain and node.text == "true":
            return Text(text=node.text, place=place)
        case YesNoShape() if (
            isinstance(node, Scalar) and node.is_plain and node.text in {"true", "false"}
        ):
            return Text(text=node.text, place=place)
        case ListShape() if isinstance(node, Listing):
            return _fit_list(node, shape, place, mistakes)
        case StatementsShape() if isinstance(node, Listing):
            return fit_statements(node, shape, place, mistakes)
        case ArgumentShape():
            value = argument_of(node, shape, place, mistakes)
            return None if value is None else PlacedArgument(value=value, place=place)
        case MapShape() if isinstance(node, Table):
            return _fit_map(node, shape, place, mistakes)
        case RecordShape() if isinstance(node, Table):
            return _fit_record(node, shape, place, mistakes)
        case _:
            add_wrong_type(node, shape, place, mistakes)
            return None


def _fit_either(node: Node, shape: EitherShape, place: Place, mistakes: Mistakes) -> Fitting | None:
    match node:
        case Scalar() if shape.text is not None:
            return fit(node, shape.text, place, mistakes)
        case Listing() if shape.listing is not None:
            return fit(node, shape.listing, place, mistakes)
        case Table() if shape.text is not None and is_bare_placeholder(node, shape.mapping):
            add_wrong_type(node, shape, place, mistakes)
            return None
        case Table() if shape.mapping is not None:
            return fit(node, shape.mapping, place, mistakes)
        case _:
            add_wrong_type(node, shape, place, mistakes)
            return None


def _fit_list(node: Listing, shape: ListShape, place: Place, mistakes: Mistakes) -> Items | None:
    if not node.items:
        add_nothing_in_it(shape, place, mistakes)
        return None
    items: list[Fitting] = []
    seen: dict[str, Place] = {}
    is_whole = True
    for index, node_item in enumerate(node.items):
        item_place = Place(span=node_item.span, path=f"{place.path}[{index}]", use=node_item.use)
        item = fit(node_item, shape.item, item_place, mistakes)
        if item is None:
            is_whole = False
        elif isinstance(item, Text) and item.text in seen:
            first = seen[item.text]
            mistakes.add(
                LISTED_TWICE,
                item_place,
                f"{at(item_place)} {quoted(item.text)} is in the list already, at "
                f"{position(first, item_place)}. Remove one of the two.",
            )
        else:
            items.append(item)
            if isinstance(item, Text):
                seen[item.text] = item_place
    if shape.maximum is not None and len(node.items) > shape.maximum:
        is_whole = False
        mistakes.add(
            INVALID_VALUE,
            place,
            f"{at(place)} {shape.noun} has at most {shape.maximum} items, and these are "
            f"{len(node.items)}.",
        )
    return Items(items=tuple(items), place=place, is_whole=is_whole)


@dataclass(slots=True, kw_only=True)
class _Collected:
    """The entries of a mapping while it is read."""

    values: dict[str, Fitting] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)

    def take(self, key: str, value: Fitting | None) -> None:
        if value is None:
            self.broken.add(key)
        else:
            self.values[key] = value

    def entries(self, place: Place) -> Entries:
        guessed = frozenset(self.guessed.difference(self.keys))
        return Entries(
            values=self.values,
            keys=self.keys,
            broken=guessed.union(self.broken),
            guessed=guessed,
            place=place,
        )


def _fit_map(node: Table, shape: MapShape, place: Place, mistakes: Mistakes) -> Entries | None:
    if not node.entries:
        add_nothing_in_it(shape, place, mistakes)
        return None
    collected = _Collected()
    for key_node, value_node in node.entries:
        key = key_of(key_node, collected.keys, place, mistakes)
        if key is None:
            continue
        collected.keys[key.text] = key.place
        complaint = shape.key.check(key.text)
        if complaint is None and len(key.text) > shape.key.maximum:
            mistakes.add(
                INVALID_VALUE,
                key.place,
                f"{at(place)} the key {quoted(key.text)} has {len(key.text)} characters; at most "
                f"{shape.key.maximum} are possible.",
            )
        elif complaint is not None:
            near, edit = correction_of(complaint, key, shape.key, mistakes)
            mistakes.add(complaint.rule, key.place, f"{at(place)} {complaint.reason}{near}", edit)
        value = fit(value_node, shape.value, value_place(key, value_node), mistakes)
        collected.take(key.text, value)
    return collected.entries(place)


def _fit_record(
    node: Table, shape: RecordShape, place: Place, mistakes: Mistakes
) -> Entries | None:
    fields = {known.name: known for known in shape.fields}
    if not node.entries and not shape.may_be_empty:
        add_nothing_in_it(shape, place, mistakes)
        return None
    collected = _Collected()
    for key_node, value_node in node.entries:
        key = key_of(key_node, collected.keys, place, mistakes)
        if key is None:
            if isinstance(key_node, Scalar) and key_node.text == "<<":
                collected.guessed.update(fields)
        elif key.text in fields:
            collected.keys[key.text] = key.place
            where = value_place(key, value_node)
            value = fit(value_node, fields[key.text].shape, where, mistakes)
            collected.take(key.text, value)
        elif shape.others is not None:
            collected.keys[key.text] = key.place
            complaint = shape.others.key.check(key.text)
            if complaint is not None:
                mistakes.add(complaint.rule, key.place, f"{at(place)} {complaint.reason}")
            where = value_place(key, value_node)
            other = fit(value_node, shape.others, where, mistakes)
            collected.take(key.text, None if complaint is not None else other)
        else:
            near = mistakes.nearest(key.text, fields)
            hint = f" Did you mean {quoted(near)}?" if near is not None else ""
            if near is not None:
                collected.guessed.add(near)
            mistakes.add(
                UNKNOWN_KEY,
                key.place,
                f"{at(place)} {quoted(key.text)} is not a key that is known here. Known are "
                f"{listed(fields)}.{hint}",
                _other_key(key, near, node, fields),
            )
    for known in shape.fields:
        is_there = known.name in collected.keys or known.name in collected.guessed
        if known.is_required and not is_there:
            mistakes.add(
                MISSING_KEY,
                _place_of_missing(known.name, node, place),
                f"{at(place)} the key `{known.name}` is missing. {known.description} Write, for "
                f"instance, `{known.name}: {example_of(known.shape)}`.",
            )
            collected.broken.add(known.name)
    return collected.entries(place)


def _other_key(
    key: Text, near: str | None, node: Table, fields: Collection[str]
) -> Edit | NoEdit | None:
    """The key that is meant in the place of an unknown one, unless it is there already."""
    if near is None:
        return None
    if any(isinstance(other, Scalar) and other.text == near for other, _ in node.entries):
        return NoEdit(reason=f"The key {quoted(near)} is there already.")
    if certain_word(key.text, fields, are_names=False) != near:
        return NoEdit(reason=f"It is not certain that {quoted(near)} is meant.")
    return Edit(span=key.place.span, before=key.text, after=near)


def _place_of_missing(name: str, node: Table, place: Place) -> Place:
    """The mapping that should have the key; of one on many lines, its first key."""
    span = place.span
    if span.line != span.end_line and node.entries:
        span = node.entries[0][0].span
    return place.below(name, span, place.use)
