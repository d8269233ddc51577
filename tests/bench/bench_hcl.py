"""How fast code is read: hand-written roots and a generated tree, cold, with ratios to what others need.

Run it with `make bench`, or `python tests/bench/bench_hcl.py [ROOTS]`. Every measurement is a process of
its own, so nothing is warm but the disk, the bytecode and the parser's table, as after an installation.
FOREBAY_CHECKOV, FOREBAY_TRIVY and FOREBAY_TFLINT name programs to compare with that are not on PATH.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.handwritten import ROOTS, write_roots
from generator.hcl import looks

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parents[2]
ROUNDS = 3
"""Runs of each kind that are compared; they take turns."""
BYTECODE = tempfile.mkdtemp()
"""Python keeps the bytecode of what is installed; some machines forbid it."""
atexit.register(shutil.rmtree, BYTECODE, ignore_errors=True)
PARSE = """
import hcl2, pathlib
from generator.garbage import collect_rarely
# As forebay does, so that the two differ in their work alone.
collect_rarely()
for file in sorted(pathlib.Path({folder!r}).rglob("*.tf")):
    hcl2.parses_to_tree(file.read_text("utf-8"))
"""
READ = """
import pathlib
from generator.garbage import collect_rarely
from generator.hcl import read_code
collect_rarely()
folder = pathlib.Path({folder!r})
reading = read_code(folder, project_root=folder, topology=None, cache_folder=pathlib.Path({cache!r}), workers={workers})
print(len(reading.estate.records), len(reading.problems), len(reading.unread_modules))
"""
MEASURE = """
import json, os, resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024,
                  done.returncode, done.stdout[-200:]]))
"""


class Measured:
    """What one process took: seconds by the clock and by the processor, peak MiB, and its output."""

    def __init__(self, *command: str, environment: dict[str, str] | None = None) -> None:
        run = subprocess.run(
            [sys.executable, "-c", MEASURE, *command],
            capture_output=True,
            text=True,
            check=True,
            env={
                **os.environ,
                "PYTHONPATH": str(HERE),
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONPYCACHEPREFIX": BYTECODE,
                **(environment or {}),
            },
        )
        self.seconds, self.processor, self.peak, self.code, self.output = json.loads(run.stdout)

    def __str__(self) -> str:
        return f"{self.seconds:6.2f} s, {self.processor:6.2f} s of processor, {self.peak:4.0f} MiB"


def say(what: str, measured: Measured, compared: str = "") -> None:
    """Print one line."""
    sys.stdout.write(f"{what:34} {measured}{'   ' if compared else ''}{compared}\n")
    sys.stdout.flush()


def ratio(measured: Measured, base: Measured, word: str, aim: float | None = None) -> str:
    """How much longer it took, by the clock and by the processor (which a busy machine spares)."""
    aimed = "" if aim is None else f", aim {aim}"
    clock = measured.seconds / base.seconds
    return f"{clock:.2f} x {word} ({measured.processor / base.processor:.2f} of processor{aimed})"


def best(rounds: int, *runs: Callable[[], Measured]) -> list[Measured]:
    """The best of some rounds for each of the runs, which take turns: what else goes on hits all alike."""
    found = [[run() for run in runs] for _ in range(rounds)]
    chosen = []
    for same in zip(*found, strict=True):
        least = min(same, key=lambda one: one.processor)
        least.seconds = min(one.seconds for one in same)
        chosen.append(least)
    return chosen


def python(code: str) -> Measured:
    """Measure a piece of Python."""
    return Measured(sys.executable, "-c", code)


def handwritten(home: Path, roots: int) -> None:
    """Hand-written roots: our reading against python-hcl2's parsing alone, and checkov."""
    folder = home / "handwritten"
    files = write_roots(folder, roots)
    lines = sum(file.read_text("utf-8").count("\n") for file in files)
    sys.stdout.write(f"\n{len(files)} hand-written files of {lines / len(files):.0f} lines\n")
    cache = home / "cache"
    few = home / "few"
    write_roots(few, 1)
    # The first run of each builds its parser's table, which is kept.
    python(PARSE.format(folder=str(few)))
    python(READ.format(folder=str(few), cache=str(cache), workers=1))
    program = program_mark()

    def cold_read(workers: int) -> Measured:
        forget(cache)
        return python(READ.format(folder=str(folder), cache=str(cache), workers=workers))

    parse, one, two, warm = best(
        ROUNDS,
        lambda: python(PARSE.format(folder=str(folder))),
        lambda: cold_read(1),
        lambda: cold_read(2),
        lambda: python(READ.format(folder=str(folder), cache=str(cache), workers=1)),
    )
    say("python-hcl2 parses_to_tree", parse)
    say("parse and evaluate, 1 process", one, ratio(one, parse, "parse", 1.15))
    say("parse and evaluate, 2 processes", two, ratio(two, parse, "parse", 0.65))
    sys.stdout.write(f"  records, problems, unread modules: {one.output.strip()}\n")
    say("the same again, nothing changed", warm, ratio(warm, parse, "parse", 0.1))
    check = (sys.executable, "-m", "generator", "check", "--no-topology", "--code", str(folder))
    homes = {"XDG_CACHE_HOME": str(home / "home")}
    Measured(*check[:-1], str(few), environment=homes)

    def cold_check() -> Measured:
        forget(home / "home" / "forebay")
        return Measured(*check, environment=homes)

    cold, again = best(ROUNDS, cold_check, lambda: Measured(*check, environment=homes))
    say("check --no-topology", cold, ratio(cold, parse, "parse"))
    say("the same again, nothing changed", again, ratio(again, parse, "parse", 0.1))
    if program_mark() != program:
        # Somebody updates the checkout: no version takes what another has kept.
        sys.stdout.write(
            "  forebay's own files changed meanwhile, so nothing counted as unchanged\n"
        )
    peers(folder, cold)


