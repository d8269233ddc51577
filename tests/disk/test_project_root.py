"""Where the project ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.disk.project import project_root
from generator.model.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_the_nearest_folder_with_git(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "inner/.git").mkdir(parents=True)
    code = tmp_path / "inner/terraform/main"
    code.mkdir(parents=True)

    assert project_root(code, None) == tmp_path / "inner"


def test_the_code_folder_itself_counts(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()

    assert project_root(tmp_path, None) == tmp_path


def test_in_a_worktree_git_is_a_file(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    (tmp_path / "code").mkdir()

    assert project_root(tmp_path / "code", None) == tmp_path


def test_links_are_resolved_first(tmp_path: Path) -> None:
    (tmp_path / "real/.git").mkdir(parents=True)
    (tmp_path / "real/code").mkdir()
    (tmp_path / "other/.git").mkdir(parents=True)
    (tmp_path / "other/link").symlink_to(tmp_path / "real/code")

    assert project_root(tmp_path / "other/link", None) == tmp_path / "real"


def test_a_named_root_wins(tmp_path: Path) -> None:
    code = tmp_path / "a/b"
    (code / ".git").mkdir(parents=True)

    assert project_root(code, tmp_path / "a") == tmp_path / "a"


def test_a_named_root_must_hold_the_code(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    with pytest.raises(ToolError, match="outside the project root"):
        project_root(tmp_path / "a", tmp_path / "b")
