"""Requests and answers against botocore's models."""

from __future__ import annotations

import datetime

import pytest

from localaws.ecr import ALWAYS_ANSWERED, OPERATIONS
from localaws.shapes import operation_model, request_problems, response_problems

NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("operation", "parameters", "problem"),
    [
        ("CreatePullThroughCacheRule", {"ecrRepositoryPrefix": "quay"}, "upstreamRegistryUrl"),
        (
            "CreatePullThroughCacheRule",
            {"ecrRepositoryPrefix": "Quay", "upstreamRegistryUrl": "quay.io"},
            "regular expression",
        ),
        (
            "CreatePullThroughCacheRule",
            {"ecrRepositoryPrefix": "q", "upstreamRegistryUrl": "quay.io"},
            "greater than or equal to 2",
        ),
        (
            "CreatePullThroughCacheRule",
            {"ecrRepositoryPrefix": "q" * 31, "upstreamRegistryUrl": "quay.io"},
            "less than or equal to 30",
        ),
        (
            "CreatePullThroughCacheRule",
            {
                "ecrRepositoryPrefix": "gcr",
                "upstreamRegistryUrl": "gcr.io",
                "upstreamRegistry": "gcr",
            },
            "enum value set",
        ),
        ("DescribePullThroughCacheRules", {"ecrRepositoryPrefixes": []}, "equal to 1"),
        ("DescribePullThroughCacheRules", {"maxResults": 1001}, "equal to 1000"),
        ("DescribePullThroughCacheRules", {"maxResults": True}, "integer"),
        ("PutRegistryPolicy", {"policyText": " " * 10_241}, "less than or equal to 10240"),
        ("PutRegistryPolicy", {"policyText": "{}", "registryId": "1"}, "registryId"),
        (
            "CreateRepositoryCreationTemplate",
            {
                "prefix": "a",
                "appliedFor": ["PULL_THROUGH_CACHE"],
                "encryptionConfiguration": {"kmsKey": "alias/ecr"},
            },
            "encryptionType",
        ),
    ],
)
def test_a_request_that_ecr_refuses_has_a_problem(
    operation: str, parameters: dict[str, object], problem: str
) -> None:
    problems = request_problems(operation_model("ecr", operation), parameters)

    assert problem in " ".join(problems)


@pytest.mark.parametrize("prefix", ["ROOT", "a0", "a/b", "quay/", "a__b", "docker--hub", "a" * 30])
def test_a_prefix_that_the_api_takes_has_no_problem(prefix: str) -> None:
    parameters = {"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": "quay.io"}

    assert request_problems(operation_model("ecr", "CreatePullThroughCacheRule"), parameters) == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"name": "BLOB_MOUNTING", "value": "ENABLED", "since": "2024"}, "since"),
        ({"name": "BLOB_MOUNTING"}, "value: missing"),
        ({"name": "BLOB_MOUNTING", "value": None}, "None is not a string"),
    ],
)
def test_an_answer_that_departs_from_the_model_has_a_problem(
    answer: dict[str, object], problem: str
) -> None:
    model = operation_model("ecr", "GetAccountSetting")

    problems = response_problems(model, answer, ALWAYS_ANSWERED["GetAccountSetting"])

    assert problem in " ".join(problems)


def test_an_answer_is_judged_inside_its_lists() -> None:
    rule = {"ecrRepositoryPrefix": "quay", "createdAt": "yesterday", "updatedAt": NOW}
    model = operation_model("ecr", "DescribePullThroughCacheRules")

    problems = response_problems(model, {"pullThroughCacheRules": [rule]})

    assert problems == ["pullThroughCacheRules[0].createdAt: 'yesterday' is not a timestamp"]


def test_every_operation_of_ours_says_what_it_always_answers() -> None:
    assert set(ALWAYS_ANSWERED) == set(OPERATIONS)
    for name, members in ALWAYS_ANSWERED.items():
        output = operation_model("ecr", name).output_shape
        assert output is not None
        assert set(members) <= set(output.members)
