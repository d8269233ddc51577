"""The keys of upstreams and their credentials."""

from typing import Final

from generator.model.topology import CredentialValue
from generator.topology import texts
from generator.topology.mistakes import UNKNOWN_REGISTRY
from generator.topology.registries import UPSTREAM_WORDS, explain_unknown_registry
from generator.topology.shapes import EitherShape, Field, IntegerShape, RecordShape, WordShape

DEFAULT_RECOVERY_DAYS: Final = 30

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

CREDENTIAL = EitherShape(
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

UPSTREAM = RecordShape(
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
            shape=CREDENTIAL,
            description="The secret that every cache of this upstream uses, in its own account "
            "and region.",
        ),
    ),
)
