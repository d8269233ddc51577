"""What an identity provider says of its user goes on in requests of the role that the user assumed."""

import pytest
from policy_worlds import HUB, REGION, STRANGER

from generator.iam import (
    Access,
    Judgement,
    Question,
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
    parse_policy,
)
from generator.model.estate import Json
from generator.model.levels import PULL_THROUGH_SERVICE, Level
from generator.model.values import AccountId

SHOP = AccountId("222233334444")
QUAY = f"arn:aws:ecr:{REGION}:{HUB}:repository/quay/*"
NODES = Access(
    account=SHOP,
    role=None,
    actions=frozenset(Level.CACHED.actions),
    repositories="quay/*",
    region=REGION,
    registry_account=HUB,
)
DECLARED: dict[str, Json] = {
    "Effect": "Allow",
    "Principal": {"AWS": SHOP},
    "Action": Level.CACHED.actions,
    "Resource": QUAY,
}
OF_SESSIONS = [
    "cognito-identity.amazonaws.com:sub",
    "accounts.google.com:aud",
    "www.amazon.com:user_id",
    "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF:sub",
    "token.actions.githubusercontent.com:sub",
    "saml:sub",
    "saml:namequalifier",
]
OF_ASSUMING = ["sts:ExternalId", "sts:RoleSessionName", "saml:aud", "saml:doc"]


def judge(*more: dict[str, Json]) -> Judgement:
    document: Json = {"Version": "2012-10-17", "Statement": (DECLARED, *more)}
    return judge_resource_policy(
        parse_policy(document, source="p"),
        registry_account=HUB,
        region=REGION,
        intended=[NODES],
        known_accounts=[SHOP],
    )


def allow(condition: Json, **changes: Json) -> dict[str, Json]:
    return {**DECLARED, "Principal": {"AWS": STRANGER}, "Condition": condition, **changes}


def deny(condition: Json) -> dict[str, Json]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "ecr:*",
        "Resource": "*",
        "Condition": condition,
    }


@pytest.mark.parametrize("key", OF_SESSIONS)
def test_the_session_of_a_federated_user_gets_in_by_what_its_provider_says(key: str) -> None:
    over = judge(allow({"StringLike": {key: "*"}})).over

    assert [(one.account, list(one.context)) for one in over] == [(STRANGER, [key])]


@pytest.mark.parametrize("key", OF_SESSIONS)
def test_whether_a_deny_of_federated_sessions_hits_a_consumer_is_not_known(key: str) -> None:
    undecided = judge(deny({"StringLike": {key: "*"}})).undecided

    assert [one.question for one in undecided] == [Question.UNDER_GRANT]
    assert key in undecided[0].reason


@pytest.mark.parametrize("key", OF_ASSUMING)
def test_a_key_of_requests_to_assume_a_role_leaves_open_what_ecr_makes_of_it(key: str) -> None:
    judgement = judge(allow({"StringEquals": {key: "anything"}}))

    assert not judgement.over
    assert f"{key} is documented for requests to assume a role" in judgement.undecided[0].reason


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"sts:ExternalId": "abc"}},
        {"Null": {"saml:aud": "true"}},
    ],
)
def test_a_deny_by_a_key_of_assuming_is_never_proved_harmless(condition: Json) -> None:
    assert judge(deny(condition)).undecided


@pytest.mark.parametrize("key", OF_SESSIONS)
def test_a_provider_named_beside_the_declared_account_changes_nothing(key: str) -> None:
    declared = {**DECLARED, "Condition": {"StringLike": {key: "*"}}}

    assert judge(declared) == Judgement()


def test_an_identity_policy_may_assume_roles_with_an_external_id() -> None:
    statements: Json = (
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"sts:ExternalId": "abc"}},
        },
    )
    judgement = judge_identity_policies(
        [parse_policy({"Version": "2012-10-17", "Statement": statements}, source="p")],
        account=SHOP,
        role="node",
        intended=(),
        judged_prefixes=(),
    )

    assert judgement == Judgement()


def test_a_session_of_an_identity_provider_may_assume_the_next_role() -> None:
    statements: Json = (
        {
            "Effect": "Allow",
            "Principal": {"Service": PULL_THROUGH_SERVICE},
            "Action": "sts:AssumeRole",
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": STRANGER},
            "Action": "sts:AssumeRole",
            "Condition": {"StringLike": {"saml:sub": "*"}},
        },
    )
    judgement = judge_trust_policy(
        parse_policy({"Version": "2012-10-17", "Statement": statements}, source="p"),
        account=HUB,
        service=PULL_THROUGH_SERVICE,
    )

    assert [one.account for one in judgement.over] == [STRANGER]


def test_how_a_user_signed_in_is_several_values() -> None:
    key = "cognito-identity.amazonaws.com:amr"
    condition: Json = {
        "ForAnyValue:StringEquals": {key: "authenticated"},
        "ForAnyValue:StringLike": {key: "graph.*"},
    }

    assert judge(allow(condition)).over
