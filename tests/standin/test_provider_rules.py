"""What the provider refuses at validate although it fits the schema."""

from __future__ import annotations

import json

import pytest

from standin.rules import RULES, configuration_problems
from standin.schema import load
from standin.values import UNKNOWN

RULE, SECRET = "aws_ecr_pull_through_cache_rule", "aws_secretsmanager_secret"
VERSION, TEMPLATE = "aws_secretsmanager_secret_version", "aws_ecr_repository_creation_template"
ROLE, SETTING = "aws_iam_role", "aws_ecr_account_setting"

REFUSED = [
    (RULE, {"ecr_repository_prefix": "a"}),
    (RULE, {"ecr_repository_prefix": "a" * 31}),
    (RULE, {"ecr_repository_prefix": "Quay"}),
    (RULE, {"ecr_repository_prefix": "a__b"}),
    (RULE, {"ecr_repository_prefix": "docker--hub"}),
    (RULE, {"ecr_repository_prefix": "root/Root"}),
    (RULE, {"ecr_repository_prefix": "quay", "upstream_repository_prefix": "x"}),
    (RULE, {"ecr_repository_prefix": "quay", "credential_arn": "ecr-pullthroughcache/hub"}),
    (RULE, {"ecr_repository_prefix": "quay", "custom_role_arn": "role"}),
    ("aws_ecr_registry_policy", {"policy": "[]"}),
    ("aws_ecr_registry_policy", {"policy": "{"}),
    (TEMPLATE, {"prefix": "q"}),
    (TEMPLATE, {"prefix": "quay", "description": "d" * 256}),
    (TEMPLATE, {"prefix": "quay", "applied_for": ["PULL"]}),
    (TEMPLATE, {"prefix": "quay", "image_tag_mutability": "mutable"}),
    (TEMPLATE, {"prefix": "quay", "encryption_configuration": [{"encryption_type": "SSE"}]}),
    (SETTING, {"name": "SCOPE", "value": "V2"}),
    (SETTING, {"name": "REGISTRY_POLICY_SCOPE", "value": "V3"}),
    (SECRET, {"recovery_window_in_days": 6}),
    (SECRET, {"recovery_window_in_days": 31}),
    (SECRET, {"name": "a", "name_prefix": "b"}),
    (SECRET, {"name": "with space"}),
    (VERSION, {"secret_string_wo": "value"}),
    (VERSION, {"secret_string_wo_version": 1}),
    (VERSION, {"secret_string": "a", "secret_binary": "Yg=="}),
    (
        VERSION,
        {"secret_string": "a", "secret_string_wo": "b", "secret_string_wo_version": 1},
    ),
    (ROLE, {"name": "r" * 65}),
    (ROLE, {"name": "with space"}),
    (ROLE, {"name": "ci/builder"}),
    (ROLE, {"path": "ci/"}),
    (ROLE, {"max_session_duration": 60}),
    (ROLE, {"assume_role_policy": "{"}),
    ("aws_iam_role_policy", {"name": "p", "policy": "no"}),
    ("aws_iam_policy", {"name": "p" * 129}),
    ("aws_iam_role_policy_attachment", {"policy_arn": "ReadOnly"}),
    ("aws_kms_key", {"deletion_window_in_days": 3}),
    ("aws_kms_alias", {"name": "ecr"}),
    ("time_sleep", {}),
    ("time_sleep", {"create_duration": "15"}),
]
ACCEPTED = [
    (RULE, {"ecr_repository_prefix": "ROOT"}),
    (RULE, {"ecr_repository_prefix": "team/quay.io_x-1/", "upstream_repository_prefix": "ROOT"}),
    (RULE, {"ecr_repository_prefix": UNKNOWN, "credential_arn": UNKNOWN}),
    (TEMPLATE, {"prefix": "ROOT", "applied_for": ["PULL_THROUGH_CACHE", "CREATE_ON_PUSH"]}),
    (TEMPLATE, {"prefix": "quay", "encryption_configuration": UNKNOWN}),
    (SETTING, {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"}),
    (SECRET, {"name": "ecr-pullthroughcache/docker-hub", "recovery_window_in_days": 0}),
    (VERSION, {"secret_string_wo": UNKNOWN, "secret_string_wo_version": 2}),
    (ROLE, {"name": "r", "path": "/ci/x/", "assume_role_policy": json.dumps({"Statement": []})}),
    ("time_sleep", {"create_duration": "0s"}),
    ("aws_vpc_endpoint", {"anything": True}),
]


@pytest.mark.parametrize(("type_name", "config"), REFUSED)
def test_the_provider_refuses(type_name: str, config: dict[str, object]) -> None:
    assert list(configuration_problems("resource", type_name, config))


@pytest.mark.parametrize(("type_name", "config"), ACCEPTED)
def test_the_provider_accepts(type_name: str, config: dict[str, object]) -> None:
    assert list(configuration_problems("resource", type_name, config)) == []


def test_a_secret_is_looked_up_by_one_key() -> None:
    for config in ({}, {"arn": "a", "name": "b"}):
        assert list(configuration_problems("data", SECRET, config))

    assert list(configuration_problems("data", SECRET, {"name": "b"})) == []


def test_rules_are_about_types_that_exist() -> None:
    kinds = {"resource": "resource_schemas", "data": "data_source_schemas"}

    for kind, type_name in RULES:
        provider = "time" if type_name == "time_sleep" else "aws"
        assert type_name in load(provider)[kinds[kind]]
