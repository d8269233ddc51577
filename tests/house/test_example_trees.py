"""The generated code that is kept with examples is what `generate` writes today, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example_trees import KEPT, files

from e2e.project import from_example

if TYPE_CHECKING:
    from pathlib import Path


def test_small_examples_keep_their_code() -> None:
    assert [path.name for path in KEPT] == [
        "central-cache-for-an-organization",
        "hub-and-spokes",
        "private-to-private",
        "start-up",
    ]


@pytest.mark.parametrize("example", KEPT, ids=lambda path: path.name)
def test_the_kept_code_is_what_generate_writes(example: Path, tmp_path: Path) -> None:
    project = from_example(example.name, tmp_path)

    assert files(example / "terraform") == files(project.code), (
        "run `make docs`, or `python tests/house/example_trees.py` where the environment is set up"
    )
