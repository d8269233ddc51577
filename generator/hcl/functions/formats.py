"""The functions `format` and `formatlist`, with Go's verbs."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from generator.hcl.conversions import as_boolean, as_integer, as_items, as_number, as_text, text_of
from generator.hcl.functions.signatures import Arguments, Function, function, list_of
from generator.hcl.unicode_text import characters
from generator.hcl.values import (
    EvaluationError,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    derived,
    first_unknown,
)

_VERB = re.compile(
    r"%(?:%|(?:\[(?P<index>\d+)\])?(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?"
    r"(?P<verb>[a-zA-Z]))"
)


def _format_value(value: Value) -> str:
    content = value.content
    if isinstance(content, (Items, Fields)) or content is None:
        return as_text(Value(JsonText(document=value)))
    return as_text(value)


def _one_verb(match: re.Match[str], value: Value) -> str:
    flags, precision, verb = match["flags"], match["precision"], match["verb"]
    if precision is not None and int(precision) > 1000:
        raise NotComputedError("the precision is too large")
    match verb:
        case "s" | "v":
            if verb == "v" and isinstance(value.content, (int, Decimal)):
                _refuse_exponents(value.content)
            text = _format_value(value) if verb == "v" else as_text(value)
            if precision is not None:
                text = characters(text)[: int(precision)]
        case "q":
            text = _go_quoted(as_text(value))
        case "t":
            text = as_text(Value(as_boolean(value)))
        case "d":
            text = str(as_integer(value))
        case "f":
            text = _fixed(Decimal(as_number(value)), int(precision or 6))
        case "b" | "o" | "x" | "X":
            text = format(as_integer(value), verb)
        case _:
            raise NotComputedError(f"the verb %{verb} is not evaluated")
    if "+" in flags and verb in "df" and not text.startswith("-"):
        text = "+" + text
    elif " " in flags and verb in "df" and not text.startswith("-"):
        text = " " + text
    if "#" in flags:
        raise NotComputedError("the flag # is not evaluated")
    width = int(match["width"] or 0)
    if width and not text.isascii():
        characters(text)
    if width > 1000:
        raise NotComputedError("the width is too large")
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags:
        sign = text[0] if text[:1] in ("+", "-", " ") else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _fixed(number: Decimal, places: int) -> str:
    """A number with so many digits behind the point, rounded from what it exactly is."""
    if number and abs(number.adjusted()) > 1000:
        raise NotComputedError("the number is too large or too small")
    fraction = Fraction(number)
    is_exact = fraction.denominator & (fraction.denominator - 1) == 0
    if not is_exact and (fraction * 10**places) % 1 == Fraction(1, 2):
        # Terraform holds it in halves, quarters and so on, and so a little to one side.
        raise NotComputedError("which way the number is rounded is not computed")
    return f"{number:.{places}f}"


def _refuse_exponents(number: int | Decimal) -> None:
    """Raise for a number that Go may write with an exponent."""
    if number and not -4 <= Decimal(number).adjusted() <= 5 and not isinstance(number, bool):
        raise NotComputedError("how Go writes the number is not computed")


def _go_quoted(text: str) -> str:
    if not text.isprintable():
        raise NotComputedError("the text has characters that cannot be printed")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _format(arguments: Arguments) -> Value:
    pattern, values = as_text(arguments[0]), arguments[1:]
    if any(value.content is None for value in values):
        raise NotComputedError("null in a format is not evaluated")
    parts: list[str | UnknownContent] = []
    position, used = 0, 0
    highest = 0
    for match in _VERB.finditer(pattern):
        parts.append(pattern[position : match.start()])
        position = match.end()
        if match[0] == "%%":
            parts.append("%")
            continue
        if match["index"]:
            used = int(match["index"]) - 1
        if not 0 <= used < len(values):
            raise EvaluationError("there are not enough arguments")
        value = values[used]
        used += 1
        highest = max(highest, used)
        plain = match["verb"] in "sv" and not (match["width"] or match["precision"])
        match value.content:
            case UnknownContent() as content if plain:
                parts.append(content)
            case PartialText(parts=pieces) if plain:
                parts.extend(pieces)
            case _:
                if (missing := first_unknown((value,))) is not None:
                    parts.append(derived(missing))
                else:
                    parts.append(_one_verb(match, value))
    if "%" in pattern[position:]:
        raise NotComputedError("the format is not understood")
    if highest < len(values):
        raise EvaluationError("there are too many arguments")
    parts.append(pattern[position:])
    return text_of(parts, None)


def _formatlist(arguments: Arguments) -> Items:
    as_text(arguments[0])
    lists = [argument for argument in arguments[1:] if isinstance(argument.content, Items)]
    lengths = {len(as_items(argument)) for argument in lists}
    if len(lengths) > 1:
        raise EvaluationError("the lists differ in length")
    count = lengths.pop() if lengths else 1
    results = []
    for number in range(count):
        row = [
            as_items(argument)[number] if isinstance(argument.content, Items) else argument
            for argument in arguments[1:]
        ]
        results.append(_format([arguments[0], *row]))
    return list_of(results)


FUNCTIONS: Mapping[str, Function] = {
    "format": function(_format, 1, None, needs="nothing"),
    "formatlist": function(_formatlist, 1, None, needs="shape"),
}
