"""The parts of a template, with its `%{if}` and `%{for}` put together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.hcl.masked_text import SequenceItem, TextItem
from generator.hcl.source import SyntaxMistakeError
from generator.hcl.syntax import (
    Expression,
    ForLoop,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TemplateText,
    TemplateValue,
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from lark import Token, Tree

    Branch: TypeAlias = Tree[Token]
    Node: TypeAlias = Branch | Token


@dataclass(slots=True)
class _OpenDirective:
    """A `%{if}` or `%{for}` that is not yet closed."""

    item: SequenceItem
    then: list[TemplatePart]
    otherwise: list[TemplatePart] | None = None

    @property
    def parts(self) -> list[TemplatePart]:
        return self.then if self.otherwise is None else self.otherwise


def loop_of(names: Sequence[str], collection: Expression, condition: Expression | None) -> ForLoop:
    """The head of a `for` with one or two names."""
    key_name, value_name = (names[0], names[1]) if len(names) == 2 else (None, names[0])
    return ForLoop(
        key_name=key_name, value_name=value_name, collection=collection, condition=condition
    )


def template_parts(
    items: Iterable[TextItem | SequenceItem],
    expression: Callable[[SequenceItem], Expression],
    stray: Callable[[SequenceItem, str], SyntaxMistakeError],
) -> tuple[TemplatePart, ...]:
    """The parts that the items of a scanned template are; raises `SyntaxMistakeError`.

    `expression` gives the expression of a sequence, `stray` the error for one that is out of place.
    """
    done: list[TemplatePart] = []
    stack: list[_OpenDirective] = []
    for item in items:
        parts = stack[-1].parts if stack else done
        if isinstance(item, TextItem):
            if item.text:
                parts.append(TemplateText(text=item.text))
            continue
        match item.word:
            case "value":
                parts.append(TemplateValue(expression=expression(item)))
            case "if" | "for":
                stack.append(_OpenDirective(item, []))
            case "else":
                if not stack or stack[-1].item.word != "if" or stack[-1].otherwise is not None:
                    raise stray(item, "`%{else}` has no `%{if}`")
                stack[-1].otherwise = []
            case _:
                wanted = item.word.removeprefix("end")
                if not stack or stack[-1].item.word != wanted:
                    raise stray(item, f"`%{{{item.word}}}` has no `%{{{wanted}}}`")
                closed = stack.pop()
                (stack[-1].parts if stack else done).append(
                    _directive(closed, expression(closed.item))
                )
    if stack:
        raise stray(stack[-1].item, f"`%{{{stack[-1].item.word}}}` is never closed")
    return tuple(done)


def _directive(directive: _OpenDirective, expression: Expression) -> TemplateIf | TemplateFor:
    if directive.item.word == "if":
        return TemplateIf(
            condition=expression,
            then=tuple(directive.then),
            otherwise=tuple(directive.otherwise or ()),
        )
    return TemplateFor(
        loop=loop_of(directive.item.names, expression, None), body=tuple(directive.then)
    )
