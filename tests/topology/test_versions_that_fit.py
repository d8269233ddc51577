"""Constraints that no version fits together, and what the packaged modules want."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.data.resources import module_files, modules_folder
from generator.model.version_constraint import can_meet, fits
from generator.topology import terraform_fields as fields

VERSIONS = st.tuples(*(st.integers(0, 3) for _ in range(3))).map(lambda v: ".".join(map(str, v)))
PARTS = st.tuples(
    st.sampled_from(["", "= ", "!= ", ">= ", "<= ", "> ", "< ", "~> "]),
    st.lists(st.integers(0, 3).map(str), min_size=1, max_size=3).map(".".join),
).map("".join)
CONSTRAINTS = st.lists(PARTS, min_size=1, max_size=4).map(", ".join)


@given(first=CONSTRAINTS, second=CONSTRAINTS, version=VERSIONS)
def test_a_version_that_fits_both_shows_that_there_is_one(
    first: str, second: str, version: str
) -> None:
    if fits(version, first) and fits(version, second):
        assert can_meet(first, second)


@given(first=CONSTRAINTS, second=CONSTRAINTS)
def test_where_there_is_one_some_small_version_fits(first: str, second: str) -> None:
    """The witness is looked for in another way: every version with small numbers."""
    small = (f"{a}.{b}.{c}" for a in range(6) for b in range(6) for c in range(12))

    assert can_meet(first, second) == any(
        fits(version, first) and fits(version, second) for version in small
    )


@pytest.mark.parametrize(
    ("given_by_topology", "possible"),
    [
        (">= 6.50, < 7.0", True),
        ("~> 6.60", True),
        ("6.62.0", True),
        (">= 6.0", True),
        ("~> 5.0", False),
        ("~> 6.49.0", False),
        ("< 6.50", False),
        (">= 7.0", False),
        ("6.60.0-beta1", True),
    ],
)
def test_what_the_modules_and_a_topology_can_both_take(
    given_by_topology: str, *, possible: bool
) -> None:
    assert can_meet(given_by_topology, fields.DEFAULT_AWS_PROVIDER) is possible


def test_the_defaults_are_what_the_modules_want() -> None:
    for folder in modules_folder().iterdir():
        if not folder.is_dir():
            continue
        text = module_files(folder.name)["versions.tf"]
        found = re.findall(r"source\s*=\s*\"hashicorp/(\w+)\"\s*version\s*=\s*\"([^\"]*)\"", text)
        wanted = {
            "aws": fields.DEFAULT_AWS_PROVIDER,
            "time": fields.DEFAULT_TIME_PROVIDER,
        }
        assert found
        assert dict(found) == {name: wanted[name] for name, _ in found}
        assert f'required_version = "{fields.DEFAULT_REQUIRED_VERSION}"' in text
