"""The keys of sets of registries: caches, grants and the consumers of grants."""

from typing import Final

from generator.model.levels import Level
from generator.model.topology import IdentitySide
from generator.topology import texts
from generator.topology.shapes import (
    EitherShape,
    Field,
    ListShape,
    MapShape,
    RecordShape,
    TrueShape,
    WordShape,
)
from generator.topology.upstream_fields import CREDENTIAL

ALL_ACCOUNTS: Final = "all"


REGIONS = ListShape(noun="a list of regions", example="[eu-west-1]", item=texts.REGION)

_CONSUMER_FIELDS = (
    Field(
        name="account_id",
        shape=texts.ACCOUNT_ID,
        description="The id of an account outside the topology that the consumer belongs to. Needs "
        "`external: true`.",
    ),
    Field(
        name="external",
        shape=TrueShape(),
        description="Says that `account_id` is meant to be outside the topology.",
    ),
    Field(
        name="unit",
        shape=texts.UNIT,
        description="A unit of the organization: the accounts in it and in every unit below it, "
        "those that join later too.",
    ),
    Field(
        name="organization",
        shape=TrueShape(),
        description="Every account of the organization, those that join later too.",
    ),
    Field(
        name="role",
        shape=texts.ROLE,
        description="The role's name, `path/name`, or a pattern with `*` and `?`, which match `/` "
        "as well. Without it: every principal of the account, unit or organization.",
    ),
    Field(
        name="permission_set",
        shape=texts.PERMISSION_SET,
        description="In the place of `role`: the role that IAM Identity Center makes for a "
        "permission set of this name, in whatever home region.",
    ),
    Field(
        name="identity",
        shape=WordShape(noun="who writes the identity policy", words=tuple(IdentitySide)),
        description="Who writes the policy on the consumer's side. `policy`: the generated code "
        "writes a managed policy, and its owner attaches it. `attach`: it is also attached, which "
        "takes one exact role. `elsewhere`: its owner writes it; always so outside the topology, in "
        "accounts that are not managed, and for units, the organization and permission sets, where "
        "the policy to add is written under `handover`.",
        default=IdentitySide.POLICY.value,
    ),
)
CONSUMER = RecordShape(
    noun="a mapping that describes a consumer",
    example="{account: shop, role: eks-node}",
    fields=(
        Field(
            name="account",
            shape=texts.ACCOUNT,
            description="The account of the topology that the consumer belongs to.",
        ),
        *_CONSUMER_FIELDS,
    ),
)

_INLINE_CONSUMER = RecordShape(
    noun="a mapping that describes a consumer",
    example='{role: "eks-node-*"}',
    fields=(
        Field(
            name="account",
            shape=texts.ACCOUNT,
            description="The account of the topology that the consumer belongs to. Without it: "
            "each registry's own account.",
        ),
        *_CONSUMER_FIELDS,
    ),
    may_be_empty=False,
)

_CACHE = RecordShape(
    noun="a mapping that describes a cache",
    example="{}",
    fields=(
        Field(
            name="upstream",
            shape=texts.UPSTREAM,
            description="The upstream's name. Without it: the upstream that is named like the "
            "cache.",
        ),
        Field(
            name="upstream_prefix",
            shape=texts.PREFIX_TEXT,
            description="Cache only what lies under this prefix in the upstream. `ROOT` is all of "
            "it.",
            default="ROOT",
        ),
        Field(
            name="credential",
            shape=CREDENTIAL,
            description="The secret of this cache; goes before that of the upstream.",
        ),
        Field(
            name="regions",
            shape=REGIONS,
            description="Narrows the set's regions for this cache.",
        ),
        Field(
            name="creation_template",
            shape=texts.TEMPLATE,
            description="The creation template of the cache's repositories, or `none`. Without it: "
            "`defaults.creation_template`.",
        ),
    ),
)

_TO = EitherShape(
    noun="a consumer's name, or a mapping that describes a consumer",
    example='{role: "eks-node-*"}',
    text=texts.CONSUMER,
    mapping=_INLINE_CONSUMER,
)

