"""Amazon ECR: cache rules, registry policy, templates, settings, repositories and their policies."""

# ruff: noqa: ARG002 - all types share the signatures of ResourceType

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from standin.values import UNKNOWN, Values, is_known

from .kinds import ResourceType, change_tags, filled, found, given, tag_list, tag_map

if TYPE_CHECKING:
    from collections.abc import Mapping

MUTABILITY_DEFAULT = {"image_tag_mutability": "MUTABLE"}
ENCRYPTION_DEFAULT = {("encryption_configuration", "encryption_type"): "AES256"}


class PullThroughCacheRule(ResourceType):
    """`aws_ecr_pull_through_cache_rule`."""

    # The API answers ROOT for a rule without an upstream prefix, and an argument that is only optional
    # would then be planned for replacement again and again. That the provider has this default is inferred
    # from there being no such report; the source that was read, older than this schema, had none. Should
    # the API answer nothing instead, null would stand in the state: tests must accept both.
    defaults: ClassVar[Mapping[str, object]] = {"upstream_repository_prefix": "ROOT"}

    def create(self, state: Values, config: Values) -> None:
        answer = self.client("ecr", state).create_pull_through_cache_rule(
            **filled(
                ecrRepositoryPrefix=state["ecr_repository_prefix"],
                upstreamRegistryUrl=state["upstream_registry_url"],
                credentialArn=state["credential_arn"],
                customRoleArn=state["custom_role_arn"],
                upstreamRepositoryPrefix=state["upstream_repository_prefix"],
            )
        )
        state["id"] = answer["ecrRepositoryPrefix"]

    def read(self, state: Values) -> Values | None:
        answer = found(
            lambda: self.client("ecr", state).describe_pull_through_cache_rules(
                ecrRepositoryPrefixes=[state["id"]]
            ),
            "PullThroughCacheRuleNotFoundException",
        )
        if answer is None or not answer["pullThroughCacheRules"]:
            return None
        rule = answer["pullThroughCacheRules"][0]
        state.update(
            ecr_repository_prefix=rule["ecrRepositoryPrefix"],
            upstream_registry_url=rule["upstreamRegistryUrl"],
            registry_id=rule["registryId"],
            credential_arn=rule.get("credentialArn"),
            custom_role_arn=rule.get("customRoleArn"),
            upstream_repository_prefix=rule.get("upstreamRepositoryPrefix", "ROOT"),
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        # The provider sends an argument only when it is not empty, so taking the credential out of the
        # configuration sends an update without any, which ECR refuses.
        self.client("ecr", state).update_pull_through_cache_rule(
            **filled(
                ecrRepositoryPrefix=state["id"],
                credentialArn=state["credential_arn"],
                customRoleArn=state["custom_role_arn"],
            )
        )

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("ecr", state).delete_pull_through_cache_rule(
                ecrRepositoryPrefix=state["id"]
            ),
            "PullThroughCacheRuleNotFoundException",
        )


class RegistryPolicy(ResourceType):
    """`aws_ecr_registry_policy`: create and update both replace the whole document."""

    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        answer = self.client("ecr", state).put_registry_policy(policyText=state["policy"])
        state["id"] = answer["registryId"]

    def update(self, prior: Values, state: Values, config: Values) -> None:
        self.create(state, config)

    def read(self, state: Values) -> Values | None:
        answer = found(
            lambda: self.client("ecr", state).get_registry_policy(),
            "RegistryPolicyNotFoundException",
        )
        if answer is None:
            return None
        state.update(registry_id=answer["registryId"], policy=answer["policyText"])
        return state

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("ecr", state).delete_registry_policy(),
            "RegistryPolicyNotFoundException",
        )


