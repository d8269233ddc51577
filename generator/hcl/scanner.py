"""Finds the texts and comments of an HCL file, so that the grammar only sees structure.

HCL's texts hold expressions that hold texts, heredocs end where a line says so, and line breaks
count in some brackets and not in others. The scanner resolves all of that. It hands out a *masked*
text, in which every quoted text or heredoc is a numbered placeholder, comments and line breaks that
do not count are blanks, and each expression from inside a text follows at the end as an attribute
of its own. A table leads every offset of the masked text back to the file.
"""

import re

from generator.frozen_data import frozen
from generator.hcl.masked_text import (
    MaskedRegion,
    MaskedText,
    Piece,
    ScannedTemplate,
    SequenceItem,
    TextItem,
)
from generator.hcl.source import SourceText, SyntaxMistakeError
from generator.hcl.unicode_text import SPACES, normalised

DEEPEST_BRACKETS = 200

DEEPEST_TEXTS = 40

EXPRESSION_PREFIX = "_expression_"

_TOKEN = re.compile(
    r"(?P<blank>[ \t]+|\r(?=\n))"
    r"|(?P<newline>\n)"
    r"|(?P<comment>\#[^\n]*|//[^\n]*)"
    r"|(?P<block_comment>/\*)"
    r"|(?P<heredoc><<-?(?P<marker>[^\W\d][\w-]*)\r?\n)"
    r'|(?P<quote>")'
    r"|(?P<open>[(\[{])"
    r"|(?P<close>[)\]}])"
    r"|(?P<word>[\w.-]+)"
    r"|(?P<strip>~(?=\}))"
    r"|(?P<other>[^\n])"
)

# Possessive and atomic: many comments in a row must not be tried in every combination.
_BLANKS = r"(?:\s|\#[^\n]*\n|//[^\n]*\n|/\*(?>(?s:.*?)\*/))*+"

_FOR_OBJECT = re.compile(rf"{_BLANKS}for\s+[^\W\d][\w-]*{_BLANKS}(?:,|in\b)")

_DIRECTIVE = re.compile(r"\s*(?P<word>if|else|endif|for|endfor)\b")

_FOR_NAMES = re.compile(
    r"\s*(?P<first>[^\W\d][\w-]*)\s*(?:,\s*(?P<second>[^\W\d][\w-]*)\s*)?\s+in\b"
)

_DIRECTIVE_END = re.compile(r"\s*(?P<strip>~?)\}")

_QUOTED_TEXT = re.compile(r'[^"\\$%\n]+')

_BARE_TEXT = re.compile(r"[^$%\n]+")

_ESCAPE = re.compile(r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})')

_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def scan(source: SourceText) -> MaskedText:
    """Mask a whole file; raises `SyntaxMistakeError`."""
    scanner = _Scanner(source)
    region, _ = scanner.region(0, inside=None, depth=0)
    return scanner.assemble(region)


def comments_in(source: SourceText) -> tuple[tuple[int, int], ...]:
    """Where the comments of a file begin and end; raises `SyntaxMistakeError`."""
    scanner = _Scanner(source)
    scanner.region(0, inside=None, depth=0)
    return tuple(sorted(scanner.comments))


def scan_template(source: SourceText) -> tuple[MaskedText, ScannedTemplate]:
    """Mask a file that is one template (`templatefile`); raises `SyntaxMistakeError`."""
    scanner = _Scanner(source)
    items, end = scanner.template(0, _Template(kind="bare", start=0), depth=0)
    return scanner.assemble(MaskedRegion(source.text)), ScannedTemplate(
        items=items, start=0, end=end
    )


@frozen
class _Template:
    """What kind of template is being read: `quoted`, `bare`, or a `heredoc` with its marker."""

    kind: str
    start: int
    marker: str = ""
    indented: bool = False