_GRANT = RecordShape(
    noun="a mapping that describes a grant",
    example="{to: shop-nodes, allow: first-pull}",
    fields=(
        Field(
            name="to",
            shape=EitherShape(
                noun="a consumer, or a list of consumers",
                example='{role: "eks-node-*"}',
                text=texts.CONSUMER,
                mapping=_INLINE_CONSUMER,
                listing=ListShape(noun="a list of consumers", example="[shop-nodes, ci]", item=_TO),
            ),
            description="Who may pull: names of consumers, or consumers written here.",
            is_required=True,
        ),
        Field(
            name="allow",
            shape=WordShape(noun="the level of a grant", words=tuple(Level)),
            description="How much: `cached` is what is in the cache, `pull` also new tags and "
            "refreshes of repositories that exist, `first-pull` also images never pulled before.",
            is_required=True,
        ),
        Field(
            name="caches",
            shape=ListShape(
                noun="a list of prefixes", example="[docker-hub]", item=texts.PREFIX_TEXT
            ),
            description="The caches it covers, by their prefix in this set. Without it: all of "
            "the set except ROOT, which must be named.",
        ),
        Field(
            name="repositories",
            shape=ListShape(
                noun="a list of repositories",
                example='["docker-hub/library/*"]',
                item=texts.REPOSITORIES,
            ),
            description="In the place of `caches`: only these repositories, by their names here, "
            "each below the prefix of a cache of the set. `*` and `?` match any characters, `/` as "
            "well.",
        ),
        Field(
            name="regions",
            shape=REGIONS,
            description="Narrows the set's regions for this grant.",
        ),
    ),
)

REGISTRY_SET = RecordShape(
    noun="a mapping that describes a set of registries",
    example="{account: platform, caches: {ecr-public: {}}}",
    fields=(
        Field(
            name="account",
            shape=texts.ACCOUNT,
            description="The account whose registries these are. A set with an account's name "
            "needs none.",
        ),
        Field(
            name="accounts",
            shape=EitherShape(
                noun="a list of accounts, the word `all`, or a mapping with `unit`",
                example="[shop, search]",
                text=WordShape(noun="accounts", words=(ALL_ACCOUNTS,)),
                listing=ListShape(
                    noun="a list of accounts", example="[shop, search]", item=texts.ACCOUNT
                ),
                mapping=RecordShape(
                    noun="a mapping with `unit`",
                    example="{unit: workloads}",
                    fields=(
                        Field(
                            name="unit",
                            shape=texts.UNIT,
                            description="The accounts of the topology in this unit and in every "
                            "unit below it, except those with `managed: false`.",
                            is_required=True,
                        ),
                        Field(
                            name="except",
                            shape=ListShape(
                                noun="a list of accounts",
                                example="[sandbox]",
                                item=texts.ACCOUNT,
                            ),
                            description="Accounts of the unit that are left out.",
                        ),
                    ),
                ),
            ),
            description="The accounts whose registries these are; `all` are all accounts but those "
            "with `managed: false`.",
        ),
        Field(
            name="regions",
            shape=REGIONS,
            description="Narrows the accounts' regions for this set.",
        ),
        Field(
            name="credential",
            shape=CREDENTIAL,
            description="The secret of every cache of this set whose upstream needs one and that "
            "names none itself; goes before that of the upstream.",
        ),
        Field(
            name="caches",
            shape=MapShape(
                noun="a mapping from repository prefixes to caches",
                example="{docker-hub: {}}",
                key=texts.PREFIX_TEXT,
                value=_CACHE,
            ),
            description="The caches, by their repository prefix in these registries, or ROOT for "
            "none.",
            is_required=True,
        ),
        Field(
            name="grants",
            shape=ListShape(
                noun="a list of grants",
                example="[{to: shop-nodes, allow: first-pull}]",
                item=_GRANT,
            ),
            description="Who may pull what through these caches.",
        ),
        Field(
            name="creation_templates",
            shape=MapShape(
                noun="a mapping from repository prefixes to creation templates",
                example="{ROOT: standard}",
                key=texts.TEMPLATE_PREFIX,
                value=texts.TEMPLATE,
            ),
            description="Creation templates by repository prefix, in all of these registries. ECR "
            "takes the longest prefix that fits; ROOT fits every repository.",
        ),
    ),
)
