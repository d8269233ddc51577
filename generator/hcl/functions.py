"""Terraform's functions, as far as they can be computed without Terraform.

A function that is not in the table gives an unknown value, never a guess.
"""

import base64
import binascii
import hashlib
import itertools
import math
import posixpath
import re
import urllib.parse
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal as Word

from generator.hcl.conversions import (
    as_boolean,
    as_fields,
    as_integer,
    as_items,
    as_number,
    as_text,
    text_of,
)
from generator.hcl.equality import MOST_COMPARED, make_set, same, without_duplicates
from generator.hcl.json_text import decode, encode_parts
from generator.hcl.scalars import NUMBERS, number_content
from generator.hcl.scan import SPACES
from generator.hcl.types import unified
from generator.hcl.values import (
    LONGEST_TEXT,
    Content,
    Deferred,
    EvaluationError,
    Fields,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    first_unknown,
    is_small,
    type_name,
    unknown_in,
)
from generator.model.span import Span

LONGEST_RANGE = 1024
LARGEST_COLLECTION = 100_000

# Scripts in which every code point is a character of its own.
_PLAIN_CHARACTERS = re.compile("[\x00-\x0c\x0e-\u02ff\u0370-\u0482\u048a-\u052f]*")

Arguments = Sequence[Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function: how many arguments it takes, and whether it can work with unknown elements.

    `needs` says what must be known before it is called: `all` of every argument, `shape` only the
    arguments themselves (elements may be unknown), `nothing` when the function decides itself.
    """

    apply: Callable[[Arguments], Value | Content]
    least: int
    most: int | None
    needs: Word["all", "shape", "nothing"] = "all"


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
        return Value(_derived(missing), span)
    try:
        result = function.apply(arguments)
    except NotComputedError as error:
        return Value(UnknownContent(reason=str(error), reference=f"{name}(…)"), span)
    except EvaluationError as error:
        raise EvaluationError(f"{name}(): {error}") from None
    except ArithmeticError:
        raise NotComputedError(f"{name}(): the number is out of range") from None
    value = result if isinstance(result, Value) else Value(result, span)
    if isinstance(value.content, str) and len(value.content) > LONGEST_TEXT:
        raise NotComputedError(f"{name}(): the text is too long")
    return value


def _unknown_shape(value: Value) -> UnknownContent | None:
    return None if isinstance(value.content, JsonText) else unknown_in(value)


def _derived(missing: UnknownContent) -> UnknownContent:
    return UnknownContent(
        reason=missing.reason, reference=missing.reference, is_ephemeral=missing.is_ephemeral
    )


def _list(values: Sequence[Value]) -> Items:
    if len(values) > LARGEST_COLLECTION:
        raise NotComputedError("the list is too long")
    return Items(values=tuple(values), kind="list")


def _texts(values: Sequence[str]) -> Items:
    return _list([Value(text) for text in values])


def _map(values: Mapping[str, Value], spans: Mapping[str, Span] | None = None) -> Fields:
    return Fields(values=values, key_spans=spans or {}, kind="map")


def _spans(value: Value) -> Mapping[str, Span]:
    return value.content.key_spans if isinstance(value.content, Fields) else {}


def _title(arguments: Arguments) -> str:
    letters: list[str] = []
    before = " "
    for sign in as_text(arguments[0]):
        in_word = before == "_" or (before.isalnum() if before.isascii() else before not in SPACES)
        letters.append(sign if in_word else _cased(sign, str.upper))
        before = sign
    return "".join(letters)


def _cased(text: str, change: Callable[[str], str]) -> str:
    """Upper or lower case sign by sign, as Go does it."""
    if text.isascii():
        return change(text)
    changed = [change(sign) for sign in text]
    if any(len(sign) != 1 for sign in changed):
        raise NotComputedError("the text has letters of special case")
    return "".join(changed)


def _characters(text: str) -> str:
    """The text, where each code point is one character to a reader; Terraform counts those."""
    if not _PLAIN_CHARACTERS.fullmatch(text):
        raise NotComputedError("the text has composed characters")
    return text


def _substr(arguments: Arguments) -> str:
    text = _characters(as_text(arguments[0]))
    offset, length = as_integer(arguments[1]), as_integer(arguments[2])
    if offset < 0:
        offset = max(len(text) + offset, 0)
    if length < -1:
        raise EvaluationError("the length is negative")
    return text[offset:] if length == -1 else text[offset : offset + length]


def _split(arguments: Arguments) -> Items:
    separator, text = as_text(arguments[0]), as_text(arguments[1])
    if not text:
        return _texts([""] if separator else [])
    if (text.count(separator) if separator else len(text)) > LARGEST_COLLECTION:
        raise NotComputedError("the list is too long")
    return _texts(text.split(separator) if separator else list(text))


def _join(arguments: Arguments) -> Value:
    separator = as_text(arguments[0])
    parts: list[str | UnknownContent] = []
    for number, item in enumerate(item for group in arguments[1:] for item in as_items(group)):
        if number:
            parts.append(separator)
        match item.content:
            case UnknownContent() as content:
                parts.append(content)
            case PartialText(parts=pieces):
                parts.extend(pieces)
            case _:
                parts.append(as_text(item))
    return text_of(parts, None)


def _indent(arguments: Arguments) -> str:
    width = as_integer(arguments[0])
    if not 0 <= width <= 1000:
        raise NotComputedError("the indentation is out of range")
    text = as_text(arguments[1])
    if text.count("\n") * width > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return text.replace("\n", "\n" + " " * width)


# What only Go or only Python has, or what they read differently.
_FOREIGN_PATTERN = re.compile(
    r"\\[0-9ZzpPQC]|\(\?[=!<#(]|\(\?P[=>]|[*+?}]\+|\(\?[a-zA-Z]*U|\{,|\[\[|\\x\{"
)


_REPETITION = re.compile(r"[*+]|\{[0-9]*,")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
# Signs and classes of signs one after the other: nothing repeats and nothing is a choice.
_PLAIN_PATTERN = re.compile(r"(?:[^\\\[\](){}|*+?]|\\[^\w\s]|\\[dws]|\[\^?\]?[^\[\]\\]*\])*")


def _pattern(pattern: str, text: str) -> re.Pattern[str]:
    """A Go pattern as Python's, to search `text`."""
    ends_in_line_break = "$" in pattern and text.endswith("\n")
    if ends_in_line_break or _FOREIGN_PATTERN.search(pattern) or _is_costly(pattern, text):
        raise NotComputedError("the pattern is not evaluated")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, Warning):
        raise NotComputedError("the pattern is not evaluated") from None


