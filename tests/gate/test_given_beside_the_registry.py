"""Access that the policy of a repository or template gives counts where the registry's lacks it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gate.gate_support import Judged, judged

if TYPE_CHECKING:
    from pathlib import Path

HUB, SHOP = "111122223333", "222233334444"
PROVIDER = f'provider "aws" {{\n  region = "eu-west-1"\n  allowed_account_ids = ["{HUB}"]\n}}\n'
CACHED = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
PULL = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
FIRST_PULL = [*PULL, "ecr:CreateRepository"]


def topology(level: str, *, repositories: str = "") -> str:
    """A grant to a role of another account."""
    narrowed = f", repositories: [{repositories}]" if repositories else ""
    return (
        f'version: 1\naccounts:\n  hub: {{id: "{HUB}", regions: [eu-west-1], '
        "registry_policy: create}\n"
        f'  shop: {{id: "{SHOP}", regions: [eu-west-1]}}\n'
        "consumers: {ci: {account: shop, role: ci, identity: elsewhere}}\n"
        "registries:\n  hub:\n    caches: {quay: {}}\n"
        f"    grants: [{{to: ci, allow: {level}{narrowed}}}]\n"
    )


def policy(actions: list[str], resource: str = "") -> str:
    """A policy for the role."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": SHOP},
        "Action": actions,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{SHOP}:role/ci"}},
    }
    if resource:
        statement["Resource"] = f"arn:aws:ecr:eu-west-1:{HUB}:repository/{resource}"
    return json.dumps(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def registry(actions: list[str], resource: str = "quay/*") -> str:
    """A registry policy."""
    return (
        f'resource "aws_ecr_registry_policy" "r" {{\n  policy = {policy(actions, resource)}\n}}\n'
    )


def template(actions: list[str], prefix: str = "quay") -> str:
    """A creation template with a policy."""
    label = prefix.replace("/", "_")
    return (
        f'resource "aws_ecr_repository_creation_template" "{label}" {{\n  prefix = "{prefix}"\n'
        '  applied_for = ["PULL_THROUGH_CACHE"]\n'
        f"  repository_policy = {policy(actions)}\n}}\n"
    )


def repository(name: str, actions: list[str] | None = None) -> str:
    """A repository, with a policy where actions are given."""
    label = name.replace("/", "_")
    block = f'resource "aws_ecr_repository" "{label}" {{\n  name = "{name}"\n}}\n'
    if actions is None:
        return block
    return (
        f'{block}resource "aws_ecr_repository_policy" "{label}" {{\n'
        f"  repository = aws_ecr_repository.{label}.name\n  policy = {policy(actions)}\n}}\n"
    )


def check_of(folder: Path, level: str, *blocks: str, repositories: str = "") -> Judged:
    """What is found about code of some blocks."""
    code = PROVIDER + "".join(blocks)
    return judged(folder, code, topology(level, repositories=repositories))


def messages(result: Judged, rule: str) -> list[str]:
    """What the results of a rule say."""
    return [one.message for one in result.check if one.rule == rule]


def test_a_policy_of_a_template_gives_a_declared_pull_and_one_note_says_so(tmp_path: Path) -> None:
    result = check_of(tmp_path, "pull", registry(["ecr:BatchGetImage"]), template(PULL))

    assert messages(result, "grant-missing") == []
    assert messages(result, "grant-undecided") == []
    assert result.notes.count("given-by-template") == 1


def test_no_note_where_the_registry_policy_gives_it_all(tmp_path: Path) -> None:
    result = check_of(tmp_path, "pull", registry(PULL), template(PULL))

    assert "given-by-template" not in result.notes


def test_a_policy_of_a_template_creates_no_repository(tmp_path: Path) -> None:
    result = check_of(tmp_path, "first-pull", registry(PULL), template(["ecr:*"]))

    (missing,) = messages(result, "grant-missing")
    assert "Missing: ecr:CreateRepository." in missing


def test_an_import_on_a_first_pull_by_a_template_alone_is_open(tmp_path: Path) -> None:
    given = registry([*CACHED, "ecr:CreateRepository"])

    result = check_of(tmp_path, "first-pull", given, template(FIRST_PULL))

    assert messages(result, "grant-missing") == []
    (question,) = messages(result, "grant-undecided")
    assert "before or after a first pull has created the repository" in question


def test_a_first_pull_with_reads_from_a_template_is_proved(tmp_path: Path) -> None:
    given = registry(["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"])

    result = check_of(tmp_path, "first-pull", given, template(CACHED))

    assert messages(result, "grant-missing") == messages(result, "grant-undecided") == []
    assert "given-by-template" in result.notes


def test_a_repository_that_exists_does_not_get_the_policy_of_a_template(tmp_path: Path) -> None:
    result = check_of(
        tmp_path, "pull", registry(["ecr:BatchGetImage"]), template(PULL), repository("quay/web")
    )

    (missing,) = messages(result, "grant-missing")
    assert "repository/quay/web`" in missing


def test_the_nearest_template_decides(tmp_path: Path) -> None:
    result = check_of(
        tmp_path,
        "pull",
        registry(["ecr:BatchGetImage"]),
        template(PULL),
        template(["ecr:DescribeImages"], "quay/team"),
    )

    (missing,) = messages(result, "grant-missing")
    assert "repository/quay/team/" in missing


def test_a_policy_of_a_repository_counts_for_that_repository_alone(tmp_path: Path) -> None:
    one = check_of(tmp_path / "one", "pull", repository("quay/web", PULL), repositories="quay/web")
    all_of_them = check_of(tmp_path / "all", "pull", registry(CACHED), repository("quay/web", PULL))

    assert messages(one, "grant-missing") == []
    (missing,) = messages(all_of_them, "grant-missing")
    assert "Missing: ecr:BatchImportUpstreamImage." in missing
    assert "repository/quay/web`" not in missing


def test_a_policy_of_a_template_for_replication_gives_no_pull(tmp_path: Path) -> None:
    other = template(PULL).replace("PULL_THROUGH_CACHE", "REPLICATION")

    result = check_of(tmp_path, "pull", registry(["ecr:BatchGetImage"]), other)

    assert len(messages(result, "grant-missing")) == 1


def test_a_deny_of_the_registry_policy_still_wins_over_a_template(tmp_path: Path) -> None:
    denied = registry(PULL).replace("Allow", "Deny")

    result = check_of(tmp_path, "pull", denied, template(PULL))

    assert any("A Deny statement" in text for text in messages(result, "grant-missing"))


def test_a_policy_of_a_template_gives_nobody_the_right_to_create(tmp_path: Path) -> None:
    result = check_of(tmp_path, "pull", registry(PULL), template(["ecr:CreateRepository"]))

    assert [one.rule for one in result.check if one.rule.startswith("grant-")] == []
