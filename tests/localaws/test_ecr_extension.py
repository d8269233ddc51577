"""The ECR operations that moto lacks: what they answer and when they refuse."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, ParamValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.client import BaseClient

    from localaws.local import LocalAws

ACCOUNT, OTHER = "111122223333", "222233334444"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cache"
OTHER_REGISTRY = f"{OTHER}.dkr.ecr.us-east-1.amazonaws.com"
CREDENTIAL = json.dumps({"username": "name", "accessToken": "token"})


@pytest.fixture
def ecr(local_aws: LocalAws) -> BaseClient:
    return local_aws.client("ecr", account=ACCOUNT, region=REGION)


def body(answer: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def create(ecr: BaseClient, prefix: str, url: str, **more: str) -> dict[str, object]:
    return body(
        ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix=prefix, upstreamRegistryUrl=url, **more
        )
    )


def create_secret(
    local_aws: LocalAws,
    *,
    value: str | None = CREDENTIAL,
    account: str = ACCOUNT,
    region: str = REGION,
    **more: str,
) -> str:
    client = local_aws.client("secretsmanager", account=account, region=region)
    parameters = {"Name": "ecr-pullthroughcache/docker-hub", **more}
    if value is not None:
        parameters["SecretString"] = value
    return str(client.create_secret(**parameters)["ARN"])


def error_of(call: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = call.value.response["Error"]
    return error["Code"], error["Message"]


def policy(**changes: object) -> str:
    statement = {
        "Sid": "Pull",
        "Effect": "Allow",
        "Principal": {"AWS": [OTHER]},
        "Action": ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"],
        "Resource": [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/quay/*"],
    }
    kept = {name: value for name, value in {**statement, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


class TestRules:
    def test_create_answers_the_rule_without_its_time_of_change(self, ecr: BaseClient) -> None:
        answer = create(ecr, "quay", "quay.io")

        created = answer.pop("createdAt")
        assert isinstance(created, datetime.datetime)
        assert answer == {
            "ecrRepositoryPrefix": "quay",
            "upstreamRegistryUrl": "quay.io",
            "upstreamRegistry": "quay",
            "upstreamRepositoryPrefix": "ROOT",
            "registryId": ACCOUNT,
        }

    def test_describe_answers_every_member(self, ecr: BaseClient, local_aws: LocalAws) -> None:
        arn = create_secret(local_aws)
        create(ecr, "hub", "registry-1.docker.io", credentialArn=arn)
        create(
            ecr,
            "base",
            OTHER_REGISTRY,
            customRoleArn=ROLE,
            upstreamRepositoryPrefix="base/images",
        )

        rules = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]

        for rule in rules:
            assert rule.pop("createdAt") <= rule.pop("updatedAt")
        assert rules == [
            {
                "ecrRepositoryPrefix": "hub",
                "upstreamRegistryUrl": "registry-1.docker.io",
                "upstreamRegistry": "docker-hub",
                "upstreamRepositoryPrefix": "ROOT",
                "credentialArn": arn,
                "registryId": ACCOUNT,
            },
            {
                "ecrRepositoryPrefix": "base",
                "upstreamRegistryUrl": OTHER_REGISTRY,
                "upstreamRegistry": "ecr",
                "upstreamRepositoryPrefix": "base/images",
                "customRoleArn": ROLE,
                "registryId": ACCOUNT,
            },
        ]

    def test_describe_gives_pages(self, ecr: BaseClient) -> None:
        for number in range(5):
            create(ecr, f"quay{number}", "quay.io")

        pages = list(
            ecr.get_paginator("describe_pull_through_cache_rules").paginate(
                PaginationConfig={"PageSize": 2}
            )
        )

        prefixes = [
            [rule["ecrRepositoryPrefix"] for rule in page["pullThroughCacheRules"]]
            for page in pages
        ]
        assert prefixes == [["quay0", "quay1"], ["quay2", "quay3"], ["quay4"]]
        assert "nextToken" not in pages[-1]

    def test_describe_refuses_a_token_that_it_did_not_give(self, ecr: BaseClient) -> None:
        with pytest.raises(ClientError) as call:
            ecr.describe_pull_through_cache_rules(nextToken="?")

        assert error_of(call)[0] == "InvalidParameterException"

    def test_describe_of_an_unknown_prefix_is_an_error(self, ecr: BaseClient) -> None:
        with pytest.raises(ClientError) as call:
            ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["quay"])

        code, message = error_of(call)
        assert code == "PullThroughCacheRuleNotFoundException"
        assert f"prefix 'quay' does not exist in the registry with id '{ACCOUNT}'" in message

    def test_update_takes_a_credential_and_answers_no_url(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        first = create_secret(local_aws)
        second = create_secret(local_aws, Name="ecr-pullthroughcache/second")
        create(ecr, "hub", "registry-1.docker.io", credentialArn=first)

        answer = body(
            ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="hub", credentialArn=second)
        )

        assert set(answer) == {
            "ecrRepositoryPrefix",
            "registryId",
            "updatedAt",
            "credentialArn",
            "upstreamRepositoryPrefix",
        }
        assert answer["credentialArn"] == second

    def test_update_with_neither_arn_is_refused(self, ecr: BaseClient) -> None:
        create(ecr, "quay", "quay.io")

        with pytest.raises(ClientError) as call:
            ecr.update_pull_through_cache_rule(ecrRepositoryPrefix="quay")

        assert error_of(call) == (
            "InvalidParameterException",
            "Invalid input: Please set either credential arn or role arn to update the credentials",
        )

    def test_update_and_delete_of_an_unknown_prefix_are_errors(self, ecr: BaseClient) -> None:
        for operation in (
            ecr.update_pull_through_cache_rule,
            ecr.delete_pull_through_cache_rule,
            ecr.validate_pull_through_cache_rule,
        ):
            with pytest.raises(ClientError) as call:
                operation(ecrRepositoryPrefix="quay")
            assert error_of(call)[0] == "PullThroughCacheRuleNotFoundException"

    def test_delete_answers_what_is_gone(self, ecr: BaseClient) -> None:
        create(ecr, "quay", "quay.io")

        answer = body(ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay"))

        assert set(answer) == {
            "ecrRepositoryPrefix",
            "upstreamRegistryUrl",
            "createdAt",
            "registryId",
            "upstreamRepositoryPrefix",
        }
        assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []

    def test_a_second_rule_with_the_prefix_is_refused(self, ecr: BaseClient) -> None:
        create(ecr, "quay", "quay.io")

        with pytest.raises(ClientError) as call:
            create(ecr, "quay", "registry.k8s.io")

        assert error_of(call)[0] == "PullThroughCacheRuleAlreadyExistsException"

    @pytest.mark.parametrize(
        "host",
        [
            "docker.io",
            "gcr.io",
            "k8s.gcr.io",
            "mcr.microsoft.com",
            "docker.elastic.co",
            "quay.io/x",
        ],
    )
    def test_an_upstream_that_ecr_does_not_know_is_refused(
        self, ecr: BaseClient, host: str
    ) -> None:
        with pytest.raises(ClientError) as call:
            create(ecr, "somewhere", host)

        assert error_of(call)[0] == "UnsupportedUpstreamRegistryException"

    @pytest.mark.parametrize(
        "host",
        [
            "registry-1.docker.io",
            "ghcr.io",
            "acme.azurecr.io",
            "registry.gitlab.com",
            "cgr.dev",
        ],
    )
    def test_an_authenticated_upstream_without_a_credential_is_refused(
        self, ecr: BaseClient, host: str
    ) -> None:
        with pytest.raises(ClientError) as call:
            create(ecr, "somewhere", host)

        code, message = error_of(call)
        assert code == "UnsupportedUpstreamRegistryException"
        assert "requires authentication. Specify a valid Secrets Manager ARN" in message

    @pytest.mark.parametrize("host", ["public.ecr.aws", "quay.io", "registry.k8s.io"])
    def test_a_public_upstream_needs_no_credential(self, ecr: BaseClient, host: str) -> None:
        assert create(ecr, "somewhere", host)["upstreamRegistryUrl"] == host

    def test_an_upstream_registry_that_does_not_fit_the_url_is_refused(
        self, ecr: BaseClient
    ) -> None:
        with pytest.raises(ClientError) as call:
            create(ecr, "quay", "quay.io", upstreamRegistry="k8s")

        assert error_of(call)[0] == "InvalidParameterException"

    @pytest.mark.parametrize("prefix", ["Quay", "-quay", "quay//x", "quay_-x", "q" * 31, "root/"])
    def test_a_prefix_outside_the_model_is_refused(self, ecr: BaseClient, prefix: str) -> None:
        if prefix == "root/":
            assert create(ecr, prefix, "quay.io")["ecrRepositoryPrefix"] == prefix
            return
        with pytest.raises(ClientError) as call:
            create(ecr, prefix, "quay.io")

        code, message = error_of(call)
        assert code == "InvalidParameterException"
        assert "Invalid parameter at 'ecrRepositoryPrefix' failed to satisfy constraint" in message

    def test_botocore_itself_refuses_a_prefix_of_one_character(self, ecr: BaseClient) -> None:
        with pytest.raises(ParamValidationError):
            create(ecr, "q", "quay.io")

    def test_root_with_an_upstream_prefix_is_refused(self, ecr: BaseClient) -> None:
        with pytest.raises(ClientError) as call:
            create(ecr, "ROOT", "quay.io", upstreamRepositoryPrefix="org")

        assert error_of(call)[0] == "InvalidParameterException"
        assert create(ecr, "ROOT", "quay.io")["ecrRepositoryPrefix"] == "ROOT"

    def test_a_private_upstream_in_another_account_needs_a_role_of_this_account(
        self, ecr: BaseClient
    ) -> None:
        for more in ({}, {"customRoleArn": f"arn:aws:iam::{OTHER}:role/cache"}):
            with pytest.raises(ClientError) as call:
                create(ecr, "base", OTHER_REGISTRY, **more)
            assert error_of(call)[0] == "InvalidParameterException"

        assert create(ecr, "base", OTHER_REGISTRY, customRoleArn=ROLE)["upstreamRegistry"] == "ecr"

    def test_a_private_upstream_of_another_region_needs_no_role(self, ecr: BaseClient) -> None:
        host = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"

        assert create(ecr, "base", host)["upstreamRegistry"] == "ecr"

    def test_a_registry_cannot_cache_itself(self, ecr: BaseClient) -> None:
        with pytest.raises(ClientError) as call:
            create(ecr, "base", f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com")

        assert error_of(call)[0] == "UnsupportedUpstreamRegistryException"

    def test_the_fifty_first_rule_is_refused(self, ecr: BaseClient) -> None:
        for number in range(50):
            create(ecr, f"quay{number}", "quay.io")

        with pytest.raises(ClientError) as call:
            create(ecr, "quay50", "quay.io")

        assert error_of(call)[0] == "LimitExceededException"

    def test_the_registry_of_another_account_is_out_of_reach(self, ecr: BaseClient) -> None:
        with pytest.raises(ClientError) as call:
            create(ecr, "quay", "quay.io", registryId=OTHER)

        assert error_of(call)[0] == "AccessDeniedException"


class TestCredentials:
    def not_found(self, ecr: BaseClient, arn: str) -> bool:
        with pytest.raises(ClientError) as call:
            create(ecr, "hub", "registry-1.docker.io", credentialArn=arn)
        return error_of(call)[0] == "SecretNotFoundException"

    def test_a_secret_that_does_not_exist_is_not_found(self, ecr: BaseClient) -> None:
        arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/docker-hub-ab12cd"

        assert self.not_found(ecr, arn)

    def test_a_secret_without_a_version_is_not_found(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        assert self.not_found(ecr, create_secret(local_aws, value=None))

    def test_a_secret_of_another_region_is_not_found(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        assert self.not_found(ecr, create_secret(local_aws, region="us-east-1"))

    def test_a_secret_of_another_account_is_not_found(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        assert self.not_found(ecr, create_secret(local_aws, account=OTHER))

    def test_a_deleted_secret_is_not_found(self, ecr: BaseClient, local_aws: LocalAws) -> None:
        arn = create_secret(local_aws)
        local_aws.client("secretsmanager", account=ACCOUNT).delete_secret(
            SecretId=arn, RecoveryWindowInDays=7
        )

        assert self.not_found(ecr, arn)

    def test_an_arn_without_its_random_end_is_not_found(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        assert self.not_found(ecr, create_secret(local_aws)[:-7])

    def test_a_secret_under_a_key_of_the_customer_cannot_be_decrypted(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        key = local_aws.client("kms", account=ACCOUNT).create_key()["KeyMetadata"]["Arn"]
        arn = create_secret(local_aws, KmsKeyId=key)

        with pytest.raises(ClientError) as call:
            create(ecr, "hub", "registry-1.docker.io", credentialArn=arn)

        assert error_of(call)[0] == "UnableToDecryptSecretValueException"

    def test_a_secret_with_another_kind_of_name_is_refused(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        arn = create_secret(local_aws, Name="docker-hub-credential-of-the-team")

        with pytest.raises(ClientError) as call:
            create(ecr, "hub", "registry-1.docker.io", credentialArn=arn)

        assert error_of(call)[0] == "InvalidParameterException"

    def test_validate_says_that_a_rule_is_fine(self, ecr: BaseClient, local_aws: LocalAws) -> None:
        arn = create_secret(local_aws)
        create(ecr, "hub", "registry-1.docker.io", credentialArn=arn)

        answer = body(ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="hub"))

        assert answer == {
            "ecrRepositoryPrefix": "hub",
            "registryId": ACCOUNT,
            "upstreamRegistryUrl": "registry-1.docker.io",
            "upstreamRepositoryPrefix": "ROOT",
            "credentialArn": arn,
            "isValid": True,
            "failure": "",
        }

    @pytest.mark.parametrize("value", ["token", "[]", '{"username": "u", "password": "p"}'])
    def test_validate_answers_that_a_credential_is_bad_and_raises_nothing(
        self, ecr: BaseClient, local_aws: LocalAws, value: str
    ) -> None:
        arn = create_secret(local_aws, value=value)
        create(ecr, "hub", "registry-1.docker.io", credentialArn=arn)

        answer = ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="hub")

        assert answer["isValid"] is False
        assert "accessToken" in answer["failure"]


class TestTemplates:
    def test_create_and_describe_answer_the_template_with_its_defaults(
        self, ecr: BaseClient
    ) -> None:
        created = body(
            ecr.create_repository_creation_template(
                prefix="ROOT",
                appliedFor=["PULL_THROUGH_CACHE"],
                resourceTags=[{"Key": "owner", "Value": "platform"}],
                customRoleArn=ROLE,
            )
        )
        described = body(ecr.describe_repository_creation_templates(prefixes=["ROOT"]))

        template = created["repositoryCreationTemplate"]
        assert created["registryId"] == described["registryId"] == ACCOUNT
        assert described["repositoryCreationTemplates"] == [template]
        assert isinstance(template, dict)
        del template["createdAt"], template["updatedAt"]
        assert template == {
            "prefix": "ROOT",
            "appliedFor": ["PULL_THROUGH_CACHE"],
            "resourceTags": [{"Key": "owner", "Value": "platform"}],
            "customRoleArn": ROLE,
            "imageTagMutability": "MUTABLE",
            "encryptionConfiguration": {"encryptionType": "AES256"},
        }

    def test_update_keeps_what_is_not_given(self, ecr: BaseClient) -> None:
        ecr.create_repository_creation_template(
            prefix="quay", appliedFor=["PULL_THROUGH_CACHE"], description="before"
        )

        answer = ecr.update_repository_creation_template(
            prefix="quay", imageTagMutability="IMMUTABLE"
        )

        template = answer["repositoryCreationTemplate"]
        assert template["description"] == "before"
        assert template["imageTagMutability"] == "IMMUTABLE"

    def test_delete_answers_the_template_and_it_is_gone(self, ecr: BaseClient) -> None:
        ecr.create_repository_creation_template(prefix="quay", appliedFor=["REPLICATION"])

        answer = ecr.delete_repository_creation_template(prefix="quay")

        assert answer["repositoryCreationTemplate"]["prefix"] == "quay"
        remaining = ecr.describe_repository_creation_templates(prefixes=["quay"])
        assert remaining["repositoryCreationTemplates"] == []

    def test_describe_gives_pages(self, ecr: BaseClient) -> None:
        for prefix in "abc":
            ecr.create_repository_creation_template(prefix=prefix, appliedFor=["REPLICATION"])

        first = ecr.describe_repository_creation_templates(maxResults=2)
        second = ecr.describe_repository_creation_templates(
            maxResults=2, nextToken=first["nextToken"]
        )

        assert len(first["repositoryCreationTemplates"]) == 2
        assert [one["prefix"] for one in second["repositoryCreationTemplates"]] == ["c"]

    def test_a_second_template_with_the_prefix_is_refused(self, ecr: BaseClient) -> None:
        ecr.create_repository_creation_template(prefix="quay", appliedFor=["REPLICATION"])

        with pytest.raises(ClientError) as call:
            ecr.create_repository_creation_template(prefix="quay", appliedFor=["REPLICATION"])

        assert error_of(call)[0] == "TemplateAlreadyExistsException"

    def test_update_and_delete_of_an_unknown_prefix_are_errors(self, ecr: BaseClient) -> None:
        for operation in (
            ecr.update_repository_creation_template,
            ecr.delete_repository_creation_template,
        ):
            with pytest.raises(ClientError) as call:
                operation(prefix="quay")
            assert error_of(call)[0] == "TemplateNotFoundException"

    @pytest.mark.parametrize(
        "parameters",
        [
            {"appliedFor": ["PULL"]},
            {"repositoryPolicy": "not JSON"},
            {"lifecyclePolicy": "[]"},
            {"customRoleArn": f"arn:aws:iam::{OTHER}:role/template"},
            {"encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/ecr"}},
            {"imageTagMutability": "MUTABLE_WITH_EXCLUSION"},
            {
                "imageTagMutabilityExclusionFilters": [
                    {"filterType": "WILDCARD", "filter": "latest"}
                ]
            },
        ],
        ids=lambda parameters: next(iter(parameters)),
    )
    def test_a_template_with_a_wrong_value_is_refused(
        self, ecr: BaseClient, parameters: dict[str, object]
    ) -> None:
        with pytest.raises(ClientError) as call:
            ecr.create_repository_creation_template(
                **{"prefix": "quay", "appliedFor": ["PULL_THROUGH_CACHE"], **parameters}
            )

        assert error_of(call)[0] == "InvalidParameterException"


class TestAccountSettings:
    def test_a_new_registry_has_scope_v2(self, ecr: BaseClient) -> None:
        answer = body(ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE"))

        assert answer == {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"}

    def test_a_setting_is_kept_in_its_account_and_region(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        answer = body(ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED"))

        elsewhere = local_aws.client("ecr", account=ACCOUNT, region="us-east-1")
        assert answer == {"name": "BLOB_MOUNTING", "value": "ENABLED"}
        assert ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "ENABLED"
        assert elsewhere.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"

    def test_scope_v1_can_be_seeded_but_no_longer_put(
        self, ecr: BaseClient, local_aws: LocalAws
    ) -> None:
        local_aws.seed_account_setting(
            account=ACCOUNT, region=REGION, name="REGISTRY_POLICY_SCOPE", value="V1"
        )

        assert ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"] == "V1"
        with pytest.raises(ClientError) as call:
            ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
        assert error_of(call)[0] == "InvalidParameterException"

    def test_an_unknown_setting_is_refused(self, ecr: BaseClient) -> None:
        with pytest.raises(ClientError) as call:
            ecr.get_account_setting(name="SCOPE")

        assert error_of(call)[0] == "InvalidParameterException"


class TestRegistryPolicy:
    def test_a_policy_for_accounts_is_kept_as_it_was_put(self, ecr: BaseClient) -> None:
        text = policy(Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/x-*"}})

        answer = body(ecr.put_registry_policy(policyText=text))

        assert answer == {"registryId": ACCOUNT, "policyText": text}
        assert ecr.get_registry_policy()["policyText"] == text
        ecr.delete_registry_policy()
        with pytest.raises(ClientError) as call:
            ecr.get_registry_policy()
        assert error_of(call)[0] == "RegistryPolicyNotFoundException"

    @pytest.mark.parametrize(
        "principal",
        ["*", {"AWS": "*"}, {"AWS": f"arn:aws:iam::{OTHER}:root"}, {"Service": "x.amazonaws.com"}],
        ids=["everyone", "every-account", "root", "service"],
    )
    def test_these_principals_need_not_exist(self, ecr: BaseClient, principal: object) -> None:
        text = policy(Principal=principal)

        assert ecr.put_registry_policy(policyText=text)["policyText"] == text

    @pytest.mark.parametrize("name", ["role/ci/builder", "user/deploy"])
    def test_a_role_or_user_in_principal_must_exist(
        self, ecr: BaseClient, local_aws: LocalAws, name: str
    ) -> None:
        text = policy(Principal={"AWS": f"arn:aws:iam::{OTHER}:{name}"})
        with pytest.raises(ClientError) as call:
            ecr.put_registry_policy(policyText=text)
        assert error_of(call)[0] == "InvalidParameterException"
        assert "Invalid registry policy provided" in error_of(call)[1]

        iam = local_aws.client("iam", account=OTHER)
        trust = '{"Version": "2012-10-17", "Statement": []}'
        iam.create_role(RoleName="builder", Path="/ci/", AssumeRolePolicyDocument=trust)
        iam.create_user(UserName="deploy")

        assert ecr.put_registry_policy(policyText=text)["policyText"] == text

    @pytest.mark.parametrize(
        "text",
        [
            "not JSON",
            "[]",
            '{"Version": "2012-10-17"}',
            '{"Version": "2012-10-17", "Statement": []}',
            policy(Resource=None),
            policy(Resource=[f"arn:aws:ecr:{REGION}:{OTHER}:repository/*"]),
            policy(Resource=[f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/*"]),
            policy(Resource=["repository/*"]),
            policy(Action=None),
            policy(Action="s3:GetObject"),
            policy(Principal=None),
            policy(Principal={"AWS": []}),
            policy(Principal={"AWS": "builder"}),
            policy(Principal={"Federated": "cognito-identity.amazonaws.com"}),
            policy(Effect="allow"),
            policy(Sid="x" * 10_241),
        ],
        ids=[
            "text",
            "list",
            "no-statement",
            "empty-statement",
            "no-resource",
            "other-account",
            "other-region",
            "no-arn",
            "no-action",
            "other-service",
            "no-principal",
            "empty-principal",
            "name",
            "federated",
            "effect",
            "too-long",
        ],
    )
    def test_a_policy_that_ecr_cannot_use_is_refused(self, ecr: BaseClient, text: str) -> None:
        with pytest.raises(ClientError) as call:
            ecr.put_registry_policy(policyText=text)

        assert error_of(call)[0] == "InvalidParameterException"
