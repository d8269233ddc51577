"""Words for values and keys that have another form than their shape."""

from collections.abc import Mapping

from generator.model.edit import Edit, Spelling
from generator.model.quotes import quoted
from generator.topology.contents import Text
from generator.topology.document import Listing, Node, Scalar, Table
from generator.topology.mistakes import (
    DUPLICATE_KEY,
    EMPTY_VALUE,
    MERGE_KEY,
    WRONG_TYPE,
    YAML_TAG,
    Mistakes,
    Place,
    line_of,
)
from generator.topology.shapes import (
    MapShape,
    RecordShape,
    Shape,
    TrueShape,
    WordShape,
    YesNoShape,
    example_of,
)


def key_of(node: Node, keys: Mapping[str, Place], place: Place, mistakes: Mistakes) -> Text | None:
    """The text of a key with its place, unless the key cannot be used."""
    if not isinstance(node, Scalar):
        here = Place(span=node.span, path=place.path, use=node.use)
        mistakes.add(
            WRONG_TYPE,
            here,
            f"{at(place)} a key is {kind_words(node)}, and only a text can be a key. If it has braces "
            'or brackets, put it in quotes: `"{…}"`.',
        )
        return None
    key_place = place.below(quoted_key(node.text), node.span, node.use)
    if node.tag is not None:
        mistakes.add(
            YAML_TAG,
            key_place,
            f"{at(place)} {tag_words(node.tag)} is a YAML tag: write the key without it.",
        )
        return None
    if node.is_plain and node.text == "<<":
        mistakes.add(
            MERGE_KEY,
            key_place,
            f"{at(place)} `<<` would merge another mapping into this one, and a reader could no "
            "longer see what holds here. Write the keys out, or use an anchor for a whole value.",
        )
        return None
    if not node.text:
        mistakes.add(EMPTY_VALUE, key_place, f"{at(place)} a key is empty. Write its name.")
        return None
    if node.text in keys:
        mistakes.add(
            DUPLICATE_KEY,
            key_place,
            f"{at(place)} the key {quoted(node.text)} stands here a second time; the first is at "
            f"{position(keys[node.text], key_place)}. Keep one of the two.",
        )
        return None
    return Text(text=node.text, place=key_place)


def quoted_key(key: str) -> str:
    """A key as a part of a path: itself when it is printable and short."""
    return quoted(key).strip("`")


def value_place(key: Text, node: Node) -> Place:
    """Where a value stands; an empty one is shown at its key."""
    span = node.span
    # Nothing to point at but the key.
    if isinstance(node, Scalar) and node.is_plain and not node.text:
        span = key.place.span
    return Place(span=span, path=key.place.path, use=node.use)


def is_usable(node: Node, shape: Shape, place: Place, mistakes: Mistakes) -> bool:
    """Whether there is a value without a YAML tag; notes what is wrong otherwise."""
    if node.tag is not None:
        mistakes.add(
            YAML_TAG,
            place,
            f"{at(place)} {tag_words(node.tag)} is a YAML tag. The topology language decides types "
            "by itself: write the value without it.",
        )
        return False
    if isinstance(node, Scalar) and node.is_empty:
        mistakes.add(
            EMPTY_VALUE,
            place,
            f"{at(place)} there is no value. Leave the key out, or write {noun_of(shape)}, such as "
            f"`{example_of(shape)}`.",
        )
        return False
    return True


def add_nothing_in_it(shape: Shape, place: Place, mistakes: Mistakes) -> None:
    """Note an empty list or mapping."""
    mistakes.add(
        EMPTY_VALUE,
        place,
        f"{at(place)} there is nothing in it. Leave the key out where it is not needed, or write "
        f"{noun_of(shape)}, such as `{example_of(shape)}`.",
    )


def add_wrong_type(node: Node, shape: Shape, place: Place, mistakes: Mistakes) -> None:
    """Note a value that has another form than its shape."""
    if placeholder := _placeholder(node):
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{at(place)} `{{{placeholder}}}` without quotes is a mapping in YAML. Put it in "
            f'quotes: `"{{{placeholder}}}"`.',
            Edit(
                span=place.span,
                before=f"{{{placeholder}}}",
                after=f"{{{placeholder}}}",
                spelling=Spelling.QUOTED,
            ),
        )
        return
    mistakes.add(
        WRONG_TYPE,
        place,
        f"{at(place)} there is {kind_words(node)}, but {noun_of(shape)} is needed. Write, for instance, "
        f"`{example_of(shape)}`.",
        _yes_or_no(node, shape, place),
    )


def _yes_or_no(node: Node, shape: Shape, place: Place) -> Edit | None:
    """The one spelling of a yes or no that YAML or a person spells otherwise."""
    if not isinstance(node, Scalar) or not isinstance(shape, TrueShape | YesNoShape):
        return None
    word = _YES_AND_NO.get(node.text.lower())
    if word is None or (isinstance(shape, TrueShape) and word == "false"):
        return None
    return Edit(span=place.span, before=node.text, after=word, spelling=Spelling.PLAIN)


_YES_AND_NO = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
}


def _placeholder(node: Node) -> str | None:
    """The name in a `{name}` that was meant as a text and reads as a mapping."""
    match node:
        case Table(entries=((Scalar() as key, Scalar() as value),)) if (
            value.is_empty and key.text in {"account", "account_id", "partition", "region"}
        ):
            return key.text
        case _:
            return None


def is_bare_placeholder(node: Table, mapping: MapShape | RecordShape | None) -> bool:
    """Whether a mapping is a `{name}` that was meant as a text, and no key is of that name."""
    name = _placeholder(node)
    fields = mapping.fields if isinstance(mapping, RecordShape) else ()
    return name is not None and all(known.name != name for known in fields)


def tag_words(tag: str) -> str:
    """A YAML tag as people write it."""
    return quoted(tag.replace("tag:yaml.org,2002:", "!!", 1))


def kind_words(node: Node) -> str:
    """What a node is, in words."""
    match node:
        case Scalar():
            return f"the text {quoted(node.text)}"
        case Listing():
            return "a list"
        case Table():
            return "a mapping"


def noun_of(shape: Shape) -> str:
    """What a shape takes, in words."""
    match shape:
        case WordShape():
            return " or ".join(f"`{word}`" for word in shape.words)
        case _:
            return shape.noun


def position(place: Place, seen_from: Place) -> str:
    """The line and column of a place, and its file where that is another one."""
    line = line_of(place.shown, seen_from.shown)
    column = f", column {place.shown.column}"
    return line.replace(" of ", f"{column} of ", 1) if " of " in line else line + column


def at(place: Place) -> str:
    """How a message begins that is about a place."""
    return f"`{place.path}`:" if place.path else "At the top of the file:"
