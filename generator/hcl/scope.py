"""Where an expression stands: what its names mean, and how much work it may cause."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from generator.frozen_data import frozen
from generator.hcl.conditions import Conditions
from generator.hcl.syntax import Expression, Step
from generator.hcl.values import Value
from generator.model.span import Span


class TooMuchWorkError(Exception):
    """An evaluation that takes more steps than any real code needs."""


class Names(Protocol):
    """What a module lends to the expressions in it: names, files, and a limit of steps."""

    @property
    def conditions(self) -> Conditions | None:
        """The conditions of its root; `None` where nothing is supposed of any."""

    def meaning(self, name: str, word: str) -> "tuple[Expression, Scope] | None":
        """The expression that `local.…`, or `var.…` of a called module, stands for, and its place."""

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:
        """The value of a reference's beginning, and how many steps that beginning has."""

    def is_called_from_outside(self, span: Span) -> bool:
        """Whether this is a called module and the place lies in somebody else's files."""

    def covers(self, span: Span) -> bool:
        """Whether the place lies in this module's files or in those of its callers."""

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """The result of a function that reads a file."""

    def count_step(self, steps: int = 1) -> None:
        """Count work; raises `TooMuchWorkError`."""


@frozen
class Scope:
    """Where an expression stands: its module, and the names of loops and instances around it."""

    names: Names
    local: Mapping[str, Value]

    def with_names(self, names: Mapping[str, Value]) -> "Scope":
        """The scope with more local names."""
        return Scope(names=self.names, local={**self.local, **names})


def place(span: Span, scope: Scope, inputs: Iterable[Value]) -> Span:
    """Where a person changes a computed value.

    In a called module that is the caller's one value that went into it; else the expression.
    """
    outside = {
        value.span
        for value in inputs
        if value.span is not None and scope.names.is_called_from_outside(value.span)
    }
    return outside.pop() if len(outside) == 1 else span
