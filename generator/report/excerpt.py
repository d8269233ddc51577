"""Excerpts of source files with the marked stretch underlined, as compilers print them."""

import contextlib
import json
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from generator.disk.checkout import is_left_behind
from generator.disk.places import holds_credentials, is_of_git, leads_out
from generator.disk.project import project_root
from generator.disk.reading import read_file
from generator.frozen_data import frozen
from generator.model.finding import Finding
from generator.model.printable import printable
from generator.model.span import Span
from generator.report.data_masks import masked_data
from generator.report.masks import (
    called_folders,
    masked,
    secret_names,
    variables_in,
    variables_of_json,
    without_credentials,
)

SECRET_RULE = "secret-in-topology"  # noqa: S105 - the name of a rule
"""The rule whose places hold secrets."""

_SECRET = "(not shown, because of the secret in it)"  # noqa: S105
_CODE = (".tf", ".tofu", ".tfvars", ".tf.json", ".tofu.json", ".tfvars.json", ".hcl")
_BLOCKS = (".tf", ".tofu", ".tf.json", ".tofu.json")
_OURS = (*_CODE, ".yaml", ".yml", ".json")
TAB_WIDTH = 4
_MOST_FILES = 1000
_DEEPEST = 32
_MOST_BYTES = 16 * 1024 * 1024
WHOLE_LINES = 5
"""A stretch of more lines than this is shown by its first lines and its last."""


