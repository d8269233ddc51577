"""Where a person removes or changes one instance of a block that makes many."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.instances import Instance
from generator.hcl.syntax import (
    Access,
    AttributeStep,
    Block,
    Call,
    Expression,
    IndexStep,
    Name,
    nodes_in,
)
from generator.hcl.values import Fields, Value
from generator.model.span import Span


class InstancePlaces:
    """The places of the instances of one root module; what its blocks say is looked for once."""

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        # By the block itself, of which each may make many instances.
        self._taken: dict[int, tuple[Expression, ...]] = {}

    def span(self, instance: Instance) -> Span:
        """The entry in `for_each`, the element of the list that `count` goes through, else the block."""
        if instance.address not in self._spans:
            if isinstance(instance.key, str):
                found = _entry(instance)
            else:
                found = self._element(instance) if isinstance(instance.key, int) else None
            self._spans[instance.address] = found or instance.block.span
        return self._spans[instance.address]

    def _element(self, instance: Instance) -> Span | None:
        """The element of a list that one instance of `count` takes its arguments from."""
        for taken in self._taken_by(instance.block):
            value = instance.module.once(
                ("element", instance.address, *map(str, taken.span.start)),
                partial(evaluate_or_unknown, taken, instance.scope),
            )
            if _is_elsewhere(value, instance):
                return value.span
        return None

    def _taken_by(self, block: Block) -> tuple[Expression, ...]:
        """What the arguments of a block take from lists by `count.index`."""
        if id(block) not in self._taken:
            arguments = block.body.attributes.values()
            self._taken[id(block)] = tuple(
                taken for each in arguments for taken in _indexed(each.expression)
            )
        return self._taken[id(block)]


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
