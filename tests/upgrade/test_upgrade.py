"""Trees of earlier versions, applied, then generated anew: what is in AWS stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project
from generator.intent.records import intend
from generator.topology import read_topology

if TYPE_CHECKING:
    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory
    from terraform.runner import Terraform

VERSIONS = sorted(path.parent for path in Path(__file__).parent.glob("*/topology.yaml"))
ACCOUNTS = {"platform": "111122223333", "shop": "222233334444"}
SUPPLIED = {"TF_VAR_github": '{"username": "octo", "access_token": "for-this-machine-only"}'}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def lost(terraform: Terraform) -> list[str]:
    """The addresses of what a plan would destroy, replaced ones included."""
    plan = terraform.plan()
    changes = terraform.show_json(plan)["resource_changes"]
    assert isinstance(changes, list)
    return [change["address"] for change in changes if "delete" in change["change"]["actions"]]


def applied(
    version: Path, folder: Path, make: TerraformFactory, local_aws: LocalAws
) -> dict[str, Terraform]:
    """The roots of an earlier version's tree, applied as that version wrote them."""
    shutil.copytree(version, folder, dirs_exist_ok=True)
    local_aws.client("iam", account=ACCOUNTS["shop"]).create_role(
        Path="/ci/", RoleName="builder", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    roots = {
        name: make(folder / "terraform" / name, SUPPLIED, account=account)
        for name, account in ACCOUNTS.items()
    }
    for terraform in roots.values():
        terraform.init()
        terraform.apply()
    return roots


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_the_addresses_of_an_earlier_version_are_those_of_today(version: Path) -> None:
    topology = read_topology(version / "topology.yaml").topology

    assert topology is not None
    today = {f"{record.root} {record.address}" for record in intend(topology).records}
    promised = (version / "addresses.txt").read_text(encoding="utf-8").split("\n")
    assert set(filter(None, promised)) == today


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_code_generated_anew_destroys_and_replaces_nothing(
    version: Path, tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    roots = applied(version, tmp_path, terraform_factory, local_aws)
    # Everything that was applied is what the promise is about.
    state = [
        f"{name} {address}"
        for name, terraform in roots.items()
        for address in terraform.run("state", "list").stdout.splitlines()
    ]
    promised = (version / "addresses.txt").read_text(encoding="utf-8").splitlines()
    assert set(promised) <= set(state)

    done = Project(folder=tmp_path).forebay("generate")

    assert done.exit_code == 0, done.stdout + done.stderr
    for terraform in roots.values():
        terraform.init("-upgrade")
        assert lost(terraform) == []
    # And the test would see it if a name changed.
    renamed = roots["shop"].root / "main.tf"
    text = renamed.read_text(encoding="utf-8")
    renamed.write_text(text.replace('"cache_eu_west_1"', '"caches_eu_west_1"'), encoding="utf-8")
    roots["shop"].init()
    assert lost(roots["shop"])
