"""Code in HCL as the same code in JSON syntax, laid out as programs write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.hcl.parser import parse_body
from generator.hcl.source import SourceText
from generator.hcl.syntax import Body, Expression, Literal, ObjectLiteral, Template, TupleLiteral

if TYPE_CHECKING:
    from generator.model.span import Span


def text_at(text: str, span: Span) -> str:
    """What stands at a place."""
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def as_json(text: str) -> str:
    """Code as JSON."""
    body = parse_body(SourceText(Path("main.tf"), text))
    assert isinstance(body, Body)
    return json.dumps(_body(body, text), indent=2, ensure_ascii=False)


def _body(body: Body, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: _value(attribute.expression, text, is_type=name == "type" and "default" in text)
        for name, attribute in body.attributes.items()
    }
    for block in body.blocks:
        place = found
        *outer, last = (block.type, *block.labels)
        for label in outer:
            place = place.setdefault(label, {})
        inner = _body(block.body, text)
        if block.type == "variable" and "type" in block.body.attributes:
            inner["type"] = text_at(text, block.body.attributes["type"].expression.span)
        if last in place:
            before = place[last]
            place[last] = [*(before if isinstance(before, list) else [before]), inner]
        else:
            place[last] = inner
    return found


def _value(expression: Expression, text: str, *, is_type: bool = False) -> Any:  # noqa: ANN401
    written = text_at(text, expression.span)
    match expression:
        case _ if is_type:
            return written
        case Literal(value=value):
            return value
        case Template() if written.startswith('"'):
            return written[1:-1]
        case TupleLiteral(items=items):
            return [_value(item, text) for item in items]
        case ObjectLiteral(items=items):
            keys = [text_at(text, item.key.span).strip('"') for item in items]
            return {key: _value(item.value, text) for key, item in zip(keys, items, strict=True)}
        case _:
            return f"${{{written}}}"
