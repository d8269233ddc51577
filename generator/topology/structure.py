"""Holds the nodes of a file against the field table: what fits comes out, all else is a mistake."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from generator.model.estate import Json
from generator.model.topology import Argument
from generator.topology.document import Listing, Node, Scalar, Table
from generator.topology.mistakes import (
    DUPLICATE_KEY,
    EMPTY_VALUE,
    INVALID_VALUE,
    LISTED_TWICE,
    MERGE_KEY,
    MISSING_KEY,
    UNKNOWN_KEY,
    WRONG_TYPE,
    YAML_TAG,
    Mistakes,
    Place,
    line_of,
    listed,
    quoted,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that fits its shape."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list; items with mistakes are left out, and `is_whole` says whether any were."""

    items: "tuple[Fitting, ...]"
    place: Place
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A mapping in the order of the file.

    `values` has what fits. `keys` has the place of every legal key, also of those in `broken`,
    whose values have mistakes that are noted already. `guessed` are the keys, broken as well, that
    are probably meant by a key that is wrong, so that nobody can say they are missing.
    """

    values: "Mapping[str, Fitting]"
    keys: Mapping[str, Place]
    broken: frozenset[str]
    guessed: frozenset[str]
    place: Place

    def text(self, key: str) -> Text | None:
        """The text under a key, if there is a fitting one."""
        value = self.values.get(key)
        return value if isinstance(value, Text) else None

    def items(self, key: str) -> Items | None:
        """The list under a key, if there is a fitting one."""
        value = self.values.get(key)
        return value if isinstance(value, Items) else None

    def entries(self, key: str) -> "Entries | None":
        """The mapping under a key, if there is a fitting one."""
        value = self.values.get(key)
        return value if isinstance(value, Entries) else None

    def has(self, key: str) -> bool:
        """Whether the key is written, with or without mistakes."""
        return key in self.keys

    def may_have(self, key: str) -> bool:
        """Whether the key is written, or is probably meant by a key that is wrong."""
        return key in self.keys or key in self.guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Policy statements, written in the topology as they are in JSON."""

    statements: tuple[Json, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedArgument:
    """An argument for Terraform."""

    value: Argument
    place: Place


Fitting: TypeAlias = Text | Items | Entries | Statements | PlacedArgument


def fit(node: Node, shape: Shape, place: Place, mistakes: Mistakes) -> Fitting | None:
    """The value of a node in the given shape; `None` when there is nothing usable in it."""
    if node.tag is not None:
        mistakes.add(
            YAML_TAG,
            place,
            f"{_at(place)} {_tag(node.tag)} is a YAML tag. The topology language decides types "
            "by itself: write the value without it.",
        )
        return None
    if isinstance(node, Scalar) and node.is_empty:
        mistakes.add(
            EMPTY_VALUE,
            place,
            f"{_at(place)} there is no value. Leave the key out, or write {_noun(shape)}, such as "
            f"`{example_of(shape)}`.",
        )
        return None
    match shape:
        case EitherShape():
            return _fit_either(node, shape, place, mistakes)
        case TextShape() if isinstance(node, Scalar):
            return _fit_text(node, shape, place, mistakes)
        case WordShape() if isinstance(node, Scalar):
            return _fit_word(node, shape, place, mistakes)
        case IntegerShape() if isinstance(node, Scalar):
            return _fit_integer(node, shape, place, mistakes)
        case TrueShape() if isinstance(node, Scalar) and node.is_plain and node.text == "true":
            return Text(text=node.text, place=place)
        case YesNoShape() if (
            isinstance(node, Scalar) and node.is_plain and node.text in {"true", "false"}
        ):
            return Text(text=node.text, place=place)
        case ListShape() if isinstance(node, Listing):
            return _fit_list(node, shape, place, mistakes)
        case StatementsShape() if isinstance(node, Listing):
            return _fit_statements(node, shape, place, mistakes)
        case ArgumentShape():
            value = _argument(node, shape, place, mistakes)
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
        case Table() if shape.text is not None and _is_bare_placeholder(node, shape.mapping):
            add_wrong_type(node, shape, place, mistakes)
            return None
        case Table() if shape.mapping is not None:
            return fit(node, shape.mapping, place, mistakes)
        case _:
            add_wrong_type(node, shape, place, mistakes)
            return None


def _fit_text(node: Scalar, shape: TextShape, place: Place, mistakes: Mistakes) -> Text | None:
    text = node.text
    if node.is_plain and text in _BOOLEANS:
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{_at(place)} `{text}` without quotes is a yes or no, and {shape.noun} is needed, "
            f'such as `{shape.example}`. If it is meant as a text, write `"{text}"`.',
        )
        return None
    if not text:
        mistakes.add(
            EMPTY_VALUE,
            place,
            f"{_at(place)} the text is empty. Leave the key out, or write {shape.noun}, such as "
            f"`{shape.example}`.",
        )
        return None
    complaint = shape.check(text)
    if complaint is not None:
        near = mistakes.suggest(text, shape.candidates())
        mistakes.add(complaint.rule, place, f"{_at(place)} {complaint.reason}{near}")
        return None
    if len(text) > shape.maximum:
        mistakes.add(
            INVALID_VALUE,
            place,
            f"{_at(place)} {quoted(text)} has {len(text)} characters; at most {shape.maximum} are "
            "possible.",
        )
        return None
    return Text(text=text, place=place)