def forget(cache: Path) -> None:
    """Remove what was kept of code, and leave the parser's table."""
    for kept in ("code-*", "checked-*"):
        for entry in cache.glob(kept):
            entry.unlink()


def program_mark() -> str:
    """What stands for forebay's own files as they are now."""
    return looks.program_mark.__wrapped__()


PEERS = {
    "checkov": (
        "-d {folder} --framework terraform --skip-download --quiet --compact -o json",
        "as long as check --no-topology (aim: at least 10)",
    ),
    "trivy": ("config --quiet --skip-check-update {folder}", "as long as check --no-topology"),
    "tflint": ("--recursive --chdir={folder}", "as long as check --no-topology"),
}


def peers(folder: Path, ours: Measured) -> None:
    """Other programs on the same code, against `check --no-topology`."""
    for name, (arguments, words) in PEERS.items():
        program = peer(name)
        if not program:
            sys.stdout.write(f"no {name}: name one in FOREBAY_{name.upper()} to compare\n")
            continue
        command = (*program, *arguments.format(folder=folder).split())
        try:
            took = Measured(*command, environment={"PYTHONPATH": ""})
        except subprocess.CalledProcessError:
            sys.stdout.write(f"{name} cannot be started: {' '.join(program)}\n")
            continue
        clock, processor = took.seconds / ours.seconds, took.processor / ours.processor
        say(name, took, f"{clock:.1f} x {words} ({processor:.1f} of processor), exit {took.code}")
    terraform = shutil.which("terraform")
    if terraform is None:
        sys.stdout.write("no terraform on PATH to compare with\n")
        return
    # No provider here knows all types of this code, so there is no `validate`; `fmt` parses the files.
    parsed = Measured(terraform, "fmt", "-recursive", "-check", str(folder))
    say("terraform fmt -check", parsed, ratio(parsed, ours, "check --no-topology"))


def peer(name: str) -> tuple[str, ...]:
    """The command of another program: the one that is named, that is on PATH, or that make installs."""
    program = os.environ.get(f"FOREBAY_{name.upper()}") or shutil.which(name)
    if program is not None:
        return (program,)
    built = HERE / ".tools" / name
    if built.is_file():
        return (str(built),)
    installed = built / "bin"
    # Not the script alone: it names its Python by the path that this checkout had.
    command = (str(installed / "python"), str(installed / name))
    return command if all(Path(word).exists() for word in command) else ()


def generated(home: Path) -> None:
    """A generated tree: `drift` and `check` against `generate --check`."""
    folder = home / "generated"
    folder.mkdir()
    accounts = "\n".join(f'  team-{n}: {{id: "{100_000_000_000 + n}"}}' for n in range(40))
    (folder / "topology.yaml").write_text(
        "version: 1\ndefaults: {regions: [eu-west-1, us-east-1]}\n"
        f"accounts:\n{accounts}\n"
        "registries:\n  all:\n    accounts: all\n"
        "    caches: {quay: {}, kubernetes: {}, ecr-public: {},"
        " docker-hub: {credential: ecr-pullthroughcache/docker-hub}}\n"
        "    grants: [{to: {role: node}, allow: first-pull}]\n",
        encoding="utf-8",
    )
    forebay = (sys.executable, "-m", "generator")
    topology = ("-t", str(folder / "topology.yaml"))
    written = Measured(*forebay, "generate", *topology)
    if written.code:
        sys.stdout.write(f"generate failed: {written.output}\n")
        return
    files = sum(1 for _ in (folder / "terraform").rglob("*.tf"))
    sys.stdout.write(f"\na generated tree of {files} .tf files in 40 roots\n")
    base = Measured(*forebay, "generate", *topology, "--check")
    say("generate --check", base)
    # Of 40 roots most is what every run costs; what 1,000 take is measured beside this.
    for command in ("drift", "check"):
        measured = Measured(*forebay, command, *topology)
        shown = ratio(measured, base, "generate --check")
        say(command, measured, f"{shown}, exit {measured.code}")
    validated(folder / "terraform" / "team-0", measured)


def validated(root: Path, ours: Measured) -> None:
    """One root by `terraform validate`, with the tests' stand-in for the provider, against all by `check`."""
    terraform = shutil.which("terraform")
    if terraform is None:
        return
    from standin.install import install
    from standin.warm import WarmProviders

    # The path of a socket is short by law.
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        socket = Path(folder) / "socket"
        mirror = install(Path(folder) / "providers", socket)
        settings = {"TF_CLI_CONFIG_FILE": str(mirror.cli_config)}
        with WarmProviders(socket):
            started = Measured(
                terraform, f"-chdir={root}", "init", "-backend=false", environment=settings
            )
            took = Measured(terraform, f"-chdir={root}", "validate", environment=settings)
    if started.code or took.code:
        sys.stdout.write(f"terraform validate: exit {started.code} and {took.code}\n")
        return
    say("terraform validate, one root", took, ratio(took, ours, "check of all roots"))


def main() -> None:
    """Measure, and print."""
    roots = int(sys.argv[1]) if len(sys.argv) > 1 else ROOTS
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        handwritten(home, roots)
        generated(home)


if __name__ == "__main__":
    main()