class CreationTemplate(ResourceType):
    """`aws_ecr_repository_creation_template`."""

    defaults: ClassVar[Mapping[str, object]] = MUTABILITY_DEFAULT
    block_defaults = ENCRYPTION_DEFAULT
    json_attributes = ("repository_policy", "lifecycle_policy")
    optional_blocks = ("encryption_configuration",)

    def plan(self, prior: Values | None, planned: Values, config: Values) -> None:
        _plan_encryption_key(prior, planned)

    def create(self, state: Values, config: Values) -> None:
        answer = self.client("ecr", state).create_repository_creation_template(
            **self._parameters(state)
        )
        state["id"] = answer["repositoryCreationTemplate"]["prefix"]

    def update(self, prior: Values, state: Values, config: Values) -> None:
        parameters = self._parameters(state)
        if prior["description"] and not state["description"]:
            # What is not sent stays as it is; the provider sends an empty text.
            parameters["description"] = ""
        self.client("ecr", state).update_repository_creation_template(**parameters)

    def read(self, state: Values) -> Values | None:
        answer = self.client("ecr", state).describe_repository_creation_templates(
            prefixes=[state["id"]]
        )
        if not answer["repositoryCreationTemplates"]:
            return None
        template = answer["repositoryCreationTemplates"][0]
        state.update(
            prefix=template["prefix"],
            registry_id=answer["registryId"],
            applied_for=template["appliedFor"],
            custom_role_arn=template.get("customRoleArn"),
            description=template.get("description"),
            image_tag_mutability=template["imageTagMutability"],
            image_tag_mutability_exclusion_filter=_filters(template),
            lifecycle_policy=template.get("lifecyclePolicy"),
            repository_policy=template.get("repositoryPolicy"),
            resource_tags=tag_map(template.get("resourceTags")) or None,
            encryption_configuration=_encryption(template),
        )
        return state

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("ecr", state).delete_repository_creation_template(
                prefix=state["id"]
            ),
            "TemplateNotFoundException",
        )

    def _parameters(self, state: Values) -> Values:
        return filled(
            prefix=state["prefix"],
            appliedFor=state["applied_for"],
            customRoleArn=state["custom_role_arn"],
            imageTagMutability=state["image_tag_mutability"],
            imageTagMutabilityExclusionFilters=_filter_parameters(state),
            resourceTags=tag_list(state["resource_tags"]),
            encryptionConfiguration=_encryption_parameters(state),
        ) | given(
            description=state["description"],
            lifecyclePolicy=state["lifecycle_policy"],
            repositoryPolicy=state["repository_policy"],
        )


class AccountSetting(ResourceType):
    """`aws_ecr_account_setting`: destroying it only forgets it."""

    is_sdk = False

    def label(self, state: Values) -> str:
        return str(state.get("name"))

    def create(self, state: Values, config: Values) -> None:
        self.client("ecr", state).put_account_setting(name=state["name"], value=state["value"])

    def update(self, prior: Values, state: Values, config: Values) -> None:
        self.create(state, config)

    def read(self, state: Values) -> Values | None:
        answer = self.client("ecr", state).get_account_setting(name=state["name"])
        state["value"] = answer["value"]
        return state

    def delete(self, state: Values) -> None:
        pass

    def start_import(self, state: Values, identifier: str) -> None:
        state["name"] = identifier


class Repository(ResourceType):
    """`aws_ecr_repository`."""

    defaults: ClassVar[Mapping[str, object]] = MUTABILITY_DEFAULT
    block_defaults = ENCRYPTION_DEFAULT
    optional_blocks = ("encryption_configuration", "image_scanning_configuration")

    def plan(self, prior: Values | None, planned: Values, config: Values) -> None:
        _plan_encryption_key(prior, planned)

    def create(self, state: Values, config: Values) -> None:
        self.client("ecr", state).create_repository(
            **filled(
                repositoryName=state["name"],
                tags=tag_list(state["tags_all"]),
                imageTagMutability=state["image_tag_mutability"],
                imageTagMutabilityExclusionFilters=_filter_parameters(state),
                imageScanningConfiguration=_scanning_parameters(state),
                encryptionConfiguration=_encryption_parameters(state),
            )
        )
        state["id"] = state["name"]

    def read(self, state: Values) -> Values | None:
        client = self.client("ecr", state)
        answer = found(
            lambda: client.describe_repositories(repositoryNames=[state["id"]]),
            "RepositoryNotFoundException",
        )
        if answer is None:
            return None
        repository = answer["repositories"][0]
        arn = repository["repositoryArn"]
        scanning = repository.get("imageScanningConfiguration", {})
        state.update(
            name=repository["repositoryName"],
            arn=arn,
            registry_id=repository["registryId"],
            repository_url=repository["repositoryUri"],
            image_tag_mutability=repository["imageTagMutability"],
            image_tag_mutability_exclusion_filter=_filters(repository),
            image_scanning_configuration=[{"scan_on_push": scanning.get("scanOnPush", False)}],
            encryption_configuration=_encryption(repository),
            tags_all=tag_map(client.list_tags_for_resource(resourceArn=arn).get("tags")),
        )
        return state

    def update(self, prior: Values, state: Values, config: Values) -> None:
        client = self.client("ecr", state)
        if prior["image_tag_mutability"] != state["image_tag_mutability"]:
            client.put_image_tag_mutability(
                **filled(
                    repositoryName=state["id"],
                    imageTagMutability=state["image_tag_mutability"],
                    imageTagMutabilityExclusionFilters=_filter_parameters(state),
                )
            )
        if prior["image_scanning_configuration"] != state["image_scanning_configuration"]:
            client.put_image_scanning_configuration(
                repositoryName=state["id"],
                imageScanningConfiguration=_scanning_parameters(state) or {"scanOnPush": False},
            )
        change_tags(
            prior,
            state,
            lambda tags: client.tag_resource(resourceArn=state["arn"], tags=tag_list(tags)),
            lambda keys: client.untag_resource(resourceArn=state["arn"], tagKeys=keys),
        )

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("ecr", state).delete_repository(
                repositoryName=state["id"], force=bool(state.get("force_delete"))
            ),
            "RepositoryNotFoundException",
        )


