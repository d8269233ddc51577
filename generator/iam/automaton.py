"""Patterns with wildcards as one automaton, and the texts that tell all of them apart.

Two texts that match exactly the same patterns are the same to every policy in play. The classes
they form are finite, so one representative text of each is a complete sample of an infinite
language. All patterns of a question run side by side in one bit-parallel automaton (Shift-And):
a state is an int, each pattern owns a stretch of its bits.
"""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from generator.iam.globs import (
    ANY,
    ANY_BUT_COLON,
    MANY,
    MANY_BUT_COLON,
    Glob,
    TooComplexError,
    literal_beginning,
)
from generator.iam.language import Language

_STATE_LIMIT = 60_000
_OPEN_ENDED = -1
"""How much of a text is left, where nobody keeps count."""


def _length_behind_stars(glob: Glob) -> int | None:
    """How many characters follow the last star of a pattern; `None` for one without a star."""
    for place, token in enumerate(reversed(glob)):
        if token in {MANY, MANY_BUT_COLON}:
            return place
    return None


class Automaton:
    """Many patterns, run side by side over one text."""

    def __init__(self, globs: Iterable[Glob], characters: str) -> None:
        self._globs = tuple(dict.fromkeys(globs))
        literal: dict[str, int] = dict.fromkeys(characters, 0)
        any_one = any_but_colon = many = many_but_colon = 0
        self.start = 0
        self._final = 0
        self._offsets: list[tuple[int, int, int]] = []
        tails: list[tuple[int, int, int]] = []
        position = 0
        for number, glob in enumerate(self._globs):
            self.start |= 1 << position
            first = position
            for offset, token in enumerate(glob):
                bit = 1 << position
                if token == MANY:
                    many |= bit
                    continue
                if token == MANY_BUT_COLON:
                    many_but_colon |= bit
                    continue
                if token == ANY:
                    any_one |= bit
                elif token == ANY_BUT_COLON:
                    any_but_colon |= bit
                else:
                    for character in token:
                        if character in literal:
                            literal[character] |= bit
                self._offsets.append((position, number, offset))
                position += 1
            self._final |= 1 << position
            self._offsets.append((position, number, len(glob)))
            length = _length_behind_stars(glob)
            if length is not None:
                tails.append((first, position - length, length))
            position += 1
        self.longest_tail = max((length for _, _, length in tails), default=0)
        self._kept = self._positions_by_rest(tails, (1 << position) - 1)
        self._advance: dict[str, int] = {}
        self._stay: dict[str, int] = {}
        for character, bits in literal.items():
            colon = character == ":"
            self._advance[character] = bits | any_one | (0 if colon else any_but_colon)
            self._stay[character] = many | (0 if colon else many_but_colon)

    @property
    def is_empty(self) -> bool:
        """Whether there is no pattern at all."""
        return not self._globs

    def step(self, state: int, character: str) -> int:
        """The state after one more character (which must be among those given at the start)."""
        return ((state & self._advance[character]) << 1) | (state & self._stay[character])

    def run(self, text: str, state: int | None = None) -> int:
        """The state after a whole text."""
        now = self.start if state is None else state
        for character in text:
            now = ((now & self._advance[character]) << 1) | (now & self._stay[character])
        return now

    def _positions_by_rest(self, tails: Iterable[tuple[int, int, int]], every: int) -> list[int]:
        """The positions that can still lead to an end, by how many characters are left.

        Behind its last star a pattern has a fixed length, so only one position there fits the rest
        of a text. The last entry is for any rest that is longer than every such tail.
        """
        kept = [every] * (self.longest_tail + 2)
        for first, star, length in tails:
            own = (1 << (star + length + 1)) - (1 << first)
            before = (1 << (star + 1)) - (1 << first)
            for rest in range(len(kept)):
                fitting = before if rest > length else 1 << (star + length - rest)
                kept[rest] &= ~own | fitting
        return kept

    def narrowed(self, state: int, rest: int) -> int:
        """The state without what cannot lead to an end, where so many characters are left."""
        return state & self._kept[rest]

    def accepted(self, state: int) -> int:
        """Which patterns match the text read so far, as bits: equal bits, equal patterns."""
        return state & self._final

    def column(self, character: str) -> Hashable:
        """What the patterns make of a character: two with equal columns are interchangeable."""
        return (self._advance[character], self._stay[character])

    def remainders(self, state: int) -> tuple[Glob, ...]:
        """What is left to match of each pattern that the text read so far leaves open."""
        left = []
        for position, number, offset in self._offsets:
            if state >> position & 1:
                glob = self._globs[number]
                # A star before this token keeps eating; it belongs to the remainder.
                begin = offset
                while begin and glob[begin - 1] in {MANY, MANY_BUT_COLON}:
                    begin -= 1
                left.append(glob[begin:])
        return tuple(dict.fromkeys(left))


def representatives(
    globs: Iterable[Glob],
    language: Language,
    *,
    prefix: str = "",
    preferred: Sequence[str] = (),
    limit: int = _STATE_LIMIT,
) -> tuple[str, ...]:
    """One text of the language for every combination of patterns that a text of it can match.

    The patterns are matched against `prefix` and text together; the answers are without the prefix.
    A `preferred` text stands for its class where it is of the language, else the shortest one does.
    Raises `TooComplexError` beyond `limit` states.
    """
    behind = _behind(prefix, globs := tuple(globs))
    if behind is not None:
        globs, prefix = behind, ""
    found = _representatives(tuple(sorted(set(globs))), language, prefix, tuple(preferred), limit)
    if isinstance(found, str):
        raise TooComplexError(found)
    return found


