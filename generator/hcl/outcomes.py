"""How a condition turns out, where that is not known and something is supposed about it."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import TypeAlias

from generator.hcl.scope import Scope
from generator.hcl.syntax import Access, AttributeStep, Binary, Expression, Name, Unary
from generator.hcl.values import Fields, UnknownContent, Value, unknown_in
from generator.model.span import Span

Evaluate: TypeAlias = Callable[[Expression, Scope], Value]

_DEEPEST = 30


def settled(condition: Expression, scope: Scope, evaluate: Evaluate) -> Value:
    """The value of a condition; where it is not known, what is supposed of it, if anything is."""
    value = evaluate(condition, scope)
    missing = unknown_in(value)
    if missing is None or scope.names.conditions is None:
        return value
    if missing.is_refused or missing.is_not_computed or missing.is_ephemeral:
        return value
    found = _Outcomes(evaluate, missing).of(condition, scope, _DEEPEST)
    return value if found is None else Value(found, value.span)


class _Outcomes:
    """How parts of one condition turn out, with what tells their values and what is not known."""

    def __init__(self, evaluate: Evaluate, doubt: UnknownContent) -> None:
        self._evaluate = evaluate
        self._doubt = doubt

    def of(self, condition: Expression, scope: Scope, left: int) -> bool | None:
        """How a condition turns out that is not known; `None` where nothing is supposed."""
        scope.names.count_step()
        match condition:
            case Unary(operator="!", operand=operand):
                inner = self._part(operand, scope, left)
                return None if inner is None else not inner
            case Binary(operator="&&" | "||" as operator, left=first, right=second):
                decides = operator == "||"
                parts = [self._part(each, scope, left) for each in (first, second)]
                if decides in parts:
                    return decides
                return None if None in parts else not decides
            case Binary(operator="==" | "!=" as operator, left=first, right=second):
                found = self._equality(first, second, scope, left)
                return found if found is None or operator == "==" else not found
            case _:
                meant = _meant(condition, scope)
                if meant is not None and left > 0:
                    return self._part(*meant, left - 1)
                return self._answer(condition, scope, "true")

    def _part(self, part: Expression, scope: Scope, left: int) -> bool | None:
        content = self._evaluate(part, scope).content
        if content in _BOOLEANS and isinstance(content, bool | str):
            return content in (True, "true")
        if left <= 0 or not isinstance(content, UnknownContent):
            return None
        return self.of(part, scope, left - 1)

    def _equality(
        self, first: Expression, second: Expression, scope: Scope, left: int
    ) -> bool | None:
        for one, other in ((first, second), (second, first)):
            word = self._evaluate(other, scope).content
            if not (word is None or isinstance(word, bool | int | str | Decimal)):
                continue
            missing = self._evaluate(one, scope).content
            if isinstance(missing, UnknownContent) and missing.origin is not None:
                # What AWS gives is something, and nobody compares it with words of his own.
                return None
            if isinstance(word, bool):
                is_so = self._part(one, scope, left)
                return None if is_so is None else is_so is word
            return self._answer(one, scope, "null" if word is None else f"={word}")
        return None

    def _answer(self, about: Expression, scope: Scope, word: str) -> bool | None:
        conditions = scope.names.conditions
        if conditions is None:
            return None
        return conditions.answer(_text(about, scope, _DEEPEST), word, self._doubt)


_BOOLEANS = (True, False, "true", "false")


def _meant(expression: object, scope: Scope) -> tuple[Expression, Scope] | None:
    """The expression that a plain `local.…`, or a variable of a called module, stands for."""
    match expression:
        case Access(target=Name(name=name), steps=(AttributeStep(name=word),)):
            return None if name in scope.local else scope.names.meaning(name, word)
        case _:
            return None


def _text(part: object, scope: Scope, left: int) -> str:
    """A part of a condition as a text that is the same for the same condition elsewhere."""
    scope.names.count_step()
    if left > 0 and (meant := _meant(part, scope)) is not None:
        return _text(*meant, left - 1)
    match part:
        case Span():
            return ""
        case Name(name=name) if name in scope.local:
            return f"{name}:{_key(scope.local[name])}"
        case tuple():
            return "".join(f"({_text(item, scope, left)})" for item in part)
        case _ if is_dataclass(part):
            inner = (_text(getattr(part, each.name), scope, left) for each in fields(part))
            return f"{type(part).__name__}({', '.join(inner)})"
        case _:
            return repr(part)


def _key(value: Value) -> str:
    """What tells a name of a loop from the same name of another turn: its key, or a plain value."""
    content = value.content
    if isinstance(content, Fields):
        key = content.values.get("key")
        return "" if key is None else _key(key)
    return repr(content) if isinstance(content, bool | int | str) else ""
