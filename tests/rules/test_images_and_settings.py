"""Images that name a cache, settings that a registry has once, and arguments of later providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of, rules_of

if TYPE_CHECKING:
    from pathlib import Path

CACHES = """
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/h-AbCdEf"
}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
data "aws_caller_identity" "me" {}
"""
HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def task(image: str) -> str:
    """A task with one container."""
    return (
        'resource "aws_ecs_task_definition" "t" {\n  family = "t"\n'
        f'  container_definitions = jsonencode([{{ name = "c", image = "{image}" }}])\n}}\n'
    )


def function(image: str) -> str:
    """A function that runs an image."""
    return (
        'resource "aws_lambda_function" "f" {\n  function_name = "f"\n  role = "r"\n'
        f'  package_type = "Image"\n  image_uri = "{image}"\n}}\n'
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (task(f"{HOST}/docker-hub/nginx:1"), "docker-hub-name"),
        (task(f"{HOST}/docker-hub/nginx@sha256:aa"), "docker-hub-name"),
        (
            task(
                "${data.aws_caller_identity.me.account_id}.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/nginx"
            ),
            "docker-hub-name",
        ),
        (task(f"{HOST}/docker-hub/library/nginx:1"), None),
        (task(f"{HOST}/quay/nginx:1"), None),
        (task(f"{HOST}/docker-hub-other/nginx:1"), None),
        (task("docker-hub/nginx:1"), None),
        (task(f"{HOST.replace('111122223333', '222233334444')}/docker-hub/nginx:1"), None),
        (function(f"{HOST}/quay/acme/app:1"), "lambda-image-cached"),
        (function(f"{HOST}/team/app:1"), None),
        (function(f"{HOST.replace('eu-west-1', 'us-east-1')}/quay/acme/app:1"), None),
        (
            function(f"{HOST}/quay/acme/app:1")
            + 'resource "aws_ecr_repository" "r" {\n  name = "quay/acme/app"\n}\n',
            None,
        ),
    ],
)
def test_images_below_a_cache(tmp_path: Path, code: str, expected: str | None) -> None:
    found = rules_of(tmp_path, CACHES + code)

    assert found == ([("finding", expected)] if expected else [])


@pytest.mark.parametrize(
    ("name", "number"), [("nginx", 1), ("library/nginx", 0), ("*", 0), ("nginx*", 0)]
)
def test_policies_about_names_that_docker_hub_does_not_have(
    tmp_path: Path, name: str, number: int
) -> None:
    code = f"""
