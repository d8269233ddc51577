"""Whatever the bytes: a reading comes out, and no secret."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.reading import Source
from state.state_samples import ROLE, Sample, plan, quay, read, state

PROPERTY = settings(max_examples=150, deadline=None)
SECRET = "hunter2-hunter2"

TEXT = json.dumps(
    plan(
        [
            quay(),
            Sample(
                type=ROLE,
                name="it",
                values={
                    "name": "builder",
                    "inline_policy": [{"name": "x", "policy": '{"Statement": []}'}],
                },
                unknown={"arn": True, "managed_policy_arns": True},
                sensitive={"name": False},
                written=("managed_policy_arns",),
            ),
        ]
    )
).encode()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@PROPERTY
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(TEXT) - 1), st.binary(max_size=4), st.integers(0, 40)),
        min_size=1,
        max_size=4,
    )
)
def test_any_damage_to_a_plan_is_read_or_reported(edits: list[tuple[int, bytes, int]]) -> None:
    content = TEXT
    for position, put, cut in edits:
        content = content[:position] + put + content[position + cut :]

    reading = read(content)

    assert reading.problems or reading.estate.roots


@PROPERTY
@given(
    part=st.sampled_from(["planned_values", "resource_changes", "configuration", "prior_state"]),
    value=JSON,
)
def test_any_value_in_the_place_of_a_part_is_read_or_reported(part: str, value: object) -> None:
    reading = read({**plan([quay()]), part: value})

    assert reading.problems or reading.estate.roots


@PROPERTY
@given(names=st.lists(st.sampled_from(["name", "path", "assume_role_policy"]), unique=True))
def test_whatever_is_sensitive_leaves_no_trace(names: list[str]) -> None:
    sample = Sample(
        type=ROLE,
        name="it",
        values=dict.fromkeys(("name", "path", "assume_role_policy"), "plain")
        | dict.fromkeys(names, SECRET),
        sensitive=dict.fromkeys(names, True),
    )

    assert SECRET not in repr(read(plan([sample])))
    assert SECRET not in repr(read(state([sample]), source=Source.STATE))
