"""Finds one argument within a stretch of code, so that a result can point at it."""

import re
from collections.abc import Callable, Collection
from pathlib import Path

from generator.disk.reading import read_file
from generator.model.span import Span

_MOST_BYTES = 4 * 1024 * 1024
# What is no code: texts and comments.
_ASIDE = re.compile(r'"(?:[^"\\\n]|\\.)*"|\#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)


def argument_finder() -> Callable[[Span, Collection[str]], Span | None]:
    """What finds arguments in files, each of which it reads once."""
    texts: dict[Path, list[str] | None] = {}

    def find(span: Span, names: Collection[str]) -> Span | None:
        if span.file not in texts:
            texts[span.file] = _lines(span.file)
        lines = texts[span.file]
        return None if lines is None else argument_in(lines, span, names)

    return find


def argument_in(lines: list[str], span: Span, names: Collection[str]) -> Span | None:
    """The value of the one argument of these names in a block or object; `None` for none or several.

    An argument of something nested is not one of the block's own.
    """
    if span.line >= span.end_line or span.end_line > len(lines):
        return None
    either = "|".join(map(re.escape, names))
    pattern = re.compile(rf'\s*"?(?:{either})"?\s*(?:=(?!=)|:)\s*')
    found: list[Span] = []
    depth = 0
    for number in range(span.line, span.end_line + 1):
        line = lines[number - 1]
        text = line[span.column - 1 :] if number == span.line else line
        if "<<" in text:
            return None
        match = pattern.match(line) if number > span.line and depth == 1 else None
        if match is not None:
            value = _ASIDE.sub(lambda part: part[0] if part[0][0] == '"' else "", line)
            end = len(value.rstrip().rstrip(",").rstrip())
            found.append(
                Span(
                    file=span.file,
                    line=number,
                    column=match.end() + 1,
                    end_line=number,
                    end_column=max(end, match.end()) + 1,
                )
            )
        code = _ASIDE.sub("", text)
        depth += sum(code.count(sign) for sign in "([{") - sum(code.count(sign) for sign in ")]}")
    return found[0] if len(found) == 1 else None


def _lines(file: Path) -> list[str] | None:
    try:
        content = read_file(file, limit=_MOST_BYTES)
        return content.decode("utf-8").split("\n")
    except (OSError, ValueError):
        return None
