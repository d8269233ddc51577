"""The example workflow for many roots: its own steps, chunk by chunk, and the job that judges them all."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from action.action_runner import CHECKOUT, SHELL, forebay_on_path
from action.seeded import TOPOLOGY
from action.test_workflows import step
from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

WORKFLOW = CHECKOUT / "examples" / "ci" / "github-many-roots.yml"
JOBS = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
ROLES = 'terraform: {assume_role: "arn:aws:iam::{account_id}:role/terraform-plan"}\n'
HUB = "999988887777"


def run(name: str, job: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One step of a job as GitHub runs it."""
    found = step(JOBS[job], name)
    return subprocess.run(
        [*SHELL, found["run"]],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def chunks(folder: Path, most: str = "20", **environment: str) -> list[dict[str, Any]]:
    output = folder / "output"
    output.unlink(missing_ok=True)
    done = run(
        "List the roots in chunks",
        "chunks",
        folder,
        **environment,
        GITHUB_OUTPUT=str(output),
        MOST=most,
    )
    assert done.returncode == 0, done.stderr
    name, _, value = output.read_text(encoding="utf-8").partition("=")
    assert name == "chunks"
    return list(json.loads(value))


@pytest.mark.parametrize(
    ("roots", "sizes"), [(1, [1]), (45, [20, 20, 5]), (9000, [36] * 250)], ids=str
)
def test_a_matrix_has_at_most_256_jobs(tmp_path: Path, roots: int, sizes: list[int]) -> None:
    shown = {"roots": [{"account": f"team-{n}", "path": f"team-{n}"} for n in range(roots)]}
    (tmp_path / "roots.json").write_text(json.dumps(shown), encoding="utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "forebay").write_text(
        f"#!/bin/sh\ncat {shlex.quote(str(tmp_path / 'roots.json'))}\n"
    )
    (programs / "forebay").chmod(0o755)

    found = chunks(tmp_path, PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")

    assert [len(chunk["roots"]) for chunk in found] == sizes
    assert [root for chunk in found for root in chunk["roots"]] == shown["roots"]
    assert len({chunk["name"] for chunk in found}) == len(found)


@pytest.mark.slow
def test_every_chunk_is_planned_and_all_plans_are_judged_together(
    tmp_path: Path,
    terraform_factory: TerraformFactory,
    terraform_program: tuple[str, ...],
    local_aws: LocalAws,
) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    project = Project(folder=folder)
    (folder / "topology.yaml").write_text(TOPOLOGY + ROLES, encoding="utf-8")
    assert project.forebay("generate").exit_code == 0
    programs = forebay_on_path(tmp_path)
    (programs / "terraform").write_text(f'#!/bin/sh\nexec {shlex.join(terraform_program)} "$@"\n')
    (programs / "terraform").chmod(0o755)
    environment = {
        **terraform_factory(folder, account=HUB).environment,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }

    def planned() -> list[dict[str, Any]]:
        shutil.rmtree(folder / "plans", ignore_errors=True)
        every = chunks(folder, "1", **environment)
        for chunk in every:
            given = dict(step(JOBS["plan"], "Plan")["env"])
            assert given["ROOTS"] == "${{ toJSON(matrix.chunk.roots) }}"
            given["ROOTS"] = json.dumps(chunk["roots"], indent=2)
            temp = tmp_path / f"runner-{chunk['name']}"
            temp.mkdir(exist_ok=True)
            done = run("Plan", "plan", folder, **{**environment, **given}, RUNNER_TEMP=str(temp))
            assert done.returncode == 0, done.stdout + done.stderr
        return every

    def gate(every: list[dict[str, Any]]) -> tuple[int, str, str]:
        summary = tmp_path / "summary.md"
        summary.unlink(missing_ok=True)
        done = run(
            "Judge all plans together",
            "gate",
            folder,
            **environment,
            CHUNKS=json.dumps(every),
            GITHUB_STEP_SUMMARY=str(summary),
        )
        return done.returncode, done.stdout + done.stderr, summary.read_text(encoding="utf-8")

    every = planned()
    first, _, told = gate(every)
    for root in ("platform", "shop"):
        terraform_factory(project.file(root), account=HUB).apply()
    (folder / "plans" / "shop.json").unlink()
    lost, lost_words, _ = gate(every)
    text = (folder / "topology.yaml").read_text(encoding="utf-8")
    (folder / "topology.yaml").write_text(text.replace("      quay: {}\n", ""), "utf-8")
    assert project.forebay("generate").exit_code == 0
    stopped, _, stopped_told = gate(planned())

    assert len(every) == 2
    assert first == 0
    assert "platform.json" in told
    assert lost == 1
    assert "1 of 2 roots have a plan" in lost_words
    assert stopped == 1
    assert "stop" in stopped_told
    assert 'this["quay"]' in stopped_told
