"""What the stand-in can do with each type: the calls to AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from standin.documents import policy_document

from . import data_sources, ecr, iam, kms, secrets, sleep

if TYPE_CHECKING:
    from standin.engine import Engine
    from standin.values import Values

    from .kinds import ResourceType

Reader = Callable[["Engine", "Values"], "Values"]

RESOURCES: Mapping[str, type[ResourceType]] = {
    "aws_ecr_account_setting": ecr.AccountSetting,
    "aws_ecr_lifecycle_policy": ecr.LifecyclePolicy,
    "aws_ecr_pull_through_cache_rule": ecr.PullThroughCacheRule,
    "aws_ecr_registry_policy": ecr.RegistryPolicy,
    "aws_ecr_repository": ecr.Repository,
    "aws_ecr_repository_creation_template": ecr.CreationTemplate,
    "aws_ecr_repository_policy": ecr.RepositoryPolicy,
    "aws_iam_policy": iam.ManagedPolicy,
    "aws_iam_role": iam.Role,
    "aws_iam_role_policy": iam.RolePolicy,
    "aws_iam_role_policy_attachment": iam.RolePolicyAttachment,
    "aws_kms_alias": kms.Alias,
    "aws_kms_key": kms.Key,
    "aws_kms_key_policy": kms.KeyPolicy,
    "aws_secretsmanager_secret": secrets.Secret,
    "aws_secretsmanager_secret_version": secrets.SecretVersion,
    "time_sleep": sleep.Sleep,
}
DATA_SOURCES: Mapping[str, Reader] = {
    "aws_caller_identity": data_sources.caller_identity,
    "aws_ecr_pull_through_cache_rule": data_sources.pull_through_cache_rule,
    "aws_iam_policy_document": lambda _engine, config: policy_document(config),
    "aws_iam_role": data_sources.iam_role,
    "aws_kms_alias": data_sources.kms_alias,
    "aws_partition": data_sources.partition,
    "aws_region": data_sources.region,
    "aws_secretsmanager_secret": data_sources.secret,
}
EPHEMERAL: Mapping[str, Reader] = {
    "aws_secretsmanager_secret_version": data_sources.secret_version,
}
