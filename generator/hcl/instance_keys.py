"""What `for_each` and `count` make of a block: keys, and scopes with `each` or `count`."""

import json
from typing import TypeAlias

from generator.hcl.conversions import as_boolean, as_integer
from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.scope import Scope
from generator.hcl.syntax import Block
from generator.hcl.values import (
    EvaluationError,
    Fields,
    Items,
    UnknownContent,
    Value,
    first_unknown,
    unknown,
    unknown_in,
)
from generator.model.span import Span

MOST_INSTANCES = 10_000


class MaybeKey(str):
    """A key of `for_each` of which it is not known whether it is there."""

    __slots__ = ("doubt",)

    doubt: UnknownContent

    @classmethod
    def of(cls, key: str, doubt: UnknownContent) -> "MaybeKey":
        """The key, and what decides about it."""
        found = cls(key)
        found.doubt = doubt
        return found


InstanceKey: TypeAlias = str | int | UnknownContent | None
"""The key of `for_each` or `count`, `None` without them, unknown when they are."""


def expanded(block: Block, scope: Scope) -> list[tuple[InstanceKey, Scope]]:
    """The keys of a block's instances, each with the scope of that instance.

    An unknown collection makes one instance with an unknown key, so that it is not forgotten.
    """
    attributes = block.body.attributes
    if (for_each := attributes.get("for_each")) is not None:
        value = evaluate_or_unknown(for_each.expression, scope)
        return _for_each(value, for_each.span, scope)
    if (count := attributes.get("count")) is not None:
        return _count(evaluate_or_unknown(count.expression, scope), scope)
    return _enabled(block, scope)


def _enabled(block: Block, scope: Scope) -> list[tuple[InstanceKey, Scope]]:
    """One instance, or none where OpenTofu's `lifecycle` switches the block off."""
    for inner in block.body.blocks:
        switch = inner.body.attributes.get("enabled") if inner.type == "lifecycle" else None
        if switch is None:
            continue
        value = evaluate_or_unknown(switch.expression, scope)
        if (missing := unknown_in(value)) is not None:
            return [(missing, scope)]
        try:
            return [(None, scope)] if as_boolean(value) else []
        except EvaluationError as error:
            return [(UnknownContent(reason=str(error), reference="enabled"), scope)]
    return [(None, scope)]


def opened(block: Block, scope: Scope, content: UnknownContent) -> list[tuple[InstanceKey, Scope]]:
    """One instance of a block that makes none, as if it were not known how many it makes."""
    if (for_each := block.body.attributes.get("for_each")) is not None:
        return [_unknown_instance(content, for_each.span, scope)]
    index = unknown(content.reason, "count.index")
    count = Value(Fields(values={"index": index}))
    return [(content, scope.with_names({"count": count}))]


def _for_each(value: Value, span: Span, scope: Scope) -> list[tuple[InstanceKey, Scope]]:
    missing = unknown_in(value)
    if missing is not None and missing.entries is not None:
        return [
            (MaybeKey.of(key, missing) if isinstance(key, str) else key, inner)
            for key, inner in _for_each(missing.entries, span, scope)
        ]
    if missing is not None:
        return [_unknown_instance(missing, span, scope)]
    entries: list[tuple[InstanceKey, Scope]] = []
    match value.content:
        case Fields(values=fields, key_spans=spans):
            for key in sorted(fields):
                key_value = Value(key, spans.get(key) or fields[key].span)
                entries.append((key, _each(key_value, fields[key], scope)))
        case Items(values=items, kind="set"):
            for item in items:
                if (missing := first_unknown((item,))) is not None:
                    entries.append(_unknown_instance(missing, span, scope))
                elif isinstance(item.content, str):
                    entries.append((item.content, _each(item, item, scope)))
                else:
                    return [_unknown_instance(_wrong_for_each(), span, scope)]
        case _:
            return [_unknown_instance(_wrong_for_each(), span, scope)]
    if len(entries) > MOST_INSTANCES:
        content = UnknownContent(reason="it makes too many instances", reference="for_each")
        return [_unknown_instance(content, span, scope)]
    return entries


def _each(key: Value, value: Value, scope: Scope) -> Scope:
    each = Value(Fields(values={"key": key, "value": value}), value.span)
    return scope.with_names({"each": each})


def _unknown_instance(
    content: UnknownContent, span: Span, scope: Scope
) -> tuple[InstanceKey, Scope]:
    each_key = unknown(content.reason, "each.key", span)
    each_value = content.element or unknown(content.reason, "each.value", span)
    return content, _each(each_key, each_value, scope)


def _count(value: Value, scope: Scope) -> list[tuple[InstanceKey, Scope]]:
    missing = unknown_in(value)
    number = 0
    if missing is None:
        try:
            number = as_integer(value)
        except EvaluationError as error:
            missing = UnknownContent(reason=str(error), reference="count")
    if missing is None and number > MOST_INSTANCES:
        missing = UnknownContent(reason="it makes too many instances", reference="count")
    if missing is not None:
        count = Value(Fields(values={"index": unknown(missing.reason, "count.index")}))
        return [(missing, scope.with_names({"count": count}))]
    return [
        (
            index,
            scope.with_names({"count": Value(Fields(values={"index": Value(index, value.span)}))}),
        )
        for index in range(number)
    ]


def _wrong_for_each() -> UnknownContent:
    return UnknownContent(reason="it is no map and no set of texts", reference="for_each")


def doubt_of(key: InstanceKey) -> UnknownContent | None:
    """Why it is not known whether there is an instance of a key."""
    match key:
        case UnknownContent():
            return key
        case MaybeKey():
            return key.doubt
        case _:
            return None


def index_text(key: InstanceKey) -> str:
    """The end of an instance's address, as Terraform prints it; `[?]` for an unknown key."""
    match key:
        case None:
            return ""
        case int():
            return f"[{key}]"
        case str():
            quoted = json.dumps(key, ensure_ascii=False)
            return "[" + quoted.replace("${", "$${").replace("%{", "%%{") + "]"
        case UnknownContent():
            return "[?]"