def _is_costly(pattern: str, text: str) -> bool:
    """Whether Python's engine, which tries again and again, could take long; Go's never does."""
    if len(pattern) > 500:
        return True
    if _PLAIN_PATTERN.fullmatch(pattern):
        return len(text) * len(pattern) > 10_000_000
    if len(text) > 2000:
        return True
    if _REPEATED_GROUP.search(pattern) and len(text) > 18:
        return True
    return math.pow(len(text), len(_REPETITION.findall(pattern))) > 10_000_000


def _matched(match: re.Match[str]) -> Content:
    def group(text: str | None) -> Value:
        return Value(text)

    if match.re.groupindex:
        return Fields(values={name: group(match[name]) for name in match.re.groupindex})
    if match.re.groups:
        return Items(values=tuple(group(text) for text in match.groups()))
    return match[0]


def _regex(arguments: Arguments) -> Content:
    pattern, text = as_text(arguments[0]), as_text(arguments[1])
    match = _pattern(pattern, text).search(text)
    if match is None:
        raise EvaluationError("the pattern does not match")
    return _matched(match)


def _regexall(arguments: Arguments) -> Content:
    pattern, text = as_text(arguments[0]), as_text(arguments[1])
    matches = _pattern(pattern, text).finditer(text)
    return _list([Value(_matched(match)) for match in matches])


