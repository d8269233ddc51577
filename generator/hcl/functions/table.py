"""Every function that is evaluated, by name, and how it is called.

A function that is not in the table gives an unknown value, never a guess.
"""

from collections.abc import Mapping
from dataclasses import replace

from generator.hcl.choices import as_given, chosen_by, with_entries
from generator.hcl.functions import (
    collections,
    documents,
    encodings,
    formats,
    hcl_texts,
    networks,
    numbers,
    paths,
    patterns,
    sets,
    texts,
    times,
    types,
)
from generator.hcl.functions.signatures import Arguments, Function
from generator.hcl.unicode_text import normalised
from generator.hcl.values import (
    LONGEST_TEXT,
    EvaluationError,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    UnknownContent,
    Value,
    first_unknown,
    unknown_in,
    weight,
)
from generator.model.span import Span

# They look at one element, whatever their argument holds.
_CHEAP = frozenset({"element", "keys", "length", "lookup", "one", "sensitive", "nonsensitive"})
# They walk through the elements of the elements.
_DEEP = frozenset({"contains", "flatten", "format", "formatlist", "jsonencode", "join", "setunion"})

# They make more lists than they are given.
_MULTIPLYING = frozenset({"chunklist", "setproduct", "transpose"})


def call(name: str, arguments: Arguments, span: Span) -> Value:
    """The result of a function; raises `EvaluationError` where Terraform would refuse the call."""
    function = FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        return Value(
            UnknownContent(reason=f"the function {name} is not evaluated", reference=f"{name}(…)"),
            span,
        )
    if len(arguments) < function.least or (
        function.most is not None and len(arguments) > function.most
    ):
        raise EvaluationError(f"{name}() does not take {len(arguments)} arguments")
    missing: UnknownContent | None = None
    if function.needs == "all":
        missing = first_unknown(arguments)
    elif function.needs == "shape":
        missing = next(
            (found for item in arguments if (found := _unknown_shape(item)) is not None), None
        )
    if missing is not None:
        return _with_entries(
            chosen_by(name, arguments, Value(as_given(name, missing, arguments), span)),
            name,
            arguments,
        )
    try:
        result = function.apply(arguments)
    except NotComputedError as error:
        content = UnknownContent(reason=str(error), reference=f"{name}(…)", is_not_computed=True)
        return Value(content, span)
    except EvaluationError as error:
        raise EvaluationError(f"{name}(): {error}") from None
    except ArithmeticError:
        raise NotComputedError(f"{name}(): the number is out of range") from None
    value = result if isinstance(result, Value) else Value(result, span)
    if isinstance(value.content, str) and not value.content.isascii():
        value = Value(normalised(value.content), value.span)
    if isinstance(value.content, str) and len(value.content) > LONGEST_TEXT:
        raise NotComputedError(f"{name}(): the text is too long")
    return chosen_by(name, arguments, value)


def _with_entries(found: Value, name: str, arguments: Arguments) -> Value:
    """The result with what the function makes of lists and maps of which each element is there or not."""
    whole = with_entries(name, arguments)
    if whole is None or found.span is None or not isinstance(found.content, UnknownContent):
        return found
    try:
        result = call(name, whole, found.span)
    except EvaluationError:
        # What is there may well be taken without what is not.
        return found
    if isinstance(result.content, UnknownContent):
        return found
    return Value(replace(found.content, entries=result), found.span)


def work_of(name: str, arguments: Arguments) -> int:
    """How many steps of evaluation a call costs as much as, for the budget of a reading."""
    function = FUNCTIONS.get(name)
    if function is None or name in _CHEAP:
        return 0
    if name == "yamldecode":
        # It is read by Python, sign by sign.
        return 40 * weight(arguments)
    if name in ("csvdecode", "jsondecode"):
        # Each sign of the text may become a value.
        return 4 * weight(arguments)
    if function.needs == "all" or name in _DEEP:
        return weight(arguments) // 2
    lengths = (
        len(argument.content.values)
        for argument in arguments
        if isinstance(argument.content, (Items, Fields))
    )
    return sum(lengths) // 4


def work_of_result(name: str, result: Value) -> int:
    """How many more steps a call costs by what it made: a short call can make a long list."""
    if name in _MULTIPLYING:
        return weight([result]) // 2
    if isinstance(result.content, (Items, Fields)):
        return len(result.content.values) // 2
    return 0


def _unknown_shape(value: Value) -> UnknownContent | None:
    return None if isinstance(value.content, JsonText) else unknown_in(value)


FUNCTIONS: Mapping[str, Function] = {
    **texts.FUNCTIONS,
    **patterns.FUNCTIONS,
    **formats.FUNCTIONS,
    **collections.FUNCTIONS,
    **sets.FUNCTIONS,
    **types.FUNCTIONS,
    **numbers.FUNCTIONS,
    **encodings.FUNCTIONS,
    **documents.FUNCTIONS,
    **hcl_texts.FUNCTIONS,
    **paths.FUNCTIONS,
    **networks.FUNCTIONS,
    **times.FUNCTIONS,
}
"""Every function that is evaluated, by name."""
