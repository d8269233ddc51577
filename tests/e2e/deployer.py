"""Holds the policies of `forebay policies` against the calls that Terraform really made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from generator.iam import Request, decide, parse_policy
from generator.model.values import Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from e2e.project import Project
    from localaws.local import LocalAws
    from localaws.recording import Call

# Whoever has no rights at all may ask who it is.
ALWAYS_ALLOWED = {("sts", "GetCallerIdentity"), ("sts", "AssumeRole")}


def resource_of(call: Call, roles: Mapping[tuple[str, str], str]) -> str:
    """The resource that AWS checks a call against: an ARN, or `*` where the action takes none."""
    if call.operation in {"ListRoles", "ListSecrets"}:
        return "*"
    partition = Region.parse(call.region).aws_partition.id
    if call.service == "secretsmanager":
        parameters = json.loads(call.parameters)
        name = parameters.get("SecretId", parameters.get("Name"))
        if name.startswith("arn:"):
            return str(name)
        return f"arn:{partition}:secretsmanager:{call.region}:{call.account}:secret:{name}-AbC123"
    if (call.service, call.operation) == ("kms", "DescribeKey"):
        return f"arn:{partition}:kms:{call.region}:{call.account}:key/1234abcd"
    if call.operation == "ListTagsForResource" and call.service == "ecr":
        return str(json.loads(call.parameters)["resourceArn"])
    if call.operation in {
        "DescribeImages",
        "DescribeRepositories",
        "GetLifecyclePolicy",
        "GetRepositoryPolicy",
    }:
        parameters = json.loads(call.parameters)
        (name,) = parameters.get("repositoryNames", [parameters.get("repositoryName", "*")])
        return f"arn:{partition}:ecr:{call.region}:{call.account}:repository/{name}"
    if call.service == "iam":
        parameters = {key: value[0] for key, value in parse_qs(call.parameters).items()}
        if "RoleName" in parameters:
            name = parameters["RoleName"]
            plain = (
                f"arn:{partition}:iam::{call.account}:role/{parameters.get('Path', '/')[1:]}{name}"
            )
            return roles.get((call.account, name), plain)
        if "PolicySourceArn" in parameters:
            return parameters["PolicySourceArn"]
        if "PolicyArn" in parameters:
            return parameters["PolicyArn"]
        path = parameters.get("Path", "/")[1:]
        return f"arn:{partition}:iam::{call.account}:policy/{path}{parameters['PolicyName']}"
    return "*"


def context_of(call: Call) -> dict[str, str]:
    """The condition keys that AWS would have for a call."""
    context = {"aws:RequestedRegion": call.region}
    if call.operation in {"AttachRolePolicy", "DetachRolePolicy"}:
        context["iam:PolicyARN"] = parse_qs(call.parameters)["PolicyArn"][0]
    return context


def policies(project: Project, purpose: str) -> dict[str, Any]:
    """The policies for a purpose by the id of their account."""
    document = project.forebay("policies", purpose, "--format", "json").document
    found = document["policies"]
    assert isinstance(found, list)
    return {policy["account_id"]: policy["policy"] for policy in found}


def for_policy_arn(document: dict[str, Any], call: Call) -> dict[str, Any]:
    """The document with its conditions on `iam:PolicyARN` decided here: the engine has no such key."""
    context = context_of(call)
    statements = []
    for statement in document["Statement"]:
        wanted = statement.get("Condition", {}).get("ArnEquals", {}).get("iam:PolicyARN")
        if wanted is None:
            statements.append(statement)
        elif context.get("iam:PolicyARN") in wanted:
            statements.append({key: statement[key] for key in statement if key != "Condition"})
    return {**document, "Statement": statements}


def allows(document: dict[str, Any], call: Call, resource: str) -> bool:
    """Whether a policy allows a call, as the plain evaluator has it."""
    request = Request(
        principal=f"arn:aws:iam::{call.account}:role/deployer",
        action=f"{call.service}:{call.operation}",
        resource=resource,
        context=context_of(call),
    )
    policy = parse_policy(frozen(for_policy_arn(document, call)), source="the policy")
    assert not policy.problems
    return (
        decide(request, resource_account=call.account, identity_policies=[policy]).allowed is True
    )


def frozen(value: object) -> object:
    """A JSON value with tuples for lists, as policies are read."""
    match value:
        case dict():
            return {key: frozen(item) for key, item in value.items()}
        case list():
            return tuple(map(frozen, value))
        case _:
            return value


def role_arns(local_aws: LocalAws, accounts: Iterable[str]) -> dict[tuple[str, str], str]:
    """The ARN of every role by account and name: calls name roles without their path."""
    return {
        (account, role["RoleName"]): role["Arn"]
        for account in accounts
        for role in local_aws.client("iam", account=account).list_roles()["Roles"]
    }


def refused_calls(
    project: Project, calls: Iterable[Call], roles: Mapping[tuple[str, str], str]
) -> set[tuple[str, ...]]:
    """The calls that the deployer's policy of their account does not allow."""
    deployers = policies(project, "deployer")
    made = [
        (call, resource_of(call, roles))
        for call in calls
        if (call.service, call.operation) not in ALWAYS_ALLOWED
    ]
    return {
        (call.account, call.service, call.operation, resource)
        for call, resource in made
        if not allows(deployers[call.account], call, resource)
    }
