"""A baseline: what was there does not fail, what is new, worse, wider or critical does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli_running import forebay
from estates import broken_estate, told

from git_running import commit_all

if TYPE_CHECKING:
    from pathlib import Path

WRITE, USE = ("--write-baseline", "known.json"), ("--baseline", "known.json")


def rules(folder: Path, *options: str, command: str = "check") -> list[str]:
    """The rules of the results that are no notes."""
    found = told(folder, command, *options).results
    return [one["rule"] for one in found if one["severity"] != "info"]


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_known_results_pass_when_lines_move_and_new_ones_fail(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "02-role-widened")
    access = folder / "terraform" / "hub" / "access.tf"

    assert told(folder, "check", *WRITE).code == 0
    access.write_text("# A comment.\n\n" + access.read_text())

    run = told(folder, "check", *USE)
    assert (run.code, run.document["summary"]["suppressed"]) == (0, 1)
    edit(access, '"cached"\n      prefixes    = ["quay"]', '"pull"\n      prefixes    = ["quay"]')
    assert rules(folder, *USE) == ["grant-undeclared"] * 2


def test_a_statement_that_gives_more_than_it_did_is_new(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "02-role-widened")
    told(folder, "check", *WRITE)

    edit(
        folder / "terraform" / "hub" / "access.tf",
        'account_ids    = ["333333333333"]\n      principal_arns = ["arn:aws:iam::333333333333:role/*"]',
        'account_ids    = ["222222222222", "333333333333"]\n'
        '      principal_arns = ["arn:aws:iam::*:role/*"]',
    )

    assert rules(folder, *USE) == ["grant-undeclared"]


def test_a_value_that_changed_again_is_new(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "08-lifecycle")
    assert told(folder, "drift", *WRITE).code == 0
    assert told(folder, "drift", *USE).code == 0

    edit(folder / "terraform" / "hub" / "main.tf", "= 600", "= 6000")

    assert rules(folder, *USE, command="drift") == ["different"]


def test_nothing_critical_can_be_in_a_baseline(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "11-unit-condition-gone")

    assert told(folder, "check", *WRITE).code == 2

    assert '"grant-any-principal"' not in (folder / "known.json").read_text()
    text = (folder / "known.json").read_text()
    found = next(
        one for one in told(folder, "check").results if one["rule"] == "grant-any-principal"
    )
    entry = {
        "command": "check",
        "rule": "grant-any-principal",
        "fingerprint": found["fingerprint"],
        "evidence": "",
        "severity": "critical",
        "count": 9,
        "title": "x",
    }
    document = json.loads(text)
    document["results"].append(entry)
    (folder / "known.json").write_text(json.dumps(document))
    assert "grant-any-principal" in rules(folder, *USE)


def test_what_no_longer_occurs_is_one_note_and_both_commands_share_a_file(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "02-role-widened")
    told(folder, "check", *WRITE)
    told(folder, "drift", *WRITE)
    first = (folder / "known.json").read_bytes()
    told(folder, "check", *WRITE)
    assert (folder / "known.json").read_bytes() == first
    assert {one["command"] for one in json.loads(first)["results"]} == {"check", "drift"}

    forebay(folder, "generate", "--force")

    found = told(folder, "check", *USE).results
    (note,) = [one for one in found if one["rule"] == "baseline-outdated"]
    assert (
        "1 of the results in `known.json` did not occur (`grant-undeclared` 1)." in note["message"]
    )


def test_what_is_accepted_otherwise_is_in_no_baseline_and_a_cause_alone_is_not_either(
    tmp_path: Path,
) -> None:
    folder = broken_estate(tmp_path, "26-topology-newer")
    (folder / "forebay-ignore.yaml").write_text(
        'version: 1\nignore:\n  - {rule: different, address: "*docker-hub*", reason: known}\n'
    )

    assert told(folder, "drift", *WRITE).code == 0

    entries = json.loads((folder / "known.json").read_text())["results"]
    assert [entry["rule"] for entry in entries] == ["different"] * 4
    assert rules(folder, *USE, command="drift") == []


def test_a_change_that_adds_to_the_baseline_is_named_first(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "02-role-widened")

    commit_all(folder)
    told(folder, "check", *WRITE)

    found = told(folder, "check", "--since", "HEAD", *USE).results

    assert found[0]["rule"] == "suppression-added"
    assert (
        "holds 1 result that it does not hold at `HEAD`: `grant-undeclared` 1"
        in found[0]["message"]
    )
    assert found[0]["location"]["file"] == "known.json"


def test_a_file_that_is_no_baseline_stops_the_run(tmp_path: Path) -> None:
    folder = broken_estate(tmp_path, "02-role-widened")
    (folder / "known.json").write_text('{"version": 1, "results": [{"rule": "x"}]}')

    ran = forebay(folder, "check", *USE)

    assert ran.code == 1
    assert "the baseline cannot be used" in ran.err
    assert "--write-baseline known.json" in ran.err
    assert forebay(folder, "check", "--baseline", "no.json").code == 1
