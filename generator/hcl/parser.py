"""HCL text to syntax tree, through python-hcl2's grammar; mistakes come back as values."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from generator.hcl.grammar import parser
from generator.hcl.masked_text import MaskedText, ScannedTemplate, SequenceItem
from generator.hcl.scanner import EXPRESSION_PREFIX, scan, scan_template
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
    from lark import Lark

    from generator.hcl.grammar_trees import Branch, Node
from generator.hcl.grammar_trees import (
    any_node,
    branches_of,
    first_token,
    is_branch,
    last_token,
    words_of,
)
from generator.hcl.template_parts import loop_of, template_parts

DEEPEST_EXPRESSION = 220

MOST_WORDS = 400_000
"""Words and signs in one file; more takes over ten seconds to parse, and is not what a person wrote."""

_LONGEST_PART = 100_000
_LONGEST_KEPT = 16_000
_WORD = re.compile(r'"\d+"|\w+|[^\w\s]')
_BORDER = re.compile(r"[\n(\[{)\]}]")

_PLACEHOLDER = re.compile(r'"(\d+)"')

_FIRST_WORD = re.compile(r"[ \t\r]*([\w-]+|\n|.)")

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


def _tree(text: str, by: "Lark") -> "Branch":
    """The tree of a masked text, which nobody changes; raises what the parser raises."""
    tree = by.parse(text)
    return cast("Branch", tree.children[0])  # the rule `start` holds exactly one `body`


@lru_cache(maxsize=64)
def _kept_tree(text: str, by: "Lark") -> "Branch":
    """The tree of a short text, kept for the next one like it.

    Files that differ in nothing but the texts in quotes have the same one: code that was copied from
    account to account is parsed once. A tree takes a hundred times the memory of its text.
    """
    return _tree(text, by)


def _parts(masked: MaskedText) -> Iterator[tuple[int, int]]:
    """Where a long text can be taken apart: between lines that stand in no brackets."""
    start = depth = 0
    if len(masked.text) > _LONGEST_PART:
        for match in _BORDER.finditer(masked.text):
            sign = match[0]
            if sign in "([{":
                depth += 1
            elif sign != "\n":
                depth -= 1
            elif (not depth and match.end() - start >= _LONGEST_PART) or (
                not depth and match.end() == masked.length
            ):
                yield start, match.end()
                start = match.end()
    if start < len(masked.text) or not start:
        yield start, len(masked.text)


class _Converter:
    """Turns one parsed file into our own nodes; keeps nothing of the parser's tree."""

    def __init__(self, source: SourceText, masked: MaskedText, cache_folder: Path | None) -> None:
        self._source = source
        self._masked = masked
        self._templates: dict[int, Expression] = {}
        self._depth = 0
        # Where the part that is being converted begins in the masked text.
        self._base = 0
        self._parser = parser(cache_folder)
        self._refuse_too_many_words()
        parts = list(_parts(masked))
        if len(parts) == 1:
            branches = self._parsed(*parts[0])
            count = len(branches) - masked.expressions
            self._main = [(0, branches[:count])]
            self._expressions = [(0, branch) for branch in branches[count:]]
            self._left: list[tuple[int, int]] = []
        else:
            self._main = []
            self._left = [part for part in parts if part[1] <= masked.length]
            self._expressions = [
                (start, branch)
                for start, end in parts[len(self._left) :]
                for branch in self._parsed(start, end)
            ]
        for number, (base, branch) in enumerate(self._expressions):
            if words_of(branches_of(branch)[0]) != f"{EXPRESSION_PREFIX}{number}":
                self._base = base
                raise SyntaxMistakeError("an expression in a text is wrong", self._span(branch))

    def _refuse_too_many_words(self) -> None:
        text = self._masked.text
        # Each takes at least one character.
        if len(text) > MOST_WORDS and sum(1 for _ in _WORD.finditer(text)) > MOST_WORDS:
            message = f"it holds more than {MOST_WORDS:,} words and signs of code; split the file"
            raise SyntaxMistakeError(message, self._source.span(0, 0))

    def body(self) -> Body:
        """The file's body."""
        return self._body(self._whole())

    def _whole(self) -> Iterator["Branch"]:
        """The entries of the file; of a long one, the tree of each part is gone before the next."""
        for _, branches in self._main:
            yield from branches
        for start, end in self._left:
            self._base = start
            yield from self._parsed(start, end)

    def template_parts(self, scanned: ScannedTemplate) -> tuple[TemplatePart, ...]:
        """The parts of a template, with its directives put together."""
        return template_parts(scanned.items, self._numbered, self._stray)

    def _stray(self, item: SequenceItem, message: str) -> SyntaxMistakeError:
        return SyntaxMistakeError(message, self._source.span(item.start, item.end))

    def _numbered(self, item: SequenceItem) -> Expression:
        if item.expression is None:  # pragma: no cover - the scanner gives these words one
            raise self._stray(item, "the directive needs an expression")
        base, branch = self._expressions[item.expression]
        around, self._base = self._base, base
        expression = self._expression(branches_of(branch)[1])
        self._base = around
        return expression

    def _parsed(self, start: int, end: int) -> list["Branch"]:
        """The entries of a part of the masked text."""
        from lark.exceptions import UnexpectedInput, UnexpectedToken

        text = self._masked.text[start:end]
        try:
            tree = (_kept_tree if len(text) <= _LONGEST_KEPT else _tree)(text, self._parser)
        except UnexpectedInput as error:
            # lark declares the attribute as None and sets a number.
            offset = cast("int | None", error.pos_in_stream)
            at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
            last = len(text) - 1
            raise self._unexpected(start + (last if at_end or offset is None else offset)) from None
        return [child for child in branches_of(tree) if child.data != "new_line_or_comment"]

    def _unexpected(self, offset: int) -> SyntaxMistakeError:
        match = _FIRST_WORD.search(self._masked.text, offset)
        word = match[1] if match else ""
        start = self._masked.start(match.start(1) if match else offset)
        if start >= len(self._source.text):
            message = "the file ends too early"
        elif word == "\n":
            message = "the line ends too early"
        elif word == '"':
            message = "a text in quotes is not expected here"
        else:
            message = f"`{word[:20]}` is not expected here"
        return SyntaxMistakeError(message, self._source.span(start, start + len(word)))

    def _span(self, node: "Node") -> Span:
        if isinstance(node, str):
            text = str(node)
            start = (node.start_pos or 0) + len(text) - len(text.lstrip(" \t"))
            end = node.end_pos or start
        else:
            start, end = first_token(node).start_pos or 0, last_token(node).end_pos or 0
        base = self._base
        return self._source.span(self._masked.start(base + start), self._masked.end(base + end))

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
        match = _PLACEHOLDER.fullmatch(
            "".join(str(token) for token in branch.scan_values(any_node))
        )
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
