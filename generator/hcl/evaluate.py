"""Evaluates expressions without running anything; what the code does not say stays unknown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, assert_never

from generator.hcl.conversions import (
    as_boolean,
    as_integer,
    as_number,
    as_text,
    pairs,
    parts_of,
    text_of,
)
from generator.hcl.equality import same
from generator.hcl.functions.table import call
from generator.hcl.scalars import NUMBERS, check_digits, number_content
from generator.hcl.syntax import (
    Access,
    AttributeStep,
    Binary,
    Call,
    Conditional,
    Expression,
    ForLoop,
    ForObject,
    ForTuple,
    IndexStep,
    Literal,
    Name,
    ObjectLiteral,
    SplatStep,
    Step,
    Template,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TemplateText,
    TemplateValue,
    TupleLiteral,
    Unary,
)
from generator.hcl.types import one_type
from generator.hcl.values import (
    Content,
    Deferred,
    EvaluationError,
    Fields,
    Items,
    NotComputedError,
    UnknownContent,
    Value,
    first_unknown,
    is_small,
    type_name,
    unknown,
    unknown_in,
)
from generator.model.span import Span

FILE_FUNCTIONS = frozenset(
    {"file", "fileexists", "filebase64", "filemd5", "filesha1", "filesha256", "templatefile"}
)


class TooMuchWorkError(Exception):
    """An evaluation that takes more steps than any real code needs."""


class Names(Protocol):
    """What a module lends to the expressions in it: names, files, and a limit of steps."""

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:
        """The value of a reference's beginning, and how many steps that beginning has."""

    def is_called_from_outside(self, span: Span) -> bool:
        """Whether this is a called module and the place lies in somebody else's files."""

    def covers(self, span: Span) -> bool:
        """Whether the place lies in this module's files or in those of its callers."""

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """The result of a function that reads a file."""

    def count_step(self) -> None:
        """Count one step; raises `TooMuchWorkError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where an expression stands: its module, and the names of loops and instances around it."""

    names: Names
    local: Mapping[str, Value]

    def with_names(self, names: Mapping[str, Value]) -> "Scope":
        """The scope with more local names."""
        return Scope(names=self.names, local={**self.local, **names})


def evaluate_or_unknown(expression: Expression, scope: Scope) -> Value:
    """The value of an expression; a mistake in it makes an unknown value that says what is wrong."""
    try:
        return evaluate(expression, scope)
    except EvaluationError as error:
        return unknown(str(error), "this expression", expression.span)
    except TooMuchWorkError:
        return unknown("it takes too many steps", "this expression", expression.span)
    except RecursionError:
        return unknown("it is nested too deeply", "this expression", expression.span)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression; raises `EvaluationError` where Terraform would refuse it."""
    scope.names.count_step()
    match expression:
        case Literal(value=value, span=span):
            return Value(value, span)
        case Template():
            return _template(expression, scope)
        case Access():
            return _access(expression, scope)
        case Name():
            return _name(expression, scope)
        case Call():
            return _call(expression, scope)
        case ObjectLiteral():
            return _object(expression, scope)
        case TupleLiteral(items=items, span=span):
            return Value(Items(values=tuple(evaluate(item, scope) for item in items)), span)
        case ForTuple():
            return _for_tuple(expression, scope)
        case ForObject():
            return _for_object(expression, scope)
        case Conditional():
            return _conditional(expression, scope)
        case Binary():
            return _binary(expression, scope)
        case Unary():
            return _unary(expression, scope)
        case _:
            assert_never(expression)


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


def _derived(content: UnknownContent) -> UnknownContent:
    return UnknownContent(
        reason=content.reason, reference=content.reference, is_ephemeral=content.is_ephemeral
    )


def _name(expression: Name, scope: Scope) -> Value:
    if expression.name in scope.local:
        return scope.local[expression.name]
    value, _ = scope.names.resolve(expression.name, (), expression.span)
    return value


def _access(expression: Access, scope: Scope) -> Value:
    target, steps = expression.target, expression.steps
    if isinstance(target, Name) and target.name not in scope.local:
        value, used = scope.names.resolve(target.name, steps, expression.span)
        steps = steps[used:]
    else:
        value = evaluate(target, scope)
    for step in steps:
        value = _step(value, step, scope)
    if value.span is None or not scope.names.covers(value.span):
        # Only AWS or a called module knows it: what a person can change here is the reference.
        return Value(value.content, expression.span)
    return value


def _step(value: Value, step: Step, scope: Scope) -> Value:
    match step:
        case AttributeStep(name=name):
            return attribute_of(value, name)
        case IndexStep(key=key):
            return _indexed(value, evaluate(key, scope))
        case SplatStep(steps=inner):
            return _splat(value, inner, scope)


def attribute_of(value: Value, name: str) -> Value:
    """The value's attribute of that name; raises `EvaluationError` when it has none."""
    match value.content:
        case Fields(values=fields):
            if name in fields:
                return fields[name]
            raise EvaluationError(f"there is no attribute `{name}`")
        case Deferred(read=read):
            return read(name)
        case UnknownContent() as content:
            return Value(_further(content, f".{name}"), value.span)
        case _:
            raise EvaluationError(f"{type_name(value)} has no attribute `{name}`")


