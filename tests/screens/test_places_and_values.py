"""A result lies where a person edits, at the line that asks for it, and names two values to compare."""

from __future__ import annotations

import pytest
from estates import TOPOLOGY, told_of_break

LINES = TOPOLOGY.read_text().splitlines()


def line_of(text: str) -> int:
    """The line of the topology that holds a text."""
    (number,) = [number for number, line in enumerate(LINES, 1) if text in line]
    return number


@pytest.mark.parametrize(
    ("name", "grant"),
    [
        ("01-stranger-in-account-ids", "to: sandbox"),
        ("02-role-widened", "to: payments-nodes"),
        ("03-level-raised", "to: payments-nodes"),
        ("04-level-lowered-at-consumer", "to: payments-nodes"),
        ("11-unit-condition-gone", "to: workloads"),
        ("20-variable-without-value", "to: shop-nodes"),
    ],
)
def test_a_result_about_a_grant_names_the_line_of_that_grant(name: str, grant: str) -> None:
    found = told_of_break(name, "check").results[0]

    assert found["rule"].startswith("grant-")
    assert found["topology"]["line"] == line_of(grant)


@pytest.mark.parametrize(
    ("name", "words", "key"),
    [
        (
            "08-lifecycle",
            "`expire_after_days` is 600 in the code, and 60 in the topology.",
            "expire_after_days: 60",
        ),
        (
            "15-kms-dropped",
            (
                "`encryption_type` is `AES256` in the code, and `KMS` in the topology; `kms_key` is not "
                "set in the code, and `alias/ecr-cache` in the topology."
            ),
            "kms_key: alias/ecr-cache",
        ),
        (
            "17-boundary-gone",
            (
                "`permissions_boundary` is not set in the code, and "
                "`arn:aws:iam::111111111111:policy/boundary` in the topology."
            ),
            "permissions_boundary",
        ),
        (
            "06-host-typo",
            "`upstream_registry_url` is `quay.oi` in the code, and `quay.io` in the topology.",
            "quay: {}",
        ),
    ],
)
def test_a_difference_names_the_field_its_two_values_and_both_lines(
    name: str, words: str, key: str
) -> None:
    told = told_of_break(name, "drift")
    found = told.results[0]

    assert words in found["message"]
    place = told.report.findings[0].location
    assert place is not None
    assert place.file.parent.name == "hub"
    assert found["topology"]["line"] == line_of(key)
    assert ":key/alias/" not in found["message"]


def test_the_boundary_that_was_not_judged_is_at_its_own_line() -> None:
    notes = told_of_break("02-role-widened", "check").results

    note = next(one for one in notes if one["rule"] == "permissions-boundary-elsewhere")
    assert note["location"]["line"] == line_of("permissions_boundary")
