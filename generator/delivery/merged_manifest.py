"""A manifest in which git left both sides of a merge, read as what either of them says."""

import re
from collections.abc import Mapping
from dataclasses import replace

from generator.delivery.manifest_types import MERGED, Manifest, RootEntry
from generator.model.errors import InvalidValueError

_MARKER = re.compile(r"^(<{7}|\|{7}|={7}|>{7})( .*)?\r?$")


def has_markers(text: str) -> bool:
    """Whether git left a conflict in a text."""
    signs = [found[1][0] for line in text.split("\n") if (found := _MARKER.match(line))]
    return "<" in signs and "=" in signs and ">" in signs


def sides_of(text: str) -> tuple[str, str]:
    """The two texts that git could not merge, each with what it could merge of the other."""
    sides: tuple[list[str], list[str]] = ([], [])
    into: tuple[int, ...] = (0, 1)
    for line in text.split("\n"):
        found = _MARKER.match(line)
        if found is None:
            for side in into:
                sides[side].append(line)
            continue
        # Between `|` and `=` stands what both have come from.
        into = {"<": (0,), "|": (), "=": (1,), ">": (0, 1)}[found[1][0]]
    return "\n".join(sides[0]), "\n".join(sides[1])


def with_commas(text: str) -> str:
    """JSON of one entry a line, with a comma where one is needed and nowhere else.

    Lines that were merged one by one may have lost the comma, or kept one at the end.
    """
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    return re.sub(r'(["}\]0-9l])(\s*\n\s*")', r"\1,\2", text)


def union(ours: Manifest, theirs: Manifest) -> Manifest:
    """What either manifest says; raises `InvalidValueError` for those of two accounts.

    A file about which they differ is what git made of both.
    """
    return Manifest(
        root=_root(ours.root, theirs.root),
        roots=tuple(sorted({*ours.roots, *theirs.roots})),
        shared=_hashes(ours.shared, theirs.shared),
    )


def _root(ours: RootEntry | None, theirs: RootEntry | None) -> RootEntry | None:
    if ours is None or theirs is None:
        return ours or theirs
    if ours.account_id != theirs.account_id:
        raise InvalidValueError("its two sides are about two accounts")
    caches = {(cache.region, cache.prefix): cache for cache in (*theirs.caches, *ours.caches)}
    return replace(
        ours,
        files=_hashes(ours.files, theirs.files),
        caches=tuple(caches[key] for key in sorted(caches)),
        adopted={**theirs.adopted, **ours.adopted},
    )


def _hashes(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    found = {**theirs, **ours}
    return {
        name: content if theirs.get(name, content) == content else MERGED
        for name, content in sorted(found.items())
    }
