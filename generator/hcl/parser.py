"""HCL text to syntax tree, through python-hcl2's grammar; mistakes come back as values."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

from generator.hcl.masked_text import MaskedText, ScannedTemplate, SequenceItem
from generator.hcl.parsed_text import ParsedText
from generator.hcl.scanner import scan, scan_template
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.hcl.syntax import (
    Access,
    Attribute,
    AttributeStep,
    Binary,
    BinaryOperator,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    IndexStep,
    Literal,
    Name,
    ObjectItem,
    ObjectLiteral,
    SplatStep,
    Step,
    SyntaxMistake,
    Template,
    TemplatePart,
    TemplateText,
    TupleLiteral,
    Unary,
)
from generator.model.span import Span

if TYPE_CHECKING:
    from generator.hcl.grammar_trees import Branch
from generator.hcl.grammar_trees import (
    branches_of,
    is_branch,
    words_of,
)
from generator.hcl.template_parts import loop_of, template_parts

DEEPEST_EXPRESSION = 220

_PLACEHOLDER = re.compile(r'"(\d+)"')

_CONSTANTS = {"true": True, "false": False, "null": None}


def parse_body(source: SourceText, *, cache_folder: Path | None = None) -> Body | SyntaxMistake:
    """Parse a whole file."""
    try:
        masked = scan(source)
        return _Converter(source, masked, cache_folder).body()
    except SyntaxMistakeError as error:
        return error.mistake


def parse_template(
    source: SourceText, *, cache_folder: Path | None = None
) -> Template | SyntaxMistake:
    """Parse a file that is one template, as `templatefile` reads it."""
    try:
        masked, scanned = scan_template(source)
        parts = _Converter(source, masked, cache_folder).template_parts(scanned)
        return Template(parts=parts, span=source.span(0, len(source.text)))
    except SyntaxMistakeError as error:
        return error.mistake


class _Converter:
    """Turns one parsed file into our own nodes; keeps nothing of the parser's tree."""

    def __init__(self, source: SourceText, masked: MaskedText, cache_folder: Path | None) -> None:
        self._source = source
        self._masked = masked
        self._tree = ParsedText(source, masked, cache_folder)
        self._span = self._tree.span
        self._depth = 0

    def body(self) -> Body:
        """The file's body."""
        return self._body(self._tree.entries())

    def template_parts(self, scanned: ScannedTemplate) -> tuple[TemplatePart, ...]:
        """The parts of a template, with its directives put together."""
        return template_parts(scanned.items, self._numbered, self._stray)

    def _stray(self, item: SequenceItem, message: str) -> SyntaxMistakeError:
        return SyntaxMistakeError(message, self._source.span(item.start, item.end))

    def _numbered(self, item: SequenceItem) -> Expression:
        if item.expression is None:  # pragma: no cover - the scanner gives these words one
            raise self._stray(item, "the directive needs an expression")
        return self._tree.converted(item.expression, self._expression)

    def _body(self, branches: Iterable["Branch"]) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        last_line = 0
        for branch in branches:
            entry: Attribute | Block
            if branch.data == "attribute":
                entry = self._attribute(branch)
                if entry.name in attributes:
                    raise SyntaxMistakeError(f"`{entry.name}` is set twice", entry.span)
                attributes[entry.name] = entry
            else:
                entry = self._block(branch)
                blocks.append(entry)
            if entry.span.line == last_line and self._source.whole is None:
                raise SyntaxMistakeError("a new line is needed before this", entry.span)
            last_line = entry.span.end_line
        return Body(attributes=attributes, blocks=tuple(blocks))

    def _attribute(self, branch: "Branch") -> Attribute:
        name, value = branches_of(branch)
        expression = self._expression(value)
        return Attribute(
            name=words_of(name),
            expression=expression,
            span=_joined(self._span(name), expression.span),
        )

    def _block(self, branch: "Branch") -> Block:
        *head, inner = branches_of(branch)
        self._deeper(branch)
        head = [part for part in head if part.data != "new_line_or_comment"]
        tokens = [child for child in branch.children if not is_branch(child)]
        opening, closing = self._span(tokens[0]), self._span(tokens[-1])
        start = self._span(head[0])
        if self._source.whole is None and opening.line != self._span(head[-1]).end_line:
            raise SyntaxMistakeError("the `{` belongs on the line of the block's name", opening)
        labels = tuple(self._label(part) for part in head[1:])
        parts = [part for part in branches_of(inner) if part.data != "new_line_or_comment"]
        body = self._body(parts)
        block = Block(
            type=words_of(head[0]),
            labels=labels,
            body=body,
            span=_joined(start, closing),
            header=_joined(start, opening),
        )
        self._depth -= 1
        return block

    def _label(self, part: "Branch") -> str:
        if part.data != "string":
            return words_of(part)
        template = self._string(part)
        if not isinstance(template, Literal) or not isinstance(template.value, str):
            raise SyntaxMistakeError("a label is plain text", template.span)
        return template.value

    def _deeper(self, branch: "Branch") -> None:
        self._depth += 1
        if self._depth > DEEPEST_EXPRESSION:
            raise SyntaxMistakeError("the expression is nested too deeply", self._span(branch))

    def _expression(self, branch: "Branch") -> Expression:
        self._deeper(branch)
        expression = self._dispatch(branch)
        self._depth -= 1
        return expression

    def _dispatch(self, branch: "Branch") -> Expression:
        kind = str(branch.data)
        if kind == "expr_term":
            inner = [part for part in branches_of(branch) if part.data != "new_line_or_comment"]
            expression = self._expression(inner[0])
            if len(branch.children) > len(inner):  # parentheses
                if isinstance(expression, Name):  # `(name)` as a key is a reference, not a word
                    return Access(target=expression, steps=(), span=self._span(branch))
                return expression
            return expression
        match kind:
            case "int_lit" | "float_lit":
                return self._number(branch)
            case "string":
                return self._string(branch)
            case "literal_value":
                return Literal(value=_CONSTANTS[words_of(branch)], span=self._span(branch))
            case "identifier":
                return Name(name=words_of(branch), span=self._span(branch))
            case "binary_op":
                return self._binary(branch)
            case "unary_op":
                return self._unary(branch)
            case "conditional":
                condition, then, otherwise = self._children(branch)
                return Conditional(
                    condition=condition,
                    then=then,
                    otherwise=otherwise,
                    span=_joined(condition.span, otherwise.span),
                )
            case "tuple":
                return TupleLiteral(items=tuple(self._children(branch)), span=self._span(branch))
            case "object":
                return self._object(branch)
            case "function_call":
                return self._call(branch)
            case "for_tuple_expr" | "for_object_expr":
                return self._for(branch)
            case (
                "index_expr_term"
                | "get_attr_expr_term"
                | "attr_splat_expr_term"
                | "full_splat_expr_term"
            ):
                return self._access(branch)
            case _:
                raise SyntaxMistakeError("this expression is not understood", self._span(branch))

    def _children(self, branch: "Branch") -> list[Expression]:
        return [
            self._expression(part)
            for part in branches_of(branch)
            if part.data != "new_line_or_comment"
        ]

    def _number(self, branch: "Branch") -> Literal:
        text, span = words_of(branch), self._span(branch)
        number = Decimal(text)
        if not -4000 <= number.adjusted() <= 4000:
            raise SyntaxMistakeError("the number is too large", span)
        whole = number == number.to_integral_value()
        return Literal(value=int(number) if whole else number, span=span)

    def _string(self, branch: "Branch") -> Expression:
        match = _PLACEHOLDER.fullmatch(words_of(branch))
        if match is None:  # pragma: no cover - the scanner replaces every quoted text
            raise SyntaxMistakeError("the quoted text is not understood", self._span(branch))
        number = int(match[1])
        scanned = self._masked.templates[number]
        span = self._source.span(scanned.start, scanned.end)
        parts = self.template_parts(scanned)
        texts = [part.text for part in parts if isinstance(part, TemplateText)]
        if len(texts) == len(parts):
            return Literal(value="".join(texts), span=span)
        return Template(parts=parts, span=span)

    def _binary(self, branch: "Branch") -> Expression:
        # A sum of a thousand terms is a tree a thousand deep: go down its left side in a loop.
        chain: list[tuple[BinaryOperator, Branch]] = []
        while branch.data == "binary_op":
            left, term = branches_of(branch)[:2]
            sign, right = branches_of(term)[:2]
            # The grammar's rule `binary_operator` holds one of exactly these signs.
            chain.append((cast("BinaryOperator", words_of(sign).strip()), right))
            branch = left
        expression = self._expression(branch)
        for operator, right in reversed(chain):
            operand = self._expression(right)
            expression = Binary(
                operator=operator,
                left=expression,
                right=operand,
                span=_joined(expression.span, operand.span),
            )
        return expression

    def _unary(self, branch: "Branch") -> Unary:
        sign, inner = branch.children
        operand = self._expression(cast("Branch", inner))  # the rule is: sign, operand
        return Unary(
            operator="-" if str(sign) == "-" else "!",
            operand=operand,
            span=_joined(self._span(sign), operand.span),
        )

    def _object(self, branch: "Branch") -> ObjectLiteral:
        items: list[ObjectItem] = []
        separated = True
        for child in branch.children:
            if not is_branch(child):
                separated = True
                continue
            if child.data == "new_line_or_comment":
                separated = True
                continue
            key_branch, value_branch = branches_of(child)
            key = self._object_key(branches_of(key_branch)[0])
            if not separated:
                raise SyntaxMistakeError("a comma or a new line is needed before this", key.span)
            items.append(ObjectItem(key=key, value=self._expression(value_branch)))
            separated = False
        return ObjectLiteral(items=tuple(items), span=self._span(branch))

    def _object_key(self, branch: "Branch") -> Expression:
        if branch.data == "keyword":
            return Literal(value=words_of(branch), span=self._span(branch))
        expression = self._expression(branch)
        if isinstance(expression, Name):
            return Literal(value=expression.name, span=expression.span)
        if isinstance(expression, Literal) and not isinstance(expression.value, str):
            return Literal(value=words_of(branch), span=expression.span)
        return expression

    def _call(self, branch: "Branch") -> Call:
        words: list[str] = []
        arguments: list[Expression] = []
        expands = False
        for part in branches_of(branch):
            if part.data == "identifier":
                words.append(words_of(part))
            elif part.data == "arguments":
                arguments = self._children(part)
                expands = any(child == "..." for child in part.children if isinstance(child, str))
        return Call(
            name="::".join(words),
            arguments=tuple(arguments),
            expands=expands,
            span=self._span(branch),
        )

    def _for(self, branch: "Branch") -> ForTuple | ForObject:
        intro: Branch | None = None
        condition: Expression | None = None
        values: list[Expression] = []
        groups = False
        for child in branch.children:
            if not is_branch(child):
                groups = groups or str(child) == "..."
            elif child.data == "for_intro":
                intro = child
            elif child.data == "for_cond":
                condition = self._children(child)[0]
            elif child.data != "new_line_or_comment":
                values.append(self._expression(child))
        if intro is None:  # pragma: no cover - the grammar demands it
            raise SyntaxMistakeError("this expression is not understood", self._span(branch))
        *names, collection = (
            part for part in branches_of(intro) if part.data != "new_line_or_comment"
        )
        loop = loop_of([words_of(name) for name in names], self._expression(collection), condition)
        span = self._span(branch)
        if branch.data == "for_tuple_expr":
            return ForTuple(loop=loop, value=values[0], span=span)
        return ForObject(loop=loop, key=values[0], value=values[1], groups=groups, span=span)

    def _access(self, branch: "Branch") -> Access:
        # Collect the steps from the last to the first, so that a long chain needs no recursion.
        found: list[list[Step]] = []
        span = self._span(branch)
        while True:
            if branch.data == "expr_term" and len(branch.children) == 1:
                inner = branches_of(branch)[0]
                if not str(inner.data).endswith("_expr_term"):
                    break
                branch = inner
            if not str(branch.data).endswith("_expr_term"):
                break
            target, step = branches_of(branch)
            found.append(self._steps(step))
            branch = target
        steps = [step for group in reversed(found) for step in group]
        return Access(target=self._expression(branch), steps=tuple(steps), span=span)

    def _steps(self, branch: "Branch") -> list[Step]:
        match branch.data:
            case "get_attr" | "short_index" | "braces_index":
                return [self._plain_step(branch)]
            case "full_splat":
                inner = tuple(self._plain_step(part) for part in branches_of(branch))
                return [SplatStep(steps=inner, span=self._span(branch))]
            case _:
                # After `.*`, only names and old-style indexes go into each element.
                parts = branches_of(branch)
                bracket = next(
                    (at for at, part in enumerate(parts) if part.data == "braces_index"), len(parts)
                )
                inner = tuple(self._plain_step(part) for part in parts[:bracket])
                rest = [self._plain_step(part) for part in parts[bracket:]]
                return [SplatStep(steps=inner, span=self._span(branch)), *rest]

    def _plain_step(self, branch: "Branch") -> AttributeStep | IndexStep:
        span = self._span(branch)
        if branch.data == "get_attr":
            return AttributeStep(name=words_of(branches_of(branch)[0]), span=span)
        if branch.data == "short_index":
            number = int(str(branch.children[1]))
            return IndexStep(key=Literal(value=number, span=span), span=span)
        return IndexStep(key=self._children(branch)[0], span=span)


def _joined(first: Span, last: Span) -> Span:
    return Span(
        file=first.file,
        line=first.line,
        column=first.column,
        end_line=last.end_line,
        end_column=last.end_column,
    )
