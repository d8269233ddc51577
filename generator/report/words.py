"""The one door for text that came from outside: whatever it holds, it stays text where it is shown.

Names, values and lines of code are a stranger's. A terminal takes some characters for orders, a log of
GitHub's takes lines for commands, a comment takes signs for markup, and a reader takes a line break for
the end of what is said. Every format and stream passes what it shows through one of these functions.
"""

import re

from generator.model.printable import escaped, one_line, printable

# https://github.com/actions/runner: `::` begins a command in a line, blanks aside.
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


def stream_text(text: str) -> str:
    """Lines for a terminal or a log: printable, and none of them a command."""
    return without_commands(printable(text))


def without_commands(text: str) -> str:
    """Printable lines of which none is a command."""
    return _COMMAND.sub(r"\1\\x3a", text) if "::" in text else text


def json_safe(value: object) -> object:
    """A JSON document whose texts can be written in UTF-8: half of a surrogate pair is escaped."""
    match value:
        case str():
            return re.sub("[\ud800-\udfff]", lambda match: escaped(match[0]), value)
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


def _plain(text: str) -> str:
    return _parted(_MARKUP.sub(r"\\\1", text))


def _parted(text: str) -> str:
    return _LINKED.sub(_NOTHING, text)


def _entities(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("`", "&#96;")):
        text = text.replace(sign, name)
    return text
