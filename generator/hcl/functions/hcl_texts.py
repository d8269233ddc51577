"""Functions that write values in Terraform's own language, as its built-in provider does."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from generator.hcl.conversions import pairs
from generator.hcl.functions.signatures import Arguments, Function, function
from generator.hcl.scalars import scalar_text
from generator.hcl.values import EvaluationError, Fields, Items, NotComputedError, Value, is_small

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_PRINTED = frozenset("LMNPS")
"""Categories of signs that stand as they are, by their first letters."""


def _encode_expr(arguments: Arguments) -> str:
    (value,) = arguments
    if value.content is None:
        raise EvaluationError("a value is needed, not null")
    return _written(value, 0)


def _encode_tfvars(arguments: Arguments) -> str:
    (value,) = arguments
    if not isinstance(value.content, Fields):
        raise EvaluationError("an object is needed")
    for name in value.content.values:
        if not _is_identifier(name):
            raise EvaluationError(f"`{name}` cannot be the name of a variable")
    return "".join(f"{line}\n" for line in _lines(value.content.values, 0))


def _written(value: Value, depth: int) -> str:
    if depth == 0 and not is_small(value):
        raise NotComputedError("the value is too large")
    match value.content:
        case None:
            return "null"
        case str() as text:
            return _quoted(text)
        case Items(values=items):
            texts = [_written(item, depth) for item in items]
            if sum("\n" in text for text in texts) > 1:
                # How the lines between two are indented depends on all around.
                raise NotComputedError("a list of several objects is not laid out")
            return f"[{', '.join(texts)}]"
        case Fields(values=fields) if not fields:
            return "{}"
        case Fields(values=fields):
            lines = _lines(fields, depth + 1)
            return "\n".join(("{", *lines, f"{'  ' * depth}}}"))
        case bool() | int():
            return scalar_text(value)
        case _:
            pass
    try:
        # Other collections, numbers with a fraction, and texts of JSON.
        return scalar_text(value)
    except EvaluationError:
        found = {scalar_text(key): item for key, item in pairs(value)}
        return _written(Value(Fields(values=found)), depth)


def _lines(fields: Mapping[str, Value], depth: int) -> list[str]:
    """`name = value` for each; the signs of neighbours stand below each other, if each has one line."""
    found: list[str] = []
    run: list[tuple[str, str]] = []
    # Terraform orders names by their bytes.
    for name in sorted(fields, key=lambda each: each.encode("utf-8", "surrogatepass")):
        key = name if _is_identifier(name) else _quoted(name)
        text = _written(fields[name], depth)
        if "\n" not in text:
            run.append((key, text))
            continue
        found += _aligned(run, depth)
        run = []
        found.append(f"{'  ' * depth}{key} = {text}")
    return found + _aligned(run, depth)


def _aligned(run: Sequence[tuple[str, str]], depth: int) -> list[str]:
    is_plain = all(key.isascii() for key, _ in run) or len({len(key) for key, _ in run}) < 2
    if not is_plain:
        # How wide a sign is, two programs may see in two ways.
        raise NotComputedError("names beyond ASCII are not aligned")
    width = max((len(key) for key, _ in run), default=0)
    return [f"{'  ' * depth}{key.ljust(width)} = {text}" for key, text in run]


def _is_identifier(name: str) -> bool:
    return _IDENTIFIER.fullmatch(name) is not None


def _quoted(text: str) -> str:
    pieces: list[str] = []
    for place, sign in enumerate(text):
        if sign in _ESCAPES:
            pieces.append(_ESCAPES[sign])
        elif sign in "$%":
            pieces.append(sign * 2 if text[place + 1 : place + 2] == "{" else sign)
        elif sign == " " or _is_printed(sign):
            pieces.append(sign)
        else:
            pieces.append(f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}")
    return f'"{"".join(pieces)}"'


def _is_printed(sign: str) -> bool:
    category = unicodedata.category(sign)
    if category == "Cn":
        raise NotComputedError("a sign is new to one of two versions of Unicode")
    return category[0] in _PRINTED


FUNCTIONS: Mapping[str, Function] = {
    "provider::terraform::encode_expr": function(_encode_expr, 1),
    "provider::terraform::encode_tfvars": function(_encode_tfvars, 1),
}