class RepositoryPolicy(ResourceType):
    """`aws_ecr_repository_policy`."""

    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        self.client("ecr", state).set_repository_policy(
            repositoryName=state["repository"], policyText=state["policy"]
        )
        state["id"] = state["repository"]

    def update(self, prior: Values, state: Values, config: Values) -> None:
        self.create(state, config)

    def read(self, state: Values) -> Values | None:
        answer = found(
            lambda: self.client("ecr", state).get_repository_policy(repositoryName=state["id"]),
            "RepositoryNotFoundException",
            "RepositoryPolicyNotFoundException",
        )
        if answer is None:
            return None
        state.update(
            repository=answer["repositoryName"],
            registry_id=answer["registryId"],
            policy=answer["policyText"],
        )
        return state

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("ecr", state).delete_repository_policy(repositoryName=state["id"]),
            "RepositoryNotFoundException",
            "RepositoryPolicyNotFoundException",
        )


class LifecyclePolicy(ResourceType):
    """`aws_ecr_lifecycle_policy`: it has no update, a change replaces it."""

    json_attributes = ("policy",)

    def create(self, state: Values, config: Values) -> None:
        self.client("ecr", state).put_lifecycle_policy(
            repositoryName=state["repository"], lifecyclePolicyText=state["policy"]
        )
        state["id"] = state["repository"]

    def read(self, state: Values) -> Values | None:
        answer = found(
            lambda: self.client("ecr", state).get_lifecycle_policy(repositoryName=state["id"]),
            "RepositoryNotFoundException",
            "LifecyclePolicyNotFoundException",
        )
        if answer is None:
            return None
        state.update(
            repository=answer["repositoryName"],
            registry_id=answer["registryId"],
            policy=answer["lifecyclePolicyText"],
        )
        return state

    def delete(self, state: Values) -> None:
        found(
            lambda: self.client("ecr", state).delete_lifecycle_policy(repositoryName=state["id"]),
            "RepositoryNotFoundException",
            "LifecyclePolicyNotFoundException",
        )


def _plan_encryption_key(prior: Values | None, planned: Values) -> None:
    blocks = planned.get("encryption_configuration")
    if prior is None and is_known(blocks):
        for block in blocks or []:
            if block.get("kms_key") is None:
                block["kms_key"] = UNKNOWN


def _encryption(answer: Values) -> list[Values]:
    configuration = answer.get("encryptionConfiguration")
    if not configuration:
        return []
    return [
        {
            "encryption_type": configuration["encryptionType"],
            "kms_key": configuration.get("kmsKey", ""),
        }
    ]


def _encryption_parameters(state: Values) -> Values:
    for block in state["encryption_configuration"] or []:
        return filled(encryptionType=block["encryption_type"], kmsKey=block["kms_key"])
    return {}


def _filters(answer: Values) -> list[Values]:
    return [
        {"filter": one["filter"], "filter_type": one["filterType"]}
        for one in answer.get("imageTagMutabilityExclusionFilters") or []
    ]


def _filter_parameters(state: Values) -> list[Values]:
    return [
        {"filter": one["filter"], "filterType": one["filter_type"]}
        for one in state["image_tag_mutability_exclusion_filter"] or []
    ]


def _scanning_parameters(state: Values) -> Values:
    for block in state["image_scanning_configuration"] or []:
        return {"scanOnPush": block["scan_on_push"]}
    return {}
