"""Which tags of a repository can move to another image."""

import re
from collections.abc import Iterable

from generator.model.topology import Mutability

LATEST = "latest"
"""The tag that a pull without a tag asks for, and that moves everywhere."""


def keeps_latest(mutability: str, exclusions: Iterable[str]) -> bool:
    """Whether `latest` stays for good at the image that came first.

    Where all tags but some are immutable, those that move have been chosen, so nothing is said.
    """
    match mutability:
        case Mutability.IMMUTABLE:
            return True
        case Mutability.MUTABLE_WITH_EXCLUSION:
            return any(_fits(LATEST, text) for text in exclusions)
        case _:
            return False


def _fits(tag: str, exclusion: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, exclusion.split("*"))), tag) is not None