_GROUP = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\$)")


def _replace(arguments: Arguments) -> str:
    text, old, new = (as_text(argument) for argument in arguments)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        pattern = _pattern(old[1:-1], text)

        def expand(match: re.Match[str]) -> str:
            def group(reference: re.Match[str]) -> str:
                name = reference[1] or reference[2]
                if name is None:
                    return "$"
                if name.isdecimal():
                    number = int(name)
                    return (match[number] or "") if number <= match.re.groups else ""
                return (match[name] or "") if name in match.re.groupindex else ""

            return _GROUP.sub(group, new)

        return pattern.sub(expand, text)
    if text.count(old) * len(new) > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return text.replace(old, new)


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
            text = _format_value(value) if verb == "v" else as_text(value)
            if precision is not None:
                text = text[: int(precision)]
        case "q":
            text = _go_quoted(as_text(value))
        case "t":
            text = as_text(Value(as_boolean(value)))
        case "d":
            text = str(as_integer(value))
        case "f":
            text = f"{as_number(value):.{int(precision or 6)}f}"
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
    if width > 1000:
        raise NotComputedError("the width is too large")
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags:
        sign = text[0] if text[:1] in ("+", "-", " ") else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _go_quoted(text: str) -> str:
    if not text.isprintable():
        raise NotComputedError("the text has characters that cannot be printed")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _format(arguments: Arguments) -> Value:
    pattern, values = as_text(arguments[0]), arguments[1:]
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
        if value.content is None:
            raise NotComputedError("null in a format is not evaluated")
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
                    parts.append(_derived(missing))
                else:
                    parts.append(_one_verb(match, value))
    if "%" in pattern[position:]:
        raise NotComputedError("the format is not understood")
    if highest < len(values):
        raise EvaluationError("there are too many arguments")
    parts.append(pattern[position:])
    return text_of(parts, None)


def _formatlist(arguments: Arguments) -> Items:
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
    return _list(results)


def _length(arguments: Arguments) -> int:
    (value,) = arguments
    match value.content:
        case str():
            return len(_characters(value.content))
        case JsonText():
            return len(_characters(as_text(value)))
        case Items(values=items):
            return len(items)
        case Fields(values=fields):
            return len(fields)
        case Deferred(names=names) if names is not None:
            return len(names)
        case _:
            if isinstance(value.content, Deferred):
                raise NotComputedError("a resource has attributes that are not in the code")
            raise EvaluationError(f"{type_name(value)} has no length")


def _length_of_set(value: Value) -> UnknownContent | None:
    if isinstance(value.content, Items) and value.content.kind == "set":
        return first_unknown(value.content.values)
    return None


def _safe_length(arguments: Arguments) -> Content:
    # Unknown elements of a set may turn out equal.
    return _length_of_set(arguments[0]) or _length(arguments)


def _merge(arguments: Arguments) -> Fields:
    values: dict[str, Value] = {}
    spans: dict[str, Span] = {}
    maps = all(
        isinstance(argument.content, Fields) and argument.content.kind == "map"
        for argument in arguments
    )
    for argument in arguments:
        if argument.content is None:
            continue
        for key, value in as_fields(argument).items():
            values[key] = value
            span = _spans(argument).get(key)
            if span is not None:
                spans[key] = span
    return Fields(values=values, key_spans=spans, kind="map" if maps and arguments else "object")


def _concat(arguments: Arguments) -> Items:
    values = [item for argument in arguments for item in as_items(argument)]
    all_lists = all(
        isinstance(argument.content, Items) and argument.content.kind == "list"
        for argument in arguments
    )
    if len(values) > LARGEST_COLLECTION:
        raise NotComputedError("the list is too long")
    return Items(values=tuple(values), kind="list" if all_lists else "tuple")


