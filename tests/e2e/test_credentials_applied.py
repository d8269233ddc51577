"""Credentials that Terraform writes: from a variable, from another secret, and never into state or plan."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project
from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory
    from terraform.runner import PlanResult, Terraform

MAIN, OWNER = "111122223333", "444455556666"
GITHUB, GITLAB = "ecr-pullthroughcache/github", "ecr-pullthroughcache/gitlab"
TOKENS = ("first-token-that-nobody-may-see", "second-token-that-nobody-may-see")
COPIED = {"username": "copied", "accessToken": "copied-token-that-nobody-may-see"}
TOPOLOGY = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1, us-east-1]}
registries:
  main:
    credential: {secret: ecr-pullthroughcache/github, value: {variable: github, version: 1}}
    caches:
      github: {}
      quay: {}
      gitlab:
        credential:
          secret: ecr-pullthroughcache/gitlab
          value: {copy_of: "SOURCE", version: 1}
"""

pytestmark = pytest.mark.slow


def written(folder: Path, source: str, version: int = 1) -> Project:
    """A project whose GitHub credential has the version, generated."""
    text = TOPOLOGY.replace("SOURCE", source).replace(
        "variable: github, version: 1", f"variable: github, version: {version}"
    )
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    project = Project(folder=folder)
    done = project.forebay("generate")
    assert done.exit_code == 0, done.stdout + done.stderr
    return project


def shared_source(local_aws: LocalAws) -> str:
    """A secret of another account and region that lets the main account read it."""
    secrets = local_aws.client("secretsmanager", account=OWNER, region="eu-central-1")
    arn: str = secrets.create_secret(Name="tokens/gitlab", SecretString=json.dumps(COPIED))["ARN"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{MAIN}:root"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    secrets.put_resource_policy(
        SecretId=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    return arn


def supplying(terraform: Terraform, token: str) -> Terraform:
    """Terraform with the variable that the root's README asks for."""
    value = json.dumps({"username": "octo", "access_token": token})
    return terraform.acting({"TF_VAR_github": value})


def value_of(local_aws: LocalAws, name: str, region: str) -> object:
    """The value that ECR would read from a secret."""
    secrets = local_aws.client("secretsmanager", account=MAIN, region=region)
    return json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])


def all_texts(terraform: Terraform, *plans: PlanResult) -> list[str]:
    """Everything that Terraform leaves behind or prints about the plans and the state."""
    texts = [json.dumps(terraform.show_json(plan)) for plan in plans]
    texts += [json.dumps(terraform.show_json()), *(plan.output for plan in plans)]
    texts += [file.read_text(encoding="utf-8") for file in terraform.root.glob("*.tfstate*")]
    for plan in plans:
        with zipfile.ZipFile(plan.file) as archive:
            texts += [
                archive.read(name).decode("utf-8", "replace")
                for name in archive.namelist()
                if not name.startswith("tfconfig/")
            ]
    return texts


@with_both_programs
def test_values_are_written_in_every_region_and_again_when_the_version_is_raised(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    source = shared_source(local_aws)
    project = written(tmp_path, source)
    terraform = terraform_factory(project.file("main"), account=MAIN)
    terraform.init()
    terraform.validate()
    terraform.fmt_check(project.code)

    plan = supplying(terraform, TOKENS[0]).plan()
    supplying(terraform, TOKENS[0]).apply(plan=plan)
    unchanged = supplying(terraform, TOKENS[1]).plan(detailed=True)
    before = [value_of(local_aws, GITHUB, region) for region in ("eu-west-1", "us-east-1")]
    written(tmp_path, source, version=2)
    raised = supplying(terraform, TOKENS[1]).plan(detailed=True)
    supplying(terraform, TOKENS[1]).apply(plan=raised)

    assert before == [{"username": "octo", "accessToken": TOKENS[0]}] * 2
    assert not unchanged.has_changes
    assert raised.has_changes
    for region in ("eu-west-1", "us-east-1"):
        assert value_of(local_aws, GITHUB, region) == {"username": "octo", "accessToken": TOKENS[1]}
        assert value_of(local_aws, GITLAB, region) == COPIED
    assert not supplying(terraform, TOKENS[1]).plan(detailed=True).has_changes
    for text in all_texts(terraform, plan, unchanged, raised):
        for token in (*TOKENS, COPIED["accessToken"]):
            assert token not in text
    for command in ("drift", "check"):
        judged = project.forebay(command)
        assert judged.exit_code == 0, judged.stdout + judged.stderr


def test_a_plan_without_the_variable_says_which_one_is_missing(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = written(tmp_path, shared_source(local_aws))
    terraform = terraform_factory(project.file("main"), account=MAIN)
    terraform.init()

    refused = terraform.plan(expect=(1,))

    assert 'variable "github"' in refused.output


def test_the_readme_of_the_root_says_what_to_supply(tmp_path: Path) -> None:
    source = "arn:aws:secretsmanager:eu-central-1:444455556666:secret:tokens/gitlab-a1b2c3"
    project = written(tmp_path, source)

    text = project.file("main/README.md").read_text(encoding="utf-8")

    assert 'export TF_VAR_github=\'{"username": "…", "access_token": "…"}\'' in text
    assert f"`{source}`" in text
    assert "put-secret-value" not in text


def test_drift_names_a_version_that_was_changed_in_the_code(tmp_path: Path) -> None:
    project = written(
        tmp_path, "arn:aws:secretsmanager:eu-west-1:444455556666:secret:tokens/gitlab-a1b2c3"
    )
    file = project.file("main/main.tf")
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(value_version\s+= )1", r"\g<1>7", text, count=1), encoding="utf-8")

    drift = project.judged("drift")

    (result,) = drift.results
    assert (result["kind"], result["rule"]) == ("drift", "different")
    assert "secret_string_wo_version" in str(result["title"])
    assert result["location"]["line"] == project.line_of("main/main.tf", "= 7")  # type: ignore[index]


def test_a_placeholder_can_become_a_value_that_terraform_writes(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    source = shared_source(local_aws)
    project = written(tmp_path, source)
    file = tmp_path / "topology.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{variable: github, version: 1}", "placeholder"), encoding="utf-8")
    assert project.forebay("generate").exit_code == 0
    terraform = terraform_factory(project.file("main"), account=MAIN)
    terraform.init()
    terraform.apply()
    before = value_of(local_aws, GITHUB, "eu-west-1")

    written(tmp_path, source)
    supplying(terraform, TOKENS[0]).apply()

    assert before == {"username": "placeholder", "accessToken": "placeholder"}
    assert value_of(local_aws, GITHUB, "eu-west-1") == {
        "username": "octo",
        "accessToken": TOKENS[0],
    }
    assert not supplying(terraform, TOKENS[0]).plan(detailed=True).has_changes
