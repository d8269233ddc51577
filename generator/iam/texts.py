"""Strings of a policy in pieces: what is known, what is not, and policy variables."""

import re
from collections.abc import Iterator

from generator.iam.document import (
    Exact,
    Gap,
    Piece,
    Text,
)
from generator.iam.globs import ARN_COLONS, like_glob, matches
from generator.model.estate import Unknown

# The keys whose values can stand in a text as a policy variable.
_VARIABLE_KEYS = frozenset(
    {"aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:sourceaccount"}
)

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_VARIABLE_PARTS = re.compile(r"([^,\s]+)(?:, '([^']*)')?")
_DEFAULT_WITHOUT_BLANK = re.compile(r"\$\{[^},]*,'[^}]*\}")


def text_of(value: str | Unknown, *, variables: bool) -> Text:
    """A string of a policy; `variables` when `${…}` in it is a policy variable."""
    if isinstance(value, str):
        if variables and "${" in value:
            return Text(pieces=tuple(_expand(value)))
        return Text(pieces=(value,))
    pieces: list[Piece] = []
    for part in value.parts:
        if part is None:
            pieces.append(Gap(reason=f"{value.reference} is not known: {value.reason}"))
        elif variables and "${" in part:
            pieces.extend(_expand(part))
        elif part:
            pieces.append(part)
    if not any(isinstance(piece, Gap) for piece in pieces):
        pieces.append(Gap(reason=f"{value.reference} is not known: {value.reason}"))
    return Text(pieces=tuple(pieces))


def default_without_blank(text: str) -> str | None:
    """The first policy variable whose default does not stand behind a comma and a blank."""
    found = _DEFAULT_WITHOUT_BLANK.search(text)
    return None if found is None else found.group()


def _expand(text: str) -> Iterator[Piece]:
    """Cut a text at its policy variables; only those that stand for one sign have a known value."""
    at = 0
    for variable in _VARIABLE.finditer(text):
        if variable.start() > at:
            yield text[at : variable.start()]
        name = variable.group()[2:-1]
        if name in {"*", "?", "$"}:
            yield Exact(text=name)
        else:
            yield _variable(name)
        at = variable.end()
    if at < len(text):
        yield text[at:]


def _variable(name: str) -> Gap:
    """A policy variable: the value of a condition key, or a default where the key is absent."""
    parts = _VARIABLE_PARTS.fullmatch(name)
    key = parts.group(1).lower() if parts else None
    return Gap(
        reason=f"the policy variable ${{{name}}} is not modelled",
        variable=key if key in _VARIABLE_KEYS else None,
        default=parts.group(2) if parts else None,
    )


def variable_in(text: Text) -> str | None:
    """The first policy variable of a text, as it is written."""
    found = (_VARIABLE.search(piece.reason) for piece in text.pieces if isinstance(piece, Gap))
    return next((variable.group() for variable in found if variable is not None), None)


def wild_resource_type(text: Text) -> str | None:
    """The text of an ARN of ECR whose resource type has a wildcard in it; `None` for any other.

    All of the resource may be `*`. What is not known of a text may hide anything.
    """
    spelled = "".join(
        piece if isinstance(piece, str) else piece.text if isinstance(piece, Exact) else "\0"
        for piece in text.pieces
    )
    parts = spelled.split(":", ARN_COLONS)
    if len(parts) <= ARN_COLONS or not matches(like_glob(parts[2]), "ecr"):
        return None
    resource = parts[ARN_COLONS]
    sort = resource.partition("/")[0]
    if "\0" in sort or not set("*?") & set(sort) or not resource.strip("*"):
        return None
    return spelled.replace("\0", "…")