def _flatten(arguments: Arguments) -> Content:
    result: list[Value] = []
    stack = list(reversed(as_items(arguments[0])))
    while stack:
        item = stack.pop()
        if isinstance(item.content, Items):
            stack.extend(reversed(item.content.values))
        elif isinstance(item.content, UnknownContent) and item.content.origin is None:
            # It may be a list of any length.
            return _derived(item.content)
        else:
            result.append(item)
        if len(result) > LARGEST_COLLECTION:
            raise NotComputedError("the list is too long")
    return Items(values=tuple(result))


def _keys(arguments: Arguments) -> Items:
    fields, spans = as_fields(arguments[0]), _spans(arguments[0])
    return _list([Value(key, spans.get(key)) for key in sorted(fields)])


def _values(arguments: Arguments) -> Items:
    fields = as_fields(arguments[0])
    return _list([fields[key] for key in sorted(fields)])


def _lookup(arguments: Arguments) -> Value:
    fields, key = as_fields(arguments[0]), as_text(arguments[1])
    if key in fields:
        return fields[key]
    if len(arguments) == 3:
        return arguments[2]
    raise EvaluationError(f"there is no key `{key}`")


def _contains(arguments: Arguments) -> Content:
    items, wanted = as_items(arguments[0]), arguments[1]
    if (missing := first_unknown((wanted,))) is not None:
        return _derived(missing)
    if any(first_unknown((item,)) is None and same(item, wanted) for item in items):
        return True
    missing = first_unknown(items)
    return False if missing is None else _derived(missing)


def _element(arguments: Arguments) -> Value:
    items, index = as_items(arguments[0]), as_integer(arguments[1])
    if not items:
        raise EvaluationError("the list is empty")
    if index < 0:
        # An error up to Terraform 1.11, counted from the end in 1.15.
        raise NotComputedError("a negative index of element() depends on Terraform's version")
    return items[index % len(items)]


def _slice(arguments: Arguments) -> Items:
    items, start, end = as_items(arguments[0]), as_integer(arguments[1]), as_integer(arguments[2])
    if not 0 <= start <= end <= len(items):
        raise EvaluationError("the indexes are out of range")
    return _same_kind(arguments[0], items[start:end])


def _same_kind(argument: Value, items: Sequence[Value]) -> Items:
    kind = argument.content.kind if isinstance(argument.content, Items) else "tuple"
    return Items(values=tuple(items), kind="list" if kind == "set" else kind)


def _index(arguments: Arguments) -> int:
    for number, item in enumerate(as_items(arguments[0])):
        if same(item, arguments[1]):
            return number
    raise EvaluationError("the element is not in the list")


def _distinct(arguments: Arguments) -> Items:
    return _list(without_duplicates(unified(as_items(arguments[0]))))


def _sort(arguments: Arguments) -> Items:
    texts = [Value(as_text(item), item.span) for item in as_items(arguments[0])]
    return _list(sorted(texts, key=as_text))


def _coalesce(arguments: Arguments) -> Value:
    for argument in arguments:
        content = argument.content
        if isinstance(content, UnknownContent):
            if content.is_never_null:
                return argument
            return Value(_derived(content))
        if content is not None and content != "":
            return unified((argument, *arguments))[0]
    raise EvaluationError("no argument has a value")


def _coalescelist(arguments: Arguments) -> Value:
    for argument in arguments:
        if argument.content is not None and as_items(argument):
            return argument
    raise EvaluationError("no argument has an element")


def _one(arguments: Arguments) -> Value | Content:
    items = as_items(arguments[0])
    if len(items) > 1:
        raise EvaluationError("the list has more than one element")
    return items[0] if items else None


def _compact(arguments: Arguments) -> Content:
    kept: list[Value] = []
    for item in as_items(arguments[0]):
        if isinstance(item.content, UnknownContent) and not item.content.is_never_null:
            return _derived(item.content)
        if item.content is not None and item.content != "":
            kept.append(item)
    return _list(kept)