@dataclass(slots=True)
class Sources:
    """The lines of the files that a report quotes; each file is read once, `private` ones never.

    `secrets` are places that hold one: their lines are never shown.
    """

    private: frozenset[Path] = frozenset()
    secrets: frozenset[Span] = frozenset()
    _files: dict[Path, tuple[str, ...]] = field(default_factory=dict)
    _names: dict[Path, frozenset[str]] = field(default_factory=dict)
    _texts: dict[Path, str] = field(default_factory=dict)
    _outside: dict[Path, bool] = field(default_factory=dict)

    def lines(self, file: Path) -> tuple[str, ...]:
        """The file's lines without their ends; none when it cannot or must not be read."""
        if file not in self._files:
            try:
                # What stands behind a link is judged by its own name.
                name = os.path.basename(os.path.realpath(file))  # noqa: PTH119
                readable = not (
                    file in self.private
                    or is_of_git(file)
                    or (holds_credentials(file) and not name.endswith(_OURS))
                    or self._leads_out(file)
                    # Terraform loads values that a job leaves; they are its own.
                    or (not name.endswith(_BLOCKS) and is_left_behind(file))
                )
                content = read_file(file, limit=_MOST_BYTES) if readable else b""
                text = content.decode("utf-8-sig", errors="replace")
            except (OSError, ValueError):
                text = ""
            lines = [line.removesuffix("\r") for line in text.split("\n")]
            if file.name.endswith(_CODE):
                lines = masked(lines, self._secret_names(file.parent))
            else:
                # Code reads data from files of any name.
                lines = masked_data(lines, file.name)
            lines = without_credentials(lines)
            for span in self.secrets:
                if span.file == file:
                    for number in range(span.line, min(span.end_line, len(lines)) + 1):
                        lines[number - 1] = _SECRET
            self._files[file] = tuple(lines)
        return self._files[file]

    def _leads_out(self, file: Path) -> bool:
        """Whether it is a link out of its project: a report must not show what lies there."""
        if file.is_symlink():
            home = project_root(file.parent, None)
            return leads_out(file) or not file.resolve().is_relative_to(home)
        # A file that is no link lies where its folder lies.
        folder = file.parent
        if folder not in self._outside:
            self._outside[folder] = leads_out(folder)
        return self._outside[folder]

    def _secret_names(self, folder: Path, *, depth: int = 0) -> frozenset[str]:
        """The names in a folder's code that stand for what is sensitive, there or in what it calls."""
        real = folder.resolve()
        if real not in self._names:
            # Modules that call each other in a circle are none that Terraform reads.
            self._names[real] = frozenset()
            text = self._code(folder)
            others: set[str] = set()
            for called in self._called(folder, text) if depth < _DEEPEST else ():
                theirs = self._code(called)
                others |= self._secret_names(called, depth=depth + 1) & variables_in(theirs)
            self._names[real] = secret_names(text, others)
        return self._names[real]

    def _called(self, folder: Path, text: str) -> list[Path]:
        """The folders of modules that a folder's code calls, as far as they are here."""
        found = [folder / path for path in called_folders(text)]
        installed = folder / ".terraform" / "modules" / "modules.json"
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            listed = json.loads(read_file(installed, limit=_MOST_BYTES // 16))["Modules"]
            found += [folder / one["Dir"] for one in listed[:_MOST_FILES] if one["Dir"] != "."]
        with contextlib.suppress(OSError, ValueError):
            return [
                path for path in found if path.is_dir() and not self._leads_out(path / "main.tf")
            ]
        return []

    def _code(self, folder: Path) -> str:
        if folder not in self._texts and len(self._texts) < _MOST_FILES:
            texts: list[str] = []
            with contextlib.suppress(OSError, ValueError):
                for file in sorted(folder.iterdir())[:_MOST_FILES]:
                    if file.name.endswith(_CODE) and not self._leads_out(file):
                        content = read_file(file, limit=_MOST_BYTES // 16)
                        texts.append(content.decode("utf-8-sig", errors="replace"))
                        if file.name.endswith(".json"):
                            texts.append(variables_of_json(texts[-1]))
            self._texts[folder] = "\n".join(texts)
        return self._texts.get(folder, "")


def sources_of(findings: Iterable[Finding], *, private: frozenset[Path]) -> Sources:
    """What a report of the findings can quote."""
    return Sources(
        private=private,
        secrets=frozenset(
            finding.location
            for finding in findings
            if finding.rule == SECRET_RULE and finding.location is not None
        ),
    )


@frozen
class ExcerptLine:
    """One line of an excerpt: its number (`None` for a gap), the text, and the marks below it."""

    number: int | None
    text: str
    marks: str


def excerpt(span: Span, sources: Sources, *, width: int) -> tuple[ExcerptLine, ...]:
    """The lines of the span, at most `width` columns each; empty when the file is not readable."""
    lines = sources.lines(span.file)
    if span.line > len(lines) or not any(lines):
        return ()
    last = min(max(span.end_line, span.line), len(lines))
    if last > span.line and span.end_column <= 1:
        last -= 1
    numbers: list[int | None] = list(range(span.line, last + 1))
    if len(numbers) > WHOLE_LINES:
        numbers[WHOLE_LINES - 2 : -1] = [None]
    return tuple(
        ExcerptLine(number=None, text="", marks="")
        if number is None
        else _line(span, lines[number - 1], number=number, last=last, width=width)
        for number in numbers
    )


# Where one line asks for a thing in every account, each of its results shows that line.
@lru_cache(maxsize=1024)
def _line(span: Span, text: str, *, number: int, last: int, width: int) -> ExcerptLine:
    indent = len(text) - len(text.lstrip())
    start = min(span.column - 1 if number == span.line else indent, len(text))
    ends_here = number == last and last == span.end_line
    end = span.end_column - 1 if ends_here else len(text.rstrip())
    end = max(end, start + 1)
    cells = _cells(text)
    marked = [start <= index < end for index in range(max(len(cells), end))]
    shown, marks = _window(cells, marked, start=start, width=width)
    return ExcerptLine(number=number, text=shown.rstrip(), marks=marks.rstrip())


def _cells(text: str) -> list[str]:
    """What stands on the terminal for each character: tabs as blanks, the unprintable escaped."""
    if text.isascii() and text.isprintable() and "##[" not in text:
        return list(text)
    column, cells = 0, []
    for character in text:
        blanks = " " * (TAB_WIDTH - column % TAB_WIDTH)
        cells.append(blanks if character == "\t" else printable(character))
        column += _display_width(cells[-1])
        # Cells are escaped one by one, and an order to a log of GitHub's has three of them.
        if cells[-3:] == ["#", "#", "["]:
            cells[-1] = printable("##[").removeprefix("##")
    return cells


def _window(cells: list[str], marked: list[bool], *, start: int, width: int) -> tuple[str, str]:
    """The part of a long line around the marks, with dots where something is left out."""
    first, last = 0, len(cells)
    if sum(map(_display_width, cells)) > width:
        first = max(0, start - width // 3)
        last = first
        room = width - 2
        while last < len(cells) and room >= _display_width(cells[last]):
            room -= _display_width(cells[last])
            last += 1
    lead = "…" if first > 0 else ""
    tail = "…" if last < len(cells) else ""
    marks = " " * len(lead)
    stop = len(marked) if last == len(cells) else last
    for index in range(first, stop):
        size = _display_width(cells[index]) if index < len(cells) else 1
        marks += ("^" if marked[index] else " ") * size
    return lead + "".join(cells[first:last]) + tail, marks


def _display_width(cell: str) -> int:
    if cell.isascii():
        return len(cell)
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in cell
    )
