"""The policies for deployers and readers, held against the calls that Terraform really makes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from e2e.project import from_example
from e2e.test_examples_applied import EXISTING_SECRETS, ORDERS, SUPPLIED
from generator.iam import Request, decide, parse_policy

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.project import Project
    from localaws.local import LocalAws
    from localaws.recording import Call
    from terraform.fixtures import TerraformFactory

# Whoever has no rights at all may ask who it is.
ALWAYS_ALLOWED = {("sts", "GetCallerIdentity"), ("sts", "AssumeRole")}


def resource_of(call: Call) -> str:
    """The resource that AWS checks a call against: an ARN, or `*` where the action takes none."""
    if call.service == "secretsmanager":
        parameters = json.loads(call.parameters)
        name = parameters.get("SecretId", parameters.get("Name"))
        if name.startswith("arn:"):
            return str(name)
        return f"arn:aws:secretsmanager:{call.region}:{call.account}:secret:{name}-AbC123"
    if call.service == "iam":
        parameters = {key: value[0] for key, value in parse_qs(call.parameters).items()}
        if "RoleName" in parameters:
            return f"arn:aws:iam::{call.account}:role/{parameters['RoleName']}"
        if "PolicyArn" in parameters:
            return parameters["PolicyArn"]
        return f"arn:aws:iam::{call.account}:policy/{parameters['PolicyName']}"
    return "*"


def context_of(call: Call) -> dict[str, str]:
    """The condition keys that AWS would have for a call."""
    context = {"aws:RequestedRegion": call.region}
    if call.operation in {"AttachRolePolicy", "DetachRolePolicy"}:
        context["iam:PolicyARN"] = parse_qs(call.parameters)["PolicyArn"][0]
    return context


def policies(project: Project, purpose: str) -> dict[str, object]:
    document = project.forebay("policies", purpose, "--format", "json").document
    found = document["policies"]
    assert isinstance(found, list)
    return {policy["account_id"]: policy["policy"] for policy in found}


def allows(document: object, call: Call) -> bool:
    request = Request(
        principal=f"arn:aws:iam::{call.account}:role/deployer",
        action=f"{call.service}:{call.operation}",
        resource=resource_of(call),
        context=context_of(call),
    )
    policy = parse_policy(frozen(document), source="the policy")
    assert not policy.problems
    return (
        decide(request, resource_account=call.account, identity_policies=[policy]).allowed is True
    )


def frozen(value: object) -> object:
    match value:
        case dict():
            return {key: frozen(item) for key, item in value.items()}
        case list():
            return tuple(map(frozen, value))
        case _:
            return value


@pytest.mark.slow
@pytest.mark.parametrize("example", ORDERS)
def test_the_deployer_s_policy_allows_every_call_of_apply_plan_and_destroy(
    example: str, tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    project = from_example(example, tmp_path)
    for account, region, name in EXISTING_SECRETS.get(example, []):
        secrets = local_aws.client("secretsmanager", account=account, region=region)
        secrets.create_secret(Name=name, SecretString="made by a person")
    deployers = policies(project, "deployer")
    local_aws.forget_calls()

    for root in ORDERS[example]:
        terraform = terraform_factory(project.file(root), SUPPLIED, account=project.accounts[root])
        terraform.init()
        terraform.apply()
        terraform.plan()
        terraform.destroy()

    calls = [
        call for call in local_aws.calls if (call.service, call.operation) not in ALWAYS_ALLOWED
    ]
    assert any(not call.is_read for call in calls)
    refused = {
        (call.account, call.service, call.operation, resource_of(call))
        for call in calls
        if not allows(deployers[call.account], call)
    }
    assert refused == set()


@pytest.mark.parametrize("example", ORDERS)
def test_a_policy_allows_nothing_in_general(example: str, tmp_path: Path) -> None:
    project = from_example(example, tmp_path)

    for purpose in ("deployer", "reader"):
        for document in policies(project, purpose).values():
            for statement in document["Statement"]:
                assert not any("*" in action for action in statement["Action"])
                if statement["Resource"] == ["*"]:
                    assert "aws:RequestedRegion" in statement["Condition"]["StringEquals"]
                for resource in statement["Resource"]:
                    assert "{" not in resource
                if purpose == "reader":
                    for action in statement["Action"]:
                        assert re.match(r"\w+:(Describe|Get|List)", action)
                        assert action != "secretsmanager:GetSecretValue"


def test_one_account_s_policy_is_a_document_alone(tmp_path: Path) -> None:
    project = from_example("private-to-private", tmp_path)

    several = json.loads(project.forebay("policies", "deployer").stdout)
    one = json.loads(project.forebay("policies", "deployer", "--account", "shop").stdout)
    unknown = project.forebay("policies", "deployer", "--account", "shopp")

    assert set(several) == {"platform", "shop"}
    assert several["shop"] == one
    assert one["Version"] == "2012-10-17"
    assert unknown.exit_code == 1
    assert "Did you mean `shop`?" in unknown.stderr


def test_a_role_is_passed_to_the_one_service_that_assumes_it(tmp_path: Path) -> None:
    project = from_example("private-to-private", tmp_path)

    document = json.loads(project.forebay("policies", "deployer", "--account", "shop").stdout)

    (passed,) = [one for one in document["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert passed["Resource"] == ["arn:aws:iam::222233334444:role/forebay-upstream"]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "pullthroughcache.ecr.amazonaws.com"}
    }
