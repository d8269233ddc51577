"""What is said of code that touches no registry, and of what is told by another part of the code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

REGION_ALONE = 'provider "aws" { region = "eu-west-1" }\n'
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"


def results(folder: Path, code: str) -> list[tuple[str, str]]:
    """Kind and rule of each result about code in an account that is not known."""
    found = findings_of(folder, {"providers.tf": REGION_ALONE, "main.tf": code})
    return [(each.kind.value, each.rule) for each in found]


def trusted(action: str, subject: str | None) -> str:
    """A role for GitHub's workflows."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": action,
    }
    if subject is not None:
        key = "token.actions.githubusercontent.com:sub"
        statement["Condition"] = {"StringLike": {key: subject}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return f'resource "aws_iam_role" "ci" {{\n  name = "ci"\n  assume_role_policy = jsonencode({document})\n}}\n'


ANY_SUBJECT = [("finding", "federation-any-subject")]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sts:AssumeRole", []),
        ("sts:TagSession", []),
        ("sts:AssumeRoleWithWebIdentity", ANY_SUBJECT),
        ("sts:AssumeRole*", ANY_SUBJECT),
        ("sts:*", ANY_SUBJECT),
    ],
)
def test_only_the_action_of_web_identities_lets_them_in(
    tmp_path: Path, action: str, expected: list[tuple[str, str]]
) -> None:
    """Nobody can use a statement with another action and an identity provider."""
    assert results(tmp_path, trusted(action, None)) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("repo:acme*", ANY_SUBJECT),
        ("repo:acme*/app:*", ANY_SUBJECT),
        ("repo:*/app:*", ANY_SUBJECT),
        ("repo:acme/*", []),
        ("repo:acme@4711/*", []),
        ("repo:acme/app:ref:refs/heads/main", []),
        ("project_path:acme/app:ref_type:branch:ref:main", []),
    ],
)
def test_a_wildcard_in_the_owner_stands_for_other_owners(
    tmp_path: Path, subject: str, expected: list[tuple[str, str]]
) -> None:
    """`acme-evil` begins like `acme`."""
    assert results(tmp_path, trusted("sts:AssumeRoleWithWebIdentity", subject)) == expected


def caches(*accounts: str) -> str:
    """Caches of Docker Hub, each with a secret of an account that is written out."""
    return "".join(
        f'resource "aws_ecr_pull_through_cache_rule" "c{number}" {{\n'
        f'  ecr_repository_prefix = "hub{number}"\n'
        '  upstream_registry_url = "registry-1.docker.io"\n'
        f'  credential_arn = "arn:aws:secretsmanager:eu-west-1:{account}:secret:ecr-pullthroughcache/a-AbCdEf"\n}}\n'
        for number, account in enumerate(accounts)
    )


def test_a_secret_that_is_written_out_tells_the_account_of_its_rule(tmp_path: Path) -> None:
    """A secret has to be of the rule's own account; two accounts in one root contradict each other."""
    assert results(tmp_path, caches("111122223333", "111122223333")) == []
    assert results(tmp_path, caches("111122223333", "222233334444")) == [
        ("undecided", "secret-elsewhere")
    ]


def test_one_mistake_in_a_shared_module_is_one_result(tmp_path: Path) -> None:
    """The roots that it concerns are in its message, and in the JSON."""
    call = REGION_ALONE + 'module "s" {\n  source = "../shared"\n}\n'
    shared = (
        'resource "aws_ecr_registry_policy" "open" {\n  policy = jsonencode({ Version = "2012-10-17", '
        'Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Resource = "*" }] })\n}\n'
    )
    files = {"providers.tf": "", "a/main.tf": call, "b/main.tf": call, "shared/main.tf": shared}

    (found,) = findings_of(tmp_path, files)

    assert found.roots == ("a", "b")
    assert "in 2 roots: `a` and `b`" in found.message


def test_two_roots_with_mistakes_of_their_own_are_two_results(tmp_path: Path) -> None:
    """The same words at two places are two things to mend."""
    code = REGION_ALONE + caches("111122223333").replace("ecr-pullthroughcache/", "")
    found = findings_of(tmp_path, {"providers.tf": "", "a/main.tf": code, "b/main.tf": code})

    assert [each.roots for each in found] == [("a",), ("b",)]


CALLED = 'variable "name" {}\n' + (
    'resource "aws_iam_policy" "this" {\n  name   = var.name\n  policy = jsonencode({ Version = "2012-10-17", '
    'Statement = [{ Effect = "Allow", Action = "ecr:PutImage", Resource = "*" }] })\n}\n'
)
CALLS = "".join(
    f'module "{name}" {{\n  source = "./m"\n  name   = "{name}"\n}}\n' for name in ("a", "b", "c")
)


def test_one_mistake_in_a_module_of_many_calls_is_one_result(tmp_path: Path) -> None:
    files = {"providers.tf": REGION_ALONE, "main.tf": CALLS, "m/main.tf": CALLED}

    (found,) = findings_of(tmp_path, files)

    assert found.address == "module.a.aws_iam_policy.this"
    assert "in 3 blocks: `module.a.aws_iam_policy.this`, `module.b" in found.message


def test_what_is_accepted_for_one_call_is_not_accepted_for_the_others(tmp_path: Path) -> None:
    for name, text in {"main.tf": REGION_ALONE + CALLS, "m/main.tf": CALLED}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "forebay-ignore.yaml").write_text(
        "version: 1\nignore:\n  - rule: wildcard-resource\n    address: module.a.aws_iam_policy.this\n    reason: a test\n",
        "utf-8",
    )

    ran = forebay(
        tmp_path, "check", "--no-topology", "--code", ".", "--root", ".", "--format", "json"
    )

    (found,) = [one for one in ran.document["results"] if one["severity"] != "info"]
    assert found["address"] == "module.b.aws_iam_policy.this"
    assert "in 2 blocks" in found["message"]
