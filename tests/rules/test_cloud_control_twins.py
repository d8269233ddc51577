"""Resources of the Cloud Control provider, judged like those of the AWS provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.hcl import read_code
from generator.model.estate import Kind, Known
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = 'provider "awscc" {\n  region = "eu-west-1"\n}\n'
RULE = """
resource "awscc_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = "xx"
  upstream_registry_url = "HOST"
}
"""
POLICY = """
resource "awscc_ecr_registry_policy" "p" {
  policy_text = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = WHO
    Action    = "ecr:BatchGetImage"
    Resource  = "*"
  }] })
}
"""
TEMPLATE = """
resource "awscc_ecr_repository_creation_template" "t" {
  prefix               = "xx"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "MUTABLE"
  resource_tags        = [TAGS]
  encryption_configuration = {
    encryption_type = "AES256"
  }
}
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (RULE.replace("HOST", "gcr.io"), [("finding", "upstream-refused")]),
        (RULE.replace("HOST", "registry-1.docker.io"), [("finding", "credential-missing")]),
        (RULE.replace("HOST", "quay.io"), []),
        (POLICY.replace("WHO", '"*"'), [("finding", "grant-any-principal")]),
        (
            TEMPLATE.replace("TAGS", '{ key = "team", value = "a" }'),
            [("finding", "template-role-missing")],
        ),
        (TEMPLATE.replace("TAGS", ""), []),
    ],
)
def test_the_twins_are_judged_alike(
    tmp_path: Path, code: str, expected: list[tuple[str, str]]
) -> None:
    found = findings_of(tmp_path, {"cc.tf": PROVIDER, "main.tf": code})

    assert [(each.kind.value, each.rule) for each in found] == expected


@pytest.mark.parametrize(("tags", "fires"), [("v*", False), ("latest", True)])
@pytest.mark.parametrize(
    "head",
    [
        (
            'resource "awscc_ecr_repository_creation_template" "t" {\n  prefix = "xx"\n'
            '  applied_for = ["PULL_THROUGH_CACHE"]\n'
        ),
        'resource "awscc_ecr_repository" "r" {\n  repository_name = "xx/a"\n',
    ],
    ids=["template", "repository"],
)
def test_filters_of_tags_are_read_in_cloudformations_words(
    tmp_path: Path, head: str, tags: str, *, fires: bool
) -> None:
    name = "image_tag_mutability_exclusion_filter"
    code = (
        f'{head}  image_tag_mutability = "MUTABLE_WITH_EXCLUSION"\n  {name}s = [\n'
        f'    {{ {name}_type = "WILDCARD", {name}_value = "{tags}" }}\n  ]\n}}\n'
    )

    found = findings_of(
        tmp_path, {"cc.tf": PROVIDER, "main.tf": RULE.replace("HOST", "quay.io") + code}
    )

    assert [each.rule for each in found] == ["cache-immutable"] * fires


def test_a_twin_is_where_its_own_provider_is(tmp_path: Path) -> None:
    other = PROVIDER.replace("eu-west-1", "us-east-1")
    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n}\n' + other + RULE, encoding="utf-8"
    )

    (record,) = read_code(tmp_path, project_root=tmp_path, topology=None).estate.records

    assert (record.kind, record.region, record.key) == (Kind.CACHE_RULE, "us-east-1", "xx")


def test_tags_of_a_twin_are_tags_by_name(tmp_path: Path) -> None:
    tags = '{ key = "team", value = "a" }, { key = "env", value = "b" }'
    (tmp_path / "main.tf").write_text(PROVIDER + TEMPLATE.replace("TAGS", tags), encoding="utf-8")

    (record,) = read_code(tmp_path, project_root=tmp_path, topology=None).estate.records

    assert record.get("resource_tags") == Known(value={"team": "a", "env": "b"})


TRUST = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { Service = "SERVICE" }
    Action    = "sts:AssumeRole"
  }] })"""
ALLOW = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect   = "Allow"
    Action   = ACTION
    Resource = RESOURCE
  }] })"""
OPEN = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = WHO
    Action    = ACTION
    RESOURCE
  }] })"""
OF_SECRET = """
resource "PROVIDER_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = REFERENCE
}
"""
OF_ROLE = """
resource "PROVIDER_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = "own"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = PROVIDER_iam_role.r.arn
}
"""


def secret(name: str, keys: str, key: str = "null") -> tuple[str, str]:
    """A secret of a rule, as the AWS provider's code has it and as Cloud Control's."""
    text = f"jsonencode({{ {keys} }})"
    return (
        f'''
resource "aws_secretsmanager_secret" "s" {{
  name       = "{name}"
  kms_key_id = {key}
}}
resource "aws_secretsmanager_secret_version" "s" {{
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = {text}
}}
{OF_SECRET.replace("PROVIDER", "aws").replace("REFERENCE", "aws_secretsmanager_secret.s.arn")}''',
        f'''
resource "awscc_secretsmanager_secret" "s" {{
  name          = "{name}"
  kms_key_id    = {key.replace("aws_kms", "awscc_kms")}
  secret_string = {text}
}}
{OF_SECRET.replace("PROVIDER", "awscc").replace("REFERENCE", "awscc_secretsmanager_secret.s.id")}''',
    )


def role(service: str, resource: str = '"*"') -> tuple[str, str]:
    """The role of a rule, with a policy of its own."""
    trust = TRUST.replace("SERVICE", service)
    policy = ALLOW.replace("ACTION", '["ecr:BatchImportUpstreamImage"]').replace(
        "RESOURCE", resource
    )
    return (
        f"""
