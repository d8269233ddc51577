"""Paths and spans as reports show them: relative to the folder that the command ran in."""

import os
from functools import lru_cache
from pathlib import Path

from generator.model.span import Span


@lru_cache(maxsize=1024)
def shown_path(file: Path, base: Path) -> str:
    """The file's path relative to `base`, with forward slashes."""
    absolute = Path(os.path.normpath(base / file))
    if not absolute.is_relative_to(base):
        # The same folder may have two names (a link in the path); the shorter result is meant.
        resolved = absolute.resolve()
        if resolved.is_relative_to(base.resolve()):
            return resolved.relative_to(base.resolve()).as_posix()
    try:
        return Path(os.path.relpath(absolute, base)).as_posix()
    except ValueError:  # another drive on Windows
        return absolute.as_posix()


def place_object(span: Span | None, base: Path) -> dict[str, str | int] | None:
    """The span as a JSON document has it."""
    if span is None:
        return None
    return {
        "file": shown_path(span.file, base),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def shown_place(span: Span, base: Path) -> str:
    """The span's beginning as `file:line:column`."""
    return f"{shown_path(span.file, base)}:{span.line}:{span.column}"
