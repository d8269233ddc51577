"""What starting a command loads; the times are printed, not judged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from cli_running import write_topology

from generator.cli.main import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"boto3", "botocore", "hcl2", "jinja2", "lark", "yaml"}

SCRIPT = """
import sys
from generator.cli.main import run
code = run(sys.argv[1:])
print("LOADED", *sorted(sys.modules))
sys.exit(code)
"""


def start(folder: Path, *arguments: str) -> tuple[set[str], float]:
    """The modules that a fresh interpreter has loaded, and the seconds it took."""
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - began
    loaded = ran.stdout.splitlines()[-1].split()
    assert loaded[0] == "LOADED"
    return set(loaded[1:]), seconds


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), *((name, "--help") for name in COMMANDS)]
)
def test_help_loads_nothing_heavy(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    loaded, seconds = start(tmp_path, *arguments)
    print(f"{' '.join(arguments)}: {seconds * 1000:.0f} ms")  # noqa: T201 - a number to look at

    assert not loaded & HEAVY


def test_validate_loads_no_templates_and_no_code_reader(tmp_path: Path) -> None:
    write_topology(tmp_path)

    loaded, seconds = start(tmp_path, "validate")
    print(f"validate: {seconds * 1000:.0f} ms")  # noqa: T201 - as above

    assert loaded & HEAVY == {"yaml"}


def test_validate_loads_the_rules_that_it_runs_and_no_other(tmp_path: Path) -> None:
    from generator.rules.topology_rules import DATED_RULES, TOPOLOGY_RULES

    write_topology(tmp_path)

    loaded, _ = start(tmp_path, "validate")

    ran = {rule.check.__module__ for rule in (*TOPOLOGY_RULES, *DATED_RULES)}
    families = {name.rpartition(".")[0] for name in ran}
    rules = {name for name in loaded if re.match(r"generator\.rules\.\w+\.", name)}
    assert rules == ran
    assert families == {"generator.rules.topology"}
    assert not {"generator.rules.code_rules", "generator.rules.grant_rules"} & loaded
    assert not {name for name in loaded if re.match(r"generator\.(grants|hcl|drift)\b", name)}


def test_every_command_of_the_list_exists_and_has_a_manual(tmp_path: Path) -> None:
    from cli_running import forebay

    for name in COMMANDS:
        ran = forebay(tmp_path, name, "--help")

        assert ran.code == 0
        assert ran.out.startswith(f"Usage: forebay {name} ")