def _zipmap(arguments: Arguments) -> Fields:
    keys, values = as_items(arguments[0]), as_items(arguments[1])
    if len(keys) != len(values):
        raise EvaluationError("the lists differ in length")
    spans = {as_text(key): key.span for key in keys if key.span is not None}
    return Fields(
        values={as_text(key): value for key, value in zip(keys, values, strict=True)},
        key_spans=spans,
    )


def _setproduct(arguments: Arguments) -> Items:
    groups = [as_items(argument) for argument in arguments]
    if math.prod(len(group) for group in groups) > LARGEST_COLLECTION:
        raise NotComputedError("the product is too large")
    rows = [Value(Items(values=row)) for row in itertools.product(*groups)]
    if any(
        isinstance(argument.content, Items) and argument.content.kind == "set"
        for argument in arguments
    ) and all(
        isinstance(argument.content, Items) and argument.content.kind == "set"
        for argument in arguments
    ):
        return Items(values=tuple(rows), kind="set")
    return _list(rows)


def _set_of(arguments: Arguments, keep: Callable[[Value, list[tuple[Value, ...]]], bool]) -> Items:
    groups = [as_items(argument) for argument in arguments]
    if math.prod(max(len(group), 1) for group in groups[:2]) > MOST_COMPARED**2:
        raise NotComputedError("it compares too many values")
    together = iter(unified(tuple(item for group in groups for item in group)))
    first, *others = (tuple(itertools.islice(together, len(group))) for group in groups)
    return make_set(item for item in first if keep(item, others))


def _is_in(item: Value, items: Sequence[Value]) -> bool:
    return any(same(item, other) for other in items)


def _chunklist(arguments: Arguments) -> Items:
    items, size = as_items(arguments[0]), as_integer(arguments[1])
    if size < 0:
        raise EvaluationError("the size is negative")
    if size == 0:
        return _list([Value(_list(items))])
    return _list(
        [Value(_list(items[start : start + size])) for start in range(0, len(items), size)]
    )


def _range(arguments: Arguments) -> Items:
    numbers = [as_number(argument) for argument in arguments]
    start: int | Decimal = 0 if len(numbers) == 1 else numbers[0]
    end = numbers[0] if len(numbers) == 1 else numbers[1]
    step = numbers[2] if len(numbers) == 3 else (1 if end >= start else -1)
    if step == 0:
        raise EvaluationError("the step is zero")
    if len(numbers) == 3 and (end > start) != (step > 0) and end != start:
        raise EvaluationError("the step leads away from the end")
    found: list[Value] = []
    while start < end if step > 0 else start > end:
        if len(found) >= LONGEST_RANGE:
            raise EvaluationError(f"the range has more than {LONGEST_RANGE} elements")
        found.append(Value(start))
        start = number_content(NUMBERS.add(Decimal(start), Decimal(step)))
    return _list(found)


def _transpose(arguments: Arguments) -> Fields:
    turned: dict[str, list[str]] = {}
    fields = as_fields(arguments[0])
    for key in sorted(fields):
        for item in as_items(fields[key]):
            turned.setdefault(as_text(item), []).append(key)
    return _map({key: Value(_texts(sorted(turned[key]))) for key in sorted(turned)})


def _matchkeys(arguments: Arguments) -> Items:
    values, keys, wanted = (as_items(argument) for argument in arguments)
    if len(values) != len(keys):
        raise EvaluationError("the lists differ in length")
    if len(keys) * len(wanted) > MOST_COMPARED**2:
        raise NotComputedError("it compares too many values")
    return _list([value for value, key in zip(values, keys, strict=True) if _is_in(key, wanted)])


def _tolist(arguments: Arguments) -> Items | None:
    if arguments[0].content is None:
        return None
    return _list(list(unified(as_items(arguments[0]))))


