"""The local AWS: accounts, resets, the record of calls, secrets across accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3.session
import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from localaws.local import LocalAws

FIRST, SECOND = "111122223333", "222233334444"


def test_accounts_and_regions_do_not_see_each_other(local_aws: LocalAws) -> None:
    ecr = local_aws.client("ecr", account=FIRST)

    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")

    elsewhere = [
        local_aws.client("ecr", account=SECOND),
        local_aws.client("ecr", account=FIRST, region="us-east-1"),
    ]
    assert len(ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]) == 1
    for client in elsewhere:
        assert client.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_a_client_acts_in_its_account_in_every_partition(
    local_aws: LocalAws, region: str, partition: str
) -> None:
    identity = local_aws.client("sts", account=SECOND, region=region).get_caller_identity()

    assert identity["Account"] == SECOND
    assert identity["Arn"].startswith(f"arn:{partition}:sts::{SECOND}:assumed-role/")


def test_a_reset_empties_every_account(local_aws: LocalAws) -> None:
    local_aws.client("iam", account=FIRST).create_role(
        RoleName="puller", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )

    local_aws.reset()

    assert local_aws.client("iam", account=FIRST).list_roles()["Roles"] == []


def test_keys_from_before_a_reset_are_refused_and_not_the_default_accounts(
    local_aws: LocalAws,
) -> None:
    old = local_aws.credentials(FIRST)
    session = boto3.session.Session(
        old.access_key_id, old.secret_access_key, old.session_token, "eu-west-1"
    )
    local_aws.reset()

    client = session.client("ecr", endpoint_url=local_aws.endpoint_url)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client.describe_pull_through_cache_rules()
    client.close()


def test_every_call_is_recorded_with_account_region_and_outcome(local_aws: LocalAws) -> None:
    ecr = local_aws.client("ecr", account=FIRST, region="eu-west-1")
    iam = local_aws.client("iam", account=SECOND)
    s3 = local_aws.client("s3", account=FIRST, region="eu-west-1")
    local_aws.forget_calls()

    ecr.describe_pull_through_cache_rules()
    with pytest.raises(ClientError):
        ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    with pytest.raises(ClientError):
        iam.get_role(RoleName="nobody")
    s3.create_bucket(Bucket="state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    seen = [
        (call.service, call.operation, call.account, call.region, call.error, call.is_read)
        for call in local_aws.calls()
    ]
    assert seen == [
        ("ecr", "DescribePullThroughCacheRules", FIRST, "eu-west-1", None, True),
        (
            "ecr",
            "DeletePullThroughCacheRule",
            FIRST,
            "eu-west-1",
            "PullThroughCacheRuleNotFoundException",
            False,
        ),
        ("iam", "GetRole", SECOND, "eu-west-1", "NoSuchEntity", True),
        ("s3", "PUT /state", FIRST, "eu-west-1", None, False),
    ]
    assert [call.operation for call in local_aws.writes()] == [
        "DeletePullThroughCacheRule",
        "PUT /state",
    ]
    assert json.loads(local_aws.calls()[1].parameters) == {"ecrRepositoryPrefix": "quay"}


def test_an_operation_that_nobody_wrote_is_an_error_at_once(local_aws: LocalAws) -> None:
    ecr = local_aws.client("ecr", account=FIRST)

    with pytest.raises(ClientError, match="NotImplemented"):
        ecr.list_pull_time_update_exclusions()

    assert len([call for call in local_aws.calls() if call.service == "ecr"]) == 1


def test_credentials_do_not_show_in_a_text(local_aws: LocalAws) -> None:
    credentials = local_aws.credentials(FIRST)

    assert credentials.secret_access_key not in repr(credentials)
    assert credentials.session_token not in repr(credentials)


def test_the_arn_of_another_accounts_secret_never_gives_the_callers_own(
    local_aws: LocalAws,
) -> None:
    owner = local_aws.client("secretsmanager", account=FIRST)
    caller = local_aws.client("secretsmanager", account=SECOND)
    arn = owner.create_secret(Name="shared", SecretString="theirs")["ARN"]
    caller.create_secret(Name="shared", SecretString="mine")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        caller.get_secret_value(SecretId=arn)


def test_a_shared_secret_is_read_when_its_policy_lets_the_caller_in(local_aws: LocalAws) -> None:
    owner = local_aws.client("secretsmanager", account=FIRST)
    caller = local_aws.client("secretsmanager", account=SECOND)
    arn = owner.create_secret(Name="shared", SecretString="theirs")["ARN"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SECOND}:root"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    owner.put_resource_policy(
        SecretId=arn,
        ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )

    assert caller.get_secret_value(SecretId=arn)["SecretString"] == "theirs"
    with pytest.raises(ClientError, match="AccessDeniedException"):
        caller.put_secret_value(SecretId=arn, SecretString="overwritten")


def test_a_secret_of_another_region_is_not_found(local_aws: LocalAws) -> None:
    arn = local_aws.client("secretsmanager", account=FIRST).create_secret(
        Name="here", SecretString="value"
    )["ARN"]
    elsewhere = local_aws.client("secretsmanager", account=FIRST, region="us-east-1")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        elsewhere.get_secret_value(SecretId=arn)
