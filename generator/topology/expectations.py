"""Expectations as they are declared: what must stay true of pulls."""

from generator.model.levels import Level
from generator.model.topology import Expectation
from generator.topology.contents import Entries
from generator.topology.lists import is_list_whole, texts_of
from generator.topology.mistakes import MISSING_KEY, TWO_SCOPES, Mistakes

_WORDS = ("may", "may_not")


def expectations_of(entries: Entries | None, mistakes: Mistakes) -> dict[str, Expectation]:
    """The expectations by name, those without mistakes."""
    if entries is None:
        return {}
    found = {}
    for name, place in entries.keys.items():
        entry = entries.entries(name)
        if entry is None:
            continue
        written = [word for word in _WORDS if entry.has(word)]
        if len(written) > 1:
            mistakes.add(
                TWO_SCOPES,
                entry.keys["may_not"],
                f"`{place.path}`: `may` and `may_not` say the opposite; an expectation has one of the two. "
                "Write a second one for the other.",
            )
        elif not written and not any(map(entry.may_have, _WORDS)):
            mistakes.add(
                MISSING_KEY,
                place.below("may", place.span, place.use),
                f"`{place.path}`: this does not say what is expected. Add `may:` or `may_not:` with `cached`, "
                "`pull` or `first-pull`.",
            )
        level = entry.text(written[0]) if len(written) == 1 else None
        who = entry.text("who")
        names = [who] if who is not None else texts_of(entry.items("who"))
        are_whole = all(is_list_whole(entry, key) for key in ("who", "images", "at"))
        if level is None or not names or not are_whole:
            continue
        found[name] = Expectation(
            name=name,
            who=tuple(text.text for text in names),
            level=Level(level.text),
            is_allowed=written == ["may"],
            images=_words(entry, "images"),
            registries=_words(entry, "at"),
            span=place.shown,
        )
    return found


def _words(entry: Entries, key: str) -> tuple[str, ...]:
    return tuple(text.text for text in texts_of(entry.items(key)))
