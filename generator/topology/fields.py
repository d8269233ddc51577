"""The field table: every key of a topology. The reader and the JSON Schema are both made from it."""

from typing import Final

from generator.model.levels import Level
from generator.model.topology import (
    AppliedFor,
    CredentialValue,
    Encryption,
    IdentitySide,
    Mutability,
    RegistryPolicyMode,
    RoleScope,
)
from generator.topology import texts
from generator.topology.mistakes import UNKNOWN_REGISTRY, quoted
from generator.topology.registries import UPSTREAM_WORDS, explain_unknown_registry
from generator.topology.shapes import (
    EitherShape,
    Field,
    IntegerShape,
    ListShape,
    MapShape,
    RecordShape,
    StatementsShape,
    TrueShape,
    WordShape,
    YesNoShape,
)
from generator.topology.terraform_fields import TERRAFORM

DEFAULT_NAME_PREFIX: Final = "forebay-"
DEFAULT_IAM_PATH: Final = "/"
DEFAULT_SETTLE: Final = "15s"
DEFAULT_RECOVERY_DAYS: Final = 30
ALL_ACCOUNTS: Final = "all"


def _explain_encryption(text: str) -> str:
    if text in {"KMS_DSSE", "DSSE"}:
        return (
            f"`{text}`: ECR offers dual-layer encryption in the GovCloud regions only, and this "
            "language has no word for it. Write `KMS`, or a mapping with `kms_key`."
        )
    return (
        f"{quoted(text)} is not a word for how repositories are encrypted. The words possible here "
        "are `AES256` and `KMS`; a key of your own is `{kms_key: alias/NAME}`."
    )


_REGIONS = ListShape(noun="a list of regions", example="[eu-west-1]", item=texts.REGION)

_ACCOUNT = RecordShape(
    noun="a mapping that describes an account",
    example='{id: "111122223333", regions: [eu-west-1]}',
    fields=(
        Field(
            name="id",
            shape=texts.ACCOUNT_ID,
            description="The account's twelve digits.",
            is_required=True,
        ),
        Field(
            name="regions",
            shape=_REGIONS,
            description="The regions whose registries belong to the topology. Without it: "
            "`defaults.regions`.",
        ),
        Field(
            name="registry_policy",
            shape=WordShape(
                noun="what happens to the registry policy",
                words=tuple(RegistryPolicyMode),
            ),
            description="Needed once something needs a registry policy in this account. `create`: "
            "the registries have none yet, and the generated code owns it. `adopt`: the one that is "
            "there is imported, and `keep_statements` holds what must stay of it. `export`: other "
            "code owns it, and gets the statements as a JSON file and an output. Putting a registry "
            "policy replaces the one that is there.",
        ),
        Field(
            name="keep_statements",
            shape=EitherShape(
                noun="a list of policy statements, or a mapping with `file`",
                example="{file: policies/platform.json}",
                listing=StatementsShape(
                    noun="a list of policy statements",
                    example='[{Sid: Replicate, Effect: Allow, Principal: {AWS: "222233334444"}, '
                    'Action: "ecr:ReplicateImage", Resource: "*"}]',
                ),
                mapping=RecordShape(
                    noun="a mapping with `file`",
                    example="{file: policies/platform.json}",
                    fields=(
                        Field(
                            name="file",
                            shape=texts.POLICY_FILE,
                            description="A JSON file with a policy or a list of statements, "
                            "relative to this file.",
                            is_required=True,
                        ),
                    ),
                ),
            ),
            description="Statements that stay in the registry policy beside those of the grants, "
            "in every region of the account that gets one. Texts take `{partition}`, `{region}` "
            "and `{account_id}`.",
        ),
        Field(
            name="unit",
            shape=texts.UNIT,
            description="The organizational unit that the account lies in, by its name under "
            "`organization.units`.",
        ),
        Field(
            name="managed",
            shape=YesNoShape(),
            description="`false`: no code is written for this account. What its owner must add is "
            "written under `handover`.",
            default=True,
        ),
    ),
)

_CREDENTIAL_VALUE = RecordShape(
    noun="a mapping with `version` and one of `variable` and `copy_of`",
    example="{variable: docker_hub, version: 1}",
    fields=(
        Field(
            name="variable",
            shape=texts.VARIABLE,
            description="The name of the ephemeral variable of the root module that holds the "
            "user name and the token. Every plan and apply of the root needs it.",
        ),
        Field(
            name="copy_of",
            shape=texts.SECRET_ARN,
            description="The ARN of the secret whose JSON is written, as it is, from whatever "
            "region and account the ARN names. Takes `{partition}`, `{region}` and `{account_id}`.",
        ),
        Field(
            name="version",
            shape=IntegerShape(noun="the number of the value", ranges=((1, 1_000_000_000),)),
            description="The number of the value. Terraform writes a value when this changes: "
            "raise it to have a new one written.",
            is_required=True,
        ),
    ),
)