@lru_cache(maxsize=1024)
def _representatives(
    globs: tuple[Glob, ...],
    language: Language,
    prefix: str,
    preferred: tuple[str, ...],
    limit: int,
) -> tuple[str, ...] | str:
    """The texts, or why there are too many: each costs as much again where nobody remembers it."""
    try:
        return _searched(globs, language, prefix, preferred, limit)
    except TooComplexError as error:
        return str(error)


def _searched(
    globs: tuple[Glob, ...],
    language: Language,
    prefix: str,
    preferred: tuple[str, ...],
    limit: int,
) -> tuple[str, ...]:
    # Policies stamped from one template ask the same again and again.
    automaton = Automaton(globs, _characters(language, prefix))
    try:
        found = _classes(automaton, language, prefix, limit, automaton.accepted)
    except TooComplexError:
        # What `*-????????` makes of a text depends on each of its last characters. Who knows how
        # many are left need not remember them.
        found = _classes(automaton, language, prefix, limit, automaton.accepted, counts_rest=True)
    for text in reversed(preferred):
        if language.contains(text):
            found[automaton.accepted(automaton.run(prefix + text))] = text
    return tuple(found.values())


def _behind(prefix: str, globs: Iterable[Glob]) -> tuple[Glob, ...] | None:
    """What is left of patterns behind a prefix, where none has a wildcard in it; else `None`."""
    begun = tuple(prefix)
    left = []
    for glob in globs:
        if glob[: len(begun)] == begun:
            left.append(glob[len(begun) :])
        elif prefix.startswith(literal_beginning(glob)):
            return None
    return tuple(left)


def heads(
    automaton: Automaton,
    language: Language,
    *,
    prefix: str,
    suffix: str,
    without: Collection[str],
    preferred: Sequence[str] = (),
    limit: int = _STATE_LIMIT,
) -> tuple[str, ...]:
    """One text of the language for every state that the automaton can be in behind it.

    Used for accounts and registries that nobody names: what is left of each pattern behind the
    account is equal for all texts of one class. No text in `without` is taken; a class with no
    other text has no representative.
    """

    if automaton.is_empty:
        for text in preferred:
            if language.contains(text) and text not in without:
                return (text,)

    def behind(state: int) -> int:
        return automaton.run(suffix, state)

    found = _classes(automaton, language, prefix, limit, behind)
    for text in reversed(preferred):
        if language.contains(text) and text not in without:
            found[behind(automaton.run(prefix + text))] = text
    taken = {state for state, text in found.items() if text in without}
    if taken:
        others = _classes(automaton, language, prefix, limit, behind, without=without)
        for state in taken:
            if (other := others.get(state)) is None:
                del found[state]
            else:
                found[state] = other
    return tuple(found.values())


def _characters(language: Language, prefix: str) -> str:
    return "".join(sorted(set(language.alphabet) | set(prefix)))


_Node: TypeAlias = tuple[int, int, int, int]
"""States of automaton and language, the place among the left-out texts, and the rest's length."""


def _classes(
    automaton: Automaton,
    language: Language,
    prefix: str,
    limit: int,
    classify: Callable[[int], int],
    *,
    without: Collection[str] = (),
    counts_rest: bool = False,
) -> dict[int, str]:
    """The shortest text for each class that `classify` makes of the states behind it.

    With `counts_rest` each text is walked once, from a beginning that knows how long it will be;
    the classes are then those of `Automaton.accepted`.
    """
    letters: dict[Hashable, str] = {}
    tree: list[dict[str, int]] = [{}]
    ends: set[int] = set()
    for text in without:
        node = 0
        for character in text:
            if character not in tree[node]:
                tree[node][character] = len(tree)
                tree.append({})
            node = tree[node][character]
        ends.add(node)
    for character in language.alphabet:
        column = (automaton.column(character), language.column(character))
        # Characters that nothing tells apart count once, except where single texts are left out.
        letters.setdefault((column, character) if without else column, character)
    more = automaton.longest_tail + 1
    begun, branch = automaton.run(prefix), 0 if without else -1
    starts: list[_Node] = [(begun, language.start, branch, _OPEN_ENDED)]
    if counts_rest:
        starts = [
            (automaton.narrowed(begun, rest), language.start, branch, rest)
            for rest in range(more + 1)
        ]
    parents: dict[_Node, tuple[_Node, str] | None] = dict.fromkeys(starts)
    found: dict[int, str] = {}
    queue = deque(starts)
    while queue:
        here = queue.popleft()
        state, place, node, rest = here
        if rest <= 0 and language.accepts(place) and node not in ends:
            found_class = classify(state)
            if found_class not in found:
                found[found_class] = _spell(parents, here)
        if rest == 0:
            continue
        for character in letters.values():
            after = language.step(place, character)
            if after is None:
                continue
            branch = tree[node].get(character, -1) if node >= 0 else -1
            moved = automaton.step(state, character)
            theres: list[_Node] = [(moved, after, branch, _OPEN_ENDED)]
            if counts_rest:
                theres = [
                    (automaton.narrowed(moved, left), after, branch, left)
                    for left in ((more, more - 1) if rest == more else (rest - 1,))
                ]
            for there in theres:
                if there not in parents:
                    parents[there] = (here, character)
                    queue.append(there)
        if len(parents) > limit:
            raise TooComplexError(f"more than {limit} cases in the patterns of a policy")
    return found


def _spell(
    parents: Mapping[_Node, tuple[_Node, str] | None],
    end: _Node,
) -> str:
    letters: list[str] = []
    at = end
    while (step := parents[at]) is not None:
        at, character = step
        letters.append(character)
    return "".join(reversed(letters))