def _further(content: UnknownContent, step: str) -> UnknownContent:
    return UnknownContent(
        reason=content.reason,
        reference=content.reference + step,
        is_ephemeral=content.is_ephemeral,
    )


def _indexed(value: Value, key: Value) -> Value:
    if isinstance(value.content, UnknownContent):
        known_key = isinstance(key.content, (str, int))
        shown = f'["{key.content}"]' if isinstance(key.content, str) else f"[{key.content}]"
        return Value(_further(value.content, shown if known_key else "[…]"), value.span)
    if (missing := unknown_in(key)) is not None:
        return Value(_derived(missing), value.span)
    match value.content:
        case Items(kind="set"):
            raise EvaluationError("a set has no indexes")
        case Items(values=items):
            index = as_integer(key)
            if not 0 <= index < len(items):
                raise EvaluationError(f"there is no element {index}")
            return items[index]
        case Fields(values=fields):
            name = as_text(key)
            if name not in fields:
                raise EvaluationError(f"there is no key `{name}`")
            return fields[name]
        case Deferred(read=read):
            return read(as_text(key))
        case _:
            raise EvaluationError(f"{type_name(value)} has no elements")


def _splat(value: Value, steps: Sequence[AttributeStep | IndexStep], scope: Scope) -> Value:
    match value.content:
        case None:
            return Value(Items(values=()), value.span)
        case Items(values=items):
            targets = items
        case UnknownContent() as content:
            return Value(_further(content, "[*]"), value.span)
        case _:
            targets = (value,)
    results = []
    for target in targets:
        result = target
        for step in steps:
            result = _step(result, step, scope)
        results.append(result)
    return Value(Items(values=tuple(results)), value.span)


def _object(expression: ObjectLiteral, scope: Scope) -> Value:
    values: dict[str, Value] = {}
    spans: dict[str, Span] = {}
    for item in expression.items:
        key = evaluate(item.key, scope)
        if (missing := unknown_in(key)) is not None:
            return Value(_derived(missing), expression.span)
        name = as_text(key)
        values[name] = evaluate(item.value, scope)
        spans[name] = key.span or item.key.span
    return Value(Fields(values=values, key_spans=spans), expression.span)


def _loop_scopes(loop: ForLoop, collection: Value, scope: Scope) -> Iterable[tuple[Scope, Value]]:
    for key, value in pairs(collection):
        scope.names.count_step()
        names = {loop.value_name: value}
        if loop.key_name is not None:
            names[loop.key_name] = key
        yield scope.with_names(names), Value(None, value.span or key.span)


def _is_kept(loop: ForLoop, scope: Scope) -> bool | UnknownContent:
    if loop.condition is None:
        return True
    condition = evaluate(loop.condition, scope)
    return unknown_in(condition) or as_boolean(condition)


def _for_tuple(expression: ForTuple, scope: Scope) -> Value:
    collection = evaluate(expression.loop.collection, scope)
    span = place(expression.span, scope, (collection,))
    if (missing := unknown_in(collection)) is not None:
        return Value(_derived(missing), span)
    results = []
    for inner, element in _loop_scopes(expression.loop, collection, scope):
        kept = _is_kept(expression.loop, inner)
        if isinstance(kept, UnknownContent):
            return Value(_derived(kept), span)
        if kept:
            value = evaluate(expression.value, inner)
            results.append(_from_element(value, element, expression))
    return Value(Items(values=tuple(results)), span)


