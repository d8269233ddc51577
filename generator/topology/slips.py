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
    among names that people gave: `ci-eu` and `ci-us` are two. So are `team-a` and `team-aa`, `node`
    and `nodes`. A digit is never a slip, nor is what stands between two of them.
    """
    known = tuple(dict.fromkeys(candidates))
    if bare := _bare(word):
        same = [each for each in known if _bare(each) == bare]
        if same:
            is_one = len(same) == 1 and _have_same_parts(word, same[0], are_names=are_names)
            return same[0] if is_one else None
    if len(word) < (_SHORTEST_NAME if are_names else _SHORTEST_WORD):
        return None
    near = [each for each in known if _is_near(word.lower(), each.lower())]
    if not near and not are_names:
        import difflib

        near = difflib.get_close_matches(word.lower(), known, n=2, cutoff=0.8)
        # What stands before a word may turn it around: `unmanaged` is not `managed`.
        near = near if all(each[:1].lower() == word[:1].lower() for each in near) else []
    if len(near) != 1:
        return None
    mine, its = _rests(word.lower(), near[0].lower())
    is_digit = any(letter.isdigit() for letter in mine[:1] + its[:1])
    is_other_letter = len(mine) == len(its) and not _are_swapped(mine, its)
    is_other_name = is_other_letter or not _have_same_parts(word, near[0], are_names=True)
    return None if is_digit or (are_names and is_other_name) else near[0]


def _have_same_parts(word: str, other: str, *, are_names: bool) -> bool:
    """Whether the parts of two words, their runs of letters and of digits, may be meant to be the same.

    Runs of digits are the same or are not. In names, short runs of letters are codes that people
    chose, and a plural is another name.
    """
    mine, its = (re.findall("[a-z]+|[0-9]+", each.lower()) for each in (word, other))
    while mine and its and mine[0] == its[0]:
        mine, its = mine[1:], its[1:]
    while mine and its and mine[-1] == its[-1]:
        mine, its = mine[:-1], its[:-1]
    if any(part.isdigit() for part in mine + its):
        return False
    if not are_names:
        return True
    one, longer = sorted(("".join(mine), "".join(its)), key=len)
    is_plural = longer == f"{one}s" and not one.endswith("s")
    return not is_plural and all(len(part) >= _SHORTEST_NAME for part in mine + its)


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
