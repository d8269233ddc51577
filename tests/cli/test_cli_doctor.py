"""`forebay doctor --explain`: what a person sees, and its exit codes."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cli_running import forebay, write_topology

if TYPE_CHECKING:
    import pytest

CHECKOUT = Path(__file__).parents[2]
HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
MISSING = (
    f"Error response from daemon: name unknown: {HOST}/docker-hub/library/nginx:1 does not exist"
)


def test_a_proved_cause_ends_with_2_and_stands_alone(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "doctor", "--explain", f"{HOST}/docker-hub/nginx:1: not found")

    assert ran.code == 2
    assert "Pull `docker-hub/library/nginx`." in ran.out
    assert "Symptom  not-found: not found" in ran.out
    assert ran.out.endswith("doctor: 1 finding\n")


def test_causes_that_aws_must_tell_apart_stand_in_the_order_to_look_and_end_with_3(
    tmp_path: Path,
) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "doctor", "--explain", MISSING)

    assert ran.code == 3
    assert re.findall(r"undecided\[(.*?)\]", ran.out) == [
        "pull-needs-first-pull",
        "pull-rule-not-applied",
        "pull-client-does-not-trigger",
    ]


def test_the_text_comes_from_stdin_and_json_tells_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topology(tmp_path)
    stdin = io.TextIOWrapper(io.BytesIO(MISSING.encode() + b"\n\xff"))
    monkeypatch.setattr("sys.stdin", stdin)

    ran = forebay(tmp_path, "doctor", "--explain", "-", "--format", "json")

    assert ran.document["pull"] == {
        "image": f"{HOST}/docker-hub/library/nginx:1",
        "account": "main",
        "region": "eu-west-1",
        "prefix": "docker-hub",
        "symptom": "repository-missing",
        "said": "name unknown",
    }


def test_an_unknown_text_ends_with_3_and_says_what_to_give(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "doctor", "--explain", "it does not work")

    assert ran.code == 3
    assert "`kubectl describe pod`" in ran.out


def test_a_known_text_without_an_image_is_not_called_unknown(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(
        tmp_path,
        "doctor",
        "--explain",
        "denied: The authentication to the upstream registry failed.",
    )

    assert ran.code == 3
    assert "The text does not name an image of a cache" in ran.out


def test_an_empty_text_is_an_error(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "doctor", "--explain", " ")

    assert ran.code == 1
    assert "there is no text to explain" in ran.err


def test_words_of_the_text_cannot_become_commands(tmp_path: Path) -> None:
    write_topology(tmp_path)
    text = (
        "User: arn:aws:iam::222233334444:role/$(reboot);x is not authorized to perform: "
        f"ecr:BatchGetImage on resource: `id`|sh because no identity-based policy allows it {HOST}/quay/a:1"
    )

    ran = forebay(tmp_path, "doctor", "--explain", text)

    assert "--as 'arn:aws:iam::222233334444:role/$(reboot);x' " in ran.out
    assert "--resource '`id`|sh'" in ran.out


def test_the_manual_names_every_cause() -> None:
    manual = CHECKOUT.joinpath("docs/how-to/doctor.md").read_text(encoding="utf-8")
    sources = CHECKOUT.joinpath("generator/doctor").glob("*.py")
    named = {
        name
        for source in sources
        for name in re.findall(r'"(pull-[a-z0-9-]+)"', source.read_text(encoding="utf-8"))
    }

    assert len(named) > 25
    assert not [name for name in named if f"`{name}`" not in manual]
