"""What a value that is not known is, if it is anything.

`one(aws_secretsmanager_secret.hub[*].arn)` is the secret's ARN or nothing, whatever `count` is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.hcl.values import (
    Deferred,
    Fields,
    Items,
    JsonText,
    PartialText,
    UnknownContent,
    Value,
    derived,
)

MOST_CHOICES = 1_000

_FROM = {
    "coalesce": slice(None),
    "coalescelist": slice(None),
    "compact": slice(None),
    "concat": slice(None),
    "distinct": slice(None),
    "element": slice(1),
    "flatten": slice(None),
    "join": slice(1, None),
    "lookup": slice(None, None, 2),
    "merge": slice(None),
    "one": slice(None),
    "reverse": slice(None),
    "setunion": slice(None),
    "slice": slice(1),
    "sort": slice(None),
    "tolist": slice(None),
    "tomap": slice(None),
    "toset": slice(None),
    "values": slice(None),
}
"""The functions that give what they were given, and which of their arguments that is."""

_COLLECTING = frozenset(
    {
        "coalescelist",
        "compact",
        "concat",
        "distinct",
        "merge",
        "reverse",
        "setunion",
        "slice",
        "sort",
        "tolist",
        "tomap",
        "toset",
        "values",
    }
)
"""Those of which the result has the elements of the arguments."""


_PARTING = frozenset({"chunklist", "matchkeys", "setintersection", "setsubtract"})
"""The functions that give some of the elements that they were given, each as it was."""

_VERB = re.compile(r"%[^a-zA-Z%]*[a-zA-Z%]")


def as_given(name: str, missing: UnknownContent, arguments: Sequence[Value]) -> UnknownContent:
    """What a function gives of something that is not known."""
    made = name in _PARTING and is_made(arguments)
    if name == "formatlist":
        pattern = arguments[0].content
        made = isinstance(pattern, str) and bool(_VERB.sub("", pattern))
    return replace(derived(missing), is_made=made)


def is_made(values: Iterable[Value]) -> bool:
    """Whether no text in values is just what an input gives, which may be any text, or `*` itself."""
    stack = list(values)
    visited = 0
    while stack:
        content = stack.pop().content
        visited += 1
        if visited > MOST_CHOICES:
            return False
        match content:
            case UnknownContent(reference=reference, origin=None, is_made=False):
                if reference.startswith("var."):
                    return False
            case PartialText(parts=parts):
                if not any(isinstance(part, str) and part for part in parts):
                    return False
            case "*":
                return False
            case Items(values=items):
                stack.extend(items)
            case Fields(values=fields):
                stack.extend(fields.values())
            case _:
                pass
    return True


def chosen_by(name: str, arguments: Sequence[Value], result: Value) -> Value:
    """The result of a function, with what it is if it is anything."""
    content, taken = result.content, _FROM.get(name)
    if taken is None or not isinstance(content, UnknownContent) or content.origin is not None:
        return result
    found = chosen(content, arguments[taken])
    if name not in _COLLECTING:
        found = replace(found, element=None, entries=None)
    return Value(found, result.span)


def chosen(content: UnknownContent, values: Sequence[Value]) -> UnknownContent:
    """What is not known, as one of some values or as nothing."""
    return replace(
        derived(content),
        candidate=_candidate(values),
        element=_element(values),
        entries=_entries(values),
        is_made=is_made(values),
    )


def maybe(content: UnknownContent, entries: Value, element: Value | None = None) -> Value:
    """A list or map of which each element is there or not."""
    made = is_made([entries])
    return Value(
        replace(derived(content), entries=entries, element=element, is_made=made), entries.span
    )


def with_entries(name: str, arguments: Sequence[Value]) -> list[Value] | None:
    """Arguments with all that may be in them; `None` where a function makes something else of that."""
    if name not in _COLLECTING - {"coalescelist", "slice"}:
        return None
    found: list[Value] = []
    for argument in arguments:
        match argument.content:
            case UnknownContent(entries=Value() as entries):
                found.append(entries)
            case UnknownContent():
                return None
            case _:
                found.append(argument)
    names = [key for each in found for key in _names_in(each)]
    # Which of two elements with one name is there, depends on what is not known.
    return None if name == "merge" and len(set(names)) < len(names) else found


def _names_in(value: Value) -> Iterable[str]:
    return value.content.values if isinstance(value.content, Fields) else ()


def _candidate(values: Iterable[Value]) -> Value | None:
    """The one attribute among values, elements included, else the one text; no other counts.

    A document is one only where nothing else is: of it, every word is judged.
    """
    attributes: dict[object, Value] = {}
    texts: dict[object, Value] = {}
    documents: list[Value] = []
    has_others = False
    for number, leaf in enumerate(_leaves(values)):
        if number >= MOST_CHOICES:
            return None
        match leaf.content:
            case UnknownContent(origin=origin) | PartialText(origin=origin) if origin is not None:
                attributes.setdefault(origin, leaf)
            case PartialText(parts=parts):
                attributes.setdefault(parts, leaf)
            case UnknownContent():
                has_others = True
            case JsonText():
                documents.append(leaf)
            case Deferred(reference=reference):
                attributes.setdefault(reference, leaf)
            case content:
                texts.setdefault(content, leaf)
    for found in (attributes, texts):
        if found:
            return next(iter(found.values())) if len(found) == 1 and not documents else None
    return documents[0] if len(documents) == 1 and not has_others else None


def _leaves(values: Iterable[Value]) -> Iterator[Value]:
    """The texts and the attributes in values; what is empty or not known at all is none."""
    stack = list(values)
    visited = 0
    while stack and visited <= MOST_CHOICES:
        value = stack.pop()
        visited += 1
        match value.content:
            case UnknownContent(origin=None) as content if parts := _parts(content):
                stack.extend(parts)
            case UnknownContent() | PartialText() | Deferred() | JsonText():
                yield value
            case str() as text if text:
                yield value
            case Items(values=items):
                stack.extend(items)
            case Fields(values=fields):
                stack.extend(fields.values())
            case _:
                pass


def _parts(content: UnknownContent) -> list[Value]:
    parts = (content.candidate, content.element, content.entries)
    return [each for each in parts if each is not None]


def _entries(values: Sequence[Value]) -> Value | None:
    """The only list or map among values that has anything in it."""
    found: Value | None = None
    for value in values:
        match value.content:
            case None | Items(values=()):
                continue
            case Fields(values=fields) if not fields:
                continue
            case UnknownContent(entries=Value() as entries) if found is None:
                found = entries
            case Items() | Fields() if found is None:
                found = value
            case _:
                return None
    return found


def _element(values: Sequence[Value]) -> Value | None:
    """What every element is, where only one collection has any and they are alike."""
    found: Value | None = None
    for value in values:
        match value.content:
            case None | Items(values=()):
                continue
            case Fields(values=fields) if not fields:
                continue
            case UnknownContent(element=Value() as element) if found is None:
                found = element
            case _:
                return None
    return found
