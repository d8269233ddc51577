"""Hides what files of data call a password, token or key, in lines that a report quotes.

Code reads such files whole (`yamldecode(file(…))`), and a result about what it read stands there. It works on
the text alone; where it is not sure how far a value reaches, it hides more.
"""

import re
from collections.abc import Sequence

from generator.report.masks import HIDDEN

_KEYS = (
    "api|private|access|client|shared|signing|encryption|ssh|master|account|license|deploy|secret"
)
_WORD = (
    r"(?:[\w.-]*(?:pass(?:word|wd|phrase|code)?|pwd|token|secret|credentials|creds|auth|bearer|cookie"
    rf"|(?:{_KEYS})key|conn(?:ection)?[_-]?string)"
    r"|(?:[\w.-]*[_.-])?(?:pat|sas|dsn|otp)|(?:[\w.]+[_-])?(?!kms)[a-z0-9]+[_-]key)"
    # What follows goes on about the value, but for what only names it.
    r"(?:s|\d+|(?![_-]?(?:name|arn|expires|type|url|path|region|version)s?\b)(?:[_-]|(?-i:[A-Z]))\w*)?"
)
_KEY = re.compile(
    rf"(?:(?<![\w.-])[\"']?{_WORD}[\"']?|\"[^\"\s\\]*\\[uUx][^\"]*\")"
    r"[ \t]*(?::(?:[ \t]+|(?=[^\s:/])|$)|=(?!=)[ \t]*|$)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"[\"']?\b(?:name|key)[\"']?[ \t]*[:=][ \t]*[\"']?{_WORD}[\"']?[ \t]*(?:[,}}]|$)",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?<![\w.-])[\"']?(?:value|default|content)[\"']?[ \t]*[:=][ \t]*", re.IGNORECASE
)
_COLUMN = re.compile(rf"[\"']?{_WORD}[\"']?", re.IGNORECASE)
_ITEM = re.compile(r"[ \t]*(?:-[ \t]+)*")
# Names of secrets, which stand in topologies and for Secrets Manager.
_IS_NAME = re.compile(
    r"[\"']?(?:ecr-pullthroughcache/|arn:)[\w/+=.@:{}-]*[\"']?[ \t]*(?:[,}].*|#.*)?$"
)
_CREDENTIAL = re.compile(r"\bcredential[\"']?[ \t]*:[ \t]*[{]?[ \t]*$")

_LONGEST = 100_000
"""The most characters of one value that are read for its end; all below more is hidden."""


def masked_data(lines: Sequence[str], name: str) -> list[str]:
    """The lines of a file, with the values of what its names call a secret replaced."""
    if name.lower().endswith(".csv"):
        return _masked_rows(lines)
    found: list[str] = []
    # Where a value goes on in the lines below: those that are further in than its key, and as long as
    # its brackets and quotes are open.
    inside: int | None = None
    value = ""
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if inside is not None and (indent > inside or not line.strip() or _is_open(value)):
            value += f"{line}\n"
            found.append(" " * indent + HIDDEN if line.strip() else line)
            continue
        end = _start_of_secret(lines, number)
        inside, value = (None, "") if end is None else (_depth(line), f"{line[end:]}\n")
        found.append(line if end is None else f"{line[:end].rstrip()} {HIDDEN}")
    return found


def _start_of_secret(lines: Sequence[str], number: int) -> int | None:
    """Where the first value of a line begins that may be a secret."""
    line = lines[number]
    ends = [
        match.end() for match in _KEY.finditer(line) if not _is_only_named(lines, number, match)
    ]
    if any(_NAMED.search(each) for each in lines[max(number - 1, 0) : number + 2]):
        ends += [match.end() for match in _VALUE.finditer(line)]
    return min(ends, default=None)


def _is_only_named(lines: Sequence[str], number: int, match: re.Match[str]) -> bool:
    """Whether what looks like a secret is the name of one, or no key at all."""
    line = lines[number]
    before = line[: match.start()].rstrip()
    if match.end() == len(line) and not line.rstrip().endswith((":", "=")):
        # A key whose colon is on the next line; else the last word of a value.
        following = next((each for each in lines[number + 1 :] if each.strip()), "")
        return not following.lstrip().startswith(":")
    if match[0].strip("\"' \t:").lower() != "secret":
        return False
    above = lines[number - 1] if number and not before else before
    return bool(_IS_NAME.match(line, match.end()) or _CREDENTIAL.search(above.rstrip() or above))


def _is_open(value: str) -> bool:
    """Whether a value of JSON or in YAML's brackets or quotes has not ended."""
    text = value.strip().lstrip(":").strip()
    if not text or len(text) > _LONGEST:
        return True
    if text[0] in "\"'":
        return re.match(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", text, re.DOTALL) is None
    if text[0] not in "[{":
        return False
    depth = 0
    for sign in re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", text, flags=re.DOTALL):
        depth += (sign in "[{") - (sign in "]}")
        if not depth:
            return False
    return True


def _depth(line: str) -> int:
    """How far in the key of a line stands, behind the signs of list items."""
    match = _ITEM.match(line)
    return 0 if match is None else match.end()


def _masked_rows(lines: Sequence[str]) -> list[str]:
    """The lines of a table, of which the rows are hidden where a column's name is a secret's."""
    names = re.split("[,;\t]", lines[0]) if lines else []
    if not any(_COLUMN.fullmatch(name.strip()) for name in names):
        return list(lines)
    return [lines[0], *(HIDDEN if line else line for line in lines[1:])]
