"""Holds single texts, words and numbers of a file against their shapes."""

import re

from generator.model.quotes import listed, quoted
from generator.topology.contents import Text
from generator.topology.document import Scalar
from generator.topology.mistakes import EMPTY_VALUE, INVALID_VALUE, WRONG_TYPE, Mistakes, Place
from generator.topology.shapes import IntegerShape, TextShape, WordShape, example_of
from generator.topology.wrong_types import at


def fit_text(node: Scalar, shape: TextShape, place: Place, mistakes: Mistakes) -> Text | None:
    """A text that passes the check of its shape."""
    text = node.text
    if node.is_plain and text in _BOOLEANS:
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{at(place)} {quoted(text)} without quotes is a yes or no, and {shape.noun} is needed, "
            f'such as `{shape.example}`. If it is meant as a text, write `"{text}"`.',
        )
        return None
    if not text:
        mistakes.add(
            EMPTY_VALUE,
            place,
            f"{at(place)} the text is empty. Leave the key out, or write {shape.noun}, such as "
            f"`{shape.example}`.",
        )
        return None
    complaint = shape.check(text)
    if complaint is not None:
        near = mistakes.suggest(text, shape.candidates())
        mistakes.add(complaint.rule, place, f"{at(place)} {complaint.reason}{near}")
        return None
    if len(text) > shape.maximum:
        mistakes.add(
            INVALID_VALUE,
            place,
            f"{at(place)} {quoted(text)} has {len(text)} characters; at most {shape.maximum} are "
            "possible.",
        )
        return None
    return Text(text=text, place=place)


def fit_word(node: Scalar, shape: WordShape, place: Place, mistakes: Mistakes) -> Text | None:
    """One of the words of its shape."""
    if node.text in shape.words:
        return Text(text=node.text, place=place)
    near = mistakes.suggest(node.text, shape.words)
    if shape.explain is not None:
        text = shape.explain(node.text)
    else:
        kind = "The only word" if len(shape.words) == 1 else "The words"
        verb = "is" if len(shape.words) == 1 else "are"
        text = (
            f"{quoted(node.text)} is not a word for {shape.noun}. {kind} possible here {verb} "
            f"{listed(shape.words)}."
        )
    mistakes.add(shape.rule, place, f"{at(place)} {text}{near}")
    return None


def fit_integer(node: Scalar, shape: IntegerShape, place: Place, mistakes: Mistakes) -> Text | None:
    """A whole number in one of the ranges of its shape, as it is written."""
    if not node.is_plain or not re.fullmatch("0|-?[1-9][0-9]*", node.text):
        written = quoted(node.text if node.is_plain else f'"{node.text}"')
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{at(place)} {written} is not a whole number. Write {shape.noun} in "
            f"decimal digits, without quotes and without a leading zero: `{example_of(shape)}`.",
        )
        return None
    # Numbers of more digits than any range has need not be converted, which can be very slow.
    value = int(node.text) if len(node.text) <= 18 else -1
    if not any(low <= value <= high for low, high in shape.ranges):
        possible = " or ".join(
            str(low) if low == high else f"{low} to {high}" for low, high in shape.ranges
        )
        mistakes.add(
            INVALID_VALUE,
            place,
            f"{at(place)} {quoted(node.text)} is out of range: {shape.noun} is {possible}.",
        )
        return None
    return Text(text=node.text, place=place)


_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
