"""Text as Go, and so Terraform, sees it: white space, letters, composed characters."""

import re
import unicodedata
from collections.abc import Callable

from generator.hcl.values import NotComputedError

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go, and so Terraform, calls white space."""


def normalised(text: str) -> str:
    """The text in Unicode's composed form (NFC), as Terraform holds every text."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


# Scripts in which every code point is a character of its own.
_PLAIN_CHARACTERS = re.compile("[\x00-\x0c\x0e-\u02ff\u0370-\u0482\u048a-\u052f]*")


def cased(text: str, change: Callable[[str], str]) -> str:
    """Upper or lower case sign by sign, as Go does it."""
    if text.isascii():
        return change(text)
    changed = [change(sign) for sign in text]
    if any(len(sign) != 1 for sign in changed):
        raise NotComputedError("the text has letters of special case")
    return "".join(changed)


def characters(text: str) -> str:
    """The text, where each code point is one character to a reader; Terraform counts those."""
    if not _PLAIN_CHARACTERS.fullmatch(text):
        raise NotComputedError("the text has composed characters")
    return text
