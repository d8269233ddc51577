"""Our data as text, for a file or another process, and back.

The text is JSON, and holds nothing but data: every list in it begins with the number of its sort, and
of the sorts below alone something is made. Whoever writes such a text can have no code run by it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias, TypeVar

from generator.hcl.layout import CodeLayout
from generator.hcl.root import RootReading, RootSetup, RootsRead
from generator.hcl.roots import FolderCalls
from generator.hcl.settings import Engine, ReadingSettings
from generator.hcl.shares import Share, Work
from generator.model.estate import (
    Absent,
    Estate,
    Identity,
    Kind,
    Known,
    Link,
    Place,
    Record,
    Root,
    Unknown,
)
from generator.model.finding import Finding, FindingKind, Severity, Witness
from generator.model.late import LateMapping, LateSequence
from generator.model.reading import NamedBlock, Reading, UnreadModule
from generator.model.span import Span
from generator.model.values import AccountId, Prefix, Region

_Sort = TypeVar("_Sort")
_Plain: TypeAlias = "str | int | float | bool | list[_Plain] | None"

# The sorts of values, in the order of their numbers.
_SPAN, _TUPLE, _MAPPING, _SET, _PATH = range(5)
_PLAIN = frozenset({str, int, float, bool, type(None)})
_WORDS: tuple[type[str], ...] = (AccountId, Region, Prefix, Kind, FindingKind, Severity, Engine)
_FIRST_WORD = 5
_PARTS: tuple[type, ...] = (
    Reading,
    Estate,
    Record,
    Known,
    Link,
    Unknown,
    Absent,
    Identity,
    Place,
    Root,
    UnreadModule,
    NamedBlock,
    Finding,
    Witness,
    RootReading,
    RootsRead,
    RootSetup,
    Share,
    Work,
    FolderCalls,
    CodeLayout,
    ReadingSettings,
)
_FIRST_PART = _FIRST_WORD + len(_WORDS)
_LEFT_OUT = frozenset(
    {
        "source",
        "unanswered",
        "unread_records",
        "read_at",
        "intended",
        "units",
        "waiting",
        "untouched",
        "digest",
    }
)
"""What a reading of code that stands alone does not have."""
_LATE = frozenset({"attributes", "places", "statement_spans", "named_blocks"})
"""What few questions ask for, of few records."""
_NAMES = tuple(
    tuple(one.name for one in fields(part) if not (part is Reading and one.name in _LEFT_OUT))
    for part in _PARTS
)


class NoFormError(ValueError):
    """A value that cannot be written, or a text that was not written like this."""


def written(value: object) -> str:
    """The value as one line of text; raises `NoFormError`."""
    writer = _Writer()
    try:
        plain = writer.value(value)
        document = [list(map(str, writer.files)), plain]
        return json.dumps(document, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise NoFormError(str(error)) from error


def read_back(text: str | bytes, sort: type[_Sort]) -> _Sort:
    """The value of that sort that was written; raises `NoFormError`.

    What few ask for is made when somebody does: a text that was changed may fail as late as then.
    """
    try:
        files, plain = json.loads(text)
        value = _Reader(files).value(plain)
    except (TypeError, ValueError, KeyError, IndexError, RecursionError) as error:
        raise NoFormError(str(error)) from error
    if not isinstance(value, sort):
        raise NoFormError(f"this is no {sort.__name__}")
    return value


class _Writer:
    """Writes values as lists that begin with the number of their sort; plain ones as they are."""

    def __init__(self) -> None:
        self.files: dict[Path, int] = {}
        self._writers: dict[type, Callable[..., _Plain]] = {
            Span: self._span,
            tuple: self._sequence,
            LateSequence: self._sequence,
            dict: self._mapping,
            LateMapping: self._mapping,
            frozenset: lambda items: [_SET, *map(self.value, sorted(items))],
            type(Path()): lambda path: [_PATH, self._file(path)],
        }
        for number, word in enumerate(_WORDS, start=_FIRST_WORD):
            self._writers[word] = partial(_word, number)
        for number, (part, names) in enumerate(zip(_PARTS, _NAMES, strict=True), start=_FIRST_PART):
            self._writers[part] = partial(self._part, number, attrgetter(*names))

    def value(self, value: object) -> _Plain:
        """One value; raises `TypeError` for one that has no form."""
        sort = type(value)
        if sort in _PLAIN:
            return value  # type: ignore[return-value]  # it is one of these
        write = self._writers.get(sort)
        if write is None:
            raise TypeError(f"{sort.__name__} has no plain form")
        return write(value)

    def _file(self, file: Path) -> int:
        return self.files.setdefault(file, len(self.files))

    def _span(self, span: Span) -> _Plain:
        file = self._file(span.file)
        return [_SPAN, file, span.line, span.column, span.end_line, span.end_column]

    def _sequence(self, items: Sequence[object]) -> _Plain:
        return [_TUPLE, *map(self.value, items)]

    def _mapping(self, items: Mapping[object, object]) -> _Plain:
        value = self.value
        return [_MAPPING, *(value(part) for item in items.items() for part in item)]

    def _part(
        self, number: int, values_of: Callable[[object], tuple[object, ...]], part: object
    ) -> _Plain:
        values = values_of(part)
        return [number, *map(self.value, values if type(values) is tuple else (values,))]


def _word(number: int, word: str) -> _Plain:
    return [number, str(word)]


class _Reader:
    """Makes values of what was written."""

    def __init__(self, files: Sequence[_Plain]) -> None:
        self._files = [Path(file) for file in files if isinstance(file, str)]
        self._makers: tuple[Callable[[list[_Plain]], object], ...] = (
            self._span,
            lambda items: tuple(map(self.value, items[1:])),
            self._mapping,
            lambda items: frozenset(map(self.value, items[1:])),
            self._path,
            *(partial(self._word, word) for word in _WORDS),
            *(partial(self._part, part, names) for part, names in zip(_PARTS, _NAMES, strict=True)),
        )

    def value(self, written: _Plain) -> object:
        """One value."""
        if type(written) is not list:
            return written
        sort = written[0]
        if type(sort) is not int or sort < 0:
            raise ValueError("this is no sort of value")
        return self._makers[sort](written)

    def _path(self, items: list[_Plain]) -> Path:
        _, file = items
        if type(file) is not int or file < 0:
            raise TypeError("this is no file")
        return self._files[file]

    def _span(self, items: list[_Plain]) -> Span:
        numbers = [number for number in items if type(number) is int]
        _, file, line, column, end_line, end_column = numbers
        return Span(
            file=self._files[file],
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )

    def _mapping(self, items: list[_Plain]) -> dict[object, object]:
        found = list(map(self.value, items[1:]))
        return dict(zip(found[::2], found[1::2], strict=True))

    def _word(self, word: Callable[[str], object], items: list[_Plain]) -> object:
        _, text = items
        if type(text) is not str:
            raise TypeError("this is no word")
        return word(text)

    def _part(
        self, part: Callable[..., object], names: tuple[str, ...], items: list[_Plain]
    ) -> object:
        _, *written = items
        return part(
            **{
                name: self._late(item) if name in _LATE else self.value(item)
                for name, item in zip(names, written, strict=True)
            }
        )

    def _late(self, written: _Plain) -> object:
        """A sequence or mapping whose items are made when somebody asks for them."""
        if type(written) is not list or written[0] not in {_TUPLE, _MAPPING}:
            raise TypeError("this is neither")
        if written[0] == _MAPPING:
            return LateMapping(lambda: self._mapping(written))
        return LateSequence(lambda: map(self.value, written[1:]))
