"""Random bombs do no more work than is counted, and end soon; `attack.bomb_search` looks for longer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attack.bomb_search import TooLongError, cut_off, little_work, run_here
from attack.random_bombs import RandomBombs

if TYPE_CHECKING:
    import random
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no setitimer on Windows")


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_a_small_input_ends_soon(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    bomb = RandomBombs(chance).bomb()
    folder: Path = tmp_path_factory.mktemp("bomb") / "project"

    with little_work():
        ended = run_here(bomb, folder, seconds=8)

    assert "this is a bug" not in ended.words
    assert ended.code in {0, 1, 2, 3}, "it was cut off"


def test_work_without_end_is_cut_off() -> None:
    numbers = iter(int, 1)

    with pytest.raises(TooLongError), cut_off(0.05):
        assert all(number == 0 for number in numbers)
