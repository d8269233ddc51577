"""Runs random bombs with little counted work allowed, and what is slow then in a process of its own.

`python -m attack.bomb_search --minutes 30` looks for new ones and prints the worst; SECURITY.md says what is promised.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
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

MOST_SECONDS = 10
MOST_MEGABYTES = 500
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


# A small process starts the one that is measured, since a child counts the memory of whoever forked it.
_LAUNCHER = """
import json, os, resource, sys
pid = os.fork()
if pid == 0:
    # Six times what is allowed: whatever takes longer is found, and need not be waited for.
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    for number in (1, 2):
        os.dup2(os.open(f"out{number}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.execv(sys.executable, [sys.executable, "-m", "generator", *sys.argv[1:]])
_, status, used = os.wait4(pid, 0)
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss * unit]))
"""


def run_alone(bomb: Bomb, folder: Path) -> Ended:
    """Run a bomb in a process of its own, with all the work that is allowed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bomb.write(folder)
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *bomb.arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=True,
    )
    code, seconds, size = json.loads(done.stdout)
    words = "".join((folder / f"out{number}").read_text(errors="replace") for number in (1, 2))
    return Ended(code=code, seconds=seconds, megabytes=size / 1_048_576, words=words)


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
                alone = run_alone(bomb, Path(made) / "alone")
                bad = "this is a bug" in alone.words or alone.code not in {0, 1, 2, 3}
                line = f"seed {seed} size {bomb.size} {' '.join(bomb.arguments)}: here {ended.seconds:.1f} s +{ended.megabytes:.0f} MB, alone exit {alone.code} {alone.seconds:.1f} s {alone.megabytes:.0f} MB"
                if bad or alone.seconds > MOST_SECONDS or alone.megabytes > MOST_MEGABYTES:
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
