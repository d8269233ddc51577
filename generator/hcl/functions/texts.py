"""Functions of texts: case, parts, white space, joining and splitting."""

from collections.abc import Mapping, Sequence

from generator.hcl.conversions import as_integer, as_items, as_text, text_of
from generator.hcl.functions.signatures import (
    LARGEST_COLLECTION,
    Arguments,
    Function,
    function,
    text_function,
    texts_of,
    two_texts,
)
from generator.hcl.unicode_text import SPACES, cased, characters
from generator.hcl.values import (
    LONGEST_TEXT,
    Content,
    Items,
    JsonText,
    NotComputedError,
    PartialText,
    UnknownContent,
    Value,
    derived,
)


def _title(arguments: Arguments) -> str:
    letters: list[str] = []
    before = " "
    for sign in as_text(arguments[0]):
        in_word = before == "_" or (before.isalnum() if before.isascii() else before not in SPACES)
        letters.append(sign if in_word else _titled(sign))
        before = sign
    return "".join(letters)


def _titled(sign: str) -> str:
    titled = sign.title()
    if len(titled) != 1:
        raise NotComputedError("the text has letters of special case")
    return titled


def _substr(arguments: Arguments) -> str:
    text = characters(as_text(arguments[0]))
    offset, length = as_integer(arguments[1]), as_integer(arguments[2])
    if offset < 0 and length == 0:
        raise NotComputedError("nothing from the end is not computed")
    if offset < 0:
        offset = max(len(text) + offset, 0)
    if length < -1:
        raise NotComputedError("the length is negative")
    return text[offset:] if length == -1 else text[offset : offset + length]


def _split(arguments: Arguments) -> Items:
    separator, text = as_text(arguments[0]), as_text(arguments[1])
    if not text:
        return texts_of([""] if separator else [])
    if (text.count(separator) if separator else len(text)) > LARGEST_COLLECTION:
        raise NotComputedError("the list is too long")
    return texts_of(text.split(separator) if separator else list(text))


def _alone(items: Sequence[Value], separator: str) -> Value | None:
    """The one text of a list beside which there is nothing: joined, it is what it was."""
    left = items if separator else [item for item in items if item.content != ""]
    if len(left) != 1:
        return None
    content = left[0].content
    is_attribute = isinstance(content, UnknownContent) and content.origin is not None
    return left[0] if is_attribute or isinstance(content, PartialText | JsonText) else None


def _join(arguments: Arguments) -> Value:
    separator = as_text(arguments[0])
    items = [item for group in arguments[1:] for item in as_items(group)]
    if (alone := _alone(items, separator)) is not None:
        return alone
    parts: list[str | UnknownContent] = []
    for number, item in enumerate(items):
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


def _startswith(arguments: Arguments) -> Content:
    text, prefix = arguments[0], as_text(arguments[1])
    if isinstance(text.content, PartialText):
        first = text.content.parts[0]
        if isinstance(first, str) and (len(first) >= len(prefix) or not prefix.startswith(first)):
            return first.startswith(prefix)
        return next(derived(part) for part in text.content.parts if not isinstance(part, str))
    if isinstance(text.content, UnknownContent):
        return derived(text.content)
    return as_text(text).startswith(prefix)


FUNCTIONS: Mapping[str, Function] = {
    "chomp": text_function(lambda text: text.rstrip("\r\n")),
    "endswith": two_texts(str.endswith),
    "indent": function(_indent, 2),
    "join": function(_join, 2, None, needs="shape"),
    "lower": text_function(lambda text: cased(text, str.lower)),
    "split": function(_split, 2),
    "startswith": function(_startswith, 2, needs="nothing"),
    "strcontains": two_texts(lambda text, part: part in text),
    "strrev": text_function(lambda text: characters(text)[::-1]),
    "substr": function(_substr, 3),
    "title": function(_title, 1),
    "trim": two_texts(lambda text, signs: text.strip(signs) if signs else text),
    "trimprefix": two_texts(str.removeprefix),
    "trimspace": text_function(lambda text: text.strip(SPACES)),
    "trimsuffix": two_texts(str.removesuffix),
    "upper": text_function(lambda text: cased(text, str.upper)),
}
