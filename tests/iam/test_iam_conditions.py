"""Every condition operator, with its key present and missing, in evaluator and engine alike."""

import pytest
from policy_worlds import HUB, REGION, STRANGER, arn, unknown

from generator.iam import Access, Request, decide, judge_resource_policy, parse_policy
from generator.iam.evaluate import intends
from generator.iam.guards import tests_of as keys_tested
from generator.model.estate import Json

ARN = arn(STRANGER, "puller")
ORGANIZATION = "o-a1b2c3d4e5"
PATH = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"


def policy_with(condition: Json, effect: str = "Allow", action: Json = "ecr:BatchGetImage") -> Json:
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": effect,
            "Principal": "*",
            "Action": action,
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
    ("ForAnyValue:StringLikeIfExists", False),
    ("ForAnyValue:StringEqualsIfExists", False),
    ("ForAnyValue:StringNotLikeIfExists", False),
    ("ForAllValues:StringLikeIfExists", True),
    ("forallvalues:arnnotlikeifexists", True),
]


@pytest.mark.parametrize(("operator", "expected"), MISSING)
def test_a_missing_key_decides_as_aws_documents(operator: str, expected: bool) -> None:
    value = "arn:aws:x:y:1:z" if "Arn" in operator else "vpce-1"

    assert decision_on({operator: {"aws:SourceVpce": value}}, {}) is expected


@pytest.mark.parametrize(("operator", "expected"), MISSING)
def test_what_is_read_by_its_words_alone_says_the_same_of_a_missing_key(
    operator: str, expected: bool
) -> None:
    (test,) = keys_tested({operator: {"aws:SourceVpce": "vpce-1"}}) or ()

    assert test.holds_without_key is expected


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


@pytest.mark.parametrize("key", ["aws:PrincipalArn", "aws:principalarn"])
def test_the_role_of_a_session_is_what_its_key_says_however_that_is_spelled(key: str) -> None:
    role = arn(STRANGER, "team/puller")
    statement = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "ecr:BatchGetImage"}
    policy = parse_policy({"Statement": {**statement, "Resource": "*"}}, source="test")
    request = Request(
        principal=f"arn:aws:sts::{STRANGER}:assumed-role/puller/alice",
        action="ecr:BatchGetImage",
        resource=f"arn:aws:ecr:eu-west-1:{HUB}:repository/a1",
        context={key: role},
    )

    decision = decide(request, resource_account=HUB, resource_policies=(policy,))

    assert decision.allowed is True