resource "aws_iam_role" "r" {{
  name               = "fill"
  assume_role_policy = {trust}
}}
resource "aws_iam_role_policy" "r" {{
  name   = "x"
  role   = aws_iam_role.r.name
  policy = {policy}
}}
{OF_ROLE.replace("PROVIDER", "aws")}""",
        f"""
resource "awscc_iam_role" "r" {{
  role_name                   = "fill"
  assume_role_policy_document = {trust}
  policies                    = [{{ policy_name = "x", policy_document = {policy} }}]
}}
{OF_ROLE.replace("PROVIDER", "awscc")}""",
    )


def repository(who: str) -> tuple[str, str]:
    """A repository below a cache, with a policy."""
    cache = RULE.replace("HOST", "quay.io")
    policy = (
        OPEN.replace("WHO", who).replace("ACTION", '"ecr:BatchGetImage"').replace("RESOURCE", "")
    )
    return (
        f"""{cache.replace("awscc", "aws")}
resource "aws_ecr_repository" "x" {{
  name = "xx/app"
}}
resource "aws_ecr_repository_policy" "x" {{
  repository = aws_ecr_repository.x.name
  policy     = {policy}
}}
""",
        f"""{cache}
resource "awscc_ecr_repository" "x" {{
  repository_name        = "xx/app"
  repository_policy_text = {policy}
}}
""",
    )


def secret_policy(who: str) -> tuple[str, str]:
    own = secret("ecr-pullthroughcache/hub", 'username = "u", accessToken = var.t')
    policy = (
        OPEN.replace("WHO", who)
        .replace("ACTION", '"secretsmanager:GetSecretValue"')
        .replace("RESOURCE", 'Resource = "*"')
    )
    return (
        f"""variable "t" {{}}
{own[0]}
resource "aws_secretsmanager_secret_policy" "p" {{
  secret_arn = aws_secretsmanager_secret.s.arn
  policy     = {policy}
}}
""",
        f"""variable "t" {{}}
{own[1]}
resource "awscc_secretsmanager_resource_policy" "p" {{
  secret_id       = awscc_secretsmanager_secret.s.id
  resource_policy = {policy}
}}
""",
    )


def managed(action: str) -> tuple[str, str]:
    """A policy that is attached to a role of people who pull."""
    trust = TRUST.replace("SERVICE", "ec2.amazonaws.com")
    policy = ALLOW.replace("ACTION", action).replace("RESOURCE", '"*"')
    cache = RULE.replace("HOST", "quay.io")
    return (
        f"""{cache.replace("awscc", "aws")}
resource "aws_iam_role" "node" {{
  name               = "node"
  assume_role_policy = {trust}
}}
resource "aws_iam_policy" "p" {{
  name   = "pull"
  policy = {policy}
}}
resource "aws_iam_role_policy_attachment" "p" {{
  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.p.arn
}}
""",
        f"""{cache}
resource "awscc_iam_role" "node" {{
  role_name                   = "node"
  assume_role_policy_document = {trust}
}}
resource "awscc_iam_managed_policy" "p" {{
  managed_policy_name = "pull"
  policy_document     = {policy}
  roles               = [awscc_iam_role.node.role_name]
}}
""",
    )


RIGHT_KEYS = 'username = "u", accessToken = var.t'


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (secret("hub", RIGHT_KEYS), {"secret-name"}),
        (secret("ecr-pullthroughcache/hub", 'username = "u", password = var.t'), {"secret-keys"}),
        (
            secret(
                "ecr-pullthroughcache/hub", RIGHT_KEYS, '"arn:aws:kms:eu-west-1:111122223333:key/a"'
            ),
            {"secret-key-refused"},
        ),
        (secret("ecr-pullthroughcache/hub", RIGHT_KEYS), set()),
        (role("ecr.amazonaws.com"), {"trust-wrong-principal"}),
        (role("pullthroughcache.ecr.amazonaws.com"), set()),
        (repository('"*"'), {"grant-any-principal"}),
        (repository('{ AWS = "222233334444" }'), set()),
        (secret_policy('"*"'), {"grant-any-principal"}),
        (secret_policy('{ AWS = "arn:aws:iam::111122223333:root" }'), set()),
        (managed('"ecr:*"'), {"wildcard-action"}),
        (managed('"s3:GetObject"'), set()),
    ],
)
def test_every_twin_says_what_the_aws_provider_says(
    tmp_path: Path, pair: tuple[str, str], expected: set[str]
) -> None:
    """The same mistake in the words of either, and the same silence."""
    variable = "" if 'variable "t"' in pair[0] else 'variable "t" {}\n'
    rules = []
    for name, code in zip(("aws", "awscc"), pair, strict=True):
        found = findings_of(tmp_path / name, {"cc.tf": variable, "main.tf": code})
        rules.append({each.rule for each in found if each.severity.value != "info"})

    assert rules[1] == rules[0]
    assert expected <= rules[0] if expected else rules[0] == set()


def test_a_repository_of_the_twin_brings_its_lifecycle_policy(tmp_path: Path) -> None:
    code = """
resource "awscc_ecr_repository" "x" {
  repository_name  = "xx/app"
  lifecycle_policy = { lifecycle_policy_text = jsonencode({ rules = [] }) }
}
"""
    (tmp_path / "main.tf").write_text(PROVIDER + code, encoding="utf-8")

    records = read_code(tmp_path, project_root=tmp_path, topology=None).estate.records

    assert {record.kind: record.key for record in records} == {
        Kind.REPOSITORY: "xx/app",
        Kind.LIFECYCLE_POLICY: "xx/app",
    }
    assert records[1].get("policy") == Known(value={"rules": ()})
