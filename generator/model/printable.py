"""Text that came from outside, made fit to be seen: nothing in it moves a cursor, hides or gives orders."""

import re

# What no eye sees, though Python calls it printable: fillers and selectors can carry hidden text.
_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U000e0100-\U000e01ef]")
_BREAKS = {"\n": "\\n", "\t": "\\t"}
# https://github.com/actions/runner: a command of a log may begin anywhere in a line.
_OLD_COMMAND = "##["


def printable(text: str) -> str:
    """The text with everything escaped that could move a cursor, hide, or give a log an order.

    Line breaks and tabs stay.
    """
    # A report has thousands of lines, and hardly ever a sign to escape.
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = "".join(
            character if character.isprintable() or character in _BREAKS else escaped(character)
            for character in text
        )
    if not text.isascii():
        text = _HIDDEN.sub(lambda match: escaped(match[0]), text)
    return text.replace(_OLD_COMMAND, r"##\x5b")


def one_line(text: str) -> str:
    """The text as one line: printable, with line breaks and tabs escaped as well."""
    text = printable(text)
    for sign, escape in _BREAKS.items():
        text = text.replace(sign, escape)
    return text


def escaped(character: str) -> str:
    """A character as Python writes it in a text, in ASCII."""
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