def _fit_word(node: Scalar, shape: WordShape, place: Place, mistakes: Mistakes) -> Text | None:
    if node.text in shape.words:
        return Text(text=node.text, place=place)
    near = mistakes.suggest(node.text, shape.words)
    if shape.explain is not None:
        text = shape.explain(node.text)
    else:
        kind = "The only word" if len(shape.words) == 1 else "The words"
        verb = "is" if len(shape.words) == 1 else "are"
        text = (
            f"{quoted(node.text)} is not a word for {shape.noun}. {kind} possible here {verb} "
            f"{listed(shape.words)}."
        )
    mistakes.add(shape.rule, place, f"{_at(place)} {text}{near}")
    return None


def _fit_integer(
    node: Scalar, shape: IntegerShape, place: Place, mistakes: Mistakes
) -> Text | None:
    if not node.is_plain or not re.fullmatch("0|-?[1-9][0-9]*", node.text):
        written = quoted(node.text if node.is_plain else f'"{node.text}"')
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{_at(place)} {written} is not a whole number. Write {shape.noun} in "
            f"decimal digits, without quotes and without a leading zero: `{example_of(shape)}`.",
        )
        return None
    # Numbers of more digits than any range has need not be converted, which can be very slow.
    value = int(node.text) if len(node.text) <= 18 else -1
    if not any(low <= value <= high for low, high in shape.ranges):
        possible = " or ".join(
            str(low) if low == high else f"{low} to {high}" for low, high in shape.ranges
        )
        mistakes.add(
            INVALID_VALUE,
            place,
            f"{_at(place)} {quoted(node.text)} is out of range: {shape.noun} is {possible}.",
        )
        return None
    return Text(text=node.text, place=place)


def _fit_list(node: Listing, shape: ListShape, place: Place, mistakes: Mistakes) -> Items | None:
    if not node.items:
        _add_nothing_in_it(shape, place, mistakes)
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
                f"{_at(item_place)} {quoted(item.text)} is in the list already, at "
                f"{_position(first, item_place)}. Remove one of the two.",
            )
        else:
            items.append(item)
            if isinstance(item, Text):
                seen[item.text] = item_place
    return Items(items=tuple(items), place=place, is_whole=is_whole)


def _fit_statements(
    node: Listing, shape: StatementsShape, place: Place, mistakes: Mistakes
) -> Statements | None:
    if not node.items:
        _add_nothing_in_it(shape, place, mistakes)
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
                f"{_at(item_place)} a statement is a mapping with `Effect`, `Principal` and "
                f"`Action`, like the one in `{shape.example}`.",
            )
            continue
        value = _json(item, item_place, mistakes)
        if value is None:
            is_whole = False
        statements.append(value)
    return Statements(statements=tuple(statements), place=place) if is_whole else None


def _argument(
    node: Node, shape: ArgumentShape, place: Place, mistakes: Mistakes
) -> Argument | None:
    """The node as an argument for Terraform; `None` when there is a mistake in it."""
    if node.tag is not None or (isinstance(node, Scalar) and node.is_empty):
        fit(node, shape.text, place, mistakes)
        return None
    match node:
        case Scalar():
            if node.is_plain and node.text in {"true", "false"}:
                return node.text == "true"
            if node.is_plain and re.fullmatch("0|-?[1-9][0-9]{0,17}", node.text):
                return int(node.text)
            text = _fit_text(node, shape.text, place, mistakes)
            return None if text is None else text.text
        case Listing():
            items: list[Argument] = []
            for index, item in enumerate(node.items):
                item_place = Place(span=item.span, path=f"{place.path}[{index}]", use=item.use)
                value = _argument(item, shape, item_place, mistakes)
                if value is not None:
                    items.append(value)
            return tuple(items) if len(items) == len(node.items) else None
        case Table():
            keys: dict[str, Place] = {}
            values: dict[str, Argument] = {}
            for key_node, value_node in node.entries:
                key = _key(key_node, keys, place, mistakes)
                if key is None:
                    continue
                keys[key.text] = key.place
                complaint = shape.key.check(key.text)
                if complaint is not None:
                    mistakes.add(complaint.rule, key.place, f"{_at(place)} {complaint.reason}")
                    continue
                value = _argument(value_node, shape, _value_place(key, value_node), mistakes)
                if value is not None:
                    values[key.text] = value
            return dict(sorted(values.items())) if len(values) == len(node.entries) else None


