"""The pre-commit hooks, run from their own file as pre-commit would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from action.action_runner import CHECKOUT, forebay_on_path
from action.seeded import repository, seed
from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.project import Project

HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (CHECKOUT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked:
    """What a hook did: `None` as exit code when no changed file concerned it."""

    exit_code: int | None
    output: str


def commit(project: Project, scratch: Path, hook_id: str, *changed: str) -> Hooked:
    """Run one hook for a commit that changes some files."""
    (hook,) = [hook for hook in HOOKS if hook["id"] == hook_id]
    assert hook["language"] == "python"
    if not any(re.search(hook["files"], name) for name in changed):
        return Hooked(exit_code=None, output="")
    assert hook["pass_filenames"] is False
    path = os.pathsep.join((str(forebay_on_path(scratch)), os.environ["PATH"]))
    ran = subprocess.run(
        [*shlex.split(hook["entry"]), *hook.get("args", [])],
        cwd=project.folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Hooked(exit_code=ran.returncode, output=ran.stdout + ran.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return repository(tmp_path / "repository")


def test_the_hooks_are_the_four_that_the_documents_name() -> None:
    assert [hook["id"] for hook in HOOKS] == [
        "forebay-validate",
        "forebay-generate",
        "forebay-drift",
        "forebay-check",
    ]


@pytest.mark.parametrize("hook", [hook["id"] for hook in HOOKS])
def test_a_sound_commit_passes_every_hook(project: Project, tmp_path: Path, hook: str) -> None:
    assert commit(project, tmp_path, hook, "topology.yaml").exit_code == 0


def test_seeded_drift_and_a_grant_too_many_stop_the_commit_at_their_lines(
    project: Project, tmp_path: Path
) -> None:
    grant_line, drift_line = seed(project)
    changed = ("terraform/platform/access.tf", "terraform/platform/main.tf")

    drift = commit(project, tmp_path, "forebay-drift", *changed)
    check = commit(project, tmp_path, "forebay-check", *changed)
    generate = commit(project, tmp_path, "forebay-generate", *changed)

    assert (drift.exit_code, check.exit_code, generate.exit_code) == (2, 2, 2)
    assert f"terraform/platform/main.tf:{drift_line}:" in drift.output
    start = re.search(r"terraform/platform/access.tf:(\d+):", check.output)
    # The finding is the statement, which spans the lines up to its last.
    assert start is not None
    assert grant_line - 4 <= int(start[1]) <= grant_line
    assert "terraform/platform/main.tf" in generate.output


def test_a_topology_with_a_mistake_stops_the_commit_at_its_line(
    project: Project, tmp_path: Path
) -> None:
    topology = project.folder / "topology.yaml"
    topology.write_text(topology.read_text(encoding="utf-8") + "colour: blue\n")

    hooked = commit(project, tmp_path, "forebay-validate", "topology.yaml")

    assert hooked.exit_code == 2
    assert re.search(r"topology\.yaml:\d+:1", hooked.output)


def test_a_topology_that_was_not_generated_anew_stops_the_commit(
    project: Project, tmp_path: Path
) -> None:
    topology = project.folder / "topology.yaml"
    text = topology.read_text(encoding="utf-8")
    topology.write_text(text.replace("first-pull", "pull"), encoding="utf-8")

    hooked = commit(project, tmp_path, "forebay-generate", "topology.yaml")

    assert hooked.exit_code == 2


@pytest.mark.parametrize("hook", [hook["id"] for hook in HOOKS])
def test_other_files_do_not_start_a_hook(project: Project, tmp_path: Path, hook: str) -> None:
    assert commit(project, tmp_path, hook, "src/main.go", "notes.txt").exit_code is None
