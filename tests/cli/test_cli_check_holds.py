"""`check --policy` end to end: nobody gets in whom a proof leaves out, and no proof leaves a Deny out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cli_running import forebay

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
  shop: {account: shop}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: CONSUMER, allow: pull}]
"""
REPOSITORIES = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
PULL = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
STRANGER = {"AWS": "999988887777"}
ROLE: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "222233334444"},
    "Action": PULL,
    "Resource": REPOSITORIES,
    "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/ci"}},
}
ACCOUNT = {key: value for key, value in ROLE.items() if key != "Condition"}
PUSH = {**ACCOUNT, "Principal": STRANGER, "Action": ["ecr:PutImage", "ecr:SetRepositoryPolicy"]}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}


def checked(folder: Path, *statements: object, consumer: str = "ci") -> tuple[int, set[str]]:
    """The exit code and the rules that speak, for a registry policy of these statements."""
    document = {"Version": "2012-10-17", "Statement": statements}
    (folder / "policy.json").write_text(json.dumps(document), encoding="utf-8")
    topology = TOPOLOGY.replace("CONSUMER", consumer)
    unused = "  ci:" if consumer == "shop" else "  shop: {account: shop}\n"
    lines = [line for line in topology.splitlines() if not line.startswith(unused.rstrip())]
    (folder / "topology.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = forebay(
        folder,
        "check",
        "--format",
        "json",
        "--policy",
        "registry:111122223333/eu-west-1=policy.json",
    )
    found = {each["rule"] for each in ran.document["results"] if each["severity"] != "info"}
    return ran.code, found


def test_the_declared_grant_alone_is_proved(tmp_path: Path) -> None:
    assert checked(tmp_path, ROLE) == (0, set())
    assert checked(tmp_path, ACCOUNT, consumer="shop") == (0, set())


def test_a_deny_that_a_service_escapes_closes_no_statement(tmp_path: Path) -> None:
    """ForAnyValue is false without the key, whatever IfExists says: a service has no path."""
    source = "arn:aws:lambda:eu-west-1:999988887777:function:*"
    opened = {
        **ROLE,
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Condition": {"ArnLike": {"aws:SourceArn": source}},
    }
    paths = {"aws:PrincipalOrgPaths": ["o-aaaaaaaaaa/*"]}
    deny = {**DENY, "Condition": {"ForAnyValue:StringNotLikeIfExists": paths}}

    code, found = checked(tmp_path, ROLE, opened, deny)

    assert code == 2
    assert "grant-outside-topology" in found


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:PrincipalTag/department", "Human Resources"),
        ("StringEquals", "aws:PrincipalTag/department", ""),
        ("StringLike", "aws:UserAgent", "aws-cli/* Python/*"),
        ("StringEquals", "aws:ResourceTag/owner", "R&D München"),
        ("StringEquals", "aws:PrincipalTag/department", "HR"),
    ],
)
def test_a_foreign_account_that_may_push_with_a_tag_is_found(
    tmp_path: Path, operator: str, key: str, value: str
) -> None:
    code, found = checked(tmp_path, ROLE, {**PUSH, "Condition": {operator: {key: value}}})

    assert code in {2, 3}
    assert found & {"grant-outside-topology", "grant-undecided"}


def test_a_deny_of_an_agent_with_a_blank_leaves_a_grant_open(tmp_path: Path) -> None:
    deny = {**DENY, "Condition": {"StringLike": {"aws:UserAgent": "* *"}}}

    assert checked(tmp_path, ROLE, deny) == (3, {"grant-undecided"})


def test_federated_users_of_a_foreign_account_are_callers(tmp_path: Path) -> None:
    """GetFederationToken makes sessions whose ARN is no role's and no user's."""
    caller = {"aws:PrincipalArn": "arn:aws:sts::999988887777:federated-user/*"}

    code, found = checked(tmp_path, ROLE, {**PUSH, "Condition": {"ArnLike": caller}})

    assert (code, found) == (2, {"grant-outside-topology"})


def test_a_deny_that_federated_users_do_not_escape_is_missing_access(tmp_path: Path) -> None:
    forms = ["arn:aws:iam::*:role/*", "arn:aws:iam::*:user/*", "arn:aws:iam::*:root"]
    deny = {**DENY, "Condition": {"ArnNotLike": {"aws:PrincipalArn": forms}}}

    code, found = checked(tmp_path, ACCOUNT, deny, consumer="shop")

    assert (code, found) == (2, {"grant-missing"})


@pytest.mark.parametrize(
    "change",
    [
        {"Action": "e*:BatchGetImage"},
        {"Resource": "arn:aws:ecr:eu-west-1:111122223333:repo*/*"},
        {"Condition": {"DateGreaterThan": {"aws:CurrentTime": "${aws:PrincipalAccount}"}}},
    ],
)
def test_a_deny_in_a_form_that_aws_does_not_support_is_named(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    code, found = checked(tmp_path, ROLE, {**DENY, **change})

    assert (code, found) == (2, {"policy-unsupported", "grant-undecided"})


def test_a_push_is_not_proved_away_by_a_deny_that_aws_does_not_support(tmp_path: Path) -> None:
    deny = {**DENY, "Principal": STRANGER, "Action": "e*:*"}

    code, found = checked(tmp_path, ROLE, PUSH, deny)

    assert code == 2
    assert "grant-undecided" in found


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, (0, set())),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, (2, {"grant-missing"})),
        ({"DateLessThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"}}, (0, set())),
        ({"Bool": {"aws:SecureTransport": "false"}}, (0, set())),
    ],
)
def test_a_deny_is_held_against_requests_that_can_be_sent(
    tmp_path: Path, test: object, expected: tuple[int, set[str]]
) -> None:
    assert checked(tmp_path, ROLE, {**DENY, "Condition": test}) == expected


def test_a_grant_that_has_ended_gives_nothing(tmp_path: Path) -> None:
    ended = {**PUSH, "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}}

    assert checked(tmp_path, ROLE, ended) == (0, set())


@pytest.mark.parametrize(
    ("test", "answer"),
    [
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, "no"),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, "yes"),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, "yes"),
        ({"NumericLessThan": {"aws:EpochTime": "1577836800"}}, "no"),
    ],
)
def test_a_replay_fills_in_what_every_request_carries(
    tmp_path: Path, test: object, answer: str
) -> None:
    document = {"Version": "2012-10-17", "Statement": [ROLE, {**DENY, "Condition": test}]}
    (tmp_path / "policy.json").write_text(json.dumps(document), encoding="utf-8")

    ran = forebay(
        tmp_path,
        "replay",
        *("--as", "arn:aws:iam::222233334444:role/ci", "--action", "ecr:BatchGetImage"),
        *("--resource", REPOSITORIES.replace("*", "app"), "--policy", "registry=policy.json"),
    )

    assert f"explicit Deny: {answer}" in " ".join(ran.out.split())
