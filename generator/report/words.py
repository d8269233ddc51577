"""The one door for text that came from outside: whatever it holds, it stays text where it is shown.

Names, values and lines of code are a stranger's. A terminal takes some characters for orders, a log of
GitHub's takes lines for commands, a comment takes signs for markup, and a reader takes a line break for
the end of what is said. Every format and stream passes what it shows through one of these functions.
"""

import re

# What no eye sees, though Python calls it printable: fillers and selectors can carry hidden text.
_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U000e0100-\U000e01ef]")
_BREAKS = {"\n": "\\n", "\t": "\\t"}
# https://github.com/actions/runner: `::` begins a command in a line, blanks aside; `##[` anywhere.
_OLD_COMMAND = re.compile(r"##\[")
_COMMAND = re.compile(r"^([ \t]*):(?=:)", re.MULTILINE)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
# At the start of a line: lists, rules below headings, and what begins a command of a log.
_LINE_MARKUP = re.compile(r"(?=[-+=:])|\d+(?=[.)])")
# What GitHub makes links of without any markup, or a message to people.
_LINKED = re.compile(
    r"(?<=@)(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=#)(?=\d)|(?<=GH)(?=-\d)", re.IGNORECASE
)
_NOTHING = "&#8203;"
"""A break that is not seen: it parts a word, so that no link is made of it and nobody is called."""


def printable(text: str) -> str:
    """The text with everything escaped that could move a cursor, hide, or give a log an order.

    Line breaks and tabs stay.
    """
    if not text.isprintable():
        text = "".join(
            character if character.isprintable() or character in _BREAKS else _escaped(character)
            for character in text
        )
    text = _HIDDEN.sub(lambda match: _escaped(match[0]), text)
    return _OLD_COMMAND.sub(r"##\\x5b", text)


def one_line(text: str) -> str:
    """The text as one line: printable, with line breaks and tabs escaped as well."""
    text = printable(text)
    for sign, escape in _BREAKS.items():
        text = text.replace(sign, escape)
    return text


def stream_text(text: str) -> str:
    """Lines for a terminal or a log: printable, and none of them a command."""
    return _COMMAND.sub(r"\1\\x3a", printable(text))


def json_safe(value: object) -> object:
    """A JSON document whose texts can be written in UTF-8: half of a surrogate pair is escaped."""
    match value:
        case str():
            return re.sub("[\ud800-\udfff]", lambda match: _escaped(match[0]), value)
        case list() | tuple():
            return [json_safe(item) for item in value]
        case dict():
            return {json_safe(key): json_safe(item) for key, item in value.items()}
        case _:
            return value


def markdown_line(text: str) -> str:
    """A line of Markdown that shows a text with code between backticks; nothing else is markup."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:
        # Without a partner for each, no backtick is ours.
        shown = _plain("`".join(parts))
    else:
        shown = "".join(
            markdown_code(part) if number % 2 else _plain(part) for number, part in enumerate(parts)
        )
    start = _LINE_MARKUP.match(shown)
    return shown if start is None else f"{start[0]}\\{shown[start.end() :]}"


def markdown_code(text: str) -> str:
    """A text as code within a line of Markdown, whatever backticks are in it."""
    text = one_line(text)
    if not text.strip():
        return ""
    fence = "`" * (longest_run(text) + 1)
    # Markdown takes one blank away on each side where there are two.
    pad = " " if "`" in {text[0], text[-1]} or " " in {text[0], text[-1]} else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def markdown_block(lines: list[str], language: str = "") -> list[str]:
    """Lines as a block of code of Markdown; none for no lines."""
    if not lines:
        return []
    fence = "`" * max(3, longest_run("\n".join(lines)) + 1)
    return [f"{fence}{language}", *(stream_text(line) for line in lines), fence]


def html_text(text: str) -> str:
    """A text within an HTML tag of a comment, as one line; code between backticks is shown as such."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:
        return _parted(_entities("`".join(parts)))
    return "".join(
        f"<code>{_entities(part)}</code>" if number % 2 else _parted(_entities(part))
        for number, part in enumerate(parts)
    )


def longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _plain(text: str) -> str:
    return _parted(_MARKUP.sub(r"\\\1", text))


def _parted(text: str) -> str:
    return _LINKED.sub(_NOTHING, text)


def _entities(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("`", "&#96;")):
        text = text.replace(sign, name)
    return text