def _for_object(expression: ForObject, scope: Scope) -> Value:
    collection = evaluate(expression.loop.collection, scope)
    span = place(expression.span, scope, (collection,))
    if (missing := unknown_in(collection)) is not None:
        return Value(_derived(missing), span)
    values: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    spans: dict[str, Span] = {}
    for inner, element in _loop_scopes(expression.loop, collection, scope):
        kept = _is_kept(expression.loop, inner)
        if isinstance(kept, UnknownContent):
            return Value(_derived(kept), span)
        if not kept:
            continue
        key = evaluate(expression.key, inner)
        if (missing := unknown_in(key)) is not None:
            return Value(_derived(missing), span)
        name = as_text(key)
        key = _from_element(key, element, expression)
        if key.span is not None:
            spans.setdefault(name, key.span)
        value = _from_element(evaluate(expression.value, inner), element, expression)
        if expression.groups:
            groups.setdefault(name, []).append(value)
        elif name in values:
            raise EvaluationError(f"two elements have the key `{name}`")
        else:
            values[name] = value
    for name, members in groups.items():
        values[name] = Value(Items(values=tuple(members)), members[0].span)
    return Value(Fields(values=values, key_spans=spans), span)


def _from_element(value: Value, element: Value, loop: ForTuple | ForObject) -> Value:
    """A value made in the loop's body is changed where the element it was made from stands."""
    made_here = value.span is None or loop.span.contains(value.span)
    if made_here and element.span is not None:
        return Value(value.content, element.span)
    return value


def _conditional(expression: Conditional, scope: Scope) -> Value:
    condition = evaluate(expression.condition, scope)
    missing = unknown_in(condition)
    if missing is None:
        taken, other = expression.then, expression.otherwise
        if not as_boolean(condition):
            taken, other = other, taken
        value, peer = evaluate(taken, scope), evaluate_or_unknown(other, scope)
        if not (is_small(value) and is_small(peer)):
            raise NotComputedError("the value is too large")
        return one_type(value, peer)
    then = evaluate_or_unknown(expression.then, scope)
    otherwise = evaluate_or_unknown(expression.otherwise, scope)
    if first_unknown((then, otherwise)) is None and same(then, otherwise):
        return then
    return Value(_derived(missing), expression.span)


def _binary(expression: Binary, scope: Scope) -> Value:
    # A long sum leans to the left: a loop, not recursion, goes down there.
    chain: list[Binary] = []
    left_most: Expression = expression
    while isinstance(left_most, Binary):
        chain.append(left_most)
        left_most = left_most.left
    value = evaluate(left_most, scope)
    for node in reversed(chain):
        value = _operate(node, value, scope)
    return value


def _operate(node: Binary, left: Value, scope: Scope) -> Value:
    right = evaluate(node.right, scope)
    span = place(node.span, scope, (left, right))
    if node.operator in ("&&", "||"):
        return Value(_logic(node.operator == "||", left, right), span)
    if node.operator in ("==", "!="):
        equal = _equal(left, right)
        if isinstance(equal, bool) and node.operator == "!=":
            equal = not equal
        return Value(equal, span)
    missing = unknown_in(left) or unknown_in(right)
    if missing is not None:
        return Value(_derived(missing), span)
    try:
        return Value(_calculate(node, as_number(left), as_number(right)), span)
    except ArithmeticError:
        raise NotComputedError("the number is out of range") from None


def _logic(decisive: bool, left: Value, right: Value) -> Content:  # noqa: FBT001
    if left.content is None or right.content is None:
        # An error up to Terraform 1.11, a value in 1.15.
        raise NotComputedError("`null` beside && or || depends on Terraform's version")
    missing: UnknownContent | None = None
    for operand in (left, right):
        found = unknown_in(operand)
        if found is not None:
            missing = missing or found
        elif as_boolean(operand) is decisive:
            return decisive
    return not decisive if missing is None else _derived(missing)


def _equal(left: Value, right: Value) -> bool | UnknownContent:
    for one, other in ((left, right), (right, left)):
        content = one.content
        if other.content is None:
            if isinstance(content, UnknownContent):
                return False if content.is_never_null else _derived(content)
            return content is None
    missing = first_unknown((left, right))
    if missing is not None:
        return _derived(missing)
    equal = same(left, right)
    if equal and not _same_kinds(left, right):
        return UnknownContent(reason="it compares collections of two types", reference="==")
    return equal


