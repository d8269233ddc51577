"""`check --since` on trees, repositories and settings that a stranger made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attack.projects import Attacked, project
from generator.disk.writing import Folder
from git_running import git

if TYPE_CHECKING:
    from pathlib import Path

WIDE = """
resource "aws_ecr_repository_policy" "e" {
  repository = "quay/app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }]
  })
}
"""


@pytest.fixture
def attacked(tmp_path: Path) -> Attacked:
    return project(tmp_path)


def blob(attacked: Attacked, content: str) -> str:
    return git(attacked.folder, "hash-object", "-w", "--stdin", given=content.encode())


def tree(attacked: Attacked, entries: list[tuple[str, str, str]]) -> str:
    """A tree with these entries, whether or not git would make one like it."""
    raw = b"".join(
        f"{mode} {name}\0".encode() + bytes.fromhex(object_) for mode, name, object_ in entries
    )
    return git(
        attacked.folder, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw
    )


def commit(attacked: Attacked, entries: list[tuple[str, str, str]]) -> str:
    """A commit of the present tree with these entries beside."""
    listed = git(attacked.folder, "ls-tree", "HEAD").splitlines()
    present = []
    for line in listed:
        facts, _, name = line.partition("\t")
        mode, _, object_ = facts.split()
        present.append((mode.lstrip("0"), name, object_))
    return git(attacked.folder, "commit-tree", "-m", "x", tree(attacked, [*present, *entries]))


def test_a_file_does_not_follow_the_link_of_its_own_name(attacked: Attacked) -> None:
    victim = attacked.outside / "victim"
    victim.write_text("original")
    made = commit(
        attacked,
        [
            ("120000", "zz", blob(attacked, str(victim))),
            ("100644", "zz", blob(attacked, "overwritten")),
        ],
    )

    ran = attacked.run("check", "--since", made)

    assert victim.read_text() == "original"
    assert ran.code == 1
    assert "twice" in ran.err


@pytest.mark.parametrize("folder", ["zz", "ZZ", "zZ"])
def test_a_folder_is_not_written_into_a_link(attacked: Attacked, folder: str) -> None:
    inner = tree(attacked, [("100644", "new", blob(attacked, "x"))])
    made = commit(
        attacked,
        [("120000", "zz", blob(attacked, str(attacked.outside))), ("40000", folder, inner)],
    )

    ran = attacked.run("check", "--since", made)

    assert [path.name for path in attacked.outside.iterdir()] == ["credentials"]
    assert ran.code == 1


@pytest.mark.parametrize("name", ["..", ".git", ".GIT", "git~1", ".git ", "a\\b", "c:d", "", "."])
def test_names_that_lead_elsewhere_are_left_out_and_named(attacked: Attacked, name: str) -> None:
    inner = tree(attacked, [("100644", "new", blob(attacked, "x"))])
    made = commit(attacked, [("40000", name, inner)])

    ran = attacked.run("check", "--since", made, "--format", "json")

    assert ran.code in {0, 1}
    if ran.code == 0:
        assert any("cannot be written" in one["message"] for one in ran.document["results"])
    assert "bug" not in ran.err


def test_code_that_was_a_link_makes_no_folder_outside(attacked: Attacked) -> None:
    attacked.git("mv", "terraform", "other")
    (attacked.folder / "terraform").symlink_to(attacked.outside)
    attacked.git("add", "--all")
    attacked.git("commit", "--quiet", "-m", "link")
    attacked.git("rm", "--quiet", "terraform")
    attacked.git("mv", "other", "terraform")
    attacked.git("commit", "--quiet", "-m", "code")

    attacked.run("check", "--code", "terraform/main", "--since", "HEAD~1")

    assert [path.name for path in attacked.outside.iterdir()] == ["credentials"]


def test_links_by_way_of_others_lead_nowhere(attacked: Attacked) -> None:
    made = commit(
        attacked,
        [
            ("120000", "here", blob(attacked, ".")),
            ("120000", "up", blob(attacked, "here/../outside")),
            ("120000", "absolute", blob(attacked, "/etc")),
        ],
    )

    ran = attacked.run("check", "--since", made, "--format", "json")

    assert ran.code == 0
    left_out = {
        one["message"].split("`")[1] for one in ran.document["results"] if "`" in one["message"]
    }
    assert {"absolute", "up"} <= left_out


def test_an_embedded_bare_repository_is_not_asked(attacked: Attacked) -> None:
    main = attacked.folder / "terraform" / "main" / "evil.tf"
    main.write_text(WIDE)
    attacked.git("init", "--quiet", "--bare", "bare")
    git(attacked.folder, "--git-dir=bare", "--work-tree=.", "add", "terraform", "topology.yaml")
    git(attacked.folder, "--git-dir=bare", "--work-tree=.", "commit", "--quiet", "-m", "theirs")
    for part in ("HEAD", "objects", "refs"):
        (attacked.folder / "bare" / part).rename(attacked.folder / "terraform" / part)

    ran = attacked.run("check", "--since", "HEAD", "--root", "terraform", "--format", "json")

    assert ran.code == 2
    assert any(one["rule"] == "grant-any-principal" for one in ran.document["results"])


@pytest.mark.parametrize("revision", ["main", "origin/main"])
def test_code_that_became_a_repository_of_its_own_is_compared_with_what_it_was(
    attacked: Attacked, revision: str
) -> None:
    """As a submodule does whose own branch of that name holds the hole already."""
    attacked.git("update-ref", "refs/remotes/origin/main", "HEAD")
    inner = attacked.folder / "terraform"
    (inner / "main" / "evil.tf").write_text(WIDE)
    git(inner, "init", "--quiet", "--initial-branch=main")
    git(inner, "add", "--all")
    git(inner, "commit", "--quiet", "-m", "theirs")
    git(inner, "update-ref", "refs/remotes/origin/main", "HEAD")

    for options in ((), ("--root", "terraform")):
        ran = attacked.run("check", "--since", revision, *options)

        assert ran.code == 2, ran.out + ran.err


def test_no_protocol_of_the_configuration_is_used(attacked: Attacked) -> None:
    mark = attacked.outside / "ran"
    for name, value in (
        ("remote.origin.url", f"ext::touch {mark}"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryformatversion", "1"),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
    ):
        attacked.git("config", name, value)
    for path in (attacked.folder / ".git" / "objects").rglob("*"):
        if (
            path.is_file()
            and attacked.git("cat-file", "-t", path.parent.name + path.name) == "blob"
        ):
            path.unlink()

    ran = attacked.run("check", "--since", "HEAD")

    assert ran.code == 1
    assert not mark.exists()


def test_a_checkout_whose_files_lie_elsewhere_is_none(attacked: Attacked) -> None:
    attacked.git("config", "core.worktree", str(attacked.outside))

    ran = attacked.run("check", "--since", "HEAD")

    assert ran.code == 1
    assert "no checkout" in ran.err


def test_a_folder_that_is_held_open_is_not_left_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    folder = Folder.open(tmp_path / "out")
    deep = folder.below("deep")
    (tmp_path / "out" / "deep").rename(tmp_path / "moved")
    (tmp_path / "out" / "deep").symlink_to(tmp_path / "outside")

    deep.create("file", b"x")
    with pytest.raises(OSError, match="deep"):
        folder.below("deep")
    deep.close()
    folder.close()

    assert list((tmp_path / "outside").iterdir()) == []
    assert (tmp_path / "moved" / "file").exists()
    assert [path.name for path in (tmp_path / "moved").iterdir()] == ["file"]
