"""What code said, kept between runs: nothing is read anew where nothing changed.

An entry is JSON, so whoever writes there can run no code by it. It holds marks of all that was looked
at; where one of them is another now, or the entry is damaged, it is the same as none.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias

from generator.hcl.kept_values import keep_text, kept_text
from generator.hcl.looks import NoMarkError, mark, program_mark
from generator.hcl.root import collecting_rarely
from generator.hcl.settings import ReadingSettings
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
from generator.model.late import LateMapping, LateSequence
from generator.model.reading import NamedBlock, Reading, UnreadModule
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import AccountId, Prefix, Region

_Plain: TypeAlias = "str | int | float | bool | list[_Plain] | None"

# The sorts of values, in the order of their numbers.
_SPAN, _TUPLE, _MAPPING, _SET = range(4)
_PLAIN = frozenset({str, int, float, bool, type(None)})
_WORDS: tuple[type[str], ...] = (AccountId, Region, Prefix, Kind)
_FIRST_WORD = 4
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
    }
)
"""What a reading of code that is kept does not have."""
_LATE = frozenset({"attributes", "places", "statement_spans", "named_blocks"})
"""What few questions ask for, of few records."""
_NAMES = tuple(
    tuple(one.name for one in fields(part) if not (part is Reading and one.name in _LEFT_OUT))
    for part in _PARTS
)


class KeptReading:
    """The place of one question about code, and what was answered to it."""

    def __init__(
        self,
        folder: Path,
        *,
        code: Path,
        project_root: Path,
        topology: Topology | None,
        settings: ReadingSettings,
    ) -> None:
        layout = None if topology is None else _layout(topology)
        about = (
            program_mark(),
            str(Path.cwd()),
            str(code),
            str(project_root),
            repr(settings),
            layout,
        )
        self._folder = folder
        self._name = f"code-{sha256(repr(about).encode()).hexdigest()[:32]}.json"

    @staticmethod
    def is_for(settings: ReadingSettings) -> bool:
        """Whether an answer is kept: what is said on the command line may be a secret."""
        return not (settings.variables or settings.variable_files or settings.accounts)

    def read(self) -> Reading | None:
        """What the code said when it was read, where nothing changed since."""
        text = kept_text(self._folder, self._name)
        if text is None:
            return None
        digest, _, content = text.partition("\n")
        if digest != sha256(content.encode()).hexdigest():
            return None
        try:
            with collecting_rarely():
                entry = json.loads(content)
                if any(mark(Path(path)) != seen for path, seen in entry["marks"].items()):
                    return None
                return _Decoder(entry["files"]).reading(entry["reading"])
        except (ValueError, TypeError, KeyError, IndexError, RecursionError, NoMarkError, OSError):
            return None

    def keep(self, reading: Reading, marks: Mapping[Path, str | None]) -> None:
        """Keep an answer, if all of it can be kept, and a mark stands for all that was looked at."""
        if reading.problems or reading.intended is not None or None in marks.values():
            return
        encoder = _Encoder()
        try:
            with collecting_rarely():
                entry = {
                    "marks": {str(path): seen for path, seen in marks.items()},
                    "reading": encoder.value(reading),
                    "files": list(map(str, encoder.files)),
                }
                content = json.dumps(entry, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            return
        keep_text(self._folder, self._name, f"{sha256(content.encode()).hexdigest()}\n{content}")


def _layout(topology: Topology) -> tuple[object, ...]:
    """What a topology says about how code is read: where modules are, and whose a root is."""
    modules = topology.terraform.modules
    accounts = topology.managed_accounts.items()
    return (
        None if modules is None else modules.source(""),
        *((topology.folder(name), account.id) for name, account in accounts),
    )


class _Encoder:
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
        }
        for number, word in enumerate(_WORDS, start=_FIRST_WORD):
            self._writers[word] = partial(_word, number)
        for number, (part, names) in enumerate(zip(_PARTS, _NAMES, strict=True), start=_FIRST_PART):
            self._writers[part] = partial(self._part, number, attrgetter(*names))

    def value(self, value: object) -> _Plain:
        """One value; raises `TypeError` for one that cannot be kept."""
        sort = type(value)
        if sort in _PLAIN:
            return value  # type: ignore[return-value]  # it is one of these
        write = self._writers.get(sort)
        if write is None:
            raise TypeError(f"{sort.__name__} cannot be kept")
        return write(value)

    def _span(self, span: Span) -> _Plain:
        file = self.files.setdefault(span.file, len(self.files))
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


class _Decoder:
    """Makes values of what was written."""

    def __init__(self, files: Sequence[_Plain]) -> None:
        self._files = [Path(file) for file in files if isinstance(file, str)]
        self._makers: tuple[Callable[[list[_Plain]], object], ...] = (
            self._span,
            lambda items: tuple(map(self.value, items[1:])),
            self._mapping,
            lambda items: frozenset(map(self.value, items[1:])),
            *(partial(self._word, word) for word in _WORDS),
            *(partial(self._part, part, names) for part, names in zip(_PARTS, _NAMES, strict=True)),
        )

    def reading(self, written: _Plain) -> Reading:
        """A reading of code; raises one of several errors for what is none."""
        found = self.value(written)
        if not isinstance(found, Reading):
            raise TypeError("this is no reading")
        return found

    def value(self, written: _Plain) -> object:
        """One value."""
        if type(written) is not list:
            return written
        sort = written[0]
        if type(sort) is not int or sort < 0:
            raise ValueError("this is no sort of value")
        return self._makers[sort](written)

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
