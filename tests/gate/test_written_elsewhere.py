"""Who writes a policy says nothing about whether it is judged: what was read is judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gate.gate_support import judged, rules
from generator.generate import file_tree
from generator.model.levels import DOWNSTREAM_ACTIONS, UPSTREAM_ACTIONS

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = """
provider "aws" {{
  region              = "eu-west-1"
  allowed_account_ids = ["{}"]
}}
"""
HUB, SHOP = PROVIDER.format("111122223333"), PROVIDER.format("222233334444")

EXPORTED = """
version: 1
accounts:
  hub: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  hub:
    caches: {quay: {}}
    GRANTS
"""
GRANTED = EXPORTED.replace("GRANTS", "grants: [{to: ci, allow: pull}]")
PULL = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
REPOSITORIES = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
PREFIX = "arn:aws:ecr:eu-west-1:111122223333:repository"


def document(*statements: object) -> str:
    """A policy in the words of Terraform."""
    return f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': statements})})"


def allow(actions: object, resources: object = "*", **more: object) -> dict[str, object]:
    """A statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


SIGN_IN = allow("ecr:GetAuthorizationToken")
TO_CI = allow(
    PULL,
    REPOSITORIES,
    Principal={"AWS": "222233334444"},
    Condition={"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/ci"}},
)
TO_A_STRANGER = allow(PULL, REPOSITORIES, Principal={"AWS": "999999999999"})


def registry(*statements: object) -> str:
    """The code of the account with the caches, whose registry policy other code owns."""
    policy = document(*statements)
    return f'{HUB}\nresource "aws_ecr_registry_policy" "this" {{\n  policy = {policy}\n}}\n'


def role(name: str, trust: str, *statements: object, more: str = "") -> str:
    """A role with one inline policy, if there are statements."""
    code = f"""
resource "aws_iam_role" "this" {{
  name               = "{name}"
  assume_role_policy = {trust}
  {more}
}}
"""
    if statements:
        code += f"""
resource "aws_iam_role_policy" "this" {{
  name   = "this"
  role   = aws_iam_role.this.name
  policy = {document(*statements)}
}}
"""
    return code


def trusting(*services: str) -> str:
    """A trust policy for services."""
    return document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(services)}}
    )


TASKS = trusting("ecs-tasks.amazonaws.com")
PULL_THROUGH = "pullthroughcache.ecr.amazonaws.com"


@pytest.mark.parametrize("topology", [GRANTED, EXPORTED.replace("GRANTS", "")])
def test_an_exported_policy_in_the_code_is_judged(tmp_path: Path, topology: str) -> None:
    found = judged(tmp_path, registry(TO_CI, TO_A_STRANGER), topology).check

    assert ("finding", "grant-outside-topology") in rules(found)


def test_an_exported_policy_that_is_exact_is_silent_without_a_note(tmp_path: Path) -> None:
    one = judged(tmp_path, registry(TO_CI), GRANTED)

    assert rules(one.check) == []
    assert one.notes.count("registry-policy-elsewhere") == 1  # Drift compares nothing of it.


def test_an_exported_policy_that_lacks_a_grant_says_what_to_add(tmp_path: Path) -> None:
    (found,) = judged(tmp_path, registry(), GRANTED).check

    assert found.rule == "grant-missing"
    assert "Add this statement to `aws_ecr_registry_policy.this`" in found.message


def test_an_exported_policy_that_is_not_here_is_taken_as_given(tmp_path: Path) -> None:
    one = judged(tmp_path, HUB, GRANTED)

    assert rules(one.check) == []
    assert one.notes.count("registry-policy-elsewhere") == 2  # Of drift and of check.


def consumer(code: str) -> dict[str, str]:
    """The hub's exact code, with other code for the consumer's account."""
    return {"hub/main.tf": registry(TO_CI), "shop/main.tf": SHOP + code}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([SIGN_IN, allow(PULL, REPOSITORIES)], []),
        ([SIGN_IN, allow(PULL[:1], REPOSITORIES)], ["grant-missing"]),
        ([allow("s3:GetObject")], ["grant-missing"]),
        ([SIGN_IN, allow([*PULL, "ecr:PutImage"], REPOSITORIES)], ["identity-undeclared"]),
    ],
)
def test_a_role_of_a_consumer_elsewhere_is_judged_with_its_policies(
    tmp_path: Path, statements: list[object], expected: list[str]
) -> None:
    one = judged(tmp_path, consumer(role("ci", TASKS, *statements)), GRANTED)

    assert sorted({finding.rule for finding in one.check}) == expected
    assert "identity-elsewhere" not in one.notes


