"""Two values that are the same are not compared any further, and nothing else counts as the same."""

from __future__ import annotations

import pytest

from generator.estate.spellings import is_certainly_equal
from generator.model.estate import Json, Unknown

UNKNOWN = Unknown(reason="because", reference="var.x")
DOCUMENT: Json = {"Statement": ({"Effect": "Allow", "Action": ("ecr:Get*", "ecr:List*")},)}


def test_a_copy_is_equal() -> None:
    assert is_certainly_equal(
        DOCUMENT, {"Statement": ({"Action": ("ecr:Get*", "ecr:List*"), "Effect": "Allow"},)}
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (UNKNOWN, UNKNOWN),
        ({"a": UNKNOWN}, {"a": UNKNOWN}),
        ({"a": True}, {"a": 1}),
        ({"a": "1"}, {"a": 1}),
        ({"a": None}, {}),
        (("a",), ("a", "b")),
        (("a", "b"), ("b", "a")),
        ("a", ("a",)),
        ({"a": "b"}, ("a",)),
    ],
)
def test_what_is_unknown_or_of_another_type_is_not_certainly_equal(
    first: Json, second: Json
) -> None:
    assert not is_certainly_equal(first, second)
    assert not is_certainly_equal(second, first)
