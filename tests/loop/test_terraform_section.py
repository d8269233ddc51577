"""The `terraform` section, as Terraform itself takes what comes of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project
from generator.data import resources

if TYPE_CHECKING:
    from terraform.fixtures import TerraformFactory

CACHES = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: {account: shop, role: "eks-*"}, allow: pull}]
terraform:
"""
OWN_PROVIDER = """\
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
"""
FOLDERS = {
    "//modules": "modules",
    "": "",
}
BACKENDS = {
    "cos": "assume_role: {role_arn: r}",
    "kubernetes": "exec: {api_version: v1, command: c, args: [a]}",
    "oss": "assume_role: {role_arn: r}",
    "remote": 'workspaces: {name: "ecr-{account}"}',
    "s3": 'assume_role: {role_arn: "arn:{partition}:iam::{account_id}:role/state"}, endpoints: {s3: x}',
}


def generated(folder: Path, settings: str) -> Project:
    """A project whose topology has the settings in its `terraform` section."""
    text = CACHES + "\n".join(f"  {line}" for line in settings.splitlines()) + "\n"
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    project = Project(folder=folder)
    done = project.forebay("generate")
    assert done.exit_code == 0, done.stdout + done.stderr
    return project


def published_modules(folder: Path, subfolder: str) -> dict[str, str]:
    """A git repository with the modules at the tag v1.2.0, in the place of one on the network.

    Returns the environment in which git finds it there.
    """
    repository = folder / "forebay.git"
    for module in Path(resources.__file__).parents[2].joinpath("modules").iterdir():
        target = repository / subfolder / module.name
        target.mkdir(parents=True)
        for name, text in resources.module_files(module.name).items():
            (target / name).write_text(text, encoding="utf-8")
    config = folder / "gitconfig"
    config.write_text(
        f'[url "file://{folder}/"]\n  insteadOf = https://git.example.com/acme/\n'
        f'[safe]\n  directory = "*"\n'
        "[user]\n  name = nobody\n  email = nobody@example.com\n",
        encoding="utf-8",
    )
    environment = {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
    for words in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "-m", "Modules"],
        ["tag", "v1.2.0"],
    ):
        subprocess.run(
            ["git", *words], cwd=repository, check=True, env={**os.environ, **environment}
        )
    return environment


@pytest.mark.slow
def test_modules_from_git_a_backend_and_a_provider_of_one_s_own_apply(
    tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    environment = published_modules(tmp_path, "modules")
    project = generated(
        tmp_path,
        "provider: none\n"
        "backend: {type: local, path: '../../state/{account}.tfstate'}\n"
        "modules: git::https://git.example.com/acme/forebay.git//modules?ref=v1.2.0",
    )
    project.file("main/own.tf").write_text(OWN_PROVIDER, encoding="utf-8")
    terraform = terraform_factory(project.file("main"), environment)

    terraform.init()
    terraform.apply()

    assert not terraform.plan(detailed=True).has_changes
    assert (tmp_path / "state/main.tfstate").exists()
    assert not project.file("main/providers.tf").exists()
    assert not project.file("modules").exists()


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_terraform_finds_every_module_in_a_folder_of_the_repository_or_at_its_top(
    tmp_path: Path, folder: str, terraform_program: tuple[str, ...]
) -> None:
    environment = published_modules(tmp_path, FOLDERS[folder])
    project = generated(
        tmp_path, f"modules: git::https://git.example.com/acme/forebay.git{folder}?ref=v1.2.0"
    )

    for root in ("main", "shop"):
        got = subprocess.run(
            [*terraform_program, "get", "-no-color"],
            cwd=project.file(root),
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert got.returncode == 0, got.stdout + got.stderr
    found = {path.name for path in project.code.glob("*/.terraform/modules/*")}
    assert {"cache_eu_west_1", "access_eu_west_1", "pullers"} <= found


@pytest.mark.slow
@pytest.mark.parametrize("kind", BACKENDS)
def test_terraform_knows_every_part_of_a_backend_in_the_form_that_is_written(
    tmp_path: Path, kind: str, terraform_program: tuple[str, ...]
) -> None:
    project = generated(tmp_path, f"backend: {{type: {kind}, {BACKENDS[kind]}}}")

    done = subprocess.run(
        [*terraform_program, "init", "-input=false", "-no-color"],
        cwd=project.file("main"),
        capture_output=True,
        text=True,
        check=False,
    )

    # What the backend needs beside it is missing on purpose, so that nothing is reached.
    assert done.returncode != 0
    assert "Unsupported" not in done.stderr
    assert "Initializing the backend" in done.stdout


def test_each_root_has_its_own_words_in_backend_and_role(tmp_path: Path) -> None:
    project = generated(
        tmp_path,
        'backend: {type: s3, bucket: "{partition}-state", key: "{account}/{account_id}", '
        "use_lockfile: true}\n"
        'assume_role: {role_arn: "arn:{partition}:iam::{account_id}:role/tf", '
        'session_name: "{account}", tags: {team: "{account}"}}',
    )

    terraform = project.file("shop/terraform.tf").read_text(encoding="utf-8")
    providers = project.file("shop/providers.tf").read_text(encoding="utf-8")
    assert '    key          = "shop/222233334444"\n' in terraform
    assert '    bucket       = "aws-state"\n' in terraform
    assert "    use_lockfile = true\n" in terraform
    assert 'role_arn     = "arn:aws:iam::222233334444:role/tf"' in providers
    assert 'session_name = "shop"' in providers
    assert 'team = "shop"' in providers


def test_code_without_a_provider_block_is_still_read_by_its_place(tmp_path: Path) -> None:
    project = generated(tmp_path, "provider: none")

    drift, check = project.forebay("drift"), project.forebay("check")

    assert drift.exit_code == 0, drift.stdout
    assert check.exit_code == 0, check.stdout


def test_going_from_copies_to_git_removes_the_copies(tmp_path: Path) -> None:
    project = generated(tmp_path, 'required_version: ">= 1.11"')
    assert project.file("modules/pull-through-cache/main.tf").exists()

    generated(tmp_path, "modules: git::ssh://git@git.example.com/acme/forebay.git//m?ref=abc1234")

    assert not project.file("modules").exists()
    main = project.file("main/main.tf").read_text(encoding="utf-8")
    source = "git::ssh://git@git.example.com/acme/forebay.git//m/pull-through-cache?ref=abc1234"
    assert f'source = "{source}"\n' in main
