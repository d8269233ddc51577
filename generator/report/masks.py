"""Hides values that nobody may see in lines of Terraform code that a report quotes.

It works on the text alone, since a line is quoted also where code cannot be parsed; where it is not sure
how far a value reaches, it hides more.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from generator.data.provider_schema import sensitive_names
from generator.model.credential_texts import credentials_in

HIDDEN = "(sensitive value)"

# Arguments of other types, providers and modules that hold secrets, not the names of secrets; those of
# the types that rules judge stand in the provider's schema.
_OTHER_NAMES = frozenset(
    {
        *("password", "master_password", "password_wo", "master_password_wo", "plaintext"),
        *("private_key", "secret_key", "access_key", "api_key", "client_secret"),
        *("auth_token", "access_token", "token", "session_token"),
    }
)
_NAMES = "|".join(sorted(sensitive_names() | _OTHER_NAMES))
_VALUE = re.compile(
    rf'(?<![\w.-])"?(?:{_NAMES})"?[ \t]*[=:](?!=)[ \t]*|(?<![\w-])sensitive[ \t]*\([ \t]*'
)
_DEFAULT = re.compile(r'(?<![\w.-])"?(?:default|value)"?[ \t]*[=:](?!=)[ \t]*')
# An output's value is hidden as a variable's default is.
_DECLARED = re.compile(
    r'(?<![\w-])"?(variable|output)"?[ \t]*(?:"([^"\n]*)"|([\w-]+))?[ \t]*[:]?[ \t]*\{'
)
_CALL = re.compile(r'(?<![\w-])"?module"?[ \t]*(?:"[^"\n]*"|[\w-]+)?[ \t]*[:]?[ \t]*\{')
# Lines that lie deeper than the line before them, whatever brackets and comments are in them.
_DEEPER = r"(?P<inside>(?:(?P=indent)[ \t]+[^\n]*\n|[ \t]*\n)*)"
_CALL_LINES = re.compile(
    rf'^(?P<indent>[ \t]*)module[ \t]+"[^"\n]*"[ \t]*\{{[ \t]*\n{_DEEPER}', re.MULTILINE
)
_OBJECT_LINES = re.compile(
    rf"^(?P<indent>[ \t]+)[\w-]+[ \t]*=[ \t]*\{{[ \t]*\n{_DEEPER}", re.MULTILINE
)
_SOURCE = re.compile(
    r'(?<![\w.-])"?source"?[ \t]*(?:/\*.*?\*/[ \t]*)?[=:][ \t]*"(\.\.?(?:/[^"\n]*)?)"'
)
_REFERENCE = re.compile(r"(?<![\w.-])(?:var|local)\.([\w-]+)")
_IS_SENSITIVE = re.compile(r'(?<![\w-])"?(?:sensitive|ephemeral)"?[ \t]*[=:][ \t]*"?true')
_HEREDOC = re.compile(r"<<-?[ \t]*([\w-]+)")


def without_credentials(lines: Sequence[str]) -> list[str]:
    """The lines of any file, with what gives itself away as a password or key replaced."""
    text = "\n".join(lines)
    return _without(lines, text, [*credentials_in(text)])


def secret_names(text: str, others: Collection[str] = ()) -> frozenset[str]:
    """The names of variables and locals whose values are sensitive, in all the code of one folder.

    They are variables that say so, and whatever the value of a secret is made from. `others` are the
    names of such variables in the modules that it calls: what is given to them is a secret, too.
    """
    found = declared_sensitive(text)
    left = [text[match.end() : _end_of_value(text, match.end())] for match in _VALUE.finditer(text)]
    left += [text[start:end] for name in others for start, end in _assignments(text, name)]
    while left:
        for name in _REFERENCE.findall(left.pop()):
            if name not in found:
                found.add(name)
                left += [text[start:end] for start, end in _assignments(text, name)]
    return frozenset({*found, *others})


def declared_sensitive(text: str) -> set[str]:
    """The variables that say of themselves that they are sensitive."""
    return {
        match[2] or match[3]
        for match in _DECLARED.finditer(text)
        if match[1] == "variable"
        and (match[2] or match[3])
        and _IS_SENSITIVE.search(text, match.end(), _end_of_value(text, match.end() - 1))
    }


def variables_of_json(text: str) -> str:
    """The variables of a file in JSON, written as other files declare them; nothing where it is broken."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    tables = document.get("variable") if isinstance(document, dict) else None
    return "".join(
        f'variable "{name}" {{\n  sensitive = {json.dumps(_says_so(block))}\n}}\n'
        for table in (tables if isinstance(tables, list) else [tables])
        if isinstance(table, dict)
        for name, block in table.items()
        if name.replace("-", "_").isidentifier()
    )


def _says_so(block: object) -> bool:
    # A block may stand in a list, and a word be text.
    blocks = block if isinstance(block, list) else [block]
    return any(
        str(one.get(word)).lower() == "true"
        for one in blocks
        for word in ("sensitive", "ephemeral")
        if isinstance(one, dict)
    )


def called_folders(text: str) -> frozenset[str]:
    """The folders of the modules that the code of one folder calls by paths."""
    return (
        frozenset(match[1] for match in _SOURCE.finditer(text))
        if _CALL.search(text)
        else frozenset()
    )


def variables_in(text: str) -> frozenset[str]:
    """The names of all variables that the code of one folder declares."""
    names = {match[2] or match[3] for match in _DECLARED.finditer(text) if match[1] == "variable"}
    return frozenset(name for name in names if name)


def masked(lines: Sequence[str], names: Collection[str] = ()) -> list[str]:
    """The lines of code, with what is sensitive in them replaced; `names` are `secret_names`."""
    text = "\n".join(lines)
    if not names and not _VALUE.search(text) and not _IS_SENSITIVE.search(text):
        return list(lines)
    hidden = [*_stretches(text)]
    for name in names:
        hidden += [
            (start, end)
            for start, end in _assignments(text, name)
            if _may_be_secret(text[start:end])
        ]
    return _without(lines, text, hidden)


def _assignments(text: str, name: str) -> Iterator[tuple[int, int]]:
    """The values that a local, a variable's default or a file of variables gives to a name."""
    given = re.compile(rf'(?<![\w.-])"?{re.escape(name)}"?[ \t]*[=:](?![=>])[ \t]*')
    inner = _objects_for_calls(text)
    for match in given.finditer(text):
        if not any(start <= match.start() < end for start, end in inner):
            yield match.end(), _end_of_value(text, match.end())
    for match in _DECLARED.finditer(text):
        if match[1] == "variable" and name in (match[2], match[3]):
            end = _end_of_value(text, match.end() - 1)
            for default in _DEFAULT.finditer(text, match.end(), end):
                yield default.end(), _end_of_value(text, default.end())


@lru_cache(maxsize=2)
def _objects_for_calls(text: str) -> tuple[tuple[int, int], ...]:
    """What stands in the objects that modules are given: a key there is no variable, local or argument.

    Where code is not laid out as usual, there is none.
    """
    return tuple(
        found.span("inside")
        for call in _CALL_LINES.finditer(text)
        for found in _OBJECT_LINES.finditer(text, *call.span("inside"))
    )


def _without(lines: Sequence[str], text: str, hidden: Sequence[tuple[int, int]]) -> list[str]:
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
    for match in _DECLARED.finditer(text):
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
