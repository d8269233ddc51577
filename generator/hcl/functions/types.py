"""Functions that convert a value to another type, and marks that only Terraform keeps."""

from collections.abc import Callable, Mapping

from generator.hcl.conversions import as_boolean, as_fields, as_items, as_number, as_text
from generator.hcl.equality import make_set
from generator.hcl.functions.signatures import (
    Arguments,
    Function,
    function,
    key_spans_of,
    list_of,
    map_of,
)
from generator.hcl.types import unified
from generator.hcl.values import (
    Content,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
)


def _tolist(arguments: Arguments) -> Items | None:
    if arguments[0].content is None:
        return None
    return list_of(list(unified(as_items(arguments[0]))))


def _toset(arguments: Arguments) -> Items | None:
    if arguments[0].content is None:
        return None
    items = as_items(arguments[0])
    if len(items) > 1 and any(isinstance(item.content, Items) for item in items):
        raise NotComputedError("the order of a set of lists is not computed")
    return make_set(unified(items))


def _tomap(arguments: Arguments) -> Fields | None:
    if arguments[0].content is None:
        return None
    fields = as_fields(arguments[0])
    values = unified(tuple(fields.values()))
    return map_of(dict(zip(fields, values, strict=True)), key_spans_of(arguments[0]))


def _or_null(read: Callable[[Value], Content]) -> Callable[[Arguments], Content]:
    def convert(arguments: Arguments) -> Content:
        return None if arguments[0].content is None else read(arguments[0])

    return convert


def _tostring(arguments: Arguments) -> Value:
    (value,) = arguments
    if value.content is None or isinstance(value.content, (UnknownContent, PartialText, JsonText)):
        return value
    return Value(as_text(value), value.span)


def _ephemeralasnull(arguments: Arguments) -> Value | Content:
    content = arguments[0].content
    if isinstance(content, UnknownContent) and content.is_ephemeral:
        return None
    return arguments[0]


def _sensitive(arguments: Arguments) -> Value:
    if arguments[0].content is None:
        return arguments[0]
    # What is compared would be shown; a plan does not show it either.
    return Value(
        UnknownContent(
            reason="it is marked as sensitive, so it was not looked at", reference="sensitive(…)"
        ),
        arguments[0].span,
    )


def _same_value(arguments: Arguments) -> Value:
    return arguments[0]


FUNCTIONS: Mapping[str, Function] = {
    "ephemeralasnull": function(_ephemeralasnull, 1, needs="nothing"),
    "nonsensitive": function(_same_value, 1, needs="nothing"),
    "sensitive": function(_sensitive, 1, needs="nothing"),
    "tobool": function(_or_null(as_boolean), 1),
    "tolist": function(_tolist, 1, needs="shape"),
    "tomap": function(_tomap, 1, needs="shape"),
    "tonumber": function(_or_null(as_number), 1),
    "toset": function(_toset, 1, needs="shape"),
    "tostring": function(_tostring, 1, needs="nothing"),
}
