"""`check --since`: only the access that a change adds, decided by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import Ran, forebay

from git_running import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
consumers:
  shop-nodes: {account: shop, role: eks-node, identity: elsewhere}
registries:
  main:
    caches:
      quay: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
    grants:
      - {to: shop-nodes, allow: pull, caches: [quay]}
"""
HEAD = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
PULL = '["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]'
QUAY = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
HUB = "arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*"


def statement(sid: str, *, principal: str, actions: str = PULL, resource: str = QUAY) -> str:
    return f"""\
      {{
        Sid       = "{sid}"
        Effect    = "Allow"
        Principal = {{ AWS = "{principal}" }}
        Action    = {actions}
        Resource  = "{resource}"
      }},
"""


NODE = statement("Node", principal="arn:aws:iam::222233334444:role/eks-node")
OLD_HOLE = statement("Old", principal="222233334444")
NEW_HOLE = statement("New", principal="999988887777")


def registry(*statements: str, after: str = "") -> str:
    return f"""{HEAD}
resource "aws_ecr_registry_policy" "this" {{
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [
{"".join(statements)}    ]
  }})
}}
{after}"""


def write(folder: Path, code: str) -> None:
    (folder / "terraform").mkdir(exist_ok=True)
    (folder / "terraform" / "main.tf").write_text(code, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout whose first commit has one declared statement and one that is too wide."""
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    write(tmp_path, registry(NODE, OLD_HOLE))
    commit_all(tmp_path)
    return tmp_path


def check(project: Path, *options: str) -> Ran:
    return forebay(project, "check", "--format", "json", *options)


def results(ran: Ran) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for result in ran.document["results"]:
        found.setdefault(result["rule"], []).append(result["message"])
    return found


def test_what_was_too_wide_before_is_left_out_and_counted(project: Path) -> None:
    whole = check(project)
    ran = check(project, "--since", "HEAD")

    count = sum(result["severity"] != "info" for result in whole.document["results"])
    assert (whole.code, ran.code) == (2, 0)
    assert results(ran)["since"][0].startswith(f"{count} results that `HEAD` has as well are left")


def test_only_the_new_hole_is_shown(project: Path) -> None:
    write(project, registry(NODE, OLD_HOLE, NEW_HOLE))

    ran = check(project, "--since", "main")

    assert ran.code == 2
    shown = results(ran)
    assert "grant-undeclared" not in shown
    assert "999988887777" in shown["grant-outside-topology"][0]


def test_a_refactoring_is_silent(project: Path) -> None:
    """Other order, another name, a data source and wildcards for the same access."""
    write(
        project,
        HEAD
        + """
data "aws_iam_policy_document" "registry" {
  statement {
    sid       = "Renamed"
    actions   = ["ecr:BatchImportUpstreamImage", "ecr:BatchGetImage", "ECR:GetDownloadUrlForLayer"]
    resources = ["arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::222233334444:root"]
    }
  }
}

