"""What a run says that it proved: grants on both sides, registries, questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from estates import broken_estate, sound_estate, told, told_of_break

from generator.report import Format, render

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.proof import Proof


def proof(name: str) -> Proof:
    found = told_of_break(name, "check").report.proof
    assert found is not None
    return found


def test_of_a_sound_estate_every_grant_is_proved_on_the_sides_that_are_ours() -> None:
    report = told(sound_estate(), "check").report

    line = (
        "proved: 16 of 20 grants on both sides, 4 on one side alone, 2 registries, "
        f"{len(report.questions)} questions; 5 taken as given"
    )
    for format_ in (Format.HUMAN, Format.GITHUB, Format.SARIF, Format.JUNIT):
        assert line in render(report, format_, width=200)
    assert line.removeprefix("proved") in render(report, Format.MARKDOWN)
    assert '"grants_on_both_sides": 16' in render(report, Format.JSON)


@pytest.mark.parametrize(
    ("name", "both", "one", "registries"),
    [
        # Too much access takes no grant away, but the registry is not as declared.
        ("02-role-widened", 16, 4, 1),
        ("13-wildcard-in-module", 16, 4, 0),
        # Two caches of one region are not given by the consumer's own policy.
        ("04-level-lowered-at-consumer", 14, 4, 2),
        # The consumer has four grants and no policy at all.
        ("12-wrong-account-in-provider", 12, 4, 2),
        ("22-root-deleted", 12, 4, 2),
        # The other policy of a registry gives next to nothing to other accounts.
        ("10-second-registry-policy", 11, 2, 1),
        # What one registry lets in is open; the consumers' own policies give five of its grants.
        ("20-variable-without-value", 11, 7, 1),
        ("25-modules-missing", 0, 0, 0),
    ],
)
def test_what_is_wrong_or_open_is_not_proved(
    name: str, both: int, one: int, registries: int
) -> None:
    found = proof(name)

    assert (found.on_both_sides, found.on_one_side, found.exact_registries) == (
        both,
        one,
        registries,
    )
    assert (found.grants, found.registries) == (20, 2)


def test_nothing_of_an_account_is_proved_with_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    report = told(broken_estate(tmp_path, "19-syntax"), "check").report

    assert report.proof is not None
    assert (report.proof.on_both_sides, report.proof.exact_registries) == (0, 0)
    text = render(report, Format.HUMAN)
    assert "proved: 0 of 20 grants on both sides, 0 of 2 registries" in text
    assert f" 4 of {len(report.questions)} questions" in " ".join(text.split())
