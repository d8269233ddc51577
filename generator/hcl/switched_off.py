"""Blocks that are not made by the default of a variable, read as if somebody gave another value."""

import re
from collections.abc import Sequence
from typing import Protocol

from generator.estate.wording import EMPTY_BY_DEFAULT
from generator.hcl.instance_keys import InstanceKey, MaybeKey, doubt_of, opened
from generator.hcl.scope import Scope
from generator.hcl.syntax import Block
from generator.hcl.values import Deferred, Fields, Items, UnknownContent, Value, unknown


class Variables(Protocol):
    """The module of such a block, as far as its variables go."""

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
    reason = f"by the default of {content.reference} it is not made"
    off = UnknownContent(reason=reason, reference=content.reference)
    here = _without_default(content, reason, module)
    if all(isinstance(key, MaybeKey) for key, _ in instances):
        return [
            (MaybeKey.of(str(key), off), here.with_names({"each": scope.local["each"]}))
            for key, scope in instances
        ]
    return opened(block, here, off)


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
        is_empty = isinstance(value.content, Items | Fields) and not value.content.values
        if is_empty and not module.is_given(wanted):
            # Who switches the block on gives what it is about as well.
            return unknown(EMPTY_BY_DEFAULT, f"var.{wanted}")
        return value

    return module.scope.with_names({"var": Value(Deferred(reference="var", read=read))})
