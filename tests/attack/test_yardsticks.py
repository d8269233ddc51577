"""`check --since` says what a change does to that by which it is judged, before everything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from attack.projects import Attacked, project

if TYPE_CHECKING:
    from pathlib import Path

COMMENT = '# forebay: ignore[unread-module] reason="trust me"\n'
FILE = """\
version: 1
ignore:
  - {rule: unread-module, file: "*", reason: "trust me"}
"""
FORMATS = ("human", "json", "github", "markdown", "sarif", "junit", "gitlab")


@pytest.fixture
def attacked(tmp_path: Path) -> Attacked:
    return project(tmp_path)


def accept_by_comment(attacked: Attacked) -> str:
    (attacked.folder / "terraform" / "main" / "own.tf").write_text(COMMENT)
    return "suppression-added"


def accept_by_file(attacked: Attacked) -> str:
    (attacked.folder / "forebay-ignore.yaml").write_text(FILE)
    return "suppression-added"


def widen_a_level(attacked: Attacked) -> str:
    replace(attacked, "allow: pull,", "allow: first-pull,")
    return "topology-widened"


def widen_a_role(attacked: Attacked) -> str:
    replace(attacked, 'role: "eks-*"', 'role: "*"')
    return "topology-widened"


def leave_an_account(attacked: Attacked) -> str:
    replace(attacked, 'shop: {id: "222233334444"}', 'shop: {id: "222233334444", managed: false}')
    return "topology-widened"


def export_the_registry_policy(attacked: Attacked) -> str:
    replace(attacked, "registry_policy: create", "registry_policy: export")
    return "topology-widened"


def leave_a_consumer(attacked: Attacked) -> str:
    replace(attacked, 'role: "eks-*"', 'role: "eks-*", identity: elsewhere')
    return "topology-widened"


def take_other_modules(attacked: Attacked) -> str:
    source = "git::https://git.example.com/m.git//modules?ref=v1.0.0"
    with (attacked.folder / "topology.yaml").open("a") as file:
        file.write(f'terraform: {{modules: "{source}"}}\n')
    return "modules-changed"


def replace(attacked: Attacked, before: str, after: str) -> None:
    file = attacked.folder / "topology.yaml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


CHANGES = (
    accept_by_comment,
    accept_by_file,
    widen_a_level,
    widen_a_role,
    leave_an_account,
    export_the_registry_policy,
    leave_a_consumer,
    take_other_modules,
)


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_does_for_itself_stands_first(attacked: Attacked, change: object) -> None:
    assert callable(change)
    rule = change(attacked)
    attacked.run("generate", "--force")
    # Something that would stand first otherwise.
    (attacked.folder / "terraform" / "main" / "a.tf").write_text("resource {\n")

    ran = attacked.run("check", "--since", "HEAD", "--format", "json")

    assert ran.document["results"][0]["rule"] == rule
    assert ran.document["results"][0]["severity"] == "warning"


@pytest.mark.parametrize("change", CHANGES)
def test_a_setting_makes_it_fail(attacked: Attacked, change: object) -> None:
    assert callable(change)
    change(attacked)
    attacked.run("generate", "--force")

    assert attacked.run("check", "--since", "HEAD", "--strict").code in {2, 1}
    assert attacked.run("check", "--since", "HEAD", "--fail-on", "warning").code in {2, 1}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_says_it_before_anything_else(attacked: Attacked, format_: str) -> None:
    accept_by_file(attacked)
    (attacked.folder / "terraform" / "main" / "a.tf").write_text("resource {\n")

    text = attacked.run("check", "--since", "HEAD", "--format", format_).out

    said = text.index("accepts")
    assert "a.tf" not in text[:said]


def test_it_cannot_be_accepted_itself(attacked: Attacked) -> None:
    (attacked.folder / "forebay-ignore.yaml").write_text(
        FILE + '  - {rule: suppression-added, file: "*", reason: "quiet"}\n'
    )

    rules = [
        one["rule"]
        for one in attacked.run("check", "--since", "HEAD", "--format", "json").document["results"]
    ]

    assert rules.count("suppression-added") == 2


def test_what_was_accepted_before_is_nothing_new(attacked: Attacked) -> None:
    accept_by_file(attacked)
    accept_by_comment(attacked)
    attacked.git("add", "--all")
    attacked.git("commit", "--quiet", "-m", "accepted")
    own = attacked.folder / "terraform" / "main" / "own.tf"
    own.write_text(f"\n\n{own.read_text()}")

    document = attacked.run("check", "--since", "HEAD", "--format", "json").document

    assert "suppression-added" not in json.dumps(document)


def test_accepted_results_are_counted_for_github(attacked: Attacked) -> None:
    code = attacked.folder / "terraform" / "main" / "own.tf"
    code.write_text(COMMENT + 'module "far" {\n  source = "git::https://e.example/x.git"\n}\n')

    ran = attacked.run("check", "--format", "github")

    assert ran.out.startswith("::notice title=forebay check::1 result was accepted")
