"""`validate` and `schema` with the real reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema
import yaml
from cli_running import MISTAKE, TOPOLOGY, forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path


def test_a_right_topology_is_exit_code_0(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "validate")

    assert (ran.code, ran.out, ran.err) == (0, "validate: nothing to report\n", "")


def test_a_mistake_is_exit_code_2_and_shows_its_line(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, "validate")

    assert ran.code == 2
    assert "15 |       - {to: shop-nodes, allow: push, caches: [quay]}" in ran.out
    assert ran.err == ""


def test_a_mistake_names_topology_and_location_alike(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    result = forebay(tmp_path, "validate", "--format", "json").document["results"][0]

    assert (result["kind"], result["severity"]) == ("finding", "high")
    assert result["location"] == result["topology"]
    assert (result["location"]["file"], result["location"]["line"]) == ("topology.yaml", 15)


def test_what_is_not_yaml_is_exit_code_1(tmp_path: Path) -> None:
    write_topology(tmp_path, "version: [1\n")

    assert forebay(tmp_path, "validate").code == 1


def test_another_topology_can_be_named_by_any_path(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    file = write_topology(tmp_path / "deep", MISTAKE)

    relative = forebay(tmp_path, "validate", "-t", "deep/topology.yaml", "--format", "json")
    absolute = forebay(tmp_path, "validate", "--topology", str(file), "--format", "json")

    assert relative.out == absolute.out
    assert relative.document["results"][0]["location"]["file"] == "deep/topology.yaml"


def test_the_schema_accepts_a_right_topology(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "schema")

    assert (ran.code, ran.err) == (0, "")
    jsonschema.Draft202012Validator.check_schema(ran.document)
    jsonschema.Draft202012Validator(ran.document).validate(yaml.safe_load(TOPOLOGY))


def test_a_token_that_has_expired_is_a_warning_on_the_day_of_the_run(tmp_path: Path) -> None:
    credential = "{secret: ecr-pullthroughcache/docker-hub, expires: 2020-01-31}"
    write_topology(
        tmp_path,
        TOPOLOGY.replace(
            "{credential: ecr-pullthroughcache/docker-hub}", f"{{credential: {credential}}}"
        ),
    )

    ran = forebay(tmp_path, "validate", "--format", "json")

    (result,) = ran.document["results"]
    assert (ran.code, result["rule"], result["severity"]) == (0, "credential-expires", "warning")


def test_a_conflict_that_git_left_is_named_as_one(tmp_path: Path) -> None:
    left = TOPOLOGY.replace(
        "registries:\n", "<<<<<<< HEAD\nregistries:\n=======\nregistries:\n>>>>>>> other\n"
    )
    (tmp_path / "topology.yaml").write_text(left, encoding="utf-8")

    ran = forebay(tmp_path, "validate")

    assert (ran.code, ran.out) == (1, "")
    assert "topology.yaml:8:1: git left a conflict here." in ran.err


def test_a_topology_in_a_folder_above_is_named(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)
    below = tmp_path / "terraform" / "main"
    below.mkdir(parents=True)

    ran = forebay(below, "validate")
    named = forebay(below, "validate", "--topology", "../../topology.yaml")

    assert "name it with `--topology ../../topology.yaml`" in ran.err
    assert (ran.code, named.code) == (1, 0)


def test_nothing_is_proved_where_no_code_was_found(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "check", "--no-topology", "--format", "json")

    assert ran.code == 3
    assert ran.document["summary"]["proved"] == 0
