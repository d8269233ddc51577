"""Runs random bombs with little counted work allowed, and what is slow then in a process of its own.

`python -m attack.bomb_search --minutes 30` looks for new ones and prints the worst; SECURITY.md says what is promised.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli_running import forebay

from attack.random_bombs import Bomb, RandomBombs
from generator.hcl import budget

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE = 20
"""What part of the counted work a run in this process may do."""


class TooLongError(Exception):
    """A run that is cut off."""


@contextlib.contextmanager
def cut_off(seconds: float) -> Iterator[None]:
    """Raise `TooLongError` when this process has worked so long."""

    def stop(_number: int, _frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a bomb ended: the exit code, the seconds that were worked, megabytes above what was there, words."""

    code: int
    seconds: float
    megabytes: float
    words: str


def run_here(bomb: Bomb, folder: Path, *, seconds: float) -> Ended:
    """Run a bomb in this process, in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bomb.write(folder)
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code, words = -1, "cut off"
    with contextlib.suppress(TooLongError), cut_off(seconds):
        ran = forebay(folder, *bomb.arguments)
        if "TooLongError" not in ran.err:
            code, words = ran.code, ran.out + ran.err
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Ended(
        code=code,
        seconds=time.process_time() - began,
        megabytes=(most - before) / 1024,
        words=words,
    )


@contextlib.contextmanager
def little_work(steps: int = budget.MOST_STEPS // SHARE) -> Iterator[None]:
    """Let the reading of a root take only so many steps: what is not counted shows at once."""
    before = budget.Budget.__init__.__defaults__
    budget.Budget.__init__.__defaults__ = (steps, budget.MOST_MODULES)
    try:
        yield
    finally:
        budget.Budget.__init__.__defaults__ = before


def main() -> int:
    """Look for bombs for some minutes; returns 1 when one was found."""
    from attack.test_bombs import MOST_MEGABYTES, MOST_SECONDS, used

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))  # noqa: S311
    parser.add_argument("--steps", type=int, default=budget.MOST_STEPS // SHARE)
    given = parser.parse_args()
    until = time.time() + given.minutes * 60
    worst: list[tuple[float, int]] = []
    found: list[str] = []
    tried = again = 0
    with little_work(given.steps), tempfile.TemporaryDirectory(prefix="forebay-bombs-") as made:
        folder = Path(made) / "project"
        while time.time() < until:
            seed = given.seed + tried
            tried += 1
            bomb = RandomBombs(random.Random(seed)).bomb()  # noqa: S311
            ended = run_here(bomb, folder, seconds=MOST_SECONDS)
            worst = sorted([*worst, (ended.seconds, seed)], reverse=True)[:20]
            is_odd = "this is a bug" in ended.words or ended.code not in {0, 1, 2, 3}
            if is_odd or ended.seconds > 1.5 or ended.megabytes > 60:
                again += 1
                alone = Path(made) / "alone"
                shutil.rmtree(alone, ignore_errors=True)
                alone.mkdir()
                bomb.write(alone)
                code, seconds, megabytes, words = used(alone, *bomb.arguments)
                bad = "this is a bug" in words or code not in {0, 1, 2, 3}
                line = f"seed {seed} size {bomb.size} {' '.join(bomb.arguments)}: here {ended.seconds:.1f} s +{ended.megabytes:.0f} MB, alone exit {code} {seconds:.1f} s {megabytes:.0f} MB"
                if bad or seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES:
                    found.append(line)
                    line = f"FOUND {line}"
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    sys.stdout.write(
        f"tried {tried}, again alone {again}, found {len(found)}; worst here {worst[:5]}\n"
    )
    for line in found:
        sys.stdout.write(f"  {line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
