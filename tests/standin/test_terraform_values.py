"""Values on the wire and values by schema."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standin import messages
from standin.values import UNKNOWN, conform, decode, encode, is_known

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
BLOCK = {
    "attributes": {
        "name": {"type": "string"},
        "tags": {"type": ["map", "string"]},
        "counts": {"type": ["list", "number"]},
        "last": {"type": ["object", {"date": "string", "region": "string"}]},
    },
    "block_types": {
        "rule": {"nesting_mode": "list", "block": {"attributes": {"key": {"type": "string"}}}},
        "timeouts": {"nesting_mode": "single", "block": {"attributes": {}}},
        "options": {"nesting_mode": "group", "block": {"attributes": {"a": {"type": "bool"}}}},
        "named": {"nesting_mode": "map", "block": {"attributes": {"b": {"type": "bool"}}}},
    },
}


@given(value=VALUES)
@settings(max_examples=200, deadline=None)
def test_a_value_survives_the_wire(value: object) -> None:
    assert decode(encode(value)) == value


@given(value=VALUES)
@settings(max_examples=200, deadline=None)
def test_a_value_is_known_when_nothing_in_it_is_unknown(value: object) -> None:
    assert is_known(value) == ("UNKNOWN" not in repr_without_texts(value))


def repr_without_texts(value: object) -> str:
    if isinstance(value, dict):
        return "".join(map(repr_without_texts, value.values()))
    if isinstance(value, list):
        return "".join(map(repr_without_texts, value))
    return "" if isinstance(value, str) else repr(value)


def test_a_value_sent_as_json_is_read() -> None:
    assert decode(messages.new("DynamicValue", json=b'{"a": [1]}')) == {"a": [1]}
    assert decode(messages.new("DynamicValue")) is None


def test_an_unknown_value_is_never_a_condition() -> None:
    with pytest.raises(TypeError, match="unknown value"):
        bool(UNKNOWN)


def test_an_object_gets_exactly_the_names_of_its_schema() -> None:
    value = {
        "name": 12,
        "surplus": True,
        "last": {"date": "today"},
        "rule": [{"key": "a", "surplus": 1}],
        "named": {"x": {}},
    }

    assert conform(BLOCK, value) == {
        "name": "12",
        "tags": None,
        "counts": None,
        "last": {"date": "today", "region": None},
        "rule": [{"key": "a"}],
        "timeouts": None,
        "options": {"a": None},
        "named": {"x": {"b": None}},
    }


@pytest.mark.parametrize("value", [None, UNKNOWN])
def test_null_and_unknown_conform_to_every_schema(value: object) -> None:
    assert conform(BLOCK, value) is value


def test_an_unknown_block_stays_unknown() -> None:
    assert conform(BLOCK, {"rule": UNKNOWN})["rule"] is UNKNOWN
