"""Writes YAML that means what it says: every text that YAML could take for something else is quoted."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.model.estate import Json, Unknown
from generator.model.span import Span

Yaml: TypeAlias = "str | int | bool | Sequence[Yaml] | Mapping[str, Yaml]"
"""What a topology is written from."""

Owner: TypeAlias = str
"""The thing of the code that a line of the topology comes from."""

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_WIDTH = 100
_MISREAD = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def scalar(text: str) -> str:
    """A text as YAML: plain where nobody can misread it, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _MISREAD:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == " " or (character.isprintable() and character != "\ufeff"):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment_text(text: str) -> str:
    """A text that can stand in a comment: one line of characters that YAML takes."""
    return "".join(map(_escaped, text)).replace('\\"', '"').replace("\\\\", "\\")


def flow(value: Yaml) -> str:
    """A value on one line."""
    return " ".join(_pieces(value))


def _pieces(value: Yaml) -> list[str]:
    """A value on one line, in pieces between which a line can end."""
    match value:
        case bool():
            return ["true" if value else "false"]
        case int():
            return [str(value)]
        case str():
            return [scalar(value)]
        case Mapping():
            members = []
            for key, item in value.items():
                first, *rest = _pieces(item)
                members.append([f"{scalar(key)}: {first}", *rest])
            return _joined("{", members, "}")
        case _:
            return _joined("[", [_pieces(item) for item in value], "]")


def _joined(before: str, members: Sequence[Sequence[str]], after: str) -> list[str]:
    """Members with commas between them and brackets around them."""
    pieces = []
    for number, member in enumerate(members, 1):
        *first, last = member
        pieces += [*first, last if number == len(members) else f"{last},"]
    if not pieces:
        return [before + after]
    pieces[0] = before + pieces[0]
    pieces[-1] += after
    return pieces


def _filled(head: str, value: Yaml, indent: str) -> list[str]:
    """A value after its head, on as many lines as it takes."""
    lines = [head]
    for piece in _pieces(value):
        if len(lines[-1]) + 1 + len(piece) > _WIDTH and lines[-1].strip() not in {"", head.strip()}:
            lines.append(indent + piece)
        else:
            lines[-1] += f" {piece}"
    return lines


def as_yaml(value: Json) -> Yaml:
    """A policy document for a topology: IAM compares texts, so numbers and booleans become some."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case None | Unknown():
            return ""
        case str():
            return value
        case tuple():
            return [as_yaml(item) for item in value]
        case _:
            return {key: as_yaml(item) for key, item in value.items()}


@frozen
class Entry:
    """A key with its value: where it comes from, and what it stands for."""

    key: str
    value: "Yaml | Nested | Listed"
    owners: frozenset[Owner] = frozenset()
    sources: tuple[Span, ...] = ()


@frozen
class Item:
    """An item of a list on lines of its own."""

    value: Yaml
    owners: frozenset[Owner] = frozenset()
    sources: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Nested:
    """Entries on lines of their own."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with each item on a line of its own."""

    items: tuple[Item, ...]


@dataclass(slots=True, kw_only=True)
class Page:
    """Lines of YAML, and what each stands for."""

    lines: list[str] = field(default_factory=list)
    owners: list[frozenset[Owner]] = field(default_factory=list)

    def text(self) -> str:
        """The whole page."""
        return "".join(f"{line}\n" for line in self.lines)

    def owners_at(self, first: int, last: int) -> frozenset[Owner]:
        """What the lines from `first` to `last` (from 1) stand for."""
        found = self.owners[first - 1 : max(first, last)]
        return frozenset(owner for owners in found for owner in owners)

    def comment(self, text: str) -> None:
        """Add a line for readers."""
        self._add(f"# {comment_text(text)}".rstrip())

    def write(self, entries: Iterable[Entry], indent: str = "") -> None:
        """Add entries, each nested one deeper."""
        for entry in entries:
            head = f"{indent}{scalar(entry.key)}:"
            match entry.value:
                case Nested(entries=nested):
                    self._add(f"{head}{_where(entry.sources)}", entry.owners)
                    self.write(nested, f"{indent}  ")
                case Listed(items=items):
                    self._add(f"{head}{_where(entry.sources)}", entry.owners)
                    for item in items:
                        lines = _filled(f"{indent}  -", item.value, f"{indent}     ")
                        self._add_lines(lines, item.sources, item.owners | entry.owners)
                case value:
                    lines = _filled(head, value, f"{indent}   ")
                    self._add_lines(lines, entry.sources, entry.owners)

    def _add_lines(
        self, lines: Sequence[str], sources: Sequence[Span], owners: frozenset[Owner]
    ) -> None:
        for line in lines[:-1]:
            self._add(line, owners)
        self._add(f"{lines[-1]}{_where(sources)}", owners)

    def _add(self, line: str, owners: frozenset[Owner] = frozenset()) -> None:
        self.lines.append(line)
        self.owners.append(owners)


def _where(sources: Sequence[Span]) -> str:
    """The places that a line comes from, as a comment at its end."""
    if not sources:
        return ""
    first = min(sources, key=lambda span: span.start)
    more = len({span.start for span in sources}) - 1
    others = f" and {more} more" if more else ""
    return f"  # {comment_text(f'{first.file.as_posix()}:{first.line}')}{others}"
