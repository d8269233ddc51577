"""Data sources and the ephemeral resource that read AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standin.problems import Problem

from . import ecr, iam
from .kinds import found, given, tag_map
from .kms import find_alias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standin.engine import Engine
    from standin.values import Values

REVERSE_DNS: Mapping[str, str] = {
    "amazonaws.com": "com.amazonaws",
    "amazonaws.com.cn": "cn.com.amazonaws",
    "amazonaws.eu": "eu.amazonaws",
}


def caller_identity(engine: Engine, _config: Values) -> Values:
    """Answer `aws_caller_identity`."""
    answer = engine.clients.client("sts").get_caller_identity()
    return {
        "id": answer["Account"],
        "account_id": answer["Account"],
        "arn": answer["Arn"],
        "user_id": answer["UserId"],
    }


def partition(engine: Engine, _config: Values) -> Values:
    """Answer `aws_partition`."""
    name, suffix = engine.clients.partition(), engine.clients.dns_suffix()
    return {
        "id": name,
        "partition": name,
        "dns_suffix": suffix,
        "reverse_dns_prefix": REVERSE_DNS.get(suffix, ".".join(reversed(suffix.split(".")))),
    }


def region(engine: Engine, config: Values) -> Values:
    """Answer `aws_region`."""
    name = config.get("name") or config["region"]
    return {
        "id": name,
        "region": name,
        "name": name,
        "endpoint": f"ec2.{name}.{engine.clients.dns_suffix()}",
        "description": name,
    }


def pull_through_cache_rule(engine: Engine, config: Values) -> Values:
    """Answer `aws_ecr_pull_through_cache_rule`."""
    prefix = config["ecr_repository_prefix"]
    rule = ecr.PullThroughCacheRule(engine).read({**config, "id": prefix})
    if rule is None:
        raise Problem(f"reading ECR Pull Through Cache Rule ({prefix}): couldn't find resource")
    return rule


def iam_role(engine: Engine, config: Values) -> Values:
    """Answer `aws_iam_role`."""
    role = iam.Role(engine).read({"id": config["name"]})
    if role is None:
        raise Problem(f"reading IAM Role ({config['name']}): couldn't find resource")
    return {**role, "tags": role["tags_all"], "role_last_used": []}


def kms_alias(engine: Engine, config: Values) -> Values:
    """Answer `aws_kms_alias`."""
    client = engine.clients.client("kms", str(config["region"]))
    alias = find_alias(client.get_paginator("list_aliases"), config["name"])
    if alias is None:
        raise Problem(f"reading KMS Alias ({config['name']}): couldn't find resource")
    key = client.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
    return {
        **config,
        "id": alias["AliasArn"],
        "arn": alias["AliasArn"],
        "target_key_arn": key["Arn"],
        "target_key_id": key["KeyId"],
    }


def secret(engine: Engine, config: Values) -> Values:
    """Answer `aws_secretsmanager_secret`, by name or by ARN."""
    client = engine.clients.client("secretsmanager", str(config["region"]))
    wanted = config.get("arn") or config.get("name")
    answer = found(lambda: client.describe_secret(SecretId=wanted), "ResourceNotFoundException")
    if answer is None or answer.get("DeletedDate"):
        raise Problem(f"reading Secrets Manager Secret ({wanted}): couldn't find resource")
    policy = client.get_resource_policy(SecretId=answer["ARN"]).get("ResourcePolicy") or ""
    changed = answer.get("LastChangedDate")
    return {
        **config,
        "id": answer["ARN"],
        "arn": answer["ARN"],
        "name": answer["Name"],
        "description": answer.get("Description", ""),
        "kms_key_id": answer.get("KmsKeyId", ""),
        "created_date": f"{answer['CreatedDate']:%Y-%m-%dT%H:%M:%SZ}",
        "last_changed_date": f"{changed:%Y-%m-%dT%H:%M:%SZ}" if changed else "",
        "policy": policy,
        "tags": tag_map(answer.get("Tags")),
    }


def secret_version(engine: Engine, config: Values) -> Values:
    """Answer the ephemeral `aws_secretsmanager_secret_version`."""
    answer = engine.clients.client("secretsmanager", str(config["region"])).get_secret_value(
        **given(
            SecretId=config["secret_id"],
            VersionId=config.get("version_id"),
            VersionStage=config.get("version_stage"),
        )
    )
    return {
        **config,
        "arn": answer["ARN"],
        "version_id": answer["VersionId"],
        "version_stages": answer["VersionStages"],
        "secret_string": answer.get("SecretString"),
        "created_date": f"{answer['CreatedDate']:%Y-%m-%dT%H:%M:%SZ}",
    }