def _json(node: Node, place: Place, mistakes: Mistakes) -> Json:
    """The node as JSON with texts only; `None` when there is a mistake in it."""
    if node.tag is not None:
        mistakes.add(
            YAML_TAG,
            place,
            f"{_at(place)} {_tag(node.tag)} is a YAML tag: write the value without it.",
        )
        return None
    match node:
        case Scalar():
            if node.is_empty:
                mistakes.add(EMPTY_VALUE, place, f"{_at(place)} there is no value. Write one.")
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
                key = _key(key_node, keys, place, mistakes)
                if key is not None:
                    keys[key.text] = key.place
                    values[key.text] = _json(value_node, _value_place(key, value_node), mistakes)
            is_whole = len(values) == len(node.entries) and None not in values.values()
            return values if is_whole else None


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
        _add_nothing_in_it(shape, place, mistakes)
        return None
    collected = _Collected()
    for key_node, value_node in node.entries:
        key = _key(key_node, collected.keys, place, mistakes)
        if key is None:
            continue
        collected.keys[key.text] = key.place
        complaint = shape.key.check(key.text)
        if complaint is None and len(key.text) > shape.key.maximum:
            mistakes.add(
                INVALID_VALUE,
                key.place,
                f"{_at(place)} the key {quoted(key.text)} has {len(key.text)} characters; at most "
                f"{shape.key.maximum} are possible.",
            )
        elif complaint is not None:
            mistakes.add(complaint.rule, key.place, f"{_at(place)} {complaint.reason}")
        value = fit(value_node, shape.value, _value_place(key, value_node), mistakes)
        collected.take(key.text, value)
    return collected.entries(place)


def _fit_record(
    node: Table, shape: RecordShape, place: Place, mistakes: Mistakes
) -> Entries | None:
    fields = {known.name: known for known in shape.fields}
    if not node.entries and not shape.may_be_empty:
        _add_nothing_in_it(shape, place, mistakes)
        return None
    collected = _Collected()
    for key_node, value_node in node.entries:
        key = _key(key_node, collected.keys, place, mistakes)
        if key is None:
            if isinstance(key_node, Scalar) and key_node.text == "<<":
                collected.guessed.update(fields)
        elif key.text in fields:
            collected.keys[key.text] = key.place
            value_place = _value_place(key, value_node)
            value = fit(value_node, fields[key.text].shape, value_place, mistakes)
            collected.take(key.text, value)
        elif shape.others is not None:
            collected.keys[key.text] = key.place
            complaint = shape.others.key.check(key.text)
            if complaint is not None:
                mistakes.add(complaint.rule, key.place, f"{_at(place)} {complaint.reason}")
            value_place = _value_place(key, value_node)
            other = fit(value_node, shape.others, value_place, mistakes)
            collected.take(key.text, None if complaint is not None else other)
        else:
            near = mistakes.nearest(key.text, fields)
            hint = f" Did you mean `{near}`?" if near is not None else ""
            if near is not None:
                collected.guessed.add(near)
            mistakes.add(
                UNKNOWN_KEY,
                key.place,
                f"{_at(place)} {quoted(key.text)} is not a key that is known here. Known are "
                f"{listed(fields)}.{hint}",
            )
    for known in shape.fields:
        is_there = known.name in collected.keys or known.name in collected.guessed
        if known.is_required and not is_there:
            mistakes.add(
                MISSING_KEY,
                _place_of_missing(known.name, node, place),
                f"{_at(place)} the key `{known.name}` is missing. {known.description} Write, for "
                f"instance, `{known.name}: {example_of(known.shape)}`.",
            )
            collected.broken.add(known.name)
    return collected.entries(place)


