"""Caches that a policy cannot reach are left out of its judgement: they really are out of reach."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_worlds import ACCOUNTS, HUB, REGION, documents

from generator.iam import RepositoryScope, Request, decide, parse_policy
from generator.iam.actions import acts_on_a_repository, ecr_actions
from generator.iam.reach import JudgedScopes
from generator.model.estate import Json
from generator.model.values import Region

OTHER_REGION = Region("us-east-1")
SCOPES = [
    RepositoryScope(region=region, registry_account=account, repositories="docker-hub/*")
    for account in (HUB, *ACCOUNTS)
    for region in (REGION, OTHER_REGION)
]
ACTIONS = [action for action in sorted(ecr_actions()) if acts_on_a_repository(action)]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    document=documents(identity=True),
    name=st.sampled_from(["docker-hub/library/nginx", "docker-hub/a", "docker-hub/quay/a"]),
)
def test_nothing_is_allowed_where_a_policy_does_not_reach(document: Json, name: str) -> None:
    policy = parse_policy(document, source="policy")

    reached = JudgedScopes(SCOPES).in_reach([policy])

    for scope in SCOPES:
        if scope in reached:
            continue
        owner = str(scope.registry_account)
        for action in ACTIONS:
            request = Request(
                principal=f"arn:aws:iam::{ACCOUNTS[0]}:role/puller",
                action=action,
                resource=f"arn:aws:ecr:{scope.region}:{owner}:repository/{name}",
                context={"aws:SecureTransport": "true"},
            )
            decision = decide(request, resource_account=owner, identity_policies=[policy])
            assert decision.allowed is False, request


@pytest.mark.parametrize(
    ("action", "resource", "reached"),
    [
        ("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:{HUB}:repository/quay/*", 1),
        ("ecr:BatchGetImage", f"arn:aws:ecr:*:{HUB}:repository/quay/*", 2),
        ("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:*:repository/quay/*", 3),
        ("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:1111*:repository/quay/*", 3),
        ("ecr:BatchGetImage", f"arn:aws:ecr:*{HUB}:repository/quay/*", 6),
        ("ecr:BatchGetImage", "*", 6),
        ("ecr:*", "*", 6),
        ("ecr:GetAuthorizationToken", "*", 0),
        ("ecr:GetAuth*", "*", 0),
        ("s3:GetObject", "*", 0),
    ],
)
def test_a_statement_reaches_the_registries_of_its_resources(
    action: str, resource: str, reached: int
) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = parse_policy({"Statement": statement}, source="policy")

    assert len(JudgedScopes(SCOPES).in_reach([policy])) == reached


def test_what_a_statement_leaves_out_or_denies_is_no_bound() -> None:
    hub = f"arn:aws:ecr:{REGION}:{HUB}:repository/*"
    denied: Json = {"Effect": "Deny", "Action": "ecr:*", "Resource": "*"}
    left_out: Json = {"Effect": "Allow", "Action": "ecr:*", "NotResource": hub}

    assert (
        JudgedScopes(SCOPES).in_reach([parse_policy({"Statement": denied}, source="policy")]) == []
    )
    policy = parse_policy({"Statement": left_out}, source="policy")
    assert JudgedScopes(SCOPES).in_reach([policy]) == tuple(SCOPES)
