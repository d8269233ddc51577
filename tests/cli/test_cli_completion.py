"""Completion, asked for as shells ask for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cli_running import MISTAKE, forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

DRIVE_BASH = """
eval "$(forebay completion bash)"
COMP_WORDS=({words}); COMP_CWORD={last}
_forebay_completion forebay
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def on_path(folder: Path) -> dict[str, str]:
    """An environment in which `forebay` is this package."""
    program = folder / "bin" / "forebay"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m generator "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = os.pathsep.join((str(program.parent), os.environ["PATH"]))
    return {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def answers(folder: Path, shell: str, *words: str) -> list[str]:
    """What forebay answers to a shell that asks for the last of the words."""
    environment = {
        **on_path(folder),
        "_FOREBAY_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    done = subprocess.run(
        ["forebay"], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


def bash(folder: Path, *words: str) -> list[str]:
    """What a real bash offers for the last of the words."""
    script = DRIVE_BASH.format(words=" ".join(f"'{word}'" for word in words), last=len(words) - 1)
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", script],
        cwd=folder,
        env=on_path(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    # Outside of an interactive shell there is no `complete`; the function is what counts.
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("forebay", "ge"), ["generate"]),
        (("forebay", "generate", "--pr"), ["--prune"]),
        (("forebay", "generate", "--account", ""), ["main", "shop"]),
        (("forebay", "uri", "--registry", "ma"), ["main/eu-west-1"]),
        (("forebay", "can", "shop-"), ["shop-nodes"]),
        (
            ("forebay", "drift", "--select", "grant-twice,one-state"),
            ["grant-twice,one-state-twice"],
        ),
        (("forebay", "show", "--format", ""), ["human", "json", "html", "mermaid", "dot"]),
    ],
)
def test_bash_completes_commands_options_and_names_of_the_topology(
    tmp_path: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    write_topology(tmp_path)

    assert bash(tmp_path, *words) == offered


def test_zsh_and_fish_get_the_same_words_with_their_meaning(tmp_path: Path) -> None:
    write_topology(tmp_path)

    zsh = answers(tmp_path, "zsh", "forebay", "ge")
    fish = answers(tmp_path, "fish", "forebay", "ge")

    assert zsh[:3] == ["plain", "generate", "Write the Terraform."]
    assert any("generate" in line for line in fish)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_each_shell_that_is_here_takes_its_script(tmp_path: Path, shell: str) -> None:
    ran = forebay(tmp_path, "completion", shell)

    assert ran.code == 0
    assert f"_FOREBAY_COMPLETE={shell}_complete" in ran.out
    if (program := shutil.which(shell)) is not None:
        done = subprocess.run([program, "-n"], input=ran.out, text=True, check=False)
        assert done.returncode == 0


def test_a_topology_with_mistakes_or_none_offers_no_names_and_no_noise(tmp_path: Path) -> None:
    assert answers(tmp_path, "bash", "forebay", "generate", "--account", "") == []

    write_topology(tmp_path, MISTAKE)
    assert answers(tmp_path, "bash", "forebay", "generate", "--account", "") == []
