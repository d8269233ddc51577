"""Every key of a topology with its places, for pages and for people who ask about one."""

from typing import TYPE_CHECKING, assert_never

from generator.frozen_data import frozen
from generator.topology.fields import TOPOLOGY
from generator.topology.shapes import (
    ArgumentShape,
    EitherShape,
    Field,
    IntegerShape,
    ListShape,
    MapShape,
    RecordShape,
    StatementsShape,
    TextShape,
    TrueShape,
    WordShape,
    YesNoShape,
    example_of,
)

if TYPE_CHECKING:
    from generator.topology.shapes import Shape


@frozen
class Key:
    """One key: its places in a topology (`registries.NAME.grants`), and what it is."""

    places: tuple[str, ...]
    field: Field


def keys_named(word: str) -> tuple[Key, ...]:
    """The keys with that name, or whose place ends with those names: `grants`, `caches.NAME.upstream`."""
    found: list[Key] = []
    for record, places in records():
        for field in record.fields:
            whole = [f"{place}.{field.name}" if place else field.name for place in places]
            chosen = tuple(
                place
                for place in whole
                if place == word or place.endswith((f".{word}", f"].{word}"))
            )
            if chosen:
                found.append(Key(places=chosen, field=field))
    return tuple(found)


def key_names() -> frozenset[str]:
    """The names of all keys."""
    return frozenset(field.name for record, _ in records() for field in record.fields)


def records() -> list[tuple[RecordShape, list[str]]]:
    """Every mapping with fixed keys, once, in the order of the file, with the places where it can stand."""
    found: dict[int, tuple[RecordShape, list[str]]] = {}
    waiting: list[tuple[Shape, str]] = [(TOPOLOGY, "")]
    while waiting:
        shape, place = waiting.pop(0)
        match shape:
            case RecordShape():
                known = found.setdefault(id(shape), (shape, []))
                if place in known[1]:
                    continue
                known[1].append(place)
                prefix = f"{place}." if place else ""
                waiting[:0] = [(field.shape, f"{prefix}{field.name}") for field in shape.fields]
            case MapShape():
                waiting.insert(0, (shape.value, f"{place}.NAME"))
            case ListShape():
                waiting.insert(0, (shape.item, f"{place}[]"))
            case EitherShape():
                forms = (shape.text, shape.listing, shape.mapping)
                waiting[:0] = [(form, place) for form in forms if form is not None]
            case (
                TextShape()
                | WordShape()
                | IntegerShape()
                | TrueShape()
                | YesNoShape()
                | StatementsShape()
                | ArgumentShape()
            ):
                pass
            case _:
                assert_never(shape)
    return list(found.values())


def value_of(shape: "Shape") -> str:
    """What a value of the shape looks like, as Markdown."""
    match shape:
        case WordShape():
            return " or ".join(f"`{word}`" for word in shape.words)
        case IntegerShape():
            return " or ".join(
                str(low) if low == high else f"{low} to {high}" for low, high in shape.ranges
            )
        case EitherShape():
            return _cell(shape.noun)
        case TextShape() | TrueShape() | ListShape() | MapShape() | RecordShape() | ArgumentShape():
            return f"{_cell(shape.noun)}, such as `{_cell(example_of(shape))}`"
        case StatementsShape() | YesNoShape():
            return _cell(shape.noun)
        case _:
            assert_never(shape)


def default_of(field: Field) -> str:
    """The default of a key, as Markdown; a dash where nothing happens without it."""
    if field.is_required:
        return "required"
    default = field.default
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return "-" if default is None else f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
