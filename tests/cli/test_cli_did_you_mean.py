"""A misspelled word on the command line: whatever it names, the likely one is said."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from cli_running import TOPOLOGY, forebay, write_topology

from generator.model.quotes import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("words")
    write_topology(found, TOPOLOGY)
    (found / "live.json").write_text("{}")
    return found


SOMEBODY = "--as arn:aws:iam::222233334444:role/x --action ecr:GetAuthorizationToken --resource '*'"


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("drfit", "drift"),
        ("can shp-nodes pull nginx", "shop-nodes"),
        ("can Shop-Nodes pull nginx --code .", "shop-nodes"),
        ("can shop-nodes pul nginx", "pull"),
        ("can shop-nodes pull nginx --at mian/eu-west-1", "main/eu-west-1"),
        ("uri nginx --registry main/eu-wst-1", "main/eu-west-1"),
        ("export json --registry MAIN/eu-west-1", "main/eu-west-1"),
        (f"replay {SOMEBODY} --registry mian/eu-west-1", "main/eu-west-1"),
        ("doctor nginx --registry main/eu-west1", "main/eu-west-1"),
        ("doctor nginx --as shp-nodes --live live.json", "shop-nodes"),
        ("doctor --as x quay/a/b --registry main/eu-west1", "main/eu-west-1"),
        ("can eks-a pull nginx", "shop/eks-a"),
        ("can main-nod pull nginx", "main-node"),
        ("explain frist-pull", "first-pull"),
        ("explain grants[].alow", "grants[].allow"),
        ("rules grant-mising", "grant-missing"),
        ("check --select Grant-Mising", "grant-missing"),
        ("check --ignore grant-mising", "grant-missing"),
        ("init --example privat", "private-to-private"),
        ("show --account SHOP", "shop"),
        ("generate --account shp", "shop"),
        ("policies deployer --account shp", "shop"),
        ("snapshot --account shp --out x.json", "shop"),
        ("policies deploer", "deployer"),
        ("export kyvern", "kyverno"),
        ("show --format mermad", "mermaid"),
        ("check --format jsn", "json"),
        ("check --fail-on hgh", "high"),
        ("check --min-severity Warnings", "warning"),
        ("check --report jsn=x.json", "json"),
        ("replay --only resorce", "resource"),
        ("completion bsh", "bash"),
    ],
)
def test_the_likely_word_is_said(folder: Path, command: str, meant: str) -> None:
    ran = forebay(folder, *shlex.split(command))

    assert ran.code == 1, ran.out
    assert ran.out == ""
    assert f"Did you mean `{meant}`?" in " ".join(ran.err.split()) or (
        f"Did you mean '{meant}'?" in ran.err
    )


def test_the_sort_of_a_policy_is_said_and_a_registry_goes_by_its_name(folder: Path) -> None:
    sort = forebay(folder, "check", "--policy", "registy:111122223333/eu-west-1=x.json")
    named = forebay(folder, "replay", *shlex.split(SOMEBODY), "--registry", "main/eu-west-1")
    by_id = forebay(
        folder, "replay", *shlex.split(SOMEBODY), "--registry", "111122223333/eu-west-1"
    )

    assert "`registry` is probably meant" in sort.err
    assert named == by_id
    assert named.err == ""


def test_an_action_that_ecr_has_not_is_named_beside_the_answer(folder: Path) -> None:
    resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/a"
    words = shlex.split(SOMEBODY.replace("GetAuthorizationToken", "BatchGetImag"))

    ran = forebay(folder, "replay", *words[:-1], resource)

    assert (
        "note: No action `ecr:BatchGetImag` of ECR is known. Did you mean `ecr:BatchGetImage`?"
        in (" ".join(ran.out.split()))
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("generate --code tf", "name the folder for it with `--out FOLDER`"),
        ("apply", "terraform -chdir=terraform/ROOT apply"),
        ("help", "`forebay --help`"),
        ("destroy", "forebay generate --prune"),
    ],
)
def test_what_is_tried_and_is_no_command_gets_what_is_needed(
    folder: Path, command: str, said: str
) -> None:
    ran = forebay(folder, *command.split())

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


@pytest.mark.parametrize("word", ["", "x", "do", "x" * 10_000, "zzzzzzz"])
def test_what_is_near_to_nothing_gets_no_suggestion(word: str) -> None:
    assert did_you_mean(word, ["quay", "docker-hub"]) == ""
