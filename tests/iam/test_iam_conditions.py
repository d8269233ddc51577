"""Every condition operator, with its key present and missing, in evaluator and engine alike."""

import pytest
from policy_worlds import HUB, REGION, STRANGER, arn, unknown

from generator.iam import Request, decide, judge_resource_policy, parse_policy
from generator.model.estate import Json

ARN = arn(STRANGER, "puller")
ORGANIZATION = "o-a1b2c3d4e5"
PATH = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"


def policy_with(condition: Json, effect: str = "Allow") -> Json:
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": effect,
            "Principal": "*",
            "Action": "ecr:BatchGetImage",
            "Resource": "*",
            "Condition": condition,
        },
    }


def decision_on(condition: Json, context: dict[str, str | tuple[str, ...]]) -> bool | None:
    policy = parse_policy(policy_with(condition), source="test")
    request = Request(
        principal=ARN,
        action="ecr:BatchGetImage",
        resource=f"arn:aws:ecr:eu-west-1:{HUB}:repository/a1",
        context=context,
    )
    return decide(request, resource_account=HUB, resource_policies=(policy,)).allowed


MISSING = [
    ("StringEquals", False),
    ("StringNotEquals", True),
    ("StringEqualsIgnoreCase", False),
    ("StringNotEqualsIgnoreCase", True),
    ("StringLike", False),
    ("StringNotLike", True),
    ("ArnEquals", False),
    ("ArnLike", False),
    ("ArnNotEquals", True),
    ("ArnNotLike", True),
    ("StringEqualsIfExists", True),
    ("StringNotEqualsIfExists", True),
    ("StringLikeIfExists", True),
    ("ArnLikeIfExists", True),
    ("ForAnyValue:StringEquals", False),
    ("ForAnyValue:StringNotEquals", False),
    ("ForAnyValue:StringLike", False),
    ("ForAllValues:StringEquals", True),
    ("ForAllValues:StringNotEquals", True),
    ("ForAllValues:ArnLike", True),
    ("ForAnyValue:StringLikeIfExists", True),
]


@pytest.mark.parametrize(("operator", "expected"), MISSING)
def test_a_missing_key_decides_as_aws_documents(operator: str, expected: bool) -> None:
    value = "arn:aws:x:y:1:z" if "Arn" in operator else "vpce-1"

    assert decision_on({operator: {"aws:SourceVpce": value}}, {}) is expected


@pytest.mark.parametrize(("operator", "expected"), MISSING)
def test_the_engine_lets_in_callers_without_the_key_exactly_where_aws_does(
    operator: str, expected: bool
) -> None:
    """An anonymous caller has no organization, so it is let in by a missing key alone."""
    value = "arn:aws:x:y:1:z" if "Arn" in operator else ORGANIZATION
    policy = parse_policy(policy_with({operator: {"aws:PrincipalOrgID": value}}), source="test")

    judgement = judge_resource_policy(
        policy, registry_account=HUB, region=REGION, intended=(), known_accounts=()
    )

    assert any(over.principal == "*" for over in judgement.over) is expected


@pytest.mark.parametrize(("operator", "expected"), [("Bool", False), ("BoolIfExists", True)])
def test_a_missing_bool_decides_as_aws_documents(operator: str, expected: bool) -> None:
    assert decision_on({operator: {"aws:SecureTransport": "true"}}, {}) is expected


@pytest.mark.parametrize(
    ("wanted", "context", "expected"),
    [
        ("true", {}, True),
        ("false", {}, False),
        ("true", {"aws:SourceVpce": "vpce-1"}, False),
        ("false", {"aws:SourceVpce": "vpce-1"}, True),
    ],
)
def test_null_tests_whether_a_key_is_there(
    wanted: str, context: dict[str, str | tuple[str, ...]], expected: bool
) -> None:
    assert decision_on({"Null": {"aws:SourceVpce": wanted}}, context) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:PrincipalAccount", STRANGER, True),
        ("StringEquals", "AWS:principalACCOUNT", STRANGER, True),
        ("StringEquals", "aws:PrincipalAccount", "9*", False),
        ("StringLike", "aws:PrincipalAccount", "9*", True),
        ("StringNotLike", "aws:PrincipalAccount", "9*", False),
        ("StringEquals", "aws:PrincipalArn", ARN.upper(), False),
        ("StringEqualsIgnoreCase", "aws:PrincipalArn", ARN.upper(), True),
        ("StringNotEqualsIgnoreCase", "aws:PrincipalArn", ARN.upper(), False),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/pull*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:*:role/puller", None),
        ("ArnLike", "aws:PrincipalArn", "*", None),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin", True),
        ("Bool", "aws:PrincipalIsAWSService", "false", True),
        ("Bool", "aws:PrincipalIsAWSService", "FALSE", True),
        ("StringEquals", "aws:ResourceAccount", HUB, True),
        ("StringEquals", "aws:ResourceAccount", STRANGER, False),
        ("StringEquals", "aws:PrincipalAccount", ("111111111111", STRANGER), True),
        ("StringNotEquals", "aws:PrincipalAccount", ("111111111111", STRANGER), False),
        ("StringEquals", "aws:PrincipalArn", unknown(), None),
        ("StringEquals", "aws:PrincipalArn", unknown("arn:aws:iam::", None), None),
        ("StringEquals", "aws:PrincipalArn", unknown("arn:aws:s3::", None), False),
        ("StringNotEquals", "aws:PrincipalArn", unknown("arn:aws:s3::", None), True),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/*", None),
    ],
)
def test_a_present_key_decides_as_aws_documents(
    operator: str, key: str, value: Json, expected: bool | None
) -> None:
    assert decision_on({operator: {key: value}}, {}) is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAnyValue:StringLike", (PATH,), True),
        ("ForAnyValue:StringLike", ("o-other00000/r-x/", PATH), True),
        ("ForAnyValue:StringLike", ("o-other00000/r-x/",), False),
        ("ForAllValues:StringLike", (PATH, f"{PATH}ou-ab12-22222222/"), True),
        ("ForAllValues:StringLike", ("o-other00000/r-x/", PATH), False),
        ("ForAnyValue:StringNotLike", ("o-other00000/r-x/", PATH), True),
        ("ForAllValues:StringNotLike", ("o-other00000/r-x/", PATH), False),
    ],
)
def test_set_operators_quantify_over_the_values_of_the_request(
    operator: str, values: tuple[str, ...], expected: bool
) -> None:
    condition = {operator: {"aws:PrincipalOrgPaths": f"{PATH}*"}}

    assert decision_on(condition, {"aws:PrincipalOrgPaths": values}) is expected


def test_all_operators_and_keys_of_a_block_must_hold() -> None:
    both: Json = {
        "StringEquals": {"aws:PrincipalAccount": STRANGER, "aws:SourceVpce": "vpce-1"},
        "Bool": {"aws:SecureTransport": "true"},
    }

    assert decision_on(both, {"aws:SourceVpce": "vpce-1", "aws:SecureTransport": "true"}) is True
    assert decision_on(both, {"aws:SourceVpce": "vpce-1"}) is False
    assert decision_on(both, {"aws:SecureTransport": "true"}) is False
