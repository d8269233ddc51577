"""Instances of resource and data blocks, and what other code sees of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from generator.data.provider_schema import is_sensitive
from generator.estate.wording import SENSITIVE
from generator.frozen_data import frozen
from generator.hcl.bodies import blocks_value, nested_types
from generator.hcl.conversions import parts_of, text_of
from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.instance_keys import InstanceKey
from generator.hcl.lifecycle_document import lifecycle_document
from generator.hcl.module_source import BlockKey
from generator.hcl.policy_document import policy_document
from generator.hcl.project import Project
from generator.hcl.providers import (
    CLOUD_CONTROL,
    DEFAULT_PROVIDER,
    Provider,
    ProviderReference,
    provider_reference,
    region_of,
)
from generator.hcl.scope import Scope, TooMuchWorkError
from generator.hcl.syntax import Block
from generator.hcl.values import (
    EvaluationError,
    Fields,
    Origin,
    PartialText,
    UnknownContent,
    Value,
    is_small,
    unknown,
    weight,
)
from generator.model.estate import Unknown, caller_of
from generator.model.span import Span
from generator.model.values import Region, key_of_alias

# Computed attributes that repeat an argument.
_SAME_AS_ARGUMENT: Mapping[tuple[str, str], str] = {
    ("aws_iam_role", "id"): "name",
    ("aws_iam_instance_profile", "id"): "name",
    ("aws_ecr_repository", "id"): "name",
    ("aws_ecr_pull_through_cache_rule", "id"): "ecr_repository_prefix",
    ("aws_ecr_repository_creation_template", "id"): "prefix",
    ("aws_ecr_account_setting", "id"): "name",
    ("awscc_ecr_repository", "id"): "repository_name",
    ("awscc_iam_role", "id"): "role_name",
    ("terraform_data", "output"): "input",
}

# Computed attributes that are another word for the ARN.
_SAME_AS_ARN = frozenset(
    {("aws_iam_policy", "id"), ("aws_secretsmanager_secret", "id"), ("aws_kms_key", "key_arn")}
)

# Arguments and what repeats them by which another block names this one.
_NAMES = frozenset({"id", "name", "repository", "secret_arn", "secret_id"})

_AFTER_APPLY = "it is known only after apply"


class Owner(Protocol):
    """The module that an instance belongs to, as far as its blocks ask about it."""

    @property
    def project(self) -> Project:
        """The project whose files are read."""

    @property
    def prefix(self) -> str:
        """What stands before a resource's address: nothing in a root, else the module's and a dot."""

    @property
    def keys(self) -> list[InstanceKey]:
        """The keys of the calls that lead to the module."""

    def once(self, key: tuple[str, ...], compute: Callable[[], Value]) -> Value:
        """The value under a key, computed at the first call."""

    def provider(self, reference: ProviderReference) -> Provider:
        """The provider that a reference means in the module."""

    def is_called_from_outside(self, span: Span) -> bool:
        """Whether the place lies in the files of a caller, and not in the module's own."""

    def covers(self, span: Span) -> bool:
        """Whether the place lies in the module's files, its variable files or a caller's."""


