"""The example workflow that plans and applies: its own steps, run for each root that it lists."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
import yaml

from action.action_runner import CHECKOUT, SHELL, evaluate, forebay_on_path
from action.seeded import repository

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

WORKFLOW = CHECKOUT / "examples" / "ci" / "github-plan-and-apply.yml"


def step(job: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in job["steps"] if one.get("name") == name]
    return dict(found)


def run(script: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*SHELL, script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_workflow_plans_and_applies_every_root_of_its_matrix(
    tmp_path: Path,
    terraform_factory: TerraformFactory,
    terraform_program: tuple[str, ...],
    local_aws: LocalAws,
) -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    project = repository(tmp_path / "repository")
    programs = forebay_on_path(tmp_path)
    (programs / "terraform").write_text(f'#!/bin/sh\nexec {shlex.join(terraform_program)} "$@"\n')
    (programs / "terraform").chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    output = tmp_path / "output"

    run(
        step(jobs["roots"], "List the root modules")["run"],
        project.folder,
        {**os.environ, "PATH": path, "GITHUB_OUTPUT": str(output)},
    )
    name, _, value = output.read_text(encoding="utf-8").partition("=")
    roots = json.loads(value)

    assert name == "roots"
    assert [root["path"] for root in roots] == ["platform", "shop"]
    job = jobs["terraform"]
    for root in roots:
        context = {"matrix": {"root": root}, "github": {"event_name": "push"}}
        role = next(
            evaluate(one["with"]["role-to-assume"], context)
            for one in job["steps"]
            if "role-to-assume" in one.get("with", {})
        )
        assert role == f"arn:aws:iam::{root['account_id']}:role/terraform-apply"
        terraform = terraform_factory(project.file(root["path"]), account=root["account_id"])
        temp = tmp_path / root["path"]
        temp.mkdir()
        environment = {
            **terraform.environment,
            **{key: evaluate(text, context) for key, text in job["env"].items()},
            "PATH": path,
            "RUNNER_TEMP": str(temp),
        }
        run(step(job, "Plan")["run"], project.folder, environment)
        run(step(job, "Apply")["run"], project.folder, environment)

    ecr = local_aws.client("ecr", account="111122223333")
    rules = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert {rule["ecrRepositoryPrefix"] for rule in rules} == {"ecr-public", "quay"}
    iam = local_aws.client("iam", account="222233334444")
    assert iam.list_policies(Scope="Local")["Policies"]


def test_the_gitlab_job_leaves_the_reports_that_its_widgets_show(tmp_path: Path) -> None:
    file = CHECKOUT / "examples" / "ci" / "gitlab-ci.yml"
    job = yaml.safe_load(file.read_text(encoding="utf-8"))["forebay"]
    project = repository(tmp_path / "repository")
    (matrix,) = job["parallel"]["matrix"]
    path = f"{forebay_on_path(tmp_path)}{os.pathsep}{os.environ['PATH']}"

    for command in matrix["COMMAND"]:
        environment = {**os.environ, "PATH": path, "COMMAND": command}
        for line in job["script"]:
            run(line, project.folder, environment)
        reports = {
            kind: project.folder / name.replace("$COMMAND", command)
            for kind, name in job["artifacts"]["reports"].items()
        }
        assert ElementTree.parse(reports["junit"]).getroot().tag == "testsuites"  # noqa: S314 - our own file
        assert isinstance(json.loads(reports["codequality"].read_text(encoding="utf-8")), list)