resource "aws_ecr_registry_policy" "moved" {
  policy = data.aws_iam_policy_document.registry.json
}
""",
    )

    ran = check(project, "--since", "HEAD")

    assert ran.code == 0, ran.out
    assert set(results(ran)) <= {"since", "identity-elsewhere", "scope-assumed"}


def test_an_old_hole_that_grows_shows_only_what_is_new(project: Path) -> None:
    grown = statement(
        "Old", principal="222233334444", actions=PULL.replace("]", ', "ecr:PutImage"]')
    )
    write(project, registry(NODE, grown))

    (message,) = results(check(project, "--since", "HEAD"))["grant-undeclared"]

    assert "ecr:PutImage" in message
    assert "ecr:BatchGetImage" not in message


def test_a_deny_that_goes_away_adds_access(project: Path) -> None:
    deny = OLD_HOLE.replace('"Allow"', '"Deny"').replace('"Old"', '"No"')
    everybody = statement("Everybody", principal="*")
    write(project, registry(NODE, everybody, deny))
    git(project, "commit", "--quiet", "--all", "--message=second")
    write(project, registry(NODE, everybody))

    ran = check(project, "--since", "HEAD")

    assert ran.code == 2
    assert "grant-undeclared" in results(ran)


def test_declared_access_that_is_added_and_any_that_is_removed_are_notes(project: Path) -> None:
    write(project, registry(OLD_HOLE.replace("222233334444", "999988887777")))
    git(project, "commit", "--quiet", "--all", "--message=second")
    write(project, registry(NODE))

    ran = check(project, "--since", "HEAD")

    assert ran.code == 0, ran.out
    assert "statement `Node`" in results(ran)["access-added"][0]
    assert "statement `Old` at HEAD" in results(ran)["access-removed"][0]


def test_access_that_the_new_topology_declares_is_no_finding(project: Path) -> None:
    file = project / "topology.yaml"
    declared = TOPOLOGY.replace("caches: [quay]}", "caches: [quay, docker-hub]}")
    file.write_text(declared, encoding="utf-8")
    more = statement("Hub", principal="arn:aws:iam::222233334444:role/eks-node", resource=HUB)
    write(project, registry(NODE, OLD_HOLE, more))

    ran = check(project, "--since", "HEAD")
    file.write_text(TOPOLOGY, encoding="utf-8")
    undeclared = check(project, "--since", "HEAD")

    assert ran.code == 0, ran.out
    assert "statement `Hub`" in results(ran)["access-added"][0]
    assert undeclared.code == 2


def test_declared_access_that_the_change_breaks_is_a_finding(project: Path) -> None:
    write(project, registry(statement("Node", principal="222233334444", resource=HUB)))

    assert "grant-missing" in results(check(project, "--since", "HEAD"))


def test_nothing_of_the_checkout_is_touched(project: Path) -> None:
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {project}/ran\n", encoding="utf-8")
    hook.chmod(0o755)
    (project / ".gitattributes").write_text("*.tf export-ignore filter=bad\n", encoding="utf-8")
    git(project, "config", "filter.bad.smudge", f"touch {project}/ran")
    git(project, "add", ".gitattributes")
    git(project, "commit", "--quiet", "--message=attributes")
    write(project, registry(NODE, OLD_HOLE, NEW_HOLE))
    before = sorted((path, path.stat().st_mtime_ns) for path in project.rglob("*"))

    ran = check(project, "--since", "HEAD")

    assert "grant-undeclared" not in results(ran), "the earlier code must be seen"
    assert sorted((path, path.stat().st_mtime_ns) for path in project.rglob("*")) == before


def test_a_worktree_is_read_like_any_checkout(project: Path) -> None:
    git(project, "worktree", "add", "--quiet", "other")
    write(project / "other", registry(NODE, OLD_HOLE, NEW_HOLE))

    ran = check(project / "other", "--since", "main")

    assert set(results(ran)) >= {"grant-outside-topology", "since"}
    assert "grant-undeclared" not in results(ran)


def test_a_link_out_of_the_earlier_project_is_not_followed(project: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "main.tf").write_text(registry(NODE, OLD_HOLE, NEW_HOLE), encoding="utf-8")
    (project / "terraform" / "main.tf").unlink()
    (project / "terraform" / "main.tf").symlink_to(outside / "main.tf")
    git(project, "commit", "--quiet", "--all", "--message=link")
    (project / "terraform" / "main.tf").unlink()
    write(project, registry(NODE, OLD_HOLE, NEW_HOLE))

    ran = check(project, "--since", "HEAD")

    assert ran.code == 2
    assert "grant-outside-topology" in results(ran)


def test_a_submodule_is_named(project: Path, tmp_path: Path) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-module"
    other.mkdir()
    git(other, "init", "--quiet")
    git(other, "commit", "--quiet", "--allow-empty", "--message=empty")
    git(project, "submodule", "add", "--quiet", str(other), "shared")
    git(project, "commit", "--quiet", "--all", "--message=submodule")

    notes = results(check(project, "--since", "HEAD"))["since"]

    assert any("`shared` is a submodule" in note for note in notes)


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("nowhere", "There is no commit `nowhere`"),
        ("--output=x", "is not the name of a commit"),
        ("HEAD:terraform", "There is no commit"),
        ("", "There is no commit"),
    ],
)
def test_a_revision_that_is_not_there_is_said(project: Path, revision: str, words: str) -> None:
    ran = forebay(project, "check", f"--since={revision}")

    assert ran.code == 1
    assert words in ran.err


def test_a_shallow_clone_says_how_to_get_the_revision(project: Path, tmp_path: Path) -> None:
    git(project, "commit", "--quiet", "--allow-empty", "--message=second")
    clone = tmp_path.parent / f"{tmp_path.name}-clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", str(clone))

    ran = forebay(clone, "check", "--since", "HEAD~1")

    assert ran.code == 1
    assert "fetch-depth: 0" in ran.err


def test_an_error_about_a_revision_has_no_folder_of_its_name_for_a_place(
    project: Path, tmp_path: Path
) -> None:
    clone = tmp_path.parent / f"{tmp_path.name}-clone"
    git(project, "commit", "--quiet", "--allow-empty", "--message=second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", str(clone))
    (clone / "nosuchrevision").mkdir()

    ran = forebay(clone, "check", "--since", "nosuchrevision", "--format", "json")

    assert ran.code == 1
    assert [result["location"] for result in ran.document["results"]] == [None]


def test_code_outside_of_git_is_said(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    write(tmp_path, registry(NODE))

    ran = forebay(tmp_path, "check", "--since", "HEAD")

    assert ran.code == 1
    assert "not in a git checkout" in ran.err


def test_who_gets_what_before_and_after_stands_first(tmp_path: Path) -> None:
    first = TOPOLOGY.replace(
        "caches: [quay]}", "caches: [quay]}\n      - {to: {role: node}, allow: pull}"
    )
    (tmp_path / "topology.yaml").write_text(first, encoding="utf-8")
    forebay(tmp_path, "generate")
    commit_all(tmp_path)
    access = tmp_path / "terraform/main/access.tf"
    access.write_text(f"# Moved down.\n\n{access.read_text(encoding='utf-8')}", encoding="utf-8")
    same = forebay(tmp_path, "check", "--since", "HEAD")
    then = first.replace("allow: pull, caches: [quay]", "allow: first-pull").replace(
        "      - {to: {role: node}, allow: pull}\n", ""
    )
    (tmp_path / "topology.yaml").write_text(then, encoding="utf-8")
    forebay(tmp_path, "generate", "--force")

    ran = forebay(tmp_path, "check", "--since", "HEAD", "--format", "json")
    shown = forebay(tmp_path, "check", "--since", "HEAD", "--format", "markdown")

    assert same.out.startswith("No change of access: proved for 3 grants.")
    assert ran.document["access"]["decided"]
    registry = ["main/eu-west-1"]
    assert ran.document["access"]["changes"] == [
        {
            "consumer": "main-node",
            "registries": registry,
            "repositories": ["docker-hub/*", "quay/*"],
            "before": "pull",
            "after": "nothing",
        },
        {
            "consumer": "shop-nodes",
            "registries": registry,
            "repositories": ["docker-hub/*"],
            "before": "nothing",
            "after": "first-pull",
        },
        {
            "consumer": "shop-nodes",
            "registries": registry,
            "repositories": ["quay/*"],
            "before": "pull",
            "after": "first-pull",
        },
    ]
    assert "| shop-nodes | main/eu-west-1 | quay/\\* | pull | first-pull |" in shown.out