@frozen
class Instance:
    """One instance of a resource or data block."""

    module: Owner
    block_key: BlockKey
    block: Block
    key: InstanceKey
    scope: Scope
    address: str

    @property
    def type(self) -> str:
        """The resource type."""
        return self.block_key[1]

    def argument(self, name: str) -> Value | None:
        """The argument's value as the code has it, `null` too; `None` when it is not written."""
        attribute = self.block.body.attributes.get(name)
        if attribute is None:
            return None
        return self.module.once(
            ("argument", self.address, name),
            lambda: _walkable(evaluate_or_unknown(attribute.expression, self.scope), self.scope),
        )

    def written(self, name: str) -> Value | None:
        """The argument's value as the code has it, `None` when it is not set."""
        value = self.argument(name)
        return None if value is None or value.content is None else value

    def blocks(self, name: str) -> Value | None:
        """The nested blocks of a type as a list of objects, `None` when there are none."""
        if name not in nested_types(self.block.body):
            return None
        return self.module.once(
            ("blocks", self.address, name),
            lambda: _walkable(
                blocks_value(self.block.body, name, self.scope, self.block.span), self.scope
            ),
        )

    def read(self, name: str) -> Value:
        """An attribute as other code sees it: an argument, or what only AWS knows."""
        if is_sensitive(self.type, name):
            reference = f"{_local_address(self)}.{name}"
            return Value(UnknownContent(reason=SENSITIVE, reference=reference))
        value = self.written(name)
        if value is None:
            value = self.blocks(name)
        if value is None and (argument := _SAME_AS_ARGUMENT.get((self.type, name))):
            value = self.written(argument)
        if value is None and self.block_key[0] == "data":
            value = self._data(name)
        if value is None and name == "region":
            value = self._region()
        if value is None and (self.type, name) == ("aws_kms_alias", "arn"):
            value = self._arn_of_alias()
        if value is not None:
            return self._by_address(name, value)
        if (self.type, name) in _SAME_AS_ARN:
            name = "arn"
        return Value(
            UnknownContent(
                reason=_AFTER_APPLY,
                reference=f"{_local_address(self)}.{name}",
                origin=Origin(address=self.address, attribute=name),
                is_ephemeral=self.block_key[0] == "ephemeral",
            )
        )

    def _by_address(self, name: str, value: Value) -> Value:
        """A name that is not known, with the block that it names."""
        if name not in _NAMES or not isinstance(value.content, UnknownContent | PartialText):
            return value
        if value.content.origin is not None:
            return value
        origin = Origin(address=self.address, attribute=name)
        return Value(replace(value.content, origin=origin), value.span)

    def provider(self) -> Provider:
        """The provider that acts for this block."""
        attribute = self.block.body.attributes.get("provider")
        if attribute is None:
            own = self.module.provider(CLOUD_CONTROL if self._is_twin else DEFAULT_PROVIDER)
            # Without a block of its own, it takes what the other provider is told by the environment.
            is_told = not (isinstance(own.account, Unknown) and isinstance(own.region, Unknown))
            return own if is_told else self.module.provider(DEFAULT_PROVIDER)
        reference = provider_reference(attribute.expression, self.scope)
        if isinstance(reference, Unknown):
            return Provider(account=reference, region=reference)
        return self.module.provider(reference)

    @property
    def _is_twin(self) -> bool:
        """Whether the Cloud Control provider makes it."""
        return self.type.startswith("awscc_")

    def region(self) -> Region | Unknown:
        """The region of the resource: its own argument, else the provider's."""
        written = self.written("region")
        if written is None:
            return self.provider().region
        return region_of(written)

    def _region(self) -> Value | None:
        region = self.provider().region
        return None if isinstance(region, Unknown) else Value(str(region))

    def _data(self, name: str) -> Value | None:
        match self.type, name:
            case "aws_iam_policy_document", "json" | "minified_json":
                return self.module.once(
                    ("document", self.address),
                    lambda: _walkable(
                        policy_document(self.block.body, self.scope, self.block.span), self.scope
                    ),
                )
            case "aws_ecr_lifecycle_policy_document", "json":
                return self.module.once(
                    ("document", self.address),
                    lambda: _walkable(
                        lifecycle_document(self.block.body, self.scope, self.block.span), self.scope
                    ),
                )
            case "template_file", "rendered" | "id":
                return self._rendered() if name == "rendered" else None
            case "aws_caller_identity", "account_id" | "id":
                account = self.provider().account
                if isinstance(account, Unknown):
                    return unknown(caller_of(account), f"{_local_address(self)}.{name}")
                return _known_word(account)
            case "aws_region", "region" | "name" | "id":
                return _known_word(self.region())
            case "aws_partition", "partition" | "id" | "dns_suffix":
                region = self.provider().region
                if isinstance(region, Unknown):
                    return None
                partition = region.aws_partition
                return Value(partition.dns_suffix if name == "dns_suffix" else partition.id)
            case "aws_kms_alias", "target_key_arn":
                return self._key_of_alias()
            case _:
                return None

    def _rendered(self) -> Value | None:
        """The text of `template_file`, which is `templatestring` with its `vars`."""
        template, names = self.written("template"), self.written("vars")
        if template is None:
            return None
        arguments = (template, names or Value(Fields(values={})))
        try:
            rendered = self.scope.names.call_file_function(
                "templatestring", arguments, self.block.span
            )
        except EvaluationError as error:
            return unknown(str(error), f"{_local_address(self)}.rendered", self.block.span)
        return _walkable(rendered, self.scope)

    def _key_of_alias(self) -> Value | None:
        """What stands for the key that an alias names, in code as in a topology."""
        alias, account, region = self.written("name"), self.provider().account, self.region()
        if (
            alias is None
            or not isinstance(alias.content, str)
            or isinstance(account, Unknown)
            or isinstance(region, Unknown)
        ):
            return None
        return Value(key_of_alias(region, account, alias.content))

    def _arn_of_alias(self) -> Value | None:
        """The ARN of an alias, which is none of a key."""
        alias, account, region = self.written("name"), self.provider().account, self.region()
        if alias is None or isinstance(region, Unknown):
            return None
        owner: str | UnknownContent = (
            UnknownContent(reason=caller_of(account), reference=account.reference)
            if isinstance(account, Unknown)
            else str(account)
        )
        head = f"arn:{region.aws_partition.id}:kms:{region}:"
        return text_of((head, owner, ":", *parts_of(alias)), None)


def _local_address(instance: Instance) -> str:
    return instance.address.removeprefix(instance.module.prefix)


def _walkable(value: Value, scope: Scope) -> Value:
    """The value, or an unknown in the place of one that is too large to look at."""
    try:
        scope.names.count_step(weight((value,)) // 4)
    except TooMuchWorkError:
        return unknown("it takes too many steps", "this expression", value.span)
    return value if is_small(value) else unknown("it is too large", "this expression", value.span)


def _known_word(word: str | Unknown) -> Value | None:
    return None if isinstance(word, Unknown) else Value(str(word))