_CREDENTIAL = EitherShape(
    noun="a secret's name, or a mapping with `secret`",
    example="ecr-pullthroughcache/docker-hub",
    text=texts.SECRET,
    mapping=RecordShape(
        noun="a mapping that describes a credential",
        example="{secret: ecr-pullthroughcache/docker-hub, value: placeholder}",
        fields=(
            Field(
                name="secret",
                shape=texts.SECRET,
                description="The name of the Secrets Manager secret with the upstream's user name "
                "and token. It begins with `ecr-pullthroughcache/`.",
                is_required=True,
            ),
            Field(
                name="value",
                shape=EitherShape(
                    noun="`existing`, `placeholder`, or a mapping with `variable` or `copy_of`",
                    example="placeholder",
                    text=WordShape(
                        noun="who puts the value into the secret",
                        words=(CredentialValue.EXISTING, CredentialValue.PLACEHOLDER),
                    ),
                    mapping=_CREDENTIAL_VALUE,
                ),
                description="`existing`: the secret is there and is looked up by its name. "
                "`placeholder`: the generated code makes the secret with a dummy value; a person "
                "or a rotation sets the real one, which is never touched again (but a change from the "
                "other forms to this one writes the dummy). `{variable: NAME, "
                "version: N}`: Terraform writes the value from an ephemeral variable. `{copy_of: "
                "ARN, version: N}`: Terraform writes the value of another secret.",
                default=CredentialValue.EXISTING.value,
            ),
            Field(
                name="recovery_days",
                shape=IntegerShape(noun="a number of days", ranges=((0, 0), (7, 30))),
                description="How many days a deleted secret can be brought back, 7 to 30; 0 "
                "deletes at once. Only for a secret that the generated code makes.",
                default=DEFAULT_RECOVERY_DAYS,
            ),
            Field(
                name="expires",
                shape=texts.DATE,
                description="The day on which the upstream's token expires. `validate` warns of "
                "it from thirty days before.",
            ),
        ),
    ),
)

_UPSTREAM = RecordShape(
    noun="a mapping that describes an upstream",
    example="{registry: ecr, account: platform}",
    fields=(
        Field(
            name="registry",
            shape=WordShape(
                noun="an upstream registry that ECR knows",
                words=UPSTREAM_WORDS,
                rule=UNKNOWN_REGISTRY,
                explain=explain_unknown_registry,
            ),
            description="Which upstream registry it is. Not needed where the upstream's own name "
            "says it.",
        ),
        Field(
            name="host",
            shape=texts.HOST,
            description="The host of an Azure Container Registry, such as `acme.azurecr.io`. All "
            "other registries have one host only, which is known.",
        ),
        Field(
            name="account",
            shape=texts.ACCOUNT,
            description="For `registry: ecr`: the account of the topology whose registry it is.",
        ),
        Field(
            name="account_id",
            shape=texts.ACCOUNT_ID,
            description="For `registry: ecr`, in the place of `account`: the id of an account outside "
            "the topology. What its owner must add is written under `handover`.",
        ),
        Field(
            name="role",
            shape=texts.ROLE_NAME,
            description="For `registry: ecr`: a role that exists in the account that caches, with "
            "which ECR reads the upstream. Without it one is made where the accounts differ.",
        ),
        Field(
            name="region",
            shape=texts.REGION_OR_SAME,
            description="For `registry: ecr`: the region of that registry. `same` is the region "
            "of the registry that caches.",
            default=texts.SAME,
        ),
        Field(
            name="credential",
            shape=_CREDENTIAL,
            description="The secret that every cache of this upstream uses, in its own account "
            "and region.",
        ),
    ),
)

_FILE = RecordShape(
    noun="a mapping with `file`",
    example="{file: policies/repository.json}",
    fields=(
        Field(
            name="file",
            shape=texts.POLICY_FILE,
            description="The JSON file, by its path from the folder of this file. Texts in it may "
            "hold `{partition}`, `{region}` and `{account_id}`.",
            is_required=True,
        ),
    ),
)

