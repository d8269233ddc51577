"""What a function of Terraform takes and needs to know, and the shapes of results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal as Word

from generator.frozen_data import frozen
from generator.hcl.conversions import as_text
from generator.hcl.values import Content, Fields, Items, NotComputedError, Value
from generator.model.span import Span

LARGEST_COLLECTION = 100_000

Arguments = Sequence[Value]


@frozen
class Function:
    """One function: how many arguments it takes, and whether it can work with unknown elements.

    `needs` says what must be known before it is called: `all` of every argument, `shape` only the
    arguments themselves (elements may be unknown), `nothing` when the function decides itself.
    """

    apply: Callable[[Arguments], Value | Content]
    least: int
    most: int | None
    needs: Word["all", "shape", "nothing"] = "all"


def list_of(values: Sequence[Value]) -> Items:
    """A list; raises `NotComputedError` when it is too long."""

    if len(values) > LARGEST_COLLECTION:
        raise NotComputedError("the list is too long")
    return Items(values=tuple(values), kind="list")


def texts_of(values: Sequence[str]) -> Items:
    """A list of texts."""

    return list_of([Value(text) for text in values])


def map_of(values: Mapping[str, Value], spans: Mapping[str, Span] | None = None) -> Fields:
    """A map, with the places of its keys."""

    return Fields(values=values, key_spans=spans or {}, kind="map")


def key_spans_of(value: Value) -> Mapping[str, Span]:
    """The places of the keys of a map or object; none for anything else."""

    return value.content.key_spans if isinstance(value.content, Fields) else {}


def text_function(apply: Callable[[str], str]) -> Function:
    """A function of one text."""

    return Function(apply=lambda arguments: apply(as_text(arguments[0])), least=1, most=1)


def two_texts(apply: Callable[[str, str], str | bool]) -> Function:
    """A function of two texts."""

    def with_texts(arguments: Arguments) -> Content:
        return apply(as_text(arguments[0]), as_text(arguments[1]))

    return Function(apply=with_texts, least=2, most=2)


def function(
    apply: Callable[[Arguments], Value | Content],
    least: int,
    most: int | None = -1,
    *,
    needs: Word["all", "shape", "nothing"] = "all",
) -> Function:
    """A function by its arguments: `least` of them, and so many at `most` (`None`: any number)."""
    return Function(apply=apply, least=least, most=least if most == -1 else most, needs=needs)
