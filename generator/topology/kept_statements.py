"""Reads the statements of a registry policy that an account wants to keep."""

from pathlib import Path

from generator.model.estate import Json, holds_null
from generator.model.quotes import quoted
from generator.model.topology import KeptStatements
from generator.topology.contents import Entries, Statements, Text
from generator.topology.mistakes import KEPT_STATEMENTS, WITHOUT_EFFECT, Mistakes, Place
from generator.topology.raw_documents import UnusableFileError, read_json


def kept_statements(account: Entries, project: Path, mistakes: Mistakes) -> KeptStatements | None:
    """The statements under an account's `keep_statements`, whichever way they are written."""
    if not account.has("keep_statements"):
        return None
    place = account.keys["keep_statements"]
    policy = account.text("registry_policy")
    if policy is None and not account.may_have("registry_policy"):
        mistakes.add(
            WITHOUT_EFFECT,
            place,
            f"`{place.path}`: nothing is kept without a registry policy. Add "
            "`registry_policy: adopt`, or `export` where other code owns it, or remove the key.",
        )
        return None
    value = account.values.get("keep_statements")
    if isinstance(value, Statements):
        return _checked(value.statements, value.place, mistakes)
    file = value.text("file") if isinstance(value, Entries) else None
    if file is None:
        return None
    document = _read(file, project, mistakes)
    return None if document is None else _checked(_statements_of(document), file.place, mistakes)


def _read(file: Text, project: Path, mistakes: Mistakes) -> Json:
    """The JSON in a file beside the topology; `None` with a mistake when there is none."""
    try:
        # Numbers stay as they are written: IAM compares texts.
        return read_json(file, project, are_numbers_texts=True)
    except UnusableFileError as error:
        _add(file.place, f"{quoted(file.text)} {error}", mistakes)
        return None


def _statements_of(document: Json) -> tuple[Json, ...]:
    """The statements of a whole policy, of a list, or the one statement that it is."""
    if isinstance(document, dict) and "Statement" in document:
        document = document["Statement"]
    return document if isinstance(document, tuple) else (document,)


def _checked(
    statements: tuple[Json, ...], place: Place, mistakes: Mistakes
) -> KeptStatements | None:
    """The statements, when each can stand in a registry policy."""
    problem = None if statements else "there is no statement in it"
    seen: set[str] = set()
    for number, statement in enumerate(statements, 1):
        if not isinstance(statement, dict):
            problem = f"statement {number} is not an object"
            break
        keys = set(statement)
        sid = statement.get("Sid")
        if holds_null(statement):
            problem = f"statement {number} holds `null`"
        elif statement.get("Effect") not in ("Allow", "Deny"):
            problem = f"statement {number} has no `Effect` of `Allow` or `Deny`"
        elif not keys & {"Principal", "NotPrincipal"}:
            problem = f"statement {number} has no `Principal`"
        elif not keys & {"Action", "NotAction"}:
            problem = f"statement {number} has no `Action`"
        elif isinstance(sid, str) and sid in seen:
            problem = f"two statements have the `Sid` {quoted(sid)}"
        elif isinstance(sid, str):
            seen.add(sid)
        if problem is not None:
            break
    if problem is not None:
        _add(
            place,
            f"{problem}. They are statements of a policy, as "
            "`aws ecr get-registry-policy --query policyText --output text` shows them.",
            mistakes,
        )
        return None
    return KeptStatements(statements=statements, span=place.shown)


def _add(place: Place, reason: str, mistakes: Mistakes) -> None:
    mistakes.add(KEPT_STATEMENTS, place, f"`{place.path}`: {reason}")