@pytest.mark.parametrize("key", ["aws:PrincipalOrgID", "AWS:principalorgid"])
@pytest.mark.parametrize(("path", "expected"), [(PATH, True), (f"{ORGANIZATION}/r-x/", False)])
def test_what_is_intended_for_a_unit_is_so_however_keys_are_spelled(
    key: str, path: str, expected: bool
) -> None:
    access = Access(
        account=None,
        role=None,
        actions=frozenset({"ecr:BatchGetImage"}),
        repositories="a*",
        region=REGION,
        registry_account=HUB,
        organization=ORGANIZATION,
        unit=PATH,
    )
    request = Request(
        principal=ARN,
        action="ecr:BatchGetImage",
        resource=f"arn:aws:ecr:eu-west-1:{HUB}:repository/a1",
        context={key: ORGANIZATION, "aws:principalorgpaths": path},
    )

    assert intends([access], request) is expected


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
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:ResourceAccount}:role/*", False),
        ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}", True),
        ("StringEquals", "aws:PrincipalAccount", "${aws:SourceAccount}", False),
        ("StringNotEquals", "aws:PrincipalAccount", "${aws:SourceAccount}", None),
        ("StringEquals", "aws:PrincipalAccount", f"${{aws:SourceAccount, '{STRANGER}'}}", True),
        ("StringLike", "aws:PrincipalArn", "*${aws:username}*", None),
        ("StringLike", "aws:PrincipalArn", "*${*}*", False),
    ],
)
def test_a_present_key_decides_as_aws_documents(
    operator: str, key: str, value: Json, expected: bool | None
) -> None:
    assert decision_on({operator: {key: value}}, {}) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "given", "expected"),
    [
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.113.255", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.114.0", False),
        ("IpAddress", "aws:SourceIp", ("10.0.0.0/8", "203.0.113.7"), "203.0.113.7", True),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32", "2001:db8::1", True),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.113.7", False),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", None, True),
        ("NotIpAddress", "aws:SourceIp", ("10.0.0.0/8", "203.0.113.0/24"), "10.1.2.3", False),
        ("IpAddress", "aws:SourceIp", "not an address", "203.0.113.7", None),
        ("IpAddress", "aws:SourceIp", unknown(), "203.0.113.7", None),
        ("StringEquals", "aws:SourceIp", "203.0.113.7", "203.0.113.7", None),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600", "3599", True),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600", "3600", False),
        ("NumericLessThanEquals", "aws:MultiFactorAuthAge", 3600, "3600", True),
        ("NumericGreaterThan", "aws:MultiFactorAuthAge", ("9", "5"), "6", True),
        ("NumericNotEquals", "aws:MultiFactorAuthAge", "6", None, True),
        ("NumericNotEquals", "aws:MultiFactorAuthAge", "6.0", "6", False),
        ("NumericEqualsIfExists", "aws:MultiFactorAuthAge", "6", None, True),
        ("NumericEquals", "aws:MultiFactorAuthAge", "6", None, False),
        ("NumericEquals", "aws:MultiFactorAuthAge", "six", "6", None),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2026-01-02", True),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01", "2026-01-01T00:00:00Z", False),
        (
            *("DateLessThan", "aws:CurrentTime", "2026-01-01T01:00:00+02:00"),
            *("2025-12-31T23:00:00Z", False),
        ),
        ("DateEquals", "aws:CurrentTime", "1767225600", "2026-01-01T00:00:00Z", True),
        ("DateLessThan", "aws:CurrentTime", "soon", "2026-01-01T00:00:00Z", None),
        ("DateLessThan", "aws:CurrentTime", "2026", "2026-01-01T00:00:00Z", None),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", None, True),
        ("Bool", "aws:ViaAWSService", "true", "false", False),
        ("StringEquals", "aws:ResourceTag/Team", "shop", "shop", True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ("a", "b"), ("b",), True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ("a", "b"), ("b", "c"), False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ("a", "b"), ("b", "c"), True),
        ("StringEquals", "aws:TagKeys", "a", ("a",), None),
        ("StringEquals", "aws:username", "bob", "bob", None),
        ("BinaryEquals", "aws:TagKeys", "QQ==", ("a",), None),
    ],
)
def test_addresses_numbers_dates_and_sets_compare_as_aws_documents(
    operator: str, key: str, value: Json, given: str | tuple[str, ...] | None, expected: bool | None
) -> None:
    context = {} if given is None else {key: given}

    assert decision_on({operator: {key: value}}, context) is expected


def test_two_names_of_one_value_are_one() -> None:
    assert decision_on(
        {"NumericEquals": {"aws:EpochTime": "0"}}, {"aws:CurrentTime": "1970-01-01T00:00:00Z"}
    )
    assert decision_on(
        {"StringEquals": {"ecr:ResourceTag/team": "shop"}}, {"aws:ResourceTag/team": "shop"}
    )
    policy = parse_policy(
        policy_with(
            {
                "StringEquals": {"ecr:ResourceTag/team": "a", "aws:ResourceTag/team": "b"},
            }
        ),
        source="test",
    )
    assert not judge_resource_policy(
        policy, registry_account=HUB, region=REGION, intended=(), known_accounts=()
    ).over


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, ("aws:SourceIp", "198.51.100.1")),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.0.0/8"}}, None),
        (
            {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
            ("aws:CurrentTime", "2029-12-31T23:59:59Z"),
        ),
        (
            {
                "NumericGreaterThan": {"aws:EpochTime": "1767225600"},
                "DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:02Z"},
            },
            ("aws:CurrentTime", "2026-01-01T00:00:01Z"),
        ),
        (
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
            ("aws:MultiFactorAuthAge", "3599"),
        ),
        (
            {
                "ForAllValues:StringEquals": {"aws:TagKeys": ("a", "b")},
                "Null": {"aws:TagKeys": "false"},
            },
            ("aws:TagKeys", ("a",)),
        ),
    ],
)
def test_a_witness_shows_the_circumstances(
    condition: Json, shown: tuple[str, str | tuple[str, ...]] | None
) -> None:
    # Tags come with a new repository.
    actions = ("ecr:BatchGetImage", "ecr:CreateRepository")
    policy = parse_policy(policy_with(condition, action=actions), source="test")

    judgement = judge_resource_policy(
        policy, registry_account=HUB, region=REGION, intended=(), known_accounts=()
    )

    assert judgement.over
    assert not judgement.undecided
    if shown is not None:
        assert judgement.over[0].request.context[shown[0]] == shown[1]


def test_conditions_that_exclude_each_other_let_nobody_in() -> None:
    condition = {
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
        "NotIpAddress": {"aws:SourceIp": "10.0.0.0/7"},
    }
    policy = parse_policy(policy_with(condition), source="test")

    judgement = judge_resource_policy(
        policy, registry_account=HUB, region=REGION, intended=(), known_accounts=()
    )

    assert not judgement.over
    assert not judgement.undecided


def test_too_many_values_of_a_set_are_left_undecided() -> None:
    condition = {"ForAnyValue:StringEquals": {"aws:TagKeys": tuple(f"key{n}" for n in range(12))}}
    policy = parse_policy(policy_with(condition), source="test")

    judgement = judge_resource_policy(
        policy, registry_account=HUB, region=REGION, intended=(), known_accounts=()
    )

    assert judgement.undecided
    assert "every combination" in judgement.undecided[0].reason


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