class _Scanner:
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._text = source.text
        self._templates: list[ScannedTemplate] = []
        self._expressions: list[tuple[MaskedRegion, int]] = []
        self.comments: list[tuple[int, int]] = []

    def assemble(self, main: MaskedRegion) -> MaskedText:
        """Join the main region and the expressions from inside texts."""
        main.flush()
        pieces = list(main.pieces)
        end = len(self._text)
        pieces.append(Piece(text="\n", start=end, end=end))
        code = sum(len(piece.text) for piece in pieces)
        for number, (region, start) in enumerate(self._expressions):
            region.flush()
            head = f"{EXPRESSION_PREFIX}{number} = ( "
            pieces.append(Piece(text=head, start=start, end=start))
            pieces.extend(region.pieces)
            last = region.pieces[-1].end if region.pieces else start
            pieces.append(Piece(text=" )\n", start=last, end=last))
        starts, length = [], 0
        for piece in pieces:
            starts.append(length)
            length += len(piece.text)
        return MaskedText(
            text="".join(piece.text for piece in pieces),
            length=code,
            templates=tuple(self._templates),
            expressions=len(self._expressions),
            piece_starts=tuple(starts),
            pieces=tuple(pieces),
        )

    def region(self, position: int, *, inside: int | None, depth: int) -> tuple[MaskedRegion, int]:
        """Mask from `position` to the end of the file, or to the `}` of a sequence.

        `inside` is where that sequence starts. Returns the offset of the closing brace (or of the
        strip marker before it).
        """
        if depth > DEEPEST_TEXTS:
            raise self._mistake("texts are nested too deeply", position, position + 1)
        text, region = self._text, MaskedRegion(self._text)
        # Each entry: closing sign, offset of the opening one, whether line breaks count.
        stack: list[tuple[str, int, bool]] = []
        newlines_count = inside is None
        while match := _TOKEN.match(text, position):
            kind, end = match.lastgroup, match.end()
            if kind == "marker":
                kind = "heredoc"
            if kind in ("blank", "word", "other"):
                region.copy(position, end)
            elif kind == "newline":
                if newlines_count:
                    region.copy(position, end)
                else:
                    region.replace(" ", position, end)
            elif kind == "comment":
                self.comments.append((position, end))
                region.replace(" ", position, end)
            elif kind == "block_comment":
                closing = text.find("*/", end)
                if closing < 0:
                    raise self._mistake("the comment is never closed", position, end)
                end = closing + 2
                self.comments.append((position, end))
                region.replace(" ", position, end)
            elif kind == "quote":
                end = self._text_template(region, _Template(kind="quoted", start=position), depth)
            elif kind == "heredoc":
                template = _Template(
                    kind="heredoc",
                    start=position,
                    marker=match["marker"],
                    indented=text.startswith("<<-", position),
                )
                end = self._text_template(region, template, depth, content=end)
            elif kind == "open":
                if len(stack) >= DEEPEST_BRACKETS:
                    raise self._mistake("brackets are nested too deeply", position, end)
                stack.append((_CLOSERS[match[0]], position, newlines_count))
                newlines_count = match[0] == "{" and not _FOR_OBJECT.match(text, end)
                region.copy(position, end)
            elif kind == "close":
                if not stack:
                    if inside is not None and match[0] == "}":
                        return region, position
                    raise self._mistake(f"`{match[0]}` closes nothing", position, end)
                closer, opened, before = stack.pop()
                if closer != match[0]:
                    opener = text[opened]
                    line, _ = self._source.position(position)
                    raise self._mistake(
                        f"`{opener}` is not closed before the `{match[0]}` in line {line}",
                        opened,
                        opened + 1,
                    )
                newlines_count = before
                region.copy(position, end)
            elif inside is not None and not stack:  # "strip": the `~` of `~}`
                return region, position
            else:
                region.copy(position, end)
            position = end
        if stack:
            _, opened, _ = stack[-1]
            raise self._mistake(f"`{text[opened]}` is never closed", opened, opened + 1)
        if inside is not None:
            sign = text[inside : inside + 2]
            raise self._mistake(f"`{sign}` is never closed", inside, inside + 2)
        return region, position

    def _text_template(
        self, region: MaskedRegion, template: _Template, depth: int, content: int | None = None
    ) -> int:
        start = template.start + 1 if content is None else content
        items, end = self.template(start, template, depth=depth)
        self._templates.append(ScannedTemplate(items=items, start=template.start, end=end))
        region.replace(f'"{len(self._templates) - 1}"', template.start, end)
        return end

    def template(
        self, position: int, template: _Template, *, depth: int
    ) -> tuple[tuple[TextItem | SequenceItem, ...], int]:
        """Read a template's inside from `position`; returns its items and the offset behind it."""
        text, kind = self._text, template.kind
        plain = _QUOTED_TEXT if kind == "quoted" else _BARE_TEXT
        items: list[TextItem | SequenceItem] = []
        pieces: list[str] = []
        strip_next = False
        line_start = kind == "heredoc"

        def finish_text() -> None:
            nonlocal strip_next
            if pieces:
                joined = normalised("".join(pieces))
                items.append(TextItem(joined.lstrip(SPACES) if strip_next else joined))
                strip_next = False
                pieces.clear()

        while True:
            if line_start:
                line_end = text.find("\n", position)
                line_end = len(text) if line_end < 0 else line_end
                if text[position:line_end].strip() == template.marker:
                    finish_text()
                    if template.indented:
                        _dedent(items)
                    return tuple(items), position + len(text[position:line_end].rstrip())
                line_start = False
            if position >= len(text):
                if kind == "bare":
                    finish_text()
                    return tuple(items), position
                what = "the quoted text" if kind == "quoted" else f"the heredoc {template.marker}"
                raise self._mistake(f"{what} is never closed", template.start, template.start + 1)
            if match := plain.match(text, position):
                pieces.append(match[0])
                position = match.end()
                continue
            sign = text[position]
            if sign == '"':
                finish_text()
                return tuple(items), position + 1
            if sign == "\n":
                if kind == "quoted":
                    raise self._mistake(
                        "the quoted text is not closed on its line",
                        template.start,
                        template.start + 1,
                    )
                pieces.append(sign)
                position += 1
                # Terraform reads line by line: `~` strips no further than to the line's end.
                finish_text()
                line_start = kind == "heredoc"
                continue
            if sign == "\\":
                value, position = self._escape(position)
                pieces.append(value)
            elif text.startswith((f"{sign}{sign}{{"), position):
                pieces.append(sign + "{")
                position += 3
            elif text.startswith("{", position + 1):
                stripping = text.startswith("~", position + 2)
                finish_text()
                last = items[-1] if items else None
                if stripping and isinstance(last, TextItem):
                    last.text = last.text.rstrip(SPACES)
                item, position, strip_next = self._sequence(
                    position, stripping=stripping, depth=depth
                )
                items.append(item)
            else:
                pieces.append(sign)
                position += 1

    def _sequence(
        self,
        start: int,
        *,
        stripping: bool,
        depth: int,
    ) -> tuple[SequenceItem, int, bool]:
        position = start + (3 if stripping else 2)
        word = "value"
        names: tuple[str, ...] = ()
        if self._text[start] == "%":
            match = _DIRECTIVE.match(self._text, position)
            if not match:
                raise self._mistake(
                    "`%{` must be followed by if, else, endif, for or endfor", start, start + 2
                )
            word, position = match["word"], match.end()
            if word == "for":
                head = _FOR_NAMES.match(self._text, position)
                if not head:
                    raise self._mistake("`%{for` needs `name in collection`", start, start + 2)
                names = tuple(name for name in (head["first"], head["second"]) if name)
                position = head.end()
        expression: int | None = None
        if word in ("value", "if", "for"):
            region, end = self.region(position, inside=start, depth=depth + 1)
            expression = len(self._expressions)
            self._expressions.append((region, position))
            position = end
        closing = _DIRECTIVE_END.match(self._text, position)
        if not closing:
            raise self._mistake("the directive is not closed by `}`", start, start + 2)
        item = SequenceItem(
            word=word, expression=expression, names=names, start=start, end=closing.end()
        )
        return item, closing.end(), bool(closing["strip"])

    def _escape(self, position: int) -> tuple[str, int]:
        match = _ESCAPE.match(self._text, position)
        if not match:
            raise self._mistake(
                f"`{self._text[position : position + 2]}` is not an escape that HCL knows",
                position,
                position + 2,
            )
        code = match[0][1:]
        if code[0] in "uU":
            number = int(code[1:], 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                raise self._mistake(f"`{match[0]}` is not a character", position, match.end())
            return chr(number), match.end()
        return _ESCAPED[code], match.end()

    def _mistake(self, message: str, start: int, end: int) -> SyntaxMistakeError:
        return SyntaxMistakeError(message, self._source.span(start, min(end, len(self._text))))


def _dedent(items: list[TextItem | SequenceItem]) -> None:
    """Take the smallest indentation of a `<<-` heredoc from each of its lines.

    As Terraform does: after white space was stripped by `~`, and a line that starts with a sequence
    counts as not indented.
    """
    smallest: int | None = None
    starts: list[TextItem] = []
    fresh = True
    for item in items:
        if fresh:
            spaces: int | None = 0
            if isinstance(item, TextItem):
                rest = item.text.lstrip(SPACES)
                if not rest and item.text.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(item.text) - len(rest)
                    starts.append(item)
            if spaces is not None:
                smallest = spaces if smallest is None else min(smallest, spaces)
        fresh = isinstance(item, TextItem) and item.text.endswith("\n")
    for item in starts:
        item.text = item.text[smallest or 0 :]
