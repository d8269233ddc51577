"""Which values a condition key can have, and whether a policy's value is one of them.

A value that no request can carry as far as AWS documents it is not taken as dead: the documents may
be behind the service. What such a test decides is left open.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from generator.iam.conditions import fits_number
from generator.iam.document import Comparison, Condition, Text
from generator.iam.globs import ANY, ANY_BUT_COLON, MANY, MANY_BUT_COLON, Glob, literal_beginning
from generator.iam.keys import KeyFacts, KeySort
from generator.iam.language import (
    ASCII,
    BEYOND,
    Language,
    account_number,
    any_arn,
    any_text,
    endpoint_id,
    external_id,
    network_id,
    organization_id,
    principal_arn,
    region_name,
    service_name,
    session_name,
    tag_key,
    tag_value,
    truth,
    whole_path,
)
from generator.iam.readings import readings_of_value

_WILDCARDS = {ANY, ANY_BUT_COLON, MANY, MANY_BUT_COLON}
_FIXED: Mapping[str, Callable[[], Language]] = {
    "aws:calledvia": service_name,
    "aws:calledviafirst": service_name,
    "aws:calledvialast": service_name,
    "aws:multifactorauthpresent": truth,
    "aws:principalaccount": account_number,
    "aws:principalarn": principal_arn,
    "aws:principalisawsservice": truth,
    "aws:principalorgid": organization_id,
    "aws:principalorgpaths": whole_path,
    "aws:principalservicename": service_name,
    "aws:requestedregion": region_name,
    "aws:resourceaccount": account_number,
    "aws:securetransport": truth,
    "aws:sourceaccount": account_number,
    "aws:sourceorgid": organization_id,
    "aws:sourceorgpaths": whole_path,
    "aws:sourcevpc": network_id,
    "aws:sourcevpce": endpoint_id,
    "aws:viaawsservice": truth,
    "aws:vpceaccount": account_number,
    "aws:vpceorgid": organization_id,
    "sts:externalid": external_id,
    "sts:rolesessionname": session_name,
    "sts:sourceidentity": session_name,
}
_OPEN: Mapping[str, Callable[[str], Language]] = {
    "aws:sourcearn": any_arn,
    "aws:tagkeys": tag_key,
}


def values_of(name: str, globs: Iterable[Glob]) -> Language:
    """The values that a key can have, in the characters that the patterns of a question write.

    `name` is the key's name in lower case.
    """
    if (fixed := _FIXED.get(name)) is not None:
        return fixed()
    make = _OPEN.get(name, tag_value if "tag/" in name else any_text)
    return make(_beyond(globs))


def _beyond(globs: Iterable[Glob]) -> str:
    """The characters beyond ASCII that patterns write, and one letter that none of them writes."""
    written = {
        character
        for glob in globs
        for token in glob
        if token not in _WILDCARDS
        for character in token
        if character not in ASCII
    }
    if not written:
        return BEYOND
    fresh = next(
        letter for letter in map(chr, range(ord(BEYOND), 0x10000)) if letter not in written
    )
    return "".join((*sorted(written), fresh))


def values_without_match(condition: Condition, facts: KeyFacts) -> Iterator[str]:
    """The values of a condition that no value of its key can match, as they are written."""
    for text in condition.values:
        if not _can_match(condition, text, facts):
            yield "".join(piece if isinstance(piece, str) else "…" for piece in text.pieces)


def _can_match(condition: Condition, text: Text, facts: KeyFacts) -> bool:
    comparison = condition.comparison
    if comparison is None or comparison is Comparison.NULL:
        return True
    if comparison.is_of_texts:
        globs = readings_of_value(comparison, text).possible
        return any(can_be(glob, values_of(facts.name, (glob,))) for glob in globs)
    if facts.sort is KeySort.NUMBER and text.plain is not None:
        return fits_number(comparison, text.plain)
    return True


def can_be(glob: Glob, language: Language) -> bool:
    """Whether a pattern matches any text of a language."""
    beginning = literal_beginning(glob)
    if len(beginning) == len(glob):
        return language.contains(beginning)
    state = language.after(beginning)
    return state is not None and _can_go_on(glob[len(beginning) :], language, state)


@lru_cache(maxsize=4096)
def _can_go_on(glob: Glob, language: Language, state: int) -> bool:
    """Whether a text of the language goes on as the rest of a pattern does."""
    start = (0, state)
    seen, left = {start}, [start]
    while left:
        place, here = left.pop()
        if place == len(glob):
            if language.accepts(here):
                return True
            continue
        token = glob[place]
        stays = token in {MANY, MANY_BUT_COLON}
        moves = [(place + 1, here)] if stays else []
        letters = language.different_letters if token in _WILDCARDS else token
        for letter in letters:
            after = language.step(here, letter)
            bound = letter == ":" and token in {ANY_BUT_COLON, MANY_BUT_COLON}
            if after is not None and not bound:
                moves.append((place if stays else place + 1, after))
        for move in moves:
            if move not in seen:
                seen.add(move)
                left.append(move)
    return False
