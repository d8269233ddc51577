"""A file's text as the grammar's trees, with the place of each branch in the file."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from generator.hcl.grammar import parser
from generator.hcl.grammar_trees import branches_of, offsets_of, words_of
from generator.hcl.masked_text import MaskedText
from generator.hcl.scanner import EXPRESSION_PREFIX
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.model.span import Span

if TYPE_CHECKING:
    from lark import Lark

    from generator.hcl.grammar_trees import Branch, Node

MOST_WORDS = 400_000
"""Words and signs in one file; more takes over ten seconds to parse, and is not what a person wrote."""

_LONGEST_PART = 100_000
_LONGEST_KEPT = 16_000
_WORD = re.compile(r'"\d+"|\w+|[^\w\s]')
_BORDER = re.compile(r"[\n(\[{)\]}]")
_FIRST_WORD = re.compile(r"[ \t\r]*([\w-]+|\n|.)")
_Converted = TypeVar("_Converted")


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


class ParsedText:
    """The trees of one file: its entries, and the expressions in its quoted texts by their numbers."""

    def __init__(self, source: SourceText, masked: MaskedText, cache_folder: Path | None) -> None:
        self._source = source
        self._masked = masked
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
                raise SyntaxMistakeError("an expression in a text is wrong", self.span(branch))

    def _refuse_too_many_words(self) -> None:
        text = self._masked.text
        # Each takes at least one character.
        if len(text) > MOST_WORDS and sum(1 for _ in _WORD.finditer(text)) > MOST_WORDS:
            message = f"it holds more than {MOST_WORDS:,} words and signs of code; split the file"
            raise SyntaxMistakeError(message, self._source.span(0, 0))

    def entries(self) -> Iterator["Branch"]:
        """The entries of the file; of a long one, the tree of each part is gone before the next."""
        for _, branches in self._main:
            yield from branches
        for start, end in self._left:
            self._base = start
            yield from self._parsed(start, end)

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

    def span(self, node: "Node") -> Span:
        """Where a branch or token stands in the file."""
        if isinstance(node, str):
            text = str(node)
            start = (node.start_pos or 0) + len(text) - len(text.lstrip(" \t"))
            end = node.end_pos or start
        else:
            start, end = offsets_of(node)
        base = self._base
        return self._source.span(self._masked.start(base + start), self._masked.end(base + end))

    def converted(self, number: int, convert: "Callable[[Branch], _Converted]") -> _Converted:
        """What `convert` makes of an expression in a text; places are those of its part meanwhile."""
        base, branch = self._expressions[number]
        around, self._base = self._base, base
        expression = convert(branches_of(branch)[1])
        self._base = around
        return expression