resource "aws_iam_policy" "p" {{
  name = "p"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect   = "Allow"
    Action   = "ecr:BatchGetImage"
    Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/{name}"
  }}] }})
}}
"""

    assert rules_of(tmp_path, CACHES + code) == [("finding", "docker-hub-name")] * number


def test_code_that_runs_images_of_others_holds_no_records(tmp_path: Path) -> None:
    assert rules_of(tmp_path, task("nginx:1") + function("public.ecr.aws/a/b:1")) == []


REPLICATION = """
resource "aws_ecr_replication_configuration" "NAME" {
  REGION
  replication_configuration {
    rule {
      destination {
        region      = "eu-central-1"
        registry_id = "111122223333"
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("second", "number"),
    [
        (REPLICATION.replace("NAME", "b").replace("REGION", ""), 1),
        (REPLICATION.replace("NAME", "b").replace("REGION", 'region = "us-east-1"'), 0),
    ],
)
def test_a_registry_has_one_replication_configuration(
    tmp_path: Path, second: str, number: int
) -> None:
    code = REPLICATION.replace("NAME", "a").replace("REGION", "") + second

    found = findings_of(tmp_path, {"main.tf": code})

    assert [each.rule for each in found if each.rule == "two-registry-settings"] == [
        "two-registry-settings"
    ] * number


@pytest.mark.parametrize(("number", "expected"), [(50, []), (51, ["too-many-caches"])])
def test_a_registry_has_at_most_fifty_caches(
    tmp_path: Path, number: int, expected: list[str]
) -> None:
    code = (
        'resource "aws_ecr_pull_through_cache_rule" "r" {\n'
        f'  for_each = toset([for n in range({number}) : "team-${{n}}"])\n'
        '  ecr_repository_prefix = each.key\n  upstream_registry_url = "quay.io"\n}\n'
    )

    assert [rule for _, rule in rules_of(tmp_path, code)] == expected


SETTING = """
resource "aws_ecr_account_setting" "s" {
  region = "eu-west-1"
  name   = "REGISTRY_POLICY_SCOPE"
  value  = "V2"
}
"""


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("~> 5.0", 1),
        ("~> 5.90", 1),
        ("~> 5.90.1", 1),
        (">= 5.0, < 6.0", 1),
        ("5.100.0", 1),
        ("<= 5.99.9", 1),
        ("~> 6.0", 0),
        (">= 5.0", 0),
        (">= 5.0, < 7.0", 0),
        ("~> 5", 0),
        ("nonsense", 0),
    ],
)
def test_an_argument_that_no_allowed_version_has(tmp_path: Path, version: str, number: int) -> None:
    code = (
        "terraform {\n  required_providers {\n"
        f'    aws = {{ source = "hashicorp/aws", version = "{version}" }}\n  }}\n}}\n'
    )

    assert rules_of(tmp_path, code + SETTING) == [("finding", "argument-too-new")] * number


TEMPLATE = """
resource "aws_ecr_repository_creation_template" "t" {
  prefix      = "team"
  applied_for = [FOR]
}
"""
SECRET_VERSION = """
resource "aws_secretsmanager_secret" "s" { name = "ecr-pullthroughcache/s" }
resource "aws_secretsmanager_secret_version" "s" {
  secret_id                = aws_secretsmanager_secret.s.id
  secret_string_wo         = jsonencode({ username = "u", accessToken = var.t })
  secret_string_wo_version = 1
}
variable "t" { default = "token" }
"""
CACHE = """
resource "aws_ecr_pull_through_cache_rule" "r" {
  ecr_repository_prefix = "team"
  upstream_registry_url = "quay.io"
  MORE
}
"""


@pytest.mark.parametrize(
    ("code", "before", "since"),
    [
        (CACHE.replace("MORE", 'credential_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/s-AbCdEf"'), "~> 5.36.0", "~> 5.37.0"),
        (CACHE.replace("MORE", 'upstream_repository_prefix = "x"'), "< 5.93", "~> 5.93"),
        (CACHE.replace("MORE", ""), "~> 3.69.0", "~> 3.70"),
        (TEMPLATE.replace("FOR", '"REPLICATION"'), "~> 5.60.0", "5.61.0"),
        (TEMPLATE.replace("FOR", '"REPLICATION", "CREATE_ON_PUSH"'), "~> 6.27.0", "~> 6.28.0"),
        (TEMPLATE.replace("FOR", 'for each_one in ["REPLICATION"] : each_one'), "~> 5.60.0", ">= 5"),
        (SECRET_VERSION, "~> 5.87.0", "~> 5.88.0"),
        ('resource "aws_ecr_account_setting" "s" {\n  name = "BLOB_MOUNTING"\n  value = "ENABLED"\n}\n', "~> 6.28.0", "~> 6.29.0"),
        ('resource "aws_ecr_account_setting" "s" {\n  name = "REGISTRY_POLICY_SCOPE"\n  value = "V2"\n}\n', "~> 5.80.0", "~> 5.81"),
        ('resource "aws_ecr_pull_time_update_exclusion" "s" {\n  principal_arn = "arn:aws:iam::111122223333:role/x"\n}\n', "6.27.0", "6.28.0"),
        ('resource "aws_ecr_repository" "s" {\n  name = "s"\n  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"\n}\n', "~> 6.7.0", "~> 6.8"),
    ],
)  # fmt: skip
def test_what_came_later_is_refused_before_and_taken_since(
    tmp_path: Path, code: str, before: str, since: str
) -> None:
    def found(version: str) -> set[str]:
        head = (
            'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n'
            f'      version = "{version}"\n    }}\n  }}\n}}\n'
        )
        results = findings_of(tmp_path, {"versions.tf": head, "main.tf": code})
        too_new = [each.message for each in results if each.rule == "argument-too-new"]
        assert all(
            "`required_providers` (versions.tf, line 5) allows only" in one for one in too_new
        )
        return set(too_new)

    assert found(before)
    assert not found(since)


def test_the_root_binds_the_modules_that_it_calls(tmp_path: Path) -> None:
    call = (
        'terraform {\n  required_providers {\n    aws = { version = "~> 5.0" }\n  }\n}\n'
        'module "m" {\n  source = "./m"\n}\n'
    )

    found = findings_of(tmp_path, {"main.tf": call, "m/main.tf": SETTING})

    assert [each.rule for each in found] == ["argument-too-new"]