def _toset(arguments: Arguments) -> Items | None:
    if arguments[0].content is None:
        return None
    return make_set(unified(as_items(arguments[0])))


def _tomap(arguments: Arguments) -> Fields | None:
    if arguments[0].content is None:
        return None
    fields = as_fields(arguments[0])
    values = unified(tuple(fields.values()))
    return _map(dict(zip(fields, values, strict=True)), _spans(arguments[0]))


def _or_null(read: Callable[[Value], Content]) -> Callable[[Arguments], Content]:
    def convert(arguments: Arguments) -> Content:
        return None if arguments[0].content is None else read(arguments[0])

    return convert


def _tostring(arguments: Arguments) -> Value:
    (value,) = arguments
    if value.content is None or isinstance(value.content, (UnknownContent, PartialText, JsonText)):
        return value
    return Value(as_text(value), value.span)


def _abs(arguments: Arguments) -> int | Decimal:
    number = as_number(arguments[0])
    return number if number >= 0 else -number


def _max(arguments: Arguments) -> int | Decimal:
    return max(as_number(argument) for argument in arguments)


def _min(arguments: Arguments) -> int | Decimal:
    return min(as_number(argument) for argument in arguments)


def _sum(arguments: Arguments) -> int | Decimal:
    items = as_items(arguments[0])
    if not items:
        raise EvaluationError("the list is empty")
    total = Decimal(0)
    for item in items:
        total = NUMBERS.add(total, Decimal(as_number(item)))
    return number_content(total)


def _pow(arguments: Arguments) -> int | Decimal:
    base, exponent = (Decimal(as_number(argument)) for argument in arguments)
    return number_content(NUMBERS.power(base, exponent))


def _parseint(arguments: Arguments) -> int:
    text, base = as_text(arguments[0]), as_integer(arguments[1])
    if not 2 <= base <= 36 or not re.fullmatch(r"-?[0-9a-zA-Z]{1,200}", text):
        raise EvaluationError("the number cannot be read")
    if text.lstrip("-").lower().startswith({16: "0x", 8: "0o", 2: "0b"}.get(base, " ")):
        raise EvaluationError("the number cannot be read")
    try:
        return int(text, base)
    except ValueError:
        raise EvaluationError("the number cannot be read") from None


def _base64decode(arguments: Arguments) -> str:
    try:
        return base64.b64decode(as_text(arguments[0]), validate=True).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("the text is not base64 of UTF-8") from None


def _hash(name: str) -> Callable[[Arguments], str]:
    def digest(arguments: Arguments) -> str:
        return hashlib.new(name, as_text(arguments[0]).encode(), usedforsecurity=False).hexdigest()

    return digest


def _base64_hash(name: str) -> Callable[[Arguments], str]:
    def digest(arguments: Arguments) -> str:
        value = hashlib.new(name, as_text(arguments[0]).encode(), usedforsecurity=False)
        return base64.b64encode(value.digest()).decode()

    return digest


def _jsondecode(arguments: Arguments) -> Value:
    return decode(arguments[0])


def _jsonencode(arguments: Arguments) -> Content:
    if isinstance(arguments[0].content, UnknownContent) and arguments[0].content.origin is None:
        # Its structure is unknown too, unless it is an attribute that is a text.
        return _derived(arguments[0].content)
    if not is_small(arguments[0]):
        raise NotComputedError("the value is too large")
    parts = encode_parts(arguments[0])
    if sum(len(part) for part in parts if isinstance(part, str)) > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return JsonText(document=arguments[0])


def _basename(arguments: Arguments) -> str:
    path = as_text(arguments[0]).rstrip("/")
    return posixpath.basename(path) if path else ("/" if as_text(arguments[0]) else ".")


def _dirname(arguments: Arguments) -> str:
    return posixpath.normpath(posixpath.dirname(as_text(arguments[0])) or ".")


