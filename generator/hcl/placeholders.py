"""Texts that stand in the place of a secret until somebody puts the real one there."""

import re

from generator.hcl.values import Content

_PLACEHOLDER = re.compile(
    r"(?:(?:please[ _-]*)?(?:change|replace|update|set|fill|edit)[ _-]*(?:me|this|it|in|later|manually)"
    r"|place[ _-]*holder(?:[ _-]*(?:value|token|secret))?"
    r"|to[ _-]*do|tbd|dummy(?:[ _-]*(?:value|token|secret))?|x{3,}|\*{3,}|\.{3}"
    r"|your[ _-].{1,40}|<[^<>]{1,60}>|\[[^\[\]]{1,60}\])",
    re.IGNORECASE,
)


def is_blank(value: Content) -> bool:
    """Whether a value certainly is no secret: `null`, an empty text, or one that says so itself."""
    match value:
        case None:
            return True
        case str():
            text = value.strip()
            return not text or _PLACEHOLDER.fullmatch(text) is not None
        case _:
            return False
