"""Compare JSON policies as the provider does, and render `aws_iam_policy_document`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .problems import Problem

if TYPE_CHECKING:
    from .values import Values

LIST_ELEMENTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)


def is_same_json(first: object, second: object) -> bool:
    """Do two JSON texts mean the same policy?

    A list of one is its element and the order of lists is free. The provider's own comparison knows IAM
    better (account ids and root ARNs, for one).
    """
    if not isinstance(first, str) or not isinstance(second, str):
        return False
    try:
        return _canonical(json.loads(first)) == _canonical(json.loads(second))
    except ValueError:
        return False


def _canonical(value: object) -> object:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted((_canonical(item) for item in value), key=_sorting_key)
        return items[0] if len(items) == 1 else items
    return value


def _sorting_key(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def policy_document(config: Values) -> Values:
    """Answer the data source `aws_iam_policy_document`."""
    if config.get("source_json") or config.get("override_json"):
        raise Problem("The stand-in does not know the deprecated source_json and override_json")
    statements: dict[object, Values] = {}
    for statement in _statements_of(config.get("source_policy_documents")):
        sid = statement.get("Sid")
        if sid and sid in statements:
            raise Problem(f"duplicate Sid ({sid}) in source_policy_documents")
        statements[sid or object()] = statement
    for block in config.get("statement") or []:
        statement = _statement(block)
        statements[statement.get("Sid") or object()] = statement
    for statement in _statements_of(config.get("override_policy_documents")):
        statements[statement.get("Sid") or object()] = statement
    document: Values = {"Version": config.get("version") or "2012-10-17"}
    if config.get("policy_id"):
        document["Id"] = config["policy_id"]
    document["Statement"] = list(statements.values())
    text = _escape(json.dumps(document, indent=2, ensure_ascii=False))
    return {
        **config,
        "json": text,
        "minified_json": _escape(json.dumps(document, separators=(",", ":"), ensure_ascii=False)),
        "id": str(zlib.crc32(text.encode())),
    }


def _statements_of(documents: object) -> Iterable[Values]:
    for text in documents or []:
        statements = json.loads(text).get("Statement", [])
        yield from [statements] if isinstance(statements, Mapping) else statements


def _statement(block: Values) -> Values:
    statement: Values = {}
    if block.get("sid"):
        statement["Sid"] = block["sid"]
    statement["Effect"] = block.get("effect") or "Allow"
    for argument, element in LIST_ELEMENTS:
        if block.get(argument):
            statement[element] = _one_or_sorted(block[argument])
    for argument, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if block.get(argument):
            statement[element] = _principals(block[argument])
    conditions: dict[str, Values] = {}
    for condition in block.get("condition") or []:
        values = [_variables(value) for value in condition["values"]]
        conditions.setdefault(condition["test"], {})[condition["variable"]] = (
            values[0] if len(values) == 1 else values
        )
    if conditions:
        statement["Condition"] = conditions
    return statement


def _principals(blocks: list[Values]) -> object:
    members: dict[str, set[str]] = {}
    for block in blocks:
        members.setdefault(block["type"], set()).update(block["identifiers"])
    if members == {"*": {"*"}}:
        return "*"
    return {kind: _one_or_sorted(members[kind]) for kind in sorted(members)}


def _one_or_sorted(values: Iterable[str]) -> object:
    # The provider sorts backwards.
    texts = sorted({_variables(value) for value in values}, reverse=True)
    return texts[0] if len(texts) == 1 else texts


def _variables(text: str) -> str:
    """Turn `&{aws:username}`, the provider's spelling of a policy variable, into IAM's."""
    return text.replace("&{", "${")


def _escape(text: str) -> str:
    """Escape the three characters that Go escapes in JSON."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