def test_a_role_without_any_policy_here_is_given_elsewhere(tmp_path: Path) -> None:
    one = judged(tmp_path, consumer(role("ci", TASKS)), GRANTED)

    assert rules(one.check) == []
    assert "identity-elsewhere" in one.notes


def test_a_policy_of_a_role_that_is_not_here_is_asked_for_too_much_alone(tmp_path: Path) -> None:
    code = f"""
resource "aws_iam_role_policy" "this" {{
  name   = "this"
  role   = "ci"
  policy = {document(allow("ecr:PutImage", REPOSITORIES))}
}}
"""
    one = judged(tmp_path, consumer(code), GRANTED)

    assert rules(one.check) == [("finding", "identity-undeclared")]
    assert "identity-elsewhere" in one.notes


def test_a_pattern_of_roles_elsewhere_is_judged_role_by_role(tmp_path: Path) -> None:
    topology = GRANTED.replace("role: ci,", 'role: "ci-*",')
    policy = [SIGN_IN, allow([*PULL, "ecr:PutImage"], REPOSITORIES)]
    to_pattern = TO_CI | {
        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/ci-*"}}
    }
    code = {"hub/main.tf": registry(to_pattern), "shop/main.tf": SHOP}
    code["shop/main.tf"] += role("ci-blue", TASKS, *policy)

    assert rules(judged(tmp_path, code, topology).check) == [("finding", "identity-undeclared")]


NAMED = """
version: 1
accounts:
  hub: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
upstreams:
  ours: {registry: ecr, account: hub, region: eu-west-1, role: team/ecr-puller}
creation_templates:
  tagged: {repository_tags: {owner: platform}, role: ecr-templates}
registries:
  shop: {caches: {base: {upstream: ours, upstream_prefix: team}}}
"""
READ = allow(list(UPSTREAM_ACTIONS), f"{PREFIX}/team/*")
OWN = "arn:aws:ecr:eu-west-1:222233334444:repository"
WRITE = allow(list(DOWNSTREAM_ACTIONS), f"{OWN}/base/*")


@pytest.mark.parametrize(
    ("trust", "statements", "expected"),
    [
        (trusting(PULL_THROUGH), [SIGN_IN, READ, WRITE], []),
        (
            trusting("ecr.amazonaws.com"),
            [SIGN_IN, READ, WRITE],
            ["grant-missing", "trust-wrong-principal"],
        ),
        (
            trusting(PULL_THROUGH, "ec2.amazonaws.com"),
            [SIGN_IN, READ, WRITE],
            ["trust-wrong-principal"],
        ),
        (trusting(PULL_THROUGH), [SIGN_IN, READ], ["grant-missing"]),
        (trusting(PULL_THROUGH), [READ, WRITE], ["grant-missing"]),
        (
            trusting(PULL_THROUGH),
            [SIGN_IN, READ, WRITE, allow("ecr:BatchGetImage", f"{PREFIX}/*")],
            ["identity-undeclared"],
        ),
    ],
)
def test_a_role_that_an_upstream_names_is_judged_where_it_is_read(
    tmp_path: Path, trust: str, statements: list[object], expected: list[str]
) -> None:
    code = SHOP + role("ecr-puller", trust, *statements, more='path = "/team/"')

    one = judged(tmp_path, code, NAMED)

    assert sorted({finding.rule for finding in one.check}) == expected
    assert "service-role-elsewhere" not in one.notes


def test_a_role_that_is_named_and_not_read_is_one_note(tmp_path: Path) -> None:
    one = judged(tmp_path, SHOP, NAMED)

    assert rules(one.check) == []
    assert one.notes.count("service-role-elsewhere") == 1


TEMPLATES = """
version: 1
accounts:
  shop: {id: "222233334444", regions: [eu-west-1]}
creation_templates:
  tagged: {repository_tags: {owner: platform}, role: ecr-templates}
registries:
  shop: {caches: {quay: {creation_template: tagged}}}
"""


