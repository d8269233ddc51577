"""Blocks that are not made by the default of a variable, read as if somebody gave another value."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from generator.estate.wording import EMPTY_BY_DEFAULT
from generator.hcl.instance_keys import InstanceKey, MaybeKey, doubt_of, opened
from generator.hcl.scope import Scope
from generator.hcl.syntax import Access, AttributeStep, Block, Name, parts_of
from generator.hcl.values import Deferred, Fields, Items, UnknownContent, Value, unknown


class Variables(Protocol):
    """The module of such a block, as far as its variables go."""

    @property
    def dotted_name(self) -> str:
        """The names of the calls that lead to it, empty for a root module."""

    @property
    def scope(self) -> Scope:
        """What names mean in the module."""

    def variable(self, name: str) -> Value:
        """The value of a variable."""

    def is_given(self, name: str) -> bool:
        """Whether somebody gives a value to a variable."""


def made_otherwise(
    block: Block, instances: Sequence[tuple[InstanceKey, Scope]], module: Variables
) -> list[tuple[InstanceKey, Scope]]:
    """The open instances of a block that makes none.

    `instances` are those that it makes where the defaults of variables are not known.
    """
    content = next((doubt for key, _ in instances if (doubt := doubt_of(key))), None)
    if content is None:
        return []
    names = _switches(block, content, module)
    reason = f"by the default of {' and '.join(names)} it is not made"
    off = UnknownContent(reason=reason, reference=content.reference)
    here = _without_default(content, reason, module)
    if all(isinstance(key, MaybeKey) for key, _ in instances):
        return [
            (MaybeKey.of(str(key), off), here.with_names({"each": scope.local["each"]}))
            for key, scope in instances
        ]
    return opened(block, here, off)


def _switches(block: Block, content: UnknownContent, module: Variables) -> list[str]:
    """What switches a block off, as code writes it: the first doubt, and variables beside it.

    Of a root's own condition, each variable is told whose default is empty, so that nobody is asked twice.
    """
    names = [content.reference]
    if module.dotted_name:
        return names
    attributes = block.body.attributes
    for attribute in (attributes.get("count"), attributes.get("for_each")):
        for name in () if attribute is None else _variables_in(attribute.expression):
            if not module.is_given(name) and _is_empty(module.variable(name)):
                names.append(f"var.{name}")
    return list(dict.fromkeys(names))


def _variables_in(part: object) -> Iterator[str]:
    """The names of the variables that an expression uses."""
    match part:
        case Access(target=Name(name="var"), steps=(AttributeStep(name=name), *_)):
            yield name
        case _:
            for each in parts_of(part):
                yield from _variables_in(each)


def _is_empty(value: Value) -> bool:
    """Whether a value switches off what asks for it."""
    content = value.content
    if isinstance(content, Items | Fields):
        return not content.values
    return content is None or content is False or content == ""


def _without_default(content: UnknownContent, reason: str, module: Variables) -> Scope:
    """The scope of a block that a default switches off: that variable has another value there."""
    found = re.match(r"var\.([\w-]+)", content.reference)
    if found is None:
        return module.scope
    name = found[1]

    def read(wanted: str) -> Value:
        if wanted == name:
            return unknown(reason, f"var.{name}")
        value = module.variable(wanted)
        if value.content is not False and _is_empty(value) and not module.is_given(wanted):
            # Who switches the block on gives what it is about as well.
            return unknown(EMPTY_BY_DEFAULT, f"var.{wanted}")
        return value

    return module.scope.with_names({"var": Value(Deferred(reference="var", read=read))})
