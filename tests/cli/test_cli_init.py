"""`init`: a first topology to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

from generator.data.resources import example_names

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_topology_is_right_and_generates_code_that_is_as_it_says(tmp_path: Path) -> None:
    wrote = forebay(tmp_path, "init")

    assert (wrote.code, wrote.err) == (0, "")
    assert forebay(tmp_path, "validate", "--strict").code == 0
    assert forebay(tmp_path, "show").code == 0
    assert forebay(tmp_path, "generate").code == 0
    assert forebay(tmp_path, "drift", "--strict").code == 0
    assert forebay(tmp_path, "check", "--strict").code == 0


def test_every_line_that_is_commented_out_is_right_as_well(tmp_path: Path) -> None:
    forebay(tmp_path, "init")
    file = tmp_path / "topology.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    whole = []
    for line in lines:
        bare = line.lstrip()
        words = bare.removeprefix("# ")
        looks_like_yaml = bare.startswith("# ") and (
            words.startswith(("- {", "  ")) or (": {" in words and "`" not in words)
        )
        if looks_like_yaml or words in {"upstreams:", "consumers:", "terraform:"}:
            indent = line[: len(line) - len(bare)]
            if words.startswith("main: {"):
                # The other way to write the account above.
                whole = [kept for kept in whole if not kept.startswith("  main: {id")]
            whole.append(indent + words)
        else:
            whole.append(line)
    file.write_text("\n".join(whole) + "\n", encoding="utf-8")

    ran = forebay(tmp_path, "validate", "--strict")

    assert ran.code == 0, ran.out
    assert "shop" in forebay(tmp_path, "show", "--roots").out


def test_a_file_that_is_there_is_never_touched(tmp_path: Path) -> None:
    file = tmp_path / "topology.yaml"
    file.write_text("mine\n", encoding="utf-8")

    ran = forebay(tmp_path, "init")

    assert ran.code == 1
    assert "forebay init --topology topology-2.yaml" in ran.err
    assert file.read_text(encoding="utf-8") == "mine\n"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").symlink_to("elsewhere.yaml")

    ran = forebay(tmp_path, "init")

    assert ran.code == 1
    assert not (tmp_path / "elsewhere.yaml").exists()


def test_another_name_is_in_the_commands_that_come_next(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "init", "-t", "my topology.yaml")

    assert "  forebay validate -t 'my topology.yaml'\n" in ran.out
    assert (tmp_path / "my topology.yaml").exists()


def test_a_folder_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "init", "-t", "deep/topology.yaml")

    assert ran.code == 1
    assert "`deep` does not exist" in ran.err


def test_the_json_document_names_the_file(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "init", "--format", "json")

    assert ran.document["file"] == "topology.yaml"


@pytest.mark.parametrize("name", example_names())
def test_every_example_is_written_whole_and_right(name: str, tmp_path: Path) -> None:
    ran = forebay(tmp_path, "init", "--example", name, "--format", "json")

    written = sorted(
        file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()
    )
    assert ran.code == 0, ran.err
    assert sorted(ran.document["files"]) == written
    assert forebay(tmp_path, "validate").code == 0


def test_an_example_that_does_not_exist_is_refused_with_the_likely_one(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "init", "--example", "brownfield")

    assert ran.code == 1
    assert "Did you mean `brown-field`?" in ran.err
    assert "`two-regions`" in ran.err


def test_the_examples_are_listed_with_what_they_show(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "init", "--example", "list")

    assert "hub-and-spokes" in ran.out
    assert "A hub and its spokes" in ran.out
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("taken", ["topology.yaml", "policies/registry.json"])
def test_an_example_is_written_whole_or_not_at_all(taken: str, tmp_path: Path) -> None:
    file = tmp_path / taken
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine\n", encoding="utf-8")

    ran = forebay(tmp_path, "init", "--example", "brown-field")

    assert ran.code == 1
    assert taken in ran.err
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [file]
    assert file.read_text(encoding="utf-8") == "mine\n"