@pytest.mark.parametrize(
    ("service", "actions", "expected"),
    [
        ("ecr.amazonaws.com", ["ecr:CreateRepository", "ecr:TagResource"], []),
        ("ecr.amazonaws.com", ["ecr:CreateRepository"], ["grant-missing"]),
        (
            PULL_THROUGH,
            ["ecr:CreateRepository", "ecr:TagResource"],
            ["grant-missing", "trust-wrong-principal"],
        ),
    ],
)
def test_a_role_that_a_template_names_is_judged_where_it_is_read(
    tmp_path: Path, service: str, actions: list[str], expected: list[str]
) -> None:
    code = SHOP + role("ecr-templates", trusting(service), allow(actions, f"{OWN}/quay/*"))

    found = judged(tmp_path, code, TEMPLATES).check

    assert sorted({finding.rule for finding in found}) == expected


def test_one_role_may_be_for_both_services(tmp_path: Path) -> None:
    topology = (
        NAMED.replace("team/ecr-puller", "ecr-both")
        .replace("role: ecr-templates", "role: ecr-both")
        .replace("upstream_prefix: team", "upstream_prefix: team, creation_template: tagged")
    )
    create = allow(["ecr:CreateRepository", "ecr:TagResource"], f"{OWN}/base/*")
    trust = trusting(PULL_THROUGH, "ecr.amazonaws.com")

    code = SHOP + role("ecr-both", trust, SIGN_IN, READ, WRITE, create)

    assert rules(judged(tmp_path, code, topology).check) == []


BOUNDED = """
version: 1
defaults:
  iam: {permissions_boundary: "arn:aws:iam::{account_id}:policy/boundary"}
accounts:
  shop: {id: "222233334444", regions: [eu-west-1]}
creation_templates:
  tagged: {repository_tags: {owner: platform}}
registries:
  shop: {caches: {quay: {creation_template: tagged}}}
"""


@pytest.mark.parametrize(
    ("actions", "is_enough"), [("ecr:*", True), ("ecr:CreateRepository", False)]
)
def test_the_declared_boundary_is_judged_where_it_is_read(
    tmp_path: Path, actions: str, is_enough: bool
) -> None:
    bound = 'permissions_boundary = "arn:aws:iam::222233334444:policy/boundary"'
    made = allow(["ecr:CreateRepository", "ecr:TagResource"], f"{OWN}/quay/*")
    code = SHOP + role("forebay-template", trusting("ecr.amazonaws.com"), made, more=bound)
    without = judged(tmp_path / "without", code, BOUNDED)
    boundary = f"""
resource "aws_iam_policy" "boundary" {{
  name   = "boundary"
  policy = {document(allow(actions))}
}}
"""
    one = judged(tmp_path / "with", code + boundary, BOUNDED)

    assert rules(without.check) == []
    assert "permissions-boundary-elsewhere" in without.notes
    assert rules(one.check) == ([] if is_enough else [("finding", "grant-missing")])
    assert "permissions-boundary-elsewhere" not in one.notes


REPLICATION = allow(
    ["ecr:CreateRepository", "ecr:ReplicateImage"],
    f"{PREFIX}/*",
    Principal={"AWS": "999999999999"},
)


def test_replication_in_an_exported_policy_is_said_with_a_remedy_that_works(tmp_path: Path) -> None:
    code = registry(TO_CI, REPLICATION)
    keeping = GRANTED.replace(
        "registry_policy: export",
        f"registry_policy: export, keep_statements: {json.dumps([REPLICATION])}",
    )

    (found,) = judged(tmp_path / "said", code, GRANTED).check
    kept = judged(tmp_path / "kept", code, keeping)

    assert found.rule == "grant-outside-topology"
    assert "keep the statement with `keep_statements`" in found.message
    assert kept.check == []
    assert not [one for one in kept.drift if one.rule == "unexpected"]


def test_what_an_exported_policy_keeps_is_not_written_for_it(tmp_path: Path) -> None:
    keeping = GRANTED.replace(
        "registry_policy: export",
        f"registry_policy: export, keep_statements: {json.dumps([REPLICATION])}",
    )

    topology = judged(tmp_path, registry(TO_CI), keeping).topology

    assert "ReplicateImage" not in str(file_tree(topology))