def _place_of_missing(name: str, node: Table, place: Place) -> Place:
    """The mapping that should have the key; of one on many lines, its first key."""
    span = place.span
    if span.line != span.end_line and node.entries:
        span = node.entries[0][0].span
    return place.below(name, span, place.use)


def _key(node: Node, keys: Mapping[str, Place], place: Place, mistakes: Mistakes) -> Text | None:
    """The text of a key with its place, unless the key cannot be used."""
    if not isinstance(node, Scalar):
        here = Place(span=node.span, path=place.path, use=node.use)
        mistakes.add(
            WRONG_TYPE,
            here,
            f"{_at(place)} a key is {_kind(node)}, and only a text can be a key. If it has braces "
            'or brackets, put it in quotes: `"{…}"`.',
        )
        return None
    key_place = place.below(quoted_key(node.text), node.span, node.use)
    if node.tag is not None:
        mistakes.add(
            YAML_TAG,
            key_place,
            f"{_at(place)} {_tag(node.tag)} is a YAML tag: write the key without it.",
        )
        return None
    if node.is_plain and node.text == "<<":
        mistakes.add(
            MERGE_KEY,
            key_place,
            f"{_at(place)} `<<` would merge another mapping into this one, and a reader could no "
            "longer see what holds here. Write the keys out, or use an anchor for a whole value.",
        )
        return None
    if not node.text:
        mistakes.add(EMPTY_VALUE, key_place, f"{_at(place)} a key is empty. Write its name.")
        return None
    if node.text in keys:
        mistakes.add(
            DUPLICATE_KEY,
            key_place,
            f"{_at(place)} the key {quoted(node.text)} stands here a second time; the first is at "
            f"{_position(keys[node.text], key_place)}. Keep one of the two.",
        )
        return None
    return Text(text=node.text, place=key_place)


def quoted_key(key: str) -> str:
    """A key as a part of a path: itself when it is printable and short."""
    return quoted(key).strip("`")


def _value_place(key: Text, node: Node) -> Place:
    span = node.span
    # Nothing to point at but the key.
    if isinstance(node, Scalar) and node.is_plain and not node.text:
        span = key.place.span
    return Place(span=span, path=key.place.path, use=node.use)


def _add_nothing_in_it(shape: Shape, place: Place, mistakes: Mistakes) -> None:
    mistakes.add(
        EMPTY_VALUE,
        place,
        f"{_at(place)} there is nothing in it. Leave the key out where it is not needed, or write "
        f"{_noun(shape)}, such as `{example_of(shape)}`.",
    )


def add_wrong_type(node: Node, shape: Shape, place: Place, mistakes: Mistakes) -> None:
    """Note a value that has another form than its shape."""
    if placeholder := _placeholder(node):
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{_at(place)} `{{{placeholder}}}` without quotes is a mapping in YAML. Put it in "
            f'quotes: `"{{{placeholder}}}"`.',
        )
        return
    mistakes.add(
        WRONG_TYPE,
        place,
        f"{_at(place)} there is {_kind(node)}, but {_noun(shape)} is needed. Write, for instance, "
        f"`{example_of(shape)}`.",
    )


def _placeholder(node: Node) -> str | None:
    """The name in a `{name}` that was meant as a text and reads as a mapping."""
    match node:
        case Table(entries=((Scalar() as key, Scalar() as value),)) if (
            value.is_empty and key.text in {"account", "account_id", "partition", "region"}
        ):
            return key.text
        case _:
            return None


def _is_bare_placeholder(node: Table, mapping: MapShape | RecordShape | None) -> bool:
    """Whether a mapping is a `{name}` that was meant as a text, and no key is of that name."""
    name = _placeholder(node)
    fields = mapping.fields if isinstance(mapping, RecordShape) else ()
    return name is not None and all(known.name != name for known in fields)


def _tag(tag: str) -> str:
    return quoted(tag.replace("tag:yaml.org,2002:", "!!", 1))


def _kind(node: Node) -> str:
    match node:
        case Scalar():
            return f"the text {quoted(node.text)}"
        case Listing():
            return "a list"
        case Table():
            return "a mapping"


def _noun(shape: Shape) -> str:
    match shape:
        case WordShape():
            return " or ".join(f"`{word}`" for word in shape.words)
        case _:
            return shape.noun


def _position(place: Place, seen_from: Place) -> str:
    line = line_of(place.shown, seen_from.shown)
    column = f", column {place.shown.column}"
    return line.replace(" of ", f"{column} of ", 1) if " of " in line else line + column


def _at(place: Place) -> str:
    return f"`{place.path}`:" if place.path else "At the top of the file:"


_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
