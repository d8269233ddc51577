"""What a result says to run, run as it stands there: it puts the estate right."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay
from estates import broken_estate, told

if TYPE_CHECKING:
    from pathlib import Path

_COMMAND = re.compile(r"(?:`|^  )(forebay generate[^`\n]*)", re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("01-stranger-in-account-ids", "drift"),
        ("04-level-lowered-at-consumer", "check"),
        ("05-rule-deleted", "drift"),
        ("12-wrong-account-in-provider", "drift"),
        ("13-wildcard-in-module", "drift"),
        ("22-root-deleted", "drift"),
        ("26-topology-newer", "drift"),
    ],
)
def test_the_last_command_of_a_result_puts_it_right(
    name: str, command: str, tmp_path: Path
) -> None:
    folder = broken_estate(tmp_path, name)
    first = told(folder, command).results[0]

    words = shlex.split(_COMMAND.findall(first["message"])[-1])
    ran = forebay(folder, *words[1:])

    assert ran.code == 0, ran.out
    assert told(folder, command).code == 0


def test_the_command_names_the_topology_and_the_folder_that_were_given(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "06-host-typo")
    (folder / "topology.yaml").rename(folder / "caches.yaml")
    (folder / "terraform").rename(folder / "infra")

    options = ("--topology", "caches.yaml", "--code", "infra")
    (found,) = told(folder, "drift", *options).results

    assert (
        "Let `forebay generate --topology caches.yaml --out infra --force` write the file anew"
        in found["message"]
    )


def test_code_that_a_person_wrote_is_for_a_person_to_change(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "09-rule-added")

    (found,) = told(folder, "drift").results

    assert "Remove it here, or add the cache rule github to the topology." in found["message"]
    assert "forebay generate" not in found["message"]


def test_where_all_code_is_written_by_hand_nothing_is_to_be_generated(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "04-level-lowered-at-consumer")
    for manifest in (folder / "terraform").rglob(".forebay.json"):
        manifest.unlink()

    (found,) = [each for each in told(folder, "check").results if each["rule"] == "grant-missing"]

    assert "See to it that these entries are there" in found["message"]
    assert "forebay generate" not in found["message"]


def test_of_two_owners_the_one_to_edit_is_the_one_that_a_person_wrote(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "10-second-registry-policy")

    (found,) = [each for each in told(folder, "drift").results if each["rule"] == "two-owners"]

    assert found["location"]["file"] == "terraform/hub/mine.tf"
