"""Drift of policies is told by access: what is too much, what is missing, and what nearly gives it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cli_running import forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
organization: {id: o-a1b2c3d4e5, units: {builds: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/}}
accounts:
  main: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
  farm: {unit: builds, role: "farm-*"}
registries:
  main:
    caches: {quay: {}, ecr-public: {}}
    grants:
      - {to: ci, allow: first-pull}
      - {to: farm, allow: pull, caches: [quay]}
"""
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]
FIRST = [*PULL, "ecr:CreateRepository"]
ARN = "arn:aws:ecr:eu-west-1:111122223333:repository"
HARMLESS = ["ecr:BatchCheckLayerAvailability", "ecr:DescribeImages", "ecr:ListImages"]


def ci(actions: list[str], *prefixes: str, **more: object) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "222233334444"},
        "Action": actions,
        "Resource": [f"{ARN}/{prefix}/*" for prefix in prefixes],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/ci"}},
        **more,
    }


def farm(path: str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*") -> dict[str, Any]:
    return {
        "Sid": "BuildFarm",
        "Effect": "Allow",
        "Principal": "*",
        "Action": PULL,
        "Resource": f"{ARN}/quay/*",
        "Condition": {
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": path},
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/farm-*"},
        },
    }


def drift_of(folder: Path, *statements: dict[str, Any]) -> list[dict[str, Any]]:
    """What drift says about the registry policy of these statements."""
    write_topology(folder, TOPOLOGY)
    forebay(folder, "generate")
    code = folder / "terraform/main/access.tf"
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)
    code.write_text(
        f'resource "aws_ecr_registry_policy" "this" {{\n  policy = <<EOT\n{policy}\nEOT\n}}\n'
        'resource "aws_ecr_account_setting" "this" {\n'
        '  name  = "REGISTRY_POLICY_SCOPE"\n  value = "V2"\n}\n',
        encoding="utf-8",
    )
    ran = forebay(folder, "drift", "--format", "json")
    results: list[dict[str, Any]] = ran.document["results"]
    return results


@pytest.mark.parametrize(
    "statements",
    [
        [ci(FIRST, "quay", "ecr-public"), farm()],
        [
            ci(PULL, "quay", "ecr-public"),
            farm(),
            ci(["ecr:CreateRepository"], "ecr-public", "quay"),
        ],
        [farm(), *(ci([action], prefix) for action in FIRST for prefix in ("quay", "ecr-public"))],
    ],
    ids=["as it is", "by action", "one by one"],
)
def test_the_same_access_in_other_statements_is_no_drift(
    tmp_path: Path, statements: list[dict[str, Any]]
) -> None:
    assert drift_of(tmp_path, *statements) == []


def test_one_action_too_much_is_one_result_at_its_statement(tmp_path: Path) -> None:
    found = drift_of(
        tmp_path, farm(), ci([*FIRST, "ecr:PutImage"], "quay"), ci(FIRST, "ecr-public")
    )

    assert [one["rule"] for one in found] == ["different"]
    assert (
        "allows too much: `arn:aws:iam::222233334444:role/ci` may call `ecr:PutImage`"
        in found[0]["message"]
    )
    assert found[0]["location"]["line"] > 20


def test_what_is_missing_names_the_grant_and_the_statement_that_nearly_gives_it(
    tmp_path: Path,
) -> None:
    other = "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/*"
    narrow = farm() | {
        "Condition": farm()["Condition"] | {"StringEquals": {"aws:PrincipalOrgID": "o-b2c3d4e5f6"}}
    }

    moved = drift_of(tmp_path, ci(FIRST, "quay", "ecr-public"), farm(other))
    closed = drift_of(tmp_path, ci(FIRST, "quay", "ecr-public"), narrow)
    gone = drift_of(tmp_path, ci(FIRST, "quay", "ecr-public"))

    assert [one["rule"] for one in moved] == ["different"]
    for part in (
        "statement `BuildFarm` allows too much",
        "access is missing",
        "`aws:PrincipalOrgPaths`",
    ):
        assert part in moved[0]["message"]
    assert moved[0]["topology"]["line"] == 14
    assert "statement `BuildFarm` allows this action on this repository" in closed[0]["message"]
    assert "its condition on `aws:PrincipalOrgID` (StringEquals) fails" in closed[0]["message"]
    assert [one["rule"] for one in gone] == ["missing"] or "its condition on" in gone[0]["message"]


@pytest.mark.parametrize("where", ["beside", "apart"])
def test_harmless_actions_for_those_who_pull_are_a_note(tmp_path: Path, where: str) -> None:
    own = [ci(HARMLESS, "quay", "ecr-public", Sid="Look")] if where == "apart" else []
    actions = FIRST if own else [*FIRST, *HARMLESS]

    found = drift_of(tmp_path, ci(actions, "quay", "ecr-public"), farm(), *own)
    wider = drift_of(tmp_path, ci(FIRST, "quay", "ecr-public"), farm(), ci(HARMLESS, "own"))

    assert [one["severity"] for one in found] == ["info"]
    assert "`ecr:DescribeImages`" in found[0]["message"]
    assert [one["rule"] for one in wider] == ["unexpected"]


def test_check_names_the_statement_that_nearly_gives_what_is_missing(tmp_path: Path) -> None:
    drift_of(tmp_path, ci(PULL, "quay", "ecr-public", Sid="Ci"), farm())

    ran = forebay(tmp_path, "check", "--format", "json")

    (found,) = [one for one in ran.document["results"] if one["rule"] == "grant-missing"]
    assert "statement `Ci` is about this repository and this caller" in found["message"]
    assert "it does not allow `ecr:CreateRepository`" in found["message"]
