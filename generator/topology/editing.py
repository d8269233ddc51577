"""Puts edits into the text of YAML files and leaves every other byte as it is."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.frozen_data import frozen
from generator.model.edit import Edit, Spelling
from generator.model.quotes import quoted

if TYPE_CHECKING:
    from yaml.events import Event

_LINE_END = re.compile("\r\n|\r|\n")
# Texts that every YAML parser takes for a text when they stand without quotes, in a list as well.
_PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_BOM = "\ufeff".encode()


@frozen
class Edited:
    """The files with the edits in them, and why each of the others could not be made."""

    files: Mapping[Path, bytes]
    refused: Mapping[Edit, str]


def with_edits(edits: Sequence[Edit], contents: Mapping[Path, bytes]) -> Edited:
    """Make all edits that can be made; of two that change the same text, neither is made."""
    refused: dict[Edit, str] = {}
    files: dict[Path, bytes] = {}
    for edit in edits:
        if any(edit.overlaps(other) for other in edits):
            refused[edit] = "Another edit changes the same text."
    for file, content in contents.items():
        text = _Text(content)
        own = {edit for edit in edits if edit.span.file == file and edit not in refused}
        for edit in sorted(own, key=lambda each: each.span.start, reverse=True):
            problem = text.replace(edit)
            if problem is not None:
                refused[edit] = problem
        files[file] = text.content()
    return Edited(files=files, refused=refused)


class _Text:
    """The text of one file while it is edited, from its end to its start."""

    def __init__(self, content: bytes) -> None:
        self.head = _BOM if content.startswith(_BOM) else b""
        self.text = content[len(self.head) :].decode()
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        self.anchored = tuple(_anchored(self.text))

    def content(self) -> bytes:
        return self.head + self.text.encode()

    def replace(self, edit: Edit) -> str | None:
        """Make one edit, or say why not."""
        start = self._offset(edit.span.line, edit.span.column)
        end = self._offset(edit.span.end_line, edit.span.end_column)
        for anchor in self.anchored:
            if anchor.start <= start < anchor.end:
                return (
                    f"It lies in what the anchor {quoted(f'&{anchor.name}')} names, which is used "
                    f"on line {anchor.used_on} as well."
                )
        written = self.text[start:end]
        new = _spelled(edit, written)
        if new is None:
            return "It is written in a way that no program should change."
        self.text = self.text[:start] + new + self.text[end:]
        return None

    def _offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column - 1


@frozen
class _Anchored:
    """A stretch that an anchor names, and the line on which an alias uses it again."""

    name: str
    start: int
    end: int
    used_on: int


def _anchored(text: str) -> Iterable[_Anchored]:
    """The anchors of the first document that something uses."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # Those three are line ends for YAML 1.1 alone, as the reader of topologies has it.
    events = yaml.parse(re.sub("[\x85\u2028\u2029]", " ", text), Loader=loader)
    found: dict[str, tuple[int, int]] = {}
    open_ones: list[tuple[str | None, int]] = []
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            return
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in found:
                start, end = found[event.anchor]
                yield _Anchored(
                    name=event.anchor, start=start, end=end, used_on=_start(event)[1] + 1
                )
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            open_ones.append((event.anchor, _start(event)[0]))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            anchor, start = open_ones.pop()
            if anchor is not None:
                found[anchor] = (start, _end(event))
        elif isinstance(event, yaml.ScalarEvent) and event.anchor is not None:
            found[event.anchor] = (_start(event)[0], _end(event))


def _start(event: "Event") -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None  # noqa: S101 - parsers give it
    return mark.index, mark.line


def _end(event: "Event") -> int:
    mark = event.end_mark
    assert mark is not None  # noqa: S101 - parsers give it
    return mark.index


def _spelled(edit: Edit, written: str) -> str | None:
    """The new text as YAML; none where what is written is not just the text that was read."""
    if edit.spelling is Spelling.QUOTED:
        is_bare = re.sub(r"\s", "", written) == edit.before
        return json.dumps(edit.after) if is_bare and "\n" not in written else None
    quote = written[:1] if written[:1] in {"'", '"'} else ""
    if _text_of(written) != edit.before:
        return None
    if edit.spelling is Spelling.PLAIN:
        return edit.after
    if quote == "'" and "'" not in edit.after and edit.after.isprintable():
        return f"'{edit.after}'"
    is_plain = _PLAIN_TEXT.fullmatch(edit.after) and edit.after.lower() not in _WORDS_OF_YAML
    return edit.after if not quote and is_plain else json.dumps(edit.after)


def _text_of(written: str) -> str | None:
    """The text of a value on one line, without anchor or tag; none for anything else."""
    import yaml

    if _LINE_END.search(written) or not written:
        return None
    if written[0] in "'\"":
        inner = written[1:-1]
        if written[-1:] != written[0] or len(written) < 2 or written[0] in inner or "\\" in inner:
            return None
        return inner
    try:
        events = [
            event
            for event in yaml.parse(written, Loader=yaml.SafeLoader)
            if isinstance(event, yaml.ScalarEvent)
        ]
    except yaml.YAMLError:
        return None
    if len(events) != 1 or events[0].anchor or events[0].tag:
        return None
    return written if events[0].value == written else None
