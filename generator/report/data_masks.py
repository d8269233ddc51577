"""Hides what files of data call a password, token or key, in lines that a report quotes.

Code reads such files whole (`yamldecode(file(…))`), and a result about what it read stands there. It works on
the text alone; where it is not sure how far a value reaches, it hides more.
"""

import re
from collections.abc import Sequence

from generator.report.masks import HIDDEN

SUFFIXES = (".yaml", ".yml", ".json", ".csv")
"""The files that hold data."""

_WORD = r"[\w.-]*(?:pass(?:word|wd|phrase)?|token|api_?key|private_?key|access_?key|secret_?(?:string|value|key))"
_KEY = re.compile(rf"(?<![\w.-])[\"']?{_WORD}[\"']?[ \t]*:(?:[ \t]+|(?=[\"'|>]|$))", re.IGNORECASE)
_COLUMN = re.compile(_WORD, re.IGNORECASE)
_ITEM = re.compile(r"[ \t]*(?:-[ \t]+)*")


def masked_data(lines: Sequence[str], name: str) -> list[str]:
    """The lines of a file, with the values of what its names call a secret replaced."""
    if name.endswith(".csv"):
        return _masked_rows(lines)
    found: list[str] = []
    # Where a value goes on in the lines below: those that are further in than its key.
    inside: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if inside is not None and (indent > inside or not line.strip()):
            found.append(" " * indent + HIDDEN if line.strip() else line)
            continue
        match = _KEY.search(line)
        inside = None if match is None else _depth(line)
        found.append(line if match is None else f"{line[: match.end()].rstrip()} {HIDDEN}")
    return found


def _depth(line: str) -> int:
    """How far in the key of a line stands, behind the signs of list items."""
    match = _ITEM.match(line)
    return 0 if match is None else match.end()


def _masked_rows(lines: Sequence[str]) -> list[str]:
    """The lines of a table, of which the rows are hidden where a column's name is a secret's."""
    if not lines or not any(_COLUMN.fullmatch(name.strip()) for name in lines[0].split(",")):
        return list(lines)
    return [lines[0], *(HIDDEN if line else line for line in lines[1:])]