def _alltrue(arguments: Arguments) -> bool:
    return all(item.content is not None and as_boolean(item) for item in as_items(arguments[0]))


def _anytrue(arguments: Arguments) -> bool:
    return any(item.content is not None and as_boolean(item) for item in as_items(arguments[0]))


def _ephemeralasnull(arguments: Arguments) -> Value | Content:
    content = arguments[0].content
    if isinstance(content, UnknownContent) and content.is_ephemeral:
        return None
    return arguments[0]


def _startswith(arguments: Arguments) -> Content:
    text, prefix = arguments[0], as_text(arguments[1])
    if isinstance(text.content, PartialText):
        first = text.content.parts[0]
        if isinstance(first, str) and (len(first) >= len(prefix) or not prefix.startswith(first)):
            return first.startswith(prefix)
        return next(_derived(part) for part in text.content.parts if not isinstance(part, str))
    if isinstance(text.content, UnknownContent):
        return _derived(text.content)
    return as_text(text).startswith(prefix)


def _rounded(mode: str) -> Callable[[Arguments], int]:
    def apply(arguments: Arguments) -> int:
        return int(Decimal(as_number(arguments[0])).to_integral_value(rounding=mode))

    return apply


def _signum(arguments: Arguments) -> int:
    number = as_number(arguments[0])
    return (number > 0) - (number < 0)


def _urlencode(arguments: Arguments) -> str:
    return urllib.parse.quote_plus(as_text(arguments[0]))


def _arn_parse(arguments: Arguments) -> Fields:
    words = as_text(arguments[0]).split(":", 5)
    if len(words) != 6 or words[0] != "arn":
        raise EvaluationError("the text is not an ARN")
    names = ("partition", "service", "region", "account_id", "resource")
    return Fields(values={name: Value(word) for name, word in zip(names, words[1:], strict=True)})


def _same_value(arguments: Arguments) -> Value:
    return arguments[0]


def _text_function(apply: Callable[[str], str]) -> Function:
    return Function(apply=lambda arguments: apply(as_text(arguments[0])), least=1, most=1)


def _two_texts(apply: Callable[[str, str], str | bool]) -> Function:
    def with_texts(arguments: Arguments) -> Content:
        return apply(as_text(arguments[0]), as_text(arguments[1]))

    return Function(apply=with_texts, least=2, most=2)


def _function(
    apply: Callable[[Arguments], Value | Content],
    least: int,
    most: int | None = -1,
    *,
    needs: Word["all", "shape", "nothing"] = "all",
) -> Function:
    return Function(apply=apply, least=least, most=least if most == -1 else most, needs=needs)


