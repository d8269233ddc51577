"""Two pull requests that touch one root merge without a hand, with real git."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from cli_running import forebay

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "merging.md"
TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1]}

accounts:
  hub: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}

consumers:
  shop-nodes: {account: shop, role: "eks-*"}

registries:
  hub:
    caches:
      ecr-public: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}

    grants:
      - {to: shop-nodes, allow: pull}
"""


def one(text: str) -> str:
    """A pull request that adds a cache."""
    return text.replace("    caches:\n", "    caches:\n      quay: {}\n")


def other(text: str) -> str:
    """A pull request that adds an account and its consumer."""
    text = text.replace(
        '  shop: {id: "222233334444"}\n',
        '  shop: {id: "222233334444"}\n  data: {id: "333344445555"}\n',
    )
    text = text.replace("consumers:\n", "consumers:\n  data-nodes: {account: data, role: spark}\n")
    return text + "      - {to: data-nodes, allow: first-pull}\n"


def git(folder: Path, *words: str, fails: bool = False) -> None:
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "somebody"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "somebody@example.com"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_EDITOR": "true",
    }
    done = subprocess.run(
        ["git", *words], cwd=folder, env=surroundings, capture_output=True, check=False
    )
    assert (done.returncode != 0) is fails, (words, done.stdout, done.stderr)


def commit(folder: Path, text: str) -> None:
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    assert forebay(folder, "generate").code == 0
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "a change")


def branches(folder: Path) -> None:
    """A repository on one branch, with another one that changes the same root."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, TOPOLOGY)
    git(folder, "switch", "--quiet", "--create", "other-branch")
    commit(folder, other(TOPOLOGY))
    git(folder, "switch", "--quiet", "main")
    commit(folder, one(TOPOLOGY))


def marked(folder: Path) -> set[str]:
    """The generated files that git left with conflict markers."""
    return {
        str(path.relative_to(folder / "terraform"))
        for path in (folder / "terraform").rglob("*")
        if path.is_file() and "<<<<<<<" in path.read_text(encoding="utf-8")
    }


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_what_the_page_on_merging_says_merges_two_pull_requests(tmp_path: Path, style: str) -> None:
    branches(tmp_path)
    git(tmp_path, "config", "merge.conflictStyle", style)
    (block, _) = re.findall(
        r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    merge, *rest = [shlex.split(line, comments=True) for line in block.strip().split("\n")]
    git(tmp_path, *merge[1:], fails=True)
    conflicts = marked(tmp_path)

    for words in rest:
        if words[0] == "git":
            git(tmp_path, *words[1:])
        else:
            ran = forebay(tmp_path, *words[1:])
            assert ran.code == 0, ran.out + ran.err

    assert "hub/.forebay.json" in conflicts
    assert conflicts & {"hub/access.tf", "hub/main.tf"}
    assert (tmp_path / "topology.yaml").read_text(encoding="utf-8") == one(other(TOPOLOGY))
    assert marked(tmp_path) == set()
    assert forebay(tmp_path, "generate", "--check").code == 0
    assert forebay(tmp_path, "drift").code == 0
    assert "data-nodes" in (tmp_path / "terraform/data/access.tf").read_text(encoding="utf-8")


def test_a_rebase_ends_the_same_way(tmp_path: Path) -> None:
    branches(tmp_path)
    git(tmp_path, "rebase", "other-branch", fails=True)

    assert forebay(tmp_path, "generate").code == 0
    git(tmp_path, "add", ".")
    git(tmp_path, "rebase", "--continue")

    assert forebay(tmp_path, "generate", "--check").code == 0


def test_what_neither_side_changed_is_still_refused_when_it_was_edited(tmp_path: Path) -> None:
    branches(tmp_path)
    git(tmp_path, "merge", "other-branch", fails=True)
    edited = tmp_path / "terraform/modules/registry-access/main.tf"
    edited.write_text(edited.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")

    ran = forebay(tmp_path, "generate")

    assert ran.code == 1
    assert "edited-file" in ran.out
    assert "hub/.forebay.json" in marked(tmp_path)


def test_markers_that_no_merge_left_do_not_make_a_file_ours(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    assert forebay(tmp_path, "generate").code == 0
    file = tmp_path / "terraform" / "hub" / "access.tf"
    edited = f"<<<<<<< mine\n{file.read_text('utf-8')}=======\n# kept by hand\n>>>>>>> theirs\n"
    file.write_text(edited, encoding="utf-8")
    (tmp_path / "topology.yaml").write_text(other(TOPOLOGY), encoding="utf-8")

    ran = forebay(tmp_path, "generate")

    assert ran.code == 1
    assert "edited-file" in ran.out
    assert file.read_text("utf-8") == edited


def test_sides_that_lost_a_comma_are_read_and_two_accounts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    forebay(tmp_path, "generate")
    manifest = tmp_path / "terraform/hub/.forebay.json"
    text = manifest.read_text(encoding="utf-8")
    hashes = json.loads(text)["files"]
    name = max(hashes)
    last = f'    "{name}": "{hashes[name]}"\n'
    assert last in text

    ours = f'<<<<<<< HEAD\n{last}=======\n    "{name}": "{"0" * 64}",\n>>>>>>> other\n'
    manifest.write_text(text.replace(last, ours), encoding="utf-8")
    merged = forebay(tmp_path, "generate")
    account = '  "account_id": "111122223333",\n'
    two = f"<<<<<<< HEAD\n{account}=======\n{account.replace('1111', '9999')}>>>>>>> other\n"
    manifest.write_text(text.replace(account, two), encoding="utf-8")
    refused = forebay(tmp_path, "generate")

    assert merged.code == 0, merged.out + merged.err
    assert refused.code == 1
    assert "its two sides are about two accounts" in refused.err


def test_a_gitattributes_is_written_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    first = forebay(tmp_path, "generate", "--gitattributes")
    file = tmp_path / "terraform/.gitattributes"
    written = file.read_text(encoding="utf-8")
    file.write_text("* text=auto\n", encoding="utf-8")

    second = forebay(tmp_path, "generate", "--gitattributes")

    assert (first.code, second.code) == (0, 0)
    assert "access.tf linguist-generated\n" in written
    assert "/modules/** linguist-generated\n" in written
    assert file.read_text(encoding="utf-8") == "* text=auto\n"
    assert "was left alone" in second.out
