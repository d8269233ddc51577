"""Estates that run already are taken over: the first plan imports, and changes nothing but what was told."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project, Run
from e2e.running_estates import (
    AS_IN_PUBLIC,
    HAND_WRITTEN,
    PLATFORM,
    SHOP,
    fill_platform,
    fill_shop,
)
from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory
    from terraform.runner import PlanResult, Terraform

pytestmark = pytest.mark.slow


def written(folder: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Project(folder=folder)


def done(run: Run, *, exit_code: int = 0) -> Run:
    assert run.exit_code == exit_code, run.stdout + run.stderr
    return run


def actions(terraform: Terraform, plan: PlanResult) -> dict[str, str]:
    """What a plan does to each resource that it touches."""
    changes = terraform.show_json(plan)["resource_changes"]
    assert isinstance(changes, list)
    found: dict[str, str] = {}
    for each in changes:
        if each["mode"] != "managed":
            continue
        change = each["change"]
        words = "+".join(change["actions"])
        if "importing" in change:
            words = "import" if words == "no-op" else f"import+{words}"
        found[each["address"]] = words
    return found


def told_changes(run: Run) -> set[str]:
    """The addresses of which `generate` said that the first plan changes them."""
    results = run.document["results"]
    assert isinstance(results, list)
    return {one["address"] for one in results if one["rule"] == "first-plan-changes"}


def let_go(run: Run, root: str) -> str:
    """The blocks that `generate` prints for an old root."""
    (part,) = [part for part in run.stdout.split("\nIn ")[1:] if part.startswith(f"{root}, ")]
    return "\n".join(re.findall(r"^removed \{.*?^\}", part, re.DOTALL | re.MULTILINE))


def assert_only_imports(found: Iterable[tuple[str, str]], *, but: set[str]) -> None:
    for address, action in found:
        assert action == ("import+update" if address in but else "import"), (address, action)


@with_both_programs
def test_hand_written_code_is_taken_over_by_imports_and_then_lets_go(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = written(tmp_path, HAND_WRITTEN)
    old = {
        account: terraform_factory(tmp_path / "legacy" / name, account=account)
        for name, account in (("platform", PLATFORM), ("shop", SHOP))
    }
    for account in (SHOP, PLATFORM):
        old[account].init()
        old[account].apply()

    done(project.forebay("import", "--code", "legacy", "--out", "topology.yaml"))
    run = done(project.forebay("generate", "--adopt", "legacy", "--format", "json"))
    printed = done(project.forebay("generate", "--adopt", "legacy"))
    done(project.forebay("generate", "--check"))

    local_aws.forget_calls()
    for folder, account in project.accounts.items():
        new = terraform_factory(project.file(folder), account=account)
        new.init()
        first = new.plan()
        found = actions(new, first)
        assert found
        assert_only_imports(found.items(), but=told_changes(run))
        new.apply(plan=first)
        assert not new.plan(detailed=True).has_changes
        main = tmp_path / "legacy" / folder / "main.tf"
        main.write_text(let_go(printed, f"legacy/{folder}"), encoding="utf-8")
        last = old[account].plan(detailed=True)
        assert "destroy" not in {*actions(old[account], last).values()}, last.output
        old[account].apply(plan=last)
        left = old[account].run("state", "list").stdout.split()
        assert {word.partition(".")[0] for word in left} <= {
            "aws_iam_role",
            "aws_secretsmanager_secret",
            "aws_secretsmanager_secret_version",
        }
    assert {(call.service, call.operation) for call in local_aws.writes()} <= {
        ("ecr", "PutRegistryPolicy"),
        ("ecr", "UpdateRepositoryCreationTemplate"),
    }
    (secret,) = local_aws.client("secretsmanager", account=PLATFORM).list_secrets()["SecretList"]
    value = local_aws.client("secretsmanager", account=PLATFORM).get_secret_value(
        SecretId=secret["ARN"]
    )
    assert json.loads(value["SecretString"])["accessToken"] == "only-for-the-test"
    for command in ("drift", "check"):
        done(project.forebay(command))


def test_modules_and_regions_as_in_public_code_are_taken_over_by_imports(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = written(tmp_path, AS_IN_PUBLIC)
    local_aws.client("secretsmanager", account=PLATFORM).create_secret(
        Name="ecr-pullthroughcache/docker-hub",
        SecretString=json.dumps({"username": "reader", "accessToken": "only-for-the-test"}),
    )
    old = terraform_factory(tmp_path / "legacy/hub", account=PLATFORM)
    old.init()
    old.apply()

    done(
        project.forebay(
            "import", "--code", "legacy", "--account", f"hub={PLATFORM}", "--out", "topology.yaml"
        )
    )
    run = done(project.forebay("generate", "--adopt", "legacy", "--format", "json"))
    printed = done(project.forebay("generate", "--adopt", "legacy"))

    local_aws.forget_calls()
    new = terraform_factory(project.file("hub"), account=PLATFORM)
    new.init()
    first = new.plan()
    found = actions(new, first)
    assert len(found) == 7
    assert_only_imports(found.items(), but=told_changes(run))
    new.apply(plan=first)
    assert not new.plan(detailed=True).has_changes
    (tmp_path / "legacy/hub/main.tf").write_text(let_go(printed, "legacy/hub"), encoding="utf-8")
    last = old.plan(detailed=True)
    assert set(actions(old, last).values()) == {"forget"}, last.output
    old.apply(plan=last)
    assert [word for word in old.run("state", "list").stdout.split() if "data." not in word] == []
    assert {call.operation for call in local_aws.writes()} <= {"UpdateRepositoryCreationTemplate"}
    for command in ("drift", "check"):
        done(project.forebay(command))


@with_both_programs
def test_accounts_that_nobody_has_code_of_are_taken_over_by_imports_alone(
    tmp_path: Path,
    terraform_factory: TerraformFactory,
    local_aws: LocalAws,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill_platform(local_aws)
    fill_shop(local_aws)
    for name, value in local_aws.environment("999988887777").items():
        monkeypatch.setenv(name, value)
    project = Project(folder=tmp_path)
    accounts = ("--account", f"platform={PLATFORM}", "--account", f"shop={SHOP}")
    regions = ("--region", "eu-west-1", "--region", "us-east-1")
    reader = ("--assume-role", "arn:aws:iam::{account_id}:role/reader")

    done(project.forebay("snapshot", *accounts, *regions, *reader, "--out", "live.json"))
    imported = project.forebay(
        "import", "--live", "live.json", *accounts, "--out", "topology.yaml", "--format", "json"
    )
    done(imported)
    run = done(project.forebay("generate", "--adopt", "live.json", "--format", "json"))

    local_aws.forget_calls()
    for folder, account in project.accounts.items():
        root = terraform_factory(project.file(folder), account=account)
        root.init()
        first = root.plan()
        found = actions(root, first)
        assert found
        assert_only_imports(found.items(), but=told_changes(run))
        root.apply(plan=first)
        assert not root.plan(detailed=True).has_changes
    assert {call.operation for call in local_aws.writes()} <= {
        "CreatePolicyVersion",
        "PutRegistryPolicy",
        "UntagPolicy",
        "UpdateRepositoryCreationTemplate",
    }
    done(project.forebay("drift", "--live", *reader))
