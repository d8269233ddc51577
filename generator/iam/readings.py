"""Texts of a policy as patterns, in their narrowest and their widest reading.

What is not known, or read in more than one way by AWS's own tools, has two readings. Where a grant
must be certain, the narrowest counts; where it must be excluded, the widest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from generator.iam.document import Comparison, Condition, Text
from generator.iam.globs import (
    Glob,
    arn_glob,
    ignoring_case,
    like_glob,
    literal_glob,
    perhaps_ignoring_case,
    text_glob,
)

_ARN_PARTS = 6
_Maker: TypeAlias = Callable[[str], Glob]


@dataclass(frozen=True, slots=True)
class Readings:
    """The patterns of one element: those that match for sure, and those that may match."""

    sure: tuple[Glob, ...]
    possible: tuple[Glob, ...]

    def patterns(self, *, widest: bool) -> tuple[Glob, ...]:
        """The patterns of one reading."""
        return self.possible if widest else self.sure


def action_readings(texts: Iterable[Text]) -> Readings:
    """The patterns of actions, for actions in lower case."""
    return _readings((_lowered(text), like_glob) for text in texts)


def _lowered(text: Text) -> Text:
    return Text(
        pieces=tuple(piece.lower() if isinstance(piece, str) else piece for piece in text.pieces)
    )


def resource_readings(texts: Iterable[Text]) -> Readings:
    """The patterns of resources: ARNs, or `*` for everything."""
    sure: list[Glob] = []
    possible: list[Glob] = []
    for text in texts:
        if means_everything(text):
            sure.append(like_glob("*"))
            possible.append(like_glob("*"))
        else:
            one = _arn_readings(text)
            sure.extend(one.sure)
            possible.extend(one.possible)
    return Readings(tuple(sure), tuple(possible))


def means_everything(text: Text) -> bool:
    """Whether a resource text is `*`, which alone covers actions that have no resource type."""
    return text.plain is not None and text.plain != "" and not text.plain.strip("*")


def may_mean_everything(text: Text) -> bool:
    """Whether a resource text is or can turn out to be `*`."""
    known = [piece for piece in text.pieces if isinstance(piece, str)]
    return means_everything(text) or (
        bool(text.gaps)
        and len(known) + len(text.gaps) == len(text.pieces)
        and not any(piece.strip("*") for piece in known)
    )


def condition_readings(condition: Condition) -> Readings:
    """The patterns that the values of a condition key are compared with, negation left aside."""
    if condition.comparison is None:
        return Readings((), ())
    each = [readings_of_value(condition.comparison, text) for text in condition.values]
    # A test in doubt may be satisfied by any value.
    anything = (like_glob("*"),) if condition.doubts and condition.comparison.is_of_texts else ()
    return Readings(
        tuple(glob for one in each for glob in one.sure),
        (*(glob for one in each for glob in one.possible), *anything),
    )


def readings_of_value(comparison: Comparison, text: Text) -> Readings:
    """The patterns of one value of a condition."""
    match comparison:
        case Comparison.EQUALS:
            return _readings(((text, literal_glob),))
        case Comparison.LIKE:
            return _readings(((text, like_glob),))
        case Comparison.EQUALS_IGNORE_CASE | Comparison.BOOL:
            spelled = _readings(((text, literal_glob),))
            return Readings(
                tuple(ignoring_case(glob) for glob in spelled.sure),
                tuple(perhaps_ignoring_case(glob) for glob in spelled.possible),
            )
        case Comparison.ARN:
            return _arn_readings(text)
        case _:
            # Whether a key is there, numbers, dates and addresses: nothing of it is a pattern.
            return Readings((), ())


def _readings(texts: Iterable[tuple[Text, _Maker]]) -> Readings:
    sure: list[Glob] = []
    possible: list[Glob] = []
    for text, make in texts:
        glob = text_glob(text, make)
        possible.append(glob)
        if not text.gaps:
            sure.append(glob)
    return Readings(tuple(sure), tuple(possible))


def _arn_readings(text: Text) -> Readings:
    plain = text.plain
    if plain is None:
        return Readings((), (text_glob(text, arn_glob),))
    missing = _ARN_PARTS - 1 - plain.count(":")
    if missing <= 0:
        glob = arn_glob(plain)
        return Readings((glob,), (glob,))
    # Some of AWS's tools fill an ARN that is too short with wildcards, some compare it as a plain
    # text, some let it match nothing.
    return Readings((), (like_glob(plain), arn_glob(plain + ":*" * missing)))
