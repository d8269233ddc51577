"""The hard cases of the rules that need no topology: what opens, what binds, what is not known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of, rules_of

if TYPE_CHECKING:
    from pathlib import Path

ORG = "o-a1b2c3d4e5"
ANYBODY, LOOSE = ("finding", "grant-any-principal"), ("finding", "condition-not-binding")
NETWORK, OPEN = ("finding", "network-only-guard"), ("undecided", "policy-undecided")


def policy(*statements: object) -> str:
    """A policy document as an expression of Terraform."""
    document = {"Version": "2012-10-17", "Statement": statements}
    return f"jsonencode({json.dumps(document)})".replace("${", "$${")


def registry(*statements: object) -> str:
    """A registry policy."""
    return f'resource "aws_ecr_registry_policy" "this" {{\n  policy = {policy(*statements)}\n}}\n'


def repository(*statements: object) -> str:
    """A repository policy."""
    return (
        'resource "aws_ecr_repository_policy" "this" {\n  repository = "team/app"\n'
        f"  policy = {policy(*statements)}\n}}\n"
    )


def for_everyone(condition: object) -> str:
    """A repository policy for `*` with a condition."""
    return repository(
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "ecr:BatchGetImage",
            "Condition": condition,
        }
    )


OPENINGS = {
    "nothing": ({}, ANYBODY),
    "transport": ({"Bool": {"aws:SecureTransport": "true"}}, ANYBODY),
    "user agent": ({"StringLike": {"aws:UserAgent": "acme*"}}, ANYBODY),
    "a tag of the caller": ({"StringEquals": {"aws:PrincipalTag/team": "a"}}, ANYBODY),
    "no service": ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, ANYBODY),
    "the whole internet": ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, ANYBODY),
    "half of the internet": ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/1"]}}, ANYBODY),
    "all but one endpoint": ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, ANYBODY),
    "an address range": ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, NETWORK),
    "an endpoint": ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, NETWORK),
    "another organization": ({"StringNotEquals": {"aws:PrincipalOrgID": ORG}}, LOOSE),
    "if it exists": ({"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}}, LOOSE),
    "any organization": ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, LOOSE),
    "all values": ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}}, LOOSE),
    "a role of any account": ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}, LOOSE),
    "an account inside a name": (
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:111122223333:role/ci"}},
        LOOSE,
    ),
    "the caller's own organization": (
        {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}},
        LOOSE,
    ),
    "a key nobody knows": ({"StringEquals": {"acme:Team": "a"}}, OPEN),
}
BINDINGS = {
    "an organization": {"StringEquals": {"aws:PrincipalOrgID": ORG}},
    "in another case": {"stringequals": {"AWS:principalorgid": ORG}},
    "a unit": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-ab12/ou-ab12-1/*"}},
    "all values, and there are some": {
        "ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"},
        "Null": {"aws:PrincipalOrgPaths": "false"},
    },
    "an account": {"StringEquals": {"aws:PrincipalAccount": ["222233334444"]}},
    "roles of an account": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/ci-*"}},
    "a role in any partition": {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::222233334444:role/ci"}},
    "the registry's own account": {
        "StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}
    },
    "one of two": {
        "StringEquals": {"aws:PrincipalOrgID": ORG},
        "StringNotEquals": {"aws:PrincipalAccount": "222233334444"},
    },
    "a source": {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:111122223333:function:*"}},
}


@pytest.mark.parametrize(
    ("operator", "effect"),
    [
        ("StringEquals", "never true"),
        ("stringequalsifexists", "always true"),
        ("ForAllValues:StringEquals", "always true"),
        ("ForAnyValue:StringEqualsIfExists", "never true"),
    ],
)
def test_what_a_condition_about_a_source_does_to_accounts_is_told(
    operator: str, effect: str, tmp_path: Path
) -> None:
    code = repository(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "222233334444"},
            "Action": "ecr:BatchGetImage",
            "Condition": {operator: {"aws:SourceAccount": "222233334444"}},
        }
    )

    (finding,) = findings_of(tmp_path, {"main.tf": code})

    assert (finding.rule, effect in finding.message) == ("source-without-service", True)


@pytest.mark.parametrize("name", OPENINGS)
def test_a_statement_for_everyone_that_does_not_say_who_is_told_apart(
    name: str, tmp_path: Path
) -> None:
    condition, expected = OPENINGS[name]

    assert rules_of(tmp_path, for_everyone(condition)) == [expected]


@pytest.mark.parametrize("name", BINDINGS)
def test_a_condition_that_binds_is_silent(name: str, tmp_path: Path) -> None:
    assert rules_of(tmp_path, for_everyone(BINDINGS[name])) == []


def test_a_value_that_is_not_known_still_names_one_organization(tmp_path: Path) -> None:
    code = for_everyone({"StringEquals": {"aws:PrincipalOrgID": "ID"}}).replace('"ID"', "var.id")

    assert rules_of(tmp_path, code + 'variable "id" { type = string }\n') == []


def test_a_pattern_that_is_not_known_leaves_it_open(tmp_path: Path) -> None:
    code = for_everyone({"StringLike": {"aws:PrincipalOrgID": "ID"}}).replace('"ID"', "var.id")

    assert rules_of(tmp_path, code + 'variable "id" { type = string }\n') == [OPEN]


@pytest.mark.parametrize("part", ["Principal", "Effect", "Condition"])
def test_an_element_that_is_not_known_leaves_it_open(part: str, tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    code = repository({**statement, part: "GIVEN"}).replace('"GIVEN"', "var.given")

    assert rules_of(tmp_path, code + 'variable "given" {}\n') == [OPEN]


PERIMETER = {
    "a Deny for other organizations": repository(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:*",
            "Condition": {
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        }
    ),
    "a Deny for other networks": registry(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:*",
            "Resource": "*",
            "Condition": {
                "NotIpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"},
                "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"},
                "BoolIfExists": {
                    "aws:PrincipalIsAWSService": "false",
                    "aws:ViaAWSService": "false",
                },
                "ArnNotLikeIfExists": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws:ec2-*"},
            },
        }
    ),
    "a role for its own organization": (
        'resource "aws_iam_role" "this" {\n  name = "reader"\n  assume_role_policy = '
        + policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "222233334444"},
                "Action": "sts:AssumeRole",
            },
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORG}},
            },
        )
        + "\n}\n"
    ),
    "replication from another account": registry(
        {
            "Sid": "Replication",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
            "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
            "Resource": ["arn:aws:ecr:eu-west-1:111122223333:repository/*"],
        }
    ),
    "an administrator": (
        'resource "aws_iam_policy" "this" {\n  name = "admin"\n  policy = '
        + policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
        + "\n}\n"
    ),
    "pulling from everywhere": (
        'resource "aws_iam_policy" "this" {\n  name = "pull"\n  policy = '
        + policy(
            {
                "Effect": "Allow",
                "Action": [
                    "ecr:GetAuthorizationToken",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                    "ecr:BatchImportUpstreamImage",
                ],
                "Resource": "*",
            }
        )
        + "\n}\n"
    ),
    "a service for one account": repository(
        {
            "Effect": "Allow",
            "Principal": {"Service": "codebuild.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:codebuild:eu-west-1:111122223333:project/*"},
                "StringEquals": {"aws:SourceAccount": "111122223333"},
            },
        }
    ),
}


@pytest.mark.parametrize("name", PERIMETER)
def test_what_guards_a_data_perimeter_and_what_aws_documents_is_silent(
    name: str, tmp_path: Path
) -> None:
    assert rules_of(tmp_path, PERIMETER[name]) == []


RULE = """
resource "aws_ecr_pull_through_cache_rule" "this" {{
  ecr_repository_prefix = "cache"
  upstream_registry_url = "{host}"
}}
"""


@pytest.mark.parametrize(
    ("host", "advice"),
    [
        ("gcr.io", "Google"),
        ("europe-west1-docker.pkg.dev", "Google"),
        ("docker.io", "registry-1.docker.io"),
        ("docker.elastic.co", "Docker Hub"),
        ("mcr.microsoft.com", "repository of your own"),
        ("acme.jfrog.io", "push or replicate"),
        ("harbor.acme.example", "push into ECR"),
        ("https://quay.io", "the host alone: `quay.io`"),
    ],
)
def test_a_refused_upstream_comes_with_the_way_out(host: str, advice: str, tmp_path: Path) -> None:
    (finding,) = findings_of(tmp_path, {"main.tf": RULE.format(host=host)})

    assert finding.rule == "upstream-refused"
    assert advice in finding.message


@pytest.mark.parametrize(
    "host",
    [
        "public.ecr.aws",
        "quay.io",
        "registry.k8s.io",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com",
        "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn",
    ],
)
def test_an_upstream_that_needs_nothing_is_silent(host: str, tmp_path: Path) -> None:
    assert rules_of(tmp_path, RULE.format(host=host)) == []


@pytest.mark.parametrize(
    "host",
    ["registry-1.docker.io", "ghcr.io", "registry.gitlab.com", "cgr.dev", "acme.azurecr.io"],
)
def test_an_upstream_with_a_token_needs_one(host: str, tmp_path: Path) -> None:
    assert rules_of(tmp_path, RULE.format(host=host)) == [("finding", "credential-missing")]


def test_a_block_that_is_only_perhaps_there_is_an_open_question(tmp_path: Path) -> None:
    code = RULE.format(host="gcr.io").replace("{", "{\n  count = var.on ? 1 : 0", 1)

    assert rules_of(tmp_path, code + 'variable "on" { type = bool }\n') == [
        ("undecided", "upstream-refused")
    ]


def test_an_account_that_is_not_known_leaves_the_question_open(tmp_path: Path) -> None:
    code = RULE.format(host="222233334444.dkr.ecr.eu-west-1.amazonaws.com")
    provider = 'provider "aws" {\n  region = "eu-west-1"\n}\n'

    found = findings_of(tmp_path, {"providers.tf": provider, "main.tf": code})

    assert [(each.kind.value, each.rule) for each in found] == [
        ("undecided", "upstream-role-missing")
    ]


def test_all_mistakes_are_found_in_one_run_at_their_lines(tmp_path: Path) -> None:
    code = RULE.format(host="gcr.io") + repository(
        {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"},
        {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:CreateRepository"},
    )

    found = findings_of(tmp_path, {"main.tf": code})

    assert sorted(finding.rule for finding in found) == [
        "action-without-effect",
        "grant-any-principal",
        "upstream-refused",
        "wildcard-action",
    ]
    lines = {each.rule: each.location.line for each in found if each.location is not None}
    assert lines["upstream-refused"] == 4
    assert lines["grant-any-principal"] > 4


def test_arguments_of_nested_and_dynamic_blocks_are_looked_at(tmp_path: Path) -> None:
    code = """
