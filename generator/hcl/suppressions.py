"""Comments in Terraform code that accept a result: `# forebay: ignore[rule] reason="…"`."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator.hcl.code_tree import NOT_CODE
from generator.hcl.files import UnreadableError, read_text
from generator.hcl.scanner import comments_in
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.model.span import Span
from generator.model.suppression import (
    AcceptedAccess,
    AtLine,
    Suppression,
    WrongSuppression,
    name_of_today,
    parse_access,
    parse_day,
)

SYNTAX = '# forebay: ignore[RULE] until=YYYY-MM-DD reason="WHY"'
"""How such a comment is written; `until` may be left out."""

_ENDINGS = (".tf", ".tofu", ".tfvars")
_MARK = re.compile(r"(?:#|//|/\*)[\s*]*forebay:\s*(?P<words>.*?)\s*(?:\*/)?", re.DOTALL)
_IGNORE = re.compile(r"ignore\s*\[(?P<rules>[^\]]*)\](?P<rest>.*)", re.DOTALL)
_PAIR = re.compile(r"\s*(?P<key>[a-z]+)=(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\"]+))(?=\s|$)")
_KEYS = ("until", "reason", "access")


def read_suppressions(
    files: Iterable[Path], *, project_root: Path
) -> tuple[list[Suppression], list[WrongSuppression]]:
    """Read the comments of the files; those that cannot be read or scanned have none."""
    found: list[Suppression] = []
    wrong: list[WrongSuppression] = []
    for file in sorted(set(files)):
        if not file.name.endswith(_ENDINGS):
            continue
        try:
            text = read_text(file, project_root)
            if "forebay:" not in text:
                continue
            source = SourceText(file, text)
            comments = comments_in(source)
        except (UnreadableError, SyntaxMistakeError):
            # The reader of the code says so.
            continue
        below = _lines_below(source, comments)
        for start, end in comments:
            match = _MARK.fullmatch(text[start:end].rstrip())
            if match is None:
                continue
            place = source.span(start, end)
            parsed = _parsed(match["words"], place, _target_line(source, below, start, end))
            if isinstance(parsed, Suppression):
                found.append(parsed)
            else:
                wrong.append(parsed)
    return found, wrong


def files_below(code: Path, *, untouched: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """The files of a folder of code that can hold such comments.

    `generate` writes no such comment, so that files that are as it writes them need no look.
    """
    for folder, subfolders, names in os.walk(code):
        subfolders[:] = [name for name in subfolders if name not in NOT_CODE]
        here = Path(folder)
        if here not in untouched:
            yield from (here / name for name in names if name.endswith(_ENDINGS))


def _lines_below(source: SourceText, comments: Iterable[tuple[int, int]]) -> dict[int, int]:
    """For each line that is all comment: the first below it that is not."""
    last: dict[int, int] = {}
    for start, end in comments:
        line, _ = source.position(start)
        if not source.text[source.line_starts[line - 1] : start].strip():
            last[line] = source.position(max(end - 1, start))[0]
    below: dict[int, int] = {}
    for line in sorted(last, reverse=True):
        below[line] = below.get(last[line] + 1, last[line] + 1)
    return below


def _target_line(source: SourceText, below: Mapping[int, int], start: int, end: int) -> int:
    """The line that a comment is about: its own, or the first below that is not all comment."""
    line, _ = source.position(start)
    if source.text[source.line_starts[line - 1] : start].strip():
        return line
    after = source.position(max(end - 1, start))[0] + 1
    return below.get(after, after)


def _parsed(words: str, place: Span, line: int) -> Suppression | WrongSuppression:
    match = _IGNORE.fullmatch(words)
    if match is None:
        return WrongSuppression(place=place, reason=f"It is not understood. Write `{SYNTAX}`.")
    rules = frozenset(filter(None, (rule.strip() for rule in match["rules"].split(","))))
    if not rules:
        return WrongSuppression(place=place, reason="It names no rule in its brackets.")
    values: dict[str, str] = {}
    accesses: list[str] = []
    rest, position = match["rest"].rstrip(), 0
    while position < len(rest):
        pair = _PAIR.match(rest, position)
        if pair is None or pair["key"] not in _KEYS:
            unknown = rest[position:].strip()[:40]
            return WrongSuppression(
                place=place,
                reason=f"`{unknown}` is not understood. Write `{SYNTAX}`; a value with blanks needs "
                "double quotes.",
            )
        position = pair.end()
        value = pair["quoted"] if pair["quoted"] is not None else pair["bare"]
        if pair["key"] == "access":
            accesses.append(value)
        elif pair["key"] in values:
            return WrongSuppression(place=place, reason=f"It has two values for `{pair['key']}`.")
        else:
            values[pair["key"]] = value
    if not values.get("reason", "").strip():
        return WrongSuppression(place=place, reason='It gives no reason. Add `reason="WHY"`.')
    until = parse_day(values["until"]) if "until" in values else None
    if "until" in values and until is None:
        return WrongSuppression(
            place=place, reason=f"`until={values['until']}` is not a day: write YYYY-MM-DD."
        )
    access: list[AcceptedAccess] = []
    for text in accesses:
        one = parse_access(text)
        if one is None:
            return WrongSuppression(
                place=place,
                reason=f"`{text}` is not an access: write a principal, actions and resources, such "
                'as `access="999988887777 ecr:BatchGetImage arn:aws:ecr:…:repository/quay/*"`; '
                "several actions or resources are separated by commas.",
            )
        access.append(one)
    return Suppression(
        rules=frozenset(map(name_of_today, rules)),
        target=AtLine(file=place.file, line=line),
        reason=values["reason"],
        place=place,
        until=until,
        access=tuple(access),
    )