_TEMPLATE = RecordShape(
    noun="a mapping that describes a creation template",
    example="{lifecycle: {expire_after_days: 90}}",
    fields=(
        Field(
            name="mutability",
            shape=WordShape(noun="the mutability of tags", words=tuple(Mutability)),
            description="Whether tags can be moved. A cache refreshes moving tags only where they "
            "are mutable.",
            default=Mutability.MUTABLE.value,
        ),
        Field(
            name="encryption",
            shape=EitherShape(
                noun="`AES256`, `KMS`, or a mapping with `kms_key`",
                example="KMS",
                text=WordShape(
                    noun="how repositories are encrypted",
                    words=tuple(Encryption),
                    explain=_explain_encryption,
                ),
                mapping=RecordShape(
                    noun="a mapping with `kms_key`",
                    example=f"{{kms_key: {texts.KMS_KEY.example}}}",
                    fields=(
                        Field(
                            name="kms_key",
                            shape=EitherShape(
                                noun="a key's alias or ARN, or a mapping from regions to them",
                                example=texts.KMS_KEY.example,
                                text=texts.KMS_KEY,
                                mapping=MapShape(
                                    noun="a mapping from regions to keys",
                                    example=f"{{eu-west-1: {texts.KMS_KEY.example}}}",
                                    key=texts.REGION,
                                    value=texts.KMS_KEY,
                                ),
                            ),
                            description="The key, by its alias (looked up in the account and region "
                            "of each registry) or by its ARN, which takes `{partition}`, `{region}` "
                            "and `{account_id}`.",
                            is_required=True,
                        ),
                    ),
                ),
            ),
            description="How images are encrypted: with keys of ECR's own, with AWS's key for ECR, "
            "or with a key of yours. It cannot be changed for a repository that exists.",
            default=Encryption.AES256.value,
        ),
        Field(
            name="repository_tags",
            shape=MapShape(
                noun="a mapping of tags",
                example="{managed-by: forebay}",
                key=texts.TAG_KEY,
                value=texts.TAG_VALUE,
            ),
            description="Tags of the repositories that ECR creates.",
        ),
        Field(
            name="lifecycle",
            shape=RecordShape(
                noun="a mapping that says when images expire",
                example="{expire_after_days: 90}",
                fields=(
                    Field(
                        name="expire_after_days",
                        shape=IntegerShape(noun="a number of days", ranges=((1, 36500),)),
                        description="Images expire so many days after they came into the cache.",
                    ),
                    Field(
                        name="keep_images",
                        shape=IntegerShape(noun="a number of images", ranges=((1, 100_000),)),
                        description="Only so many images are kept in each repository, the newest.",
                    ),
                    Field(
                        name="file",
                        shape=texts.POLICY_FILE,
                        description="A lifecycle policy as a JSON file, by its path from the "
                        "folder of this file.",
                    ),
                ),
                may_be_empty=False,
            ),
            description="When images expire. Without it they stay for ever.",
        ),
        Field(
            name="applied_for",
            shape=ListShape(
                noun="a list of what creates repositories",
                example="[PULL_THROUGH_CACHE]",
                item=WordShape(noun="what creates a repository", words=tuple(AppliedFor)),
            ),
            description="What makes ECR create a repository from this template. Without it: "
            "PULL_THROUGH_CACHE.",
        ),
        Field(
            name="repository_policy",
            shape=_FILE,
            description="The policy of each repository that ECR creates, as a JSON file.",
        ),
        Field(
            name="role",
            shape=texts.ROLE_NAME,
            description="A role that exists already and that ECR assumes to create repositories. "
            "Without it a role is made where tags or KMS need one.",
        ),
    ),
)

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
_CONSUMER = RecordShape(
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
            shape=_CREDENTIAL,
            description="The secret of this cache; goes before that of the upstream.",
        ),
        Field(
            name="regions",
            shape=_REGIONS,
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
            shape=_REGIONS,
            description="Narrows the set's regions for this grant.",
        ),
    ),
)