FUNCTIONS: Mapping[str, Function] = {
    "abs": _function(_abs, 1),
    "alltrue": _function(_alltrue, 1),
    "anytrue": _function(_anytrue, 1),
    "base64decode": _function(_base64decode, 1),
    "base64encode": _text_function(lambda text: base64.b64encode(text.encode()).decode()),
    "base64sha256": _function(_base64_hash("sha256"), 1),
    "base64sha512": _function(_base64_hash("sha512"), 1),
    "basename": _function(_basename, 1),
    "ceil": _function(_rounded(ROUND_CEILING), 1),
    "chomp": _text_function(lambda text: text.rstrip("\r\n")),
    "chunklist": _function(_chunklist, 2, needs="shape"),
    "coalesce": _function(_coalesce, 1, None, needs="nothing"),
    "coalescelist": _function(_coalescelist, 1, None, needs="shape"),
    "compact": _function(_compact, 1, needs="shape"),
    "concat": _function(_concat, 1, None, needs="shape"),
    "contains": _function(_contains, 2, needs="shape"),
    "dirname": _function(_dirname, 1),
    "distinct": _function(_distinct, 1),
    "element": _function(_element, 2, needs="shape"),
    "endswith": _two_texts(str.endswith),
    "ephemeralasnull": _function(_ephemeralasnull, 1, needs="nothing"),
    "flatten": _function(_flatten, 1, needs="shape"),
    "floor": _function(_rounded(ROUND_FLOOR), 1),
    "format": _function(_format, 1, None, needs="nothing"),
    "formatlist": _function(_formatlist, 1, None, needs="shape"),
    "indent": _function(_indent, 2),
    "index": _function(_index, 2),
    "join": _function(_join, 2, None, needs="shape"),
    "jsondecode": _function(_jsondecode, 1, needs="nothing"),
    "jsonencode": _function(_jsonencode, 1, needs="nothing"),
    "keys": _function(_keys, 1, needs="shape"),
    "length": _function(_safe_length, 1, needs="shape"),
    "lookup": _function(_lookup, 2, 3, needs="shape"),
    "lower": _text_function(lambda text: _cased(text, str.lower)),
    "matchkeys": _function(_matchkeys, 3),
    "max": _function(_max, 1, None),
    "md5": _function(_hash("md5"), 1),
    "merge": _function(_merge, 0, None, needs="shape"),
    "min": _function(_min, 1, None),
    "nonsensitive": _function(_same_value, 1, needs="nothing"),
    "one": _function(_one, 1, needs="shape"),
    "parseint": _function(_parseint, 2),
    "pow": _function(_pow, 2),
    "provider::aws::arn_parse": _function(_arn_parse, 1),
    "range": _function(_range, 1, 3),
    "regex": _function(_regex, 2),
    "regexall": _function(_regexall, 2),
    "replace": _function(_replace, 3),
    "reverse": _function(lambda a: _same_kind(a[0], as_items(a[0])[::-1]), 1, needs="shape"),
    "sensitive": _function(_same_value, 1, needs="nothing"),
    "setintersection": _function(
        lambda a: _set_of(a, lambda item, others: all(_is_in(item, other) for other in others)),
        1,
        None,
    ),
    "setproduct": _function(_setproduct, 2, None, needs="shape"),
    "setsubtract": _function(
        lambda a: _set_of(a, lambda item, others: not _is_in(item, others[0])), 2
    ),
    "setunion": _function(
        lambda a: make_set(unified(tuple(item for group in a for item in as_items(group)))),
        1,
        None,
        needs="shape",
    ),
    "sha1": _function(_hash("sha1"), 1),
    "sha256": _function(_hash("sha256"), 1),
    "sha512": _function(_hash("sha512"), 1),
    "signum": _function(_signum, 1),
    "slice": _function(_slice, 3, needs="shape"),
    "sort": _function(_sort, 1),
    "split": _function(_split, 2),
    "startswith": _function(_startswith, 2, needs="nothing"),
    "strcontains": _two_texts(lambda text, part: part in text),
    "strrev": _text_function(lambda text: _characters(text)[::-1]),
    "substr": _function(_substr, 3),
    "sum": _function(_sum, 1),
    "title": _function(_title, 1),
    "tobool": _function(_or_null(as_boolean), 1),
    "tolist": _function(_tolist, 1, needs="shape"),
    "tomap": _function(_tomap, 1, needs="shape"),
    "tonumber": _function(_or_null(as_number), 1),
    "toset": _function(_toset, 1, needs="shape"),
    "tostring": _function(_tostring, 1, needs="nothing"),
    "transpose": _function(_transpose, 1),
    "trim": _two_texts(lambda text, signs: text.strip(signs) if signs else text),
    "trimprefix": _two_texts(str.removeprefix),
    "trimspace": _text_function(lambda text: text.strip(SPACES)),
    "trimsuffix": _two_texts(str.removesuffix),
    "upper": _text_function(lambda text: _cased(text, str.upper)),
    "urlencode": _function(_urlencode, 1),
    "values": _function(_values, 1, needs="shape"),
    "zipmap": _function(_zipmap, 2, needs="shape"),
}
"""Every function that is evaluated, by name."""