def _same_kinds(left: Value, right: Value) -> bool:
    match left.content, right.content:
        case (Items(values=a, kind=first), Items(values=b, kind=second)):
            return first == second and all(map(_same_kinds, a, b))
        case (Fields(values=a, kind=first), Fields(values=b, kind=second)):
            return first == second and all(_same_kinds(a[key], b[key]) for key in a)
        case _:
            return True


def _calculate(node: Binary, left: int | Decimal, right: int | Decimal) -> int | Decimal | bool:
    if node.operator in ("<", ">", "<=", ">="):
        check_digits(left)
        check_digits(right)
    match node.operator:
        case "<":
            return left < right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case ">=":
            return left >= right
        case _:
            pass
    first, second = Decimal(left), Decimal(right)
    match node.operator:
        case "+":
            result = NUMBERS.add(first, second)
        case "-":
            result = NUMBERS.subtract(first, second)
        case "*":
            result = NUMBERS.multiply(first, second)
        case "/" | "%" if second == 0:
            raise EvaluationError("the division is by zero")
        case "/":
            result = NUMBERS.divide(first, second)
        case _:
            result = NUMBERS.remainder(first, second)
    return number_content(result)


def _unary(expression: Unary, scope: Scope) -> Value:
    operand = evaluate(expression.operand, scope)
    span = place(expression.span, scope, (operand,))
    if (missing := unknown_in(operand)) is not None:
        return Value(_derived(missing), span)
    if expression.operator == "!":
        return Value(not as_boolean(operand), span)
    return Value(-as_number(operand), span)


def _call(expression: Call, scope: Scope) -> Value:
    name = expression.name.removeprefix("core::")
    if name in ("try", "can"):
        return _attempt(name, expression, scope)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    span = place(expression.span, scope, arguments)
    if expression.expands:
        last = arguments.pop()
        if (missing := unknown_in(last)) is not None:
            return Value(_derived(missing), span)
        if not isinstance(last.content, Items):
            raise EvaluationError(f"a list is needed before `...`, not {type_name(last)}")
        arguments.extend(last.content.values)
    if name in FILE_FUNCTIONS:
        return scope.names.call_file_function(name, arguments, span)
    result = call(name, arguments, span)
    return result if result.span is not None else Value(result.content, span)


def _attempt(name: str, expression: Call, scope: Scope) -> Value:
    for argument in expression.arguments:
        try:
            value = evaluate(argument, scope)
        except NotComputedError as error:
            return unknown(str(error), f"{name}(…)", expression.span)
        except EvaluationError:
            continue
        if name == "try":
            return value
        missing = unknown_in(value)
        return Value(True if missing is None else _derived(missing), expression.span)
    if name == "can":
        return Value(content=False, span=expression.span)
    raise EvaluationError("try(): no expression succeeded")


def _template(expression: Template, scope: Scope) -> Value:
    parts = expression.parts
    if len(parts) == 1 and isinstance(only := parts[0], TemplateValue):
        return evaluate(only.expression, scope)
    inputs: list[Value] = []
    pieces = list(template_pieces(parts, scope, inputs))
    return text_of(pieces, place(expression.span, scope, inputs))


def template_pieces(
    parts: Sequence[TemplatePart], scope: Scope, inputs: list[Value]
) -> Iterable[str | UnknownContent]:
    """The pieces of a template's text; the values that went into it are added to `inputs`."""
    for part in parts:
        match part:
            case TemplateText(text=text):
                yield text
            case TemplateValue(expression=inner):
                value = evaluate(inner, scope)
                inputs.append(value)
                yield from parts_of(value)
            case TemplateIf(condition=condition, then=then, otherwise=otherwise):
                decision = evaluate(condition, scope)
                if (missing := unknown_in(decision)) is not None:
                    yield _derived(missing)
                else:
                    branch = then if as_boolean(decision) else otherwise
                    yield from template_pieces(branch, scope, inputs)
            case TemplateFor(loop=loop, body=body):
                collection = evaluate(loop.collection, scope)
                if (missing := unknown_in(collection)) is not None:
                    yield _derived(missing)
                    continue
                for inner_scope, _ in _loop_scopes(loop, collection, scope):
                    yield from template_pieces(body, inner_scope, inputs)