_REGISTRY_SET = RecordShape(
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
            shape=_REGIONS,
            description="Narrows the accounts' regions for this set.",
        ),
        Field(
            name="credential",
            shape=_CREDENTIAL,
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

_ORGANIZATION = RecordShape(
    noun="a mapping that describes the organization",
    example="{id: o-a1b2c3d4e5}",
    fields=(
        Field(
            name="id",
            shape=texts.ORGANIZATION_ID,
            description="The organization's id.",
            is_required=True,
        ),
        Field(
            name="units",
            shape=MapShape(
                noun="a mapping from names to paths of units",
                example="{workloads: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/}",
                key=texts.NAME,
                value=texts.ORGANIZATION_PATH,
            ),
            description="Organizational units by names of your own, each with its path: the ids of "
            "organization, root and units down to it, a slash behind each.",
        ),
    ),
)

_DEFAULTS = RecordShape(
    noun="a mapping of defaults",
    example="{regions: [eu-west-1]}",
    fields=(
        Field(
            name="regions",
            shape=_REGIONS,
            description="The regions of every account that names none.",
        ),
        Field(
            name="settle",
            shape=texts.DURATION,
            description="How long to wait after a new secret before a cache uses it; `0s`: not at "
            "all.",
            default=DEFAULT_SETTLE,
        ),
        Field(
            name="iam",
            shape=RecordShape(
                noun="a mapping of IAM defaults",
                example="{name_prefix: forebay-}",
                fields=(
                    Field(
                        name="name_prefix",
                        shape=texts.NAME_PREFIX,
                        description="How the names of all generated roles and policies begin.",
                        default=DEFAULT_NAME_PREFIX,
                    ),
                    Field(
                        name="path",
                        shape=texts.IAM_PATH,
                        description="The path of all generated roles and policies.",
                        default=DEFAULT_IAM_PATH,
                    ),
                    Field(
                        name="permissions_boundary",
                        shape=texts.BOUNDARY,
                        description="The ARN of the policy that is the permissions boundary of all "
                        "generated roles. Takes `{partition}` and `{account_id}`.",
                    ),
                    Field(
                        name="role_scope",
                        shape=WordShape(
                            noun="the reach of generated roles", words=tuple(RoleScope)
                        ),
                        description="What the roles may touch that ECR assumes. `prefix`: the "
                        "repository prefixes that they serve, and nothing else. `documented`: every "
                        "repository, which is all that AWS documents.",
                        default=RoleScope.PREFIX.value,
                    ),
                ),
            ),
            description="How generated roles and policies are made.",
        ),
        Field(
            name="creation_template",
            shape=texts.TEMPLATE,
            description="The creation template of every cache that names none.",
        ),
        Field(
            name="tags",
            shape=MapShape(
                noun="a mapping of tags",
                example="{owner: platform}",
                key=texts.TAG_KEY,
                value=texts.TAG_VALUE,
            ),
            description="Tags of all that is made: secrets, roles and policies. Never those of "
            "cached repositories, which creation templates set.",
        ),
    ),
)

TOPOLOGY: Final = RecordShape(
    noun="a mapping that begins with `version: 1`",
    example="version: 1",
    fields=(
        Field(
            name="version",
            shape=IntegerShape(noun="the version of the topology language", ranges=((1, 1),)),
            description="The version of the topology language: 1.",
            is_required=True,
        ),
        Field(
            name="include",
            shape=ListShape(
                noun="a list of files", example="[accounts.yaml, teams/*.yaml]", item=texts.INCLUDE
            ),
            description="Other files with sections of the topology, by their paths from the folder "
            "of this file; `*` and `?` match within a name. Their sections are merged with these, "
            "and the same key twice is a mistake.",
        ),
        Field(
            name="organization",
            shape=_ORGANIZATION,
            description="The organization in AWS Organizations that the accounts belong to.",
        ),
        Field(name="defaults", shape=_DEFAULTS, description="What holds where nothing is said."),
        Field(
            name="accounts",
            shape=MapShape(
                noun="a mapping from names to accounts",
                example='{main: {id: "111122223333", regions: [eu-west-1]}}',
                key=texts.ACCOUNT_NAME,
                value=_ACCOUNT,
            ),
            description="The AWS accounts, each under a name that the rest of the file uses.",
            is_required=True,
        ),
        Field(
            name="upstreams",
            shape=MapShape(
                noun="a mapping from names to upstreams",
                example="{base-images: {registry: ecr, account: platform}}",
                key=texts.NAME,
                value=_UPSTREAM,
            ),
            description="Upstreams that need saying more than their name. Built-in names need no "
            "entry.",
        ),
        Field(
            name="creation_templates",
            shape=MapShape(
                noun="a mapping from names to creation templates",
                example="{standard: {lifecycle: {expire_after_days: 90}}}",
                key=texts.TEMPLATE_NAME,
                value=_TEMPLATE,
            ),
            description="Repository creation templates: what the repositories look like that ECR "
            "creates, each under a name that caches and sets use.",
        ),
        Field(
            name="consumers",
            shape=MapShape(
                noun="a mapping from names to consumers",
                example="{shop-nodes: {account: shop, role: eks-node}}",
                key=texts.NAME,
                value=_CONSUMER,
            ),
            description="Who pulls, each under a name that grants use.",
        ),
        Field(
            name="registries",
            shape=MapShape(
                noun="a mapping from names to sets of registries",
                example="{main: {caches: {ecr-public: {}}}}",
                key=texts.NAME,
                value=_REGISTRY_SET,
            ),
            description="Sets of private registries (account and region) with their caches and "
            "grants. A set with an account's name means that account.",
            is_required=True,
        ),
        Field(
            name="terraform",
            shape=TERRAFORM,
            description="How the generated Terraform code looks.",
        ),
    ),
)
