"""Run the properties of the suite with fresh seeds for some minutes; `make explore` calls it.

A failure is printed with its example, and at the end with the command that repeats it. Ends with 1 when there
was one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Read the arguments and explore."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, help="run one round with this seed, to its end")
    parser.add_argument("tests", nargs="*", help="files or names of tests; all by default")
    given = parser.parse_args()
    until = time.time() + given.minutes * 60
    failures: list[tuple[int, str]] = []
    rounds = tried = 0
    while (given.seed and not rounds) or (not given.seed and time.time() < until):
        rounds += 1
        seed = given.seed or secrets.randbelow(999_999) + 1
        ended = one_round(seed, given.tests, None if given.seed else until)
        tried += len(ended)
        failed = [name for outcome, name in ended if outcome == "failed"]
        failures += [(seed, name) for name in failed]
        say(f"round {rounds} with seed {seed}: {len(ended)} properties, {len(failed)} failed")
    say(f"\nrounds: {rounds}, properties tried: {tried}, failed: {len(failures)}")
    for seed, name in failures:
        say(f"  make explore SEED={seed} TESTS='{name}'")
    return 1 if failures else 0


def one_round(seed: int, tests: list[str], until: float | None) -> list[tuple[str, str]]:
    """Run the properties once; returns how each ended, and its name."""
    with tempfile.TemporaryDirectory(prefix="forebay-explore-") as folder:
        record = Path(folder) / "record"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "tests"),
            "FOREBAY_EXPLORE": str(seed),
            "FOREBAY_EXPLORE_RECORD": str(record),
        }
        if until is not None:
            environment["FOREBAY_EXPLORE_UNTIL"] = str(until)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "exploring"),
                *("-q", "--no-header", "--tb=short", "--show-capture=no", "-p", "no:cacheprovider"),
                f"--hypothesis-seed={seed}",
                *tests,
            ],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    ended = [(outcome, name) for outcome, _, name in (line.partition(" ") for line in lines)]
    # 0: all passed; 1: some failed; 2: the time was over.
    if done.returncode not in {0, 1, 2} or any(outcome == "failed" for outcome, _ in ended):
        say(done.stdout + done.stderr)
    if done.returncode not in {0, 1, 2} or not ended:
        raise SystemExit(f"the round did not run: pytest ended with {done.returncode}")
    return ended


def say(text: str) -> None:
    """Print at once, for who watches a log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
