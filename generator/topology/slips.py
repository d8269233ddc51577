"""Tells a slip of the pen, which has one meaning, from a word that somebody has to choose."""

import re
from collections.abc import Iterable

_SHORTEST_NAME = 4
_SHORTEST_WORD = 3
"""Shorter ones are one slip away from too many others."""


def certain_word(word: str, candidates: Iterable[str], *, are_names: bool) -> str | None:
    """The one candidate that a misspelled word can only mean; none where two are possible.

    Capitals, hyphens and underscores make no difference. Else one letter may be too much, missing or
    in its neighbour's place. Another letter in its place is a slip as well among fixed words, and not
    among names that people gave: `ci-eu` and `ci-us` are two. A digit is never a slip.
    """
    known = tuple(dict.fromkeys(candidates))
    if bare := _bare(word):
        same = [each for each in known if _bare(each) == bare]
        if same:
            return same[0] if len(same) == 1 else None
    if len(word) < (_SHORTEST_NAME if are_names else _SHORTEST_WORD):
        return None
    near = [each for each in known if _is_near(word.lower(), each.lower())]
    if not near and not are_names:
        import difflib

        near = difflib.get_close_matches(word.lower(), known, n=2, cutoff=0.8)
    if len(near) != 1:
        return None
    mine, its = _rests(word.lower(), near[0].lower())
    is_digit = any(letter.isdigit() for letter in mine[:1] + its[:1])
    is_other_letter = len(mine) == len(its) and not _are_swapped(mine, its)
    return None if is_digit or (are_names and is_other_letter) else near[0]


def _bare(word: str) -> str:
    return re.sub("[^a-z0-9]", "", word.lower())


def _is_near(word: str, other: str) -> bool:
    """Whether one letter is too much, missing, another, or in its neighbour's place."""
    mine, its = _rests(word, other)
    if len(mine) == len(its):
        return mine[1:] == its[1:] or _are_swapped(mine, its)
    longer, shorter = (mine, its) if len(mine) > len(its) else (its, mine)
    return longer[1:] == shorter


def _are_swapped(mine: str, its: str) -> bool:
    return len(mine) > 1 and mine[:2] == its[:2][::-1] and mine[2:] == its[2:]


def _rests(word: str, other: str) -> tuple[str, str]:
    """What is left of two words behind the letters with which both begin."""
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    return word[start:], other[start:]
