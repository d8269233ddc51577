"""Where a person removes or changes one instance of a block that makes many."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.instances import Instance
from generator.hcl.syntax import (
    Access,
    AttributeStep,
    Call,
    Expression,
    IndexStep,
    Name,
    nodes_in,
)
from generator.hcl.values import Fields, Value
from generator.model.span import Span


def instance_span(instance: Instance) -> Span:
    """The entry in `for_each`, the element of the list that `count` goes through, else the block."""
    if isinstance(instance.key, str):
        found = _entry(instance)
    else:
        found = _element(instance) if isinstance(instance.key, int) else None
    return found or instance.block.span


def _entry(instance: Instance) -> Span | None:
    each = instance.scope.local.get("each")
    if each is None or not isinstance(each.content, Fields):
        return None
    key = each.content.values["key"].span
    value = each.content.values["value"].span
    if key is None or not instance.module.covers(key):
        return None
    if value is None or value.file != key.file or value.start < key.start:
        return key
    return Span(
        file=key.file,
        line=key.line,
        column=key.column,
        end_line=value.end_line,
        end_column=value.end_column,
    )


def _element(instance: Instance) -> Span | None:
    """The element of a list that one instance of `count` takes its arguments from."""
    for attribute in instance.block.body.attributes.values():
        for taken in _indexed(attribute.expression):
            value = instance.module.once(
                ("element", instance.address, *map(str, taken.span.start)),
                partial(evaluate_or_unknown, taken, instance.scope),
            )
            if _is_elsewhere(value, instance):
                return value.span
    return None


def _is_elsewhere(value: Value, instance: Instance) -> bool:
    """Whether a value is written outside of the block, where a person may edit it."""
    span = value.span
    return (
        span is not None and instance.module.covers(span) and not instance.block.span.contains(span)
    )


def _indexed(expression: Expression) -> Iterator[Expression]:
    """What an expression takes from a list by `count.index`, from its beginning to that step."""
    for node in nodes_in(expression):
        match node:
            case Access(target=target, steps=steps):
                for number, step in enumerate(steps):
                    if isinstance(step, IndexStep) and _is_index(step.key):
                        yield replace(node, target=target, steps=steps[: number + 1])
            case Call(name="element", arguments=(_, key)) if _is_index(key):
                yield node
            case _:
                pass


def _is_index(expression: Expression) -> bool:
    match expression:
        case Access(target=Name(name="count"), steps=(AttributeStep(name="index"),)):
            return True
        case _:
            return False
