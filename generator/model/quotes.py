"""Words of files and of people, fit to stand in a message."""

from collections.abc import Iterable

MAX_LISTED = 15
"""The most words of a list that a message shows."""


MAX_MISSPELLED = 100
"""Characters of the longest word that is compared with others."""


def quoted(text: str) -> str:
    """A text from outside between backticks, safe to print: escaped and shortened.

    Nothing at all is shown as a person would type it.
    """
    if not text:
        return "`''`"
    shortened = text if len(text) <= 80 else f"{text[:77]}…"
    escaped = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in shortened
    )
    return f"`{escaped}`"


def listed(words: Iterable[str]) -> str:
    """Words as an English list, each between backticks; a long one is cut short."""
    quoted_words = [quoted(word) for word in words]
    if (rest := len(quoted_words) - MAX_LISTED) > 1:
        quoted_words = [*quoted_words[:MAX_LISTED], f"{rest} more"]
    if len(quoted_words) < 2:
        return "".join(quoted_words)
    return f"{', '.join(quoted_words[:-1])} and {quoted_words[-1]}"


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A sentence with the candidate that a misspelled or shortened word probably means, or nothing."""
    names = tuple(candidates)
    near = nearest(word, names) or _begun(word, names)
    return "" if near is None else f" Did you mean {quoted(near)}?"


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a misspelled word probably means, in whichever case."""
    # Comparing texts is slow, and no long one is a name that was misspelled.
    if not word or len(word) > MAX_MISSPELLED:
        return None
    import difflib

    by_lower_case = {candidate.lower(): candidate for candidate in candidates}
    near = difflib.get_close_matches(word.lower(), by_lower_case, n=1)
    return by_lower_case[near[0]] if near else None


def _begun(word: str, candidates: Iterable[str]) -> str | None:
    """The only candidate that begins with a word."""
    found = [one for one in candidates if one.lower().startswith(word.lower())]
    return found[0] if len(found) == 1 and len(word) > 2 else None
