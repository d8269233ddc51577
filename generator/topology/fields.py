"""The field table: every key of a topology. The reader and the JSON Schema are both made from it."""

from typing import Final

from generator.model.topology import RegistryPolicyMode, RoleScope
from generator.topology import texts
from generator.topology.expectation_fields import EXPECTATIONS
from generator.topology.registry_fields import CONSUMER, REGIONS, REGISTRY_SET
from generator.topology.shapes import (
    EitherShape,
    Field,
    IntegerShape,
    ListShape,
    MapShape,
    RecordShape,
    StatementsShape,
    WordShape,
    YesNoShape,
)
from generator.topology.template_fields import TEMPLATE
from generator.topology.terraform_fields import TERRAFORM
from generator.topology.upstream_fields import UPSTREAM

DEFAULT_NAME_PREFIX: Final = "forebay-"
DEFAULT_IAM_PATH: Final = "/"
DEFAULT_SETTLE: Final = "15s"

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
            shape=REGIONS,
            description="The regions whose registries belong to the topology. Without it: "
            "`defaults.regions`.",
        ),
        Field(
            name="code_folders",
            shape=ListShape(
                noun="a list of folders", example="[live/shop]", item=texts.CODE_FOLDER
            ),
            description="The folders below `--code` of root modules that act in this account and do not "
            "say so themselves. What `generate` writes is known by `terraform.layout`.",
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
            "code owns it, and gets the statements as a JSON file and an output; `keep_statements` then "
            "says what else is meant to stand in it. Putting a registry policy replaces the one that "
            "is there.",
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
            shape=REGIONS,
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
            name="required_forebay",
            shape=texts.FOREBAY_CONSTRAINT,
            description="The versions of forebay that may work with this topology. Every command of "
            "another version refuses, so that two versions never write each other's code anew.",
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
                value=UPSTREAM,
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
                value=TEMPLATE,
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
                value=CONSUMER,
            ),
            description="Who pulls, each under a name that grants use.",
        ),
        Field(
            name="registries",
            shape=MapShape(
                noun="a mapping from names to sets of registries",
                example="{main: {caches: {ecr-public: {}}}}",
                key=texts.NAME,
                value=REGISTRY_SET,
            ),
            description="Sets of private registries (account and region) with their caches and "
            "grants. A set with an account's name means that account.",
            is_required=True,
        ),
        Field(
            name="expectations",
            shape=EXPECTATIONS,
            description="What must stay true of pulls, each under a name; `check` proves it.",
        ),
        Field(
            name="terraform",
            shape=TERRAFORM,
            description="How the generated Terraform code looks.",
        ),
    ),
)