resource "aws_ecr_repository_creation_template" "this" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  encryption_configuration {
    encryption = "AES256"
  }
  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = ["latest*"]
    content {
      filter = image_tag_mutability_exclusion_filter.value
      type   = "WILDCARD"
    }
  }
  lifecycle {
    prevent_destroy = true
  }
}
"""

    found = findings_of(tmp_path, {"main.tf": code})

    assert [finding.rule for finding in found] == ["unknown-argument", "unknown-argument"]
    assert "encryption_configuration.encryption_type" in found[0].message


def test_a_role_for_both_services_may_trust_both(tmp_path: Path) -> None:
    code = (
        'resource "aws_iam_role" "both" {\n  name = "both"\n  assume_role_policy = '
        + policy(
            {
                "Effect": "Allow",
                "Principal": {
                    "Service": ["ecr.amazonaws.com", "pullthroughcache.ecr.amazonaws.com"]
                },
                "Action": "sts:AssumeRole",
            }
        )
        + "\n}\n"
        + RULE.format(host="222233334444.dkr.ecr.eu-west-1.amazonaws.com").replace(
            "{", "{\n  custom_role_arn = aws_iam_role.both.arn", 1
        )
        + """
resource "aws_ecr_repository_creation_template" "this" {
  prefix          = "cache"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.both.arn
}
"""
    )

    assert rules_of(tmp_path, code) == []


def test_a_secret_is_known_by_its_name_though_its_account_is_not(tmp_path: Path) -> None:
    code = """
