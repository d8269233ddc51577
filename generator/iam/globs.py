"""Patterns with wildcards, as tokens: of names, of ARNs, of texts with unknown parts."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import takewhile
from typing import TypeAlias

from generator.iam.document import Exact, Gap, Text

Token: TypeAlias = str
"""A single character stands for itself, two for either of them; longer ones are named below."""

ANY: Token = "any"
ANY_BUT_COLON: Token = "any but colon"
MANY: Token = "many"
MANY_BUT_COLON: Token = "many but colon"

Glob: TypeAlias = tuple[Token, ...]
"""A pattern as tokens."""

ARN_COLONS = 5
"""How many colons part the fields of an ARN; what follows the last may hold more of them."""


class TooComplexError(Exception):
    """A question with more distinct cases than can be looked at; it is left undecided."""


def literal_glob(text: str) -> Glob:
    """The pattern that matches just this text."""
    return tuple(text)


@lru_cache(maxsize=16_384)
def like_glob(text: str) -> Glob:
    """The pattern of a text in which `*` and `?` match anything."""
    return tuple(_wildcard(character, ANY, MANY) for character in text)


@lru_cache(maxsize=16_384)
def arn_glob(text: str) -> Glob:
    """The pattern of an ARN: in its first five parts, wildcards do not reach over a colon."""
    head = text.split(":", ARN_COLONS)
    tokens: list[Token] = []
    for number, part in enumerate(head):
        if number:
            tokens.append(":")
        if number < ARN_COLONS:
            tokens.extend(_wildcard(character, ANY_BUT_COLON, MANY_BUT_COLON) for character in part)
        else:
            tokens.extend(like_glob(part))
    return tuple(tokens)


def _wildcard(character: str, one: Token, many: Token) -> Token:
    if character == "*":
        return many
    return one if character == "?" else character


def text_glob(text: Text, make: Callable[[str], Glob]) -> Glob:
    """The widest pattern that a text of a policy can turn out to be; `make` reads its known parts.

    What a gap holds may contain wildcards and colons, so it stands for anything.
    """
    if text.plain is not None:
        return make(text.plain)
    # A gap may hide colons: where the parts of an ARN lie is not known any more.
    reading = like_glob if make is arn_glob else make
    tokens: list[Token] = []
    for piece in text.pieces:
        match piece:
            case Gap():
                tokens.append(MANY)
            case Exact(text=exact):
                tokens.extend(exact)
            case str():
                tokens.extend(reading(piece))
    return tuple(tokens)


def ignoring_case(glob: Glob) -> Glob:
    """The same pattern for a comparison without regard to the case of the letters of English."""
    return tuple(
        token.lower() + token.upper()
        if len(token) == 1 and token.isascii() and token.isalpha()
        else token
        for token in glob
    )


def perhaps_ignoring_case(glob: Glob) -> Glob:
    """The widest pattern for such a comparison: which letters beyond ASCII are equal is not known."""
    return tuple(
        MANY if len(token) == 1 and not token.isascii() and token.isalpha() else token
        for token in ignoring_case(glob)
    )


def is_literal(glob: Glob) -> bool:
    """Whether a pattern matches just one text."""
    # No token is empty.
    return len("".join(glob)) == len(glob)


@lru_cache(maxsize=16_384)
def literal_beginning(glob: Glob) -> str:
    """The signs that every text the pattern matches begins with."""
    return "".join(takewhile(lambda sign: len(sign) == 1, glob))


def literal_head(glob: Glob) -> str | None:
    """The first five parts of an ARN pattern, with their colons, when they are without wildcards."""
    colons = 0
    for number, sign in enumerate(glob):
        if len(sign) != 1:
            return None
        colons += sign == ":"
        if colons == ARN_COLONS:
            return "".join(glob[: number + 1])
    return None


_FILLINGS = {ANY: "x", ANY_BUT_COLON: "x", MANY: "app", MANY_BUT_COLON: "app"}


def spelled_out(globs: Iterable[Glob]) -> tuple[str, ...]:
    """Readable texts that the first patterns match, to be preferred as examples."""
    return tuple(
        "".join(_FILLINGS.get(token, token[0]) for token in glob) for glob in sorted(globs)[:64]
    )


_EXPRESSIONS = {ANY: ".", ANY_BUT_COLON: "[^:]", MANY: ".*", MANY_BUT_COLON: "[^:]*"}


@lru_cache(maxsize=16_384)
def _expression(glob: Glob) -> re.Pattern[str]:
    pieces: list[str] = []
    for token in glob:
        piece = _EXPRESSIONS.get(token)
        if piece is None:
            piece = re.escape(token) if len(token) == 1 else f"[{re.escape(token)}]"
        # Neighbouring stars are one star; as an expression they would cost squared time.
        if not (pieces and piece == pieces[-1] and token in {MANY, MANY_BUT_COLON}):
            pieces.append(piece)
    return re.compile("".join(pieces), re.DOTALL)


def matches(glob: Glob, text: str) -> bool:
    """Whether a pattern matches the whole of a text."""
    if _stars(glob) > _MOST_STARS:
        return _walked(glob, text)
    return _expression(glob).fullmatch(text) is not None


_STARS = frozenset({MANY, MANY_BUT_COLON})
# Expressions try each place of each star again for each place of the stars before it.
_MOST_STARS = 2


@lru_cache(maxsize=16_384)
def _stars(glob: Glob) -> int:
    return sum(token in _STARS for token in glob)


def _walked(glob: Glob, text: str) -> bool:
    """Whether a pattern matches a text, all places in the pattern followed at once, as bits."""
    everything = _bits(token == MANY for token in glob)
    up_to_colon = _bits(token == MANY_BUT_COLON for token in glob)
    stars = everything | up_to_colon
    taking: dict[str, int] = {}
    state = _past_stars(1, stars)
    for sign in text:
        if sign not in taking:
            taking[sign] = _bits(_takes(token, sign) for token in glob)
        staying = everything if sign == ":" else stars
        state = _past_stars(((state & taking[sign]) << 1) | (state & staying), stars)
        if not state:
            return False
    return bool(state >> len(glob) & 1)


def _bits(answers: Iterable[bool]) -> int:
    return sum(1 << number for number, answer in enumerate(answers) if answer)


def _past_stars(state: int, stars: int) -> int:
    """The places with those behind each star, which may stand for nothing."""
    while (further := state | ((state & stars) << 1)) != state:
        state = further
    return state


def _takes(token: str, sign: str) -> bool:
    if token in _STARS:
        return False
    if token == ANY:
        return True
    return sign != ":" if token == ANY_BUT_COLON else sign in token
