"""Hides values that nobody may see in lines of Terraform code that a report quotes.

It works on the text alone, since a line is quoted also where code cannot be parsed; where it is not sure
how far a value reaches, it hides more.
"""

import re
from collections.abc import Iterator, Sequence

HIDDEN = "(sensitive value)"

# Arguments of the AWS provider and of modules about it that hold secrets, not the names of secrets.
_NAMES = (
    "secret_string|secret_string_wo|secret_binary|password|master_password|private_key|auth_token"
    "|access_token|api_key|client_secret|secret_key|access_key|plaintext|token"
)
_VALUE = re.compile(
    rf'(?<![\w.-])"?(?:{_NAMES})"?[ \t]*[=:](?!=)[ \t]*|(?<![\w-])sensitive[ \t]*\([ \t]*'
)
_DEFAULT = re.compile(r'(?<![\w.-])"?default"?[ \t]*[=:](?!=)[ \t]*')
_VARIABLE = re.compile(r'(?<![\w-])"?variable"?[ \t]*(?:"[^"\n]*"|[\w-]+)?[ \t]*[:]?[ \t]*\{')
_IS_SENSITIVE = re.compile(r'(?<![\w-])"?sensitive"?[ \t]*[=:][ \t]*"?true')
_HEREDOC = re.compile(r"<<-?[ \t]*([\w-]+)")


def masked(lines: Sequence[str]) -> list[str]:
    """The lines, with what is sensitive in them replaced."""
    text = "\n".join(lines)
    if not _VALUE.search(text) and not _IS_SENSITIVE.search(text):
        return list(lines)
    hidden = [*_stretches(text)]
    if not hidden:
        return list(lines)
    kept: list[str] = []
    position = 0
    for start, end in sorted(hidden):
        if start >= position:
            # As many lines as there were, so that each keeps its number.
            breaks = text.count("\n", start, end)
            kept += (text[position:start], HIDDEN, f"\n{HIDDEN}" * breaks)
            position = end
    return ("".join(kept) + text[position:]).split("\n")


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    for match in _VALUE.finditer(text):
        end = _end_of_value(text, match.end())
        if _may_be_secret(text[match.end() : end]):
            yield match.end(), end
    for match in _VARIABLE.finditer(text):
        end = _end_of_value(text, match.end() - 1)
        if _IS_SENSITIVE.search(text, match.end(), end):
            for default in _DEFAULT.finditer(text, match.end(), end):
                yield default.end(), _end_of_value(text, default.end())


def _may_be_secret(value: str) -> bool:
    """Whether anything is written out in a value; names of other things are no secret."""
    return '"' in value or "<<" in value or value.strip().isdigit()


def _end_of_value(text: str, start: int) -> int:
    """Where the line of a value ends, or a later one where brackets or a heredoc go on."""
    depth = 0
    position = start
    while position < len(text):
        sign = text[position]
        if sign == '"':
            position = _end_of_quotes(text, position)
            continue
        if sign == "<" and (match := _HEREDOC.match(text, position)):
            closing = re.compile(rf"^[ \t]*{re.escape(match[1])}[ \t]*$", re.MULTILINE)
            found = closing.search(text, match.end())
            if found is None:
                return len(text)
            position = found.end()
            continue
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth < 0:
                return position
            if depth == 0 and text[start] == "{":
                return position + 1
        elif sign == "\n" and depth == 0:
            return position
        position += 1
    return len(text)


def _end_of_quotes(text: str, start: int) -> int:
    """The place behind a quoted text; quotes in its templates belong to it."""
    position, depth = start + 1, 0
    while position < len(text):
        sign = text[position]
        if sign == "\\":
            position += 2
            continue
        if sign == "\n" and depth == 0:
            return position
        if text.startswith(("${", "%{"), position):
            depth += 1
            position += 2
            continue
        if sign == "}" and depth:
            depth -= 1
        elif sign == '"' and not depth:
            return position + 1
        position += 1
    return len(text)