resource "aws_secretsmanager_secret" "hub" {
  name = "docker-hub"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.hub.arn
}
"""

    found = findings_of(tmp_path, {"providers.tf": "", "main.tf": code})

    assert [finding.rule for finding in found] == ["secret-name"]


def test_what_only_a_topology_can_tell_is_asked_of_the_proof_alone(tmp_path: Path) -> None:
    code = registry(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "222233334444"},
            "Action": ["ecr:BatchGetImage", "ecr:CreateRepository"],
            "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/*",
        }
    )

    assert rules_of(tmp_path, code) == []


KEYS = {
    "aws_kms_key": "aws_kms_key.this.arn",
    "aws_kms_key_policy": '"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
}
OPEN_POLICIES = {
    "aws_secretsmanager_secret_policy": 'secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/app-AbCdEf"',
    "aws_kms_key": "",
    "aws_kms_key_policy": 'key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"',
}


@pytest.mark.parametrize("resource_type", OPEN_POLICIES)
def test_policies_of_secrets_and_keys_are_looked_at(resource_type: str, tmp_path: Path) -> None:
    document = policy(
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    )
    code = (
        f'resource "{resource_type}" "this" {{\n  {OPEN_POLICIES[resource_type]}\n'
        f"  policy = {document}\n}}\n"
    )

    encrypted = (
        'resource "aws_ecr_repository" "this" {\n  name = "team/app"\n'
        f"  encryption_configuration {{\n    kms_key = {KEYS.get(resource_type, 'null')}\n  }}\n}}\n"
    )

    assert rules_of(tmp_path, code + encrypted) == [ANYBODY]


def test_policies_of_secrets_and_keys_of_others_are_not_looked_at(tmp_path: Path) -> None:
    document = policy(
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:Decrypt"},
    )
    code = (
        f'resource "aws_kms_key" "app" {{\n  policy = {document}\n}}\n'
        'resource "aws_secretsmanager_secret" "a" {\n  name_prefix = "app-"\n}\n'
        'resource "aws_secretsmanager_secret" "b" {\n  name = "app/b"\n}\n'
        'resource "aws_secretsmanager_secret_policy" "a" {\n'
        f"  secret_arn = aws_secretsmanager_secret.a.arn\n  policy = {document}\n}}\n"
    )

    assert rules_of(tmp_path, code) == []


TRUST_OF_OTHERS = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


@pytest.mark.parametrize(
    ("action", "expected"),
    [("dms:*", []), ("s3:GetObject", []), ("ecr:PutImage", [ANYBODY]), ("*", [ANYBODY])],
)
def test_a_role_of_another_service_is_not_looked_at(
    tmp_path: Path, action: str, expected: list[tuple[str, str]]
) -> None:
    held = policy(
        {"Effect": "Allow", "Action": action, "Resource": "arn:aws:ecr:eu-west-1:111122223333:x"}
    )
    code = (
        f'resource "aws_iam_role" "r" {{\n  name_prefix = "r-"\n  assume_role_policy = {TRUST_OF_OTHERS}\n}}\n'
        f'resource "aws_iam_role_policy" "r" {{\n  role = aws_iam_role.r.name\n  policy = {held}\n}}\n'
    )

    found = rules_of(tmp_path, code)

    assert [each for each in found if each == ANYBODY] == expected
    assert expected or found == []


@pytest.mark.parametrize(
    ("service", "title"),
    [
        ("ecs-tasks.amazonaws.com", "A statement for a service has no effect"),
        ("lambda.amazonaws.com", "A service may act for any AWS customer"),
    ],
)
def test_a_service_that_never_calls_is_no_danger(tmp_path: Path, service: str, title: str) -> None:
    code = repository(
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "ecr:BatchGetImage"}
    )

    (found,) = findings_of(tmp_path, {"main.tf": code})

    assert found.title == title


@pytest.mark.parametrize("holder", ["user", "group", "role"])
def test_policies_of_users_groups_and_roles_are_looked_at(holder: str, tmp_path: Path) -> None:
    document = policy({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})
    code = (
        f'resource "aws_iam_{holder}_policy" "this" {{\n  name = "all"\n  {holder} = "ci"\n'
        f"  policy = {document}\n}}\n"
    )

    assert rules_of(tmp_path, code) == [("finding", "wildcard-action")]


def test_a_secret_policy_in_a_resource_of_its_own_may_not_share_the_token(tmp_path: Path) -> None:
    document = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
    )
    code = f"""
resource "aws_secretsmanager_secret" "hub" {{
  name = "ecr-pullthroughcache/docker-hub"
}}

resource "aws_secretsmanager_secret_policy" "hub" {{
  secret_arn = aws_secretsmanager_secret.hub.arn
  policy     = {document}
}}
"""

    assert rules_of(tmp_path, code) == [("finding", "secret-shared")]


def test_a_secret_value_is_never_shown(tmp_path: Path) -> None:
    code = """
resource "aws_secretsmanager_secret_version" "hub" {
  secret_id     = "ecr-pullthroughcache/docker-hub"
  secret_string = "hunter2-is-no-json"
}
"""

    (finding,) = findings_of(tmp_path, {"main.tf": code})

    assert finding.rule == "secret-keys"
    assert "hunter2" not in f"{finding}"
