"""`check --policy`: single policies, whatever stands in the files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli_running import forebay
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

TOPOLOGY = """\
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
"""
ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "222233334444"},
    "Action": [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetDownloadUrlForLayer",
    ],
    "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
    "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/ci"}},
}
REGISTRY = "registry:111122223333/eu-west-1"


def write(folder: Path, *statements: object) -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    (folder / "policy.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    (folder / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")


def rules_of(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    ran = forebay(folder, "check", "--format", "json", *arguments)
    results: Sequence[Any] = ran.document["results"]
    return ran.code, [each["rule"] for each in results if each["severity"] != "info"]


def test_a_policy_that_is_what_the_topology_grants_is_proved(tmp_path: Path) -> None:
    write(tmp_path, ALLOW)

    assert rules_of(tmp_path, "--policy", f"{REGISTRY}=policy.json") == (0, [])


def test_a_policy_that_lacks_something_or_gives_too_much_is_found(tmp_path: Path) -> None:
    write(tmp_path, {**ALLOW, "Action": "ecr:BatchGetImage"}, {**ALLOW, "Action": "ecr:PutImage"})

    code, found = rules_of(tmp_path, "--policy", f"{REGISTRY}=policy.json")

    assert code == 2
    assert set(found) == {"grant-missing", "grant-undeclared"}


def test_a_statement_is_named_by_its_line(tmp_path: Path) -> None:
    write(tmp_path, ALLOW, {**ALLOW, "Principal": "*", "Condition": {}})

    ran = forebay(
        tmp_path,
        "check",
        "--no-topology",
        "--policy",
        f"{REGISTRY}=policy.json",
        "--format",
        "json",
    )

    (result,) = ran.document["results"]
    assert result["rule"] == "grant-any-principal"
    assert result["address"] == REGISTRY
    lines = (tmp_path / "policy.json").read_text(encoding="utf-8").splitlines()
    assert '"Principal": "*"' in "".join(
        lines[result["location"]["line"] - 1 : result["location"]["end_line"]]
    )


@pytest.mark.parametrize(
    ("owner", "statement", "rule"),
    [
        ("repository:111122223333/eu-west-1/team/app", ALLOW, "policy-refused"),
        (
            "template:111122223333/eu-west-1/quay",
            {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"},
            "grant-any-principal",
        ),
        (
            "secret:111122223333/eu-west-1/ecr-pullthroughcache/hub",
            {**ALLOW, "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
            "secret-shared",
        ),
        (
            "key:111122223333/eu-west-1/1234abcd",
            {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"},
            "grant-any-principal",
        ),
        (
            "trust:111122223333/ci/builder",
            {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
            "grant-any-principal",
        ),
        (
            "identity:111122223333/ci/builder",
            {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"},
            "wildcard-action",
        ),
    ],
)
def test_every_sort_of_policy_is_judged_as_what_it_is(
    owner: str, statement: object, rule: str, tmp_path: Path
) -> None:
    write(tmp_path, statement)

    assert rules_of(tmp_path, "--no-topology", "--policy", f"{owner}=policy.json") == (2, [rule])


def test_a_policy_as_the_aws_command_line_prints_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, ALLOW)
    text = (tmp_path / "policy.json").read_text(encoding="utf-8")
    printed = {"registryId": "111122223333", "policyText": text}
    (tmp_path / "policy.json").write_text(json.dumps(printed), encoding="utf-8")

    assert rules_of(tmp_path, "--policy", f"{REGISTRY}=policy.json") == (0, [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("[1]", "holds no policy"),
        ('{"Statement": [], "Statement": [1]}', "stands twice"),
        ('{"Statement": [{"Effect": NaN}]}', "NaN is no number"),
        ("[" * 100_000, "is not JSON"),
        ('{"Statement": "\\ud800"}', "is not JSON"),
        (" " * 1_100_000, "has more than"),
    ],
)
def test_a_file_that_is_no_policy_is_an_error(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(content, encoding="utf-8")

    ran = forebay(tmp_path, "check", "--no-topology", "--policy", f"{REGISTRY}=policy.json")

    assert ran.code == 1
    assert words in ran.err


@pytest.mark.parametrize(
    "option",
    [
        "policy.json",
        "registry:1/eu-west-1=policy.json",
        "registry:111122223333/nowhere=policy.json",
        "registry:111122223333=policy.json",
        "repository:111122223333/eu-west-1=policy.json",
        "bucket:111122223333/eu-west-1=policy.json",
        "registry:111122223333/eu-west-1=",
    ],
)
def test_an_owner_that_is_none_is_a_usage_error(option: str, tmp_path: Path) -> None:
    write(tmp_path, ALLOW)

    ran = forebay(tmp_path, "check", "--no-topology", "--policy", option)

    assert ran.code == 1
    assert "--policy" in ran.err


WORDS = st.sampled_from(
    ["*", "ecr:*", "ecr:Foo", "222233334444", "arn:aws:ecr:eu-west-1::", "${aws:x}", "", "AROA1"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "ForAllValues:StringLike", "Null", "BoolIfExists", "x"]),
    VALUES
    | st.dictionaries(
        st.sampled_from(["aws:PrincipalOrgID", "aws:SourceArn", "aws:SourceIp"]), VALUES
    ),
    max_size=2,
)
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Effect": st.just("Allow") | VALUES,
        "Principal": VALUES | st.dictionaries(st.sampled_from(["AWS", "Service"]), VALUES),
        "NotPrincipal": VALUES,
        "Action": VALUES,
        "NotAction": VALUES,
        "Resource": VALUES,
        "Condition": CONDITIONS | VALUES,
        "Sid": VALUES,
    },
)
SORTS = st.sampled_from(
    [
        REGISTRY,
        "repository:111122223333/eu-west-1/a",
        "secret:111122223333/eu-west-1/ecr-pullthroughcache/a",
        "trust:111122223333/a",
        "identity:111122223333/a",
    ]
)


@settings(max_examples=60, deadline=None)
@given(document=st.lists(STATEMENTS | VALUES, max_size=2) | VALUES, owner=SORTS)
def test_whatever_stands_in_a_policy_gets_an_answer(document: object, owner: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "policy.json").write_text(json.dumps({"Statement": document}), encoding="utf-8")

        ran = forebay(folder, "check", "--no-topology", "--policy", f"{owner}=policy.json")

        assert ran.code in {0, 2, 3}, ran.err


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        # Who creates a repository sends tags as well.
        ({"StringEquals": {"aws:RequestTag/team": "shop"}}, True),
    ],
)
def test_a_statement_for_everybody_is_open_only_for_requests_that_can_be_sent(
    condition: dict[str, Any], is_open: bool, tmp_path: Path
) -> None:
    actions = ["ecr:BatchGetImage", "ecr:CreateRepository"]
    write(tmp_path, {**ALLOW, "Principal": "*", "Action": actions, "Condition": condition})

    found = rules_of(tmp_path, "--no-topology", "--policy", f"{REGISTRY}=policy.json")

    assert found == ((2, ["grant-any-principal"]) if is_open else (0, []))


def notes_of(folder: Path, *arguments: str) -> list[str]:
    """The rules of what is only for information."""
    ran = forebay(folder, "check", "--format", "json", *arguments)
    return [each["rule"] for each in ran.document["results"] if each["severity"] == "info"]


@pytest.mark.parametrize(
    ("owner", "is_judged"),
    [
        ("identity:222233334444/ci", True),
        ("identity:222233334444/other", False),
        ("trust:222233334444/other", False),
        ("repository:111122223333/eu-west-1/team/app", False),
        ("repository:111122223333/eu-west-1/quay/app", True),
        ("key:111122223333/eu-west-1/abc", False),
        ("secret:111122223333/eu-west-1/team/token", False),
    ],
)
def test_a_file_that_belongs_to_nothing_is_said_once(
    owner: str, is_judged: bool, tmp_path: Path
) -> None:
    write(tmp_path, {**ALLOW, "Effect": "Deny", "Action": "ecr:PutImage"})

    notes = notes_of(tmp_path, "--policy", f"{owner}=policy.json")

    assert notes.count("policy-not-judged") == (0 if is_judged else 1)


def test_a_role_of_an_account_that_is_a_consumer_as_a_whole_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})
    topology = TOPOLOGY.replace(", role: ci", "")
    (tmp_path / "topology.yaml").write_text(topology, encoding="utf-8")
    file = ("--policy", "identity:222233334444/node=policy.json")

    ran = forebay(tmp_path, "check", "-v", *file)

    assert notes_of(tmp_path, *file).count("policy-not-judged") == 1
    assert "is granted to all of its principals" in " ".join(ran.out.split())


def test_a_scope_that_was_not_read_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, ALLOW)

    assert notes_of(tmp_path, "--policy", f"{REGISTRY}=policy.json").count("scope-assumed") == 1
    assert "scope-assumed" not in notes_of(
        tmp_path, "--policy", "identity:222233334444/ci=policy.json"
    )
