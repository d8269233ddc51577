"""What became of generated files, without a look at what is known to be as it would be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from write_trees import root, tree

from generator.delivery import plan
from generator.delivery.generated_code import generated_code
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.model.generated_code import FileState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.model.filetree import FileTree


def edit(out: Path) -> None:
    (out / "edited" / "main.tf").write_text("# by hand\n", encoding="utf-8")


def take_away(out: Path) -> None:
    for file in (out / "edited").iterdir():
        file.unlink()


def edit_a_module(out: Path) -> None:
    (out / "modules" / "cache" / "main.tf").write_text("# by hand\n", encoding="utf-8")


def nothing(out: Path) -> None:
    assert out.is_dir()


def written(out: Path) -> FileTree:
    accounts = {"one": "111111111111", "edited": "222222222222", "two": "333333333333"}
    files = tree(*(root(name, account_id=number) for name, number in accounts.items()))
    apply_write(plan_write(files, out))
    return files


@pytest.mark.parametrize("change", [edit, take_away, edit_a_module, nothing])
def test_what_is_known_to_be_untouched_changes_no_answer(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    files = written(tmp_path)
    change(tmp_path)

    known = generated_code(files, tmp_path, untouched={"one", "two"})

    assert known == generated_code(files, tmp_path)
    assert known is not None
    states = {name: known.roots[name].state for name in ("one", "two")}
    assert states == {"one": FileState.CURRENT, "two": FileState.CURRENT}


def test_only_what_may_be_touched_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = written(tmp_path)
    edit(tmp_path)
    seen: list[str] = []
    real = plan.content_of

    def looked_at(path: Path) -> bytes | None:
        seen.append(path.relative_to(tmp_path).parts[0])
        return real(path)

    monkeypatch.setattr(plan, "content_of", looked_at)

    found = generated_code(files, tmp_path, untouched={"one", "two"})

    assert found is not None
    assert found.roots["edited"].state is FileState.EDITED
    assert set(seen) == {"edited", "modules"}
