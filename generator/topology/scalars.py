"""Holds single texts, words and numbers of a file against their shapes."""

import re

from generator.model.edit import Edit, NoEdit, Spelling
from generator.model.quotes import listed, quoted
from generator.topology.contents import Text
from generator.topology.document import Scalar
from generator.topology.mistakes import EMPTY_VALUE, INVALID_VALUE, WRONG_TYPE, Mistakes, Place
from generator.topology.shapes import Complaint, IntegerShape, TextShape, WordShape, example_of
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
        near, edit = correction_of(complaint, Text(text=text, place=place), shape, mistakes)
        mistakes.add(complaint.rule, place, f"{at(place)} {complaint.reason}{near}", edit)
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
    near, edit = mistakes.correction(node.text, place, shape.words)
    if shape.explain is not None:
        text = shape.explain(node.text)
    else:
        kind = "The only word" if len(shape.words) == 1 else "The words"
        verb = "is" if len(shape.words) == 1 else "are"
        text = (
            f"{quoted(node.text)} is not a word for {shape.noun}. {kind} possible here {verb} "
            f"{listed(shape.words)}."
        )
    mistakes.add(shape.rule, place, f"{at(place)} {text}{near}", edit)
    return None


def correction_of(
    complaint: Complaint, text: Text, shape: TextShape, mistakes: Mistakes
) -> tuple[str, Edit | NoEdit | None]:
    """A "did you mean" sentence for a wrong text, or nothing, and the edit that is printed."""
    near, edit = mistakes.correction(
        text.text, text.place, shape.candidates(), are_names=shape.are_names
    )
    if complaint.better is None:
        return near, edit
    return near, Edit(span=text.place.span, before=text.text, after=complaint.better)


def fit_integer(node: Scalar, shape: IntegerShape, place: Place, mistakes: Mistakes) -> Text | None:
    """A whole number in one of the ranges of its shape, as it is written."""
    if not node.is_plain or not re.fullmatch("0|-?[1-9][0-9]*", node.text):
        written = quoted(node.text if node.is_plain else f'"{node.text}"')
        mistakes.add(
            WRONG_TYPE,
            place,
            f"{at(place)} {written} is not a whole number. Write {shape.noun} in "
            f"decimal digits, without quotes and without a leading zero: `{example_of(shape)}`.",
            _bare_number(node, shape, place),
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


def _bare_number(node: Scalar, shape: IntegerShape, place: Place) -> Edit | None:
    """The number without its quotes; a leading zero may be one of YAML's octal numbers."""
    text = node.text
    if node.is_plain or not re.fullmatch("0|[1-9][0-9]{0,17}", text):
        return None
    if not any(low <= int(text) <= high for low, high in shape.ranges):
        return None
    return Edit(span=place.span, before=text, after=text, spelling=Spelling.PLAIN)


_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
