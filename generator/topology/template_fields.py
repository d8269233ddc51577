"""The keys of repository creation templates."""

from generator.model.quotes import quoted
from generator.model.topology import AppliedFor, Encryption, Mutability
from generator.topology import texts
from generator.topology.shapes import (
    EitherShape,
    Field,
    IntegerShape,
    ListShape,
    MapShape,
    RecordShape,
    WordShape,
)
from generator.topology.text_checks import MAX_TAG_FILTERS


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

TEMPLATE = RecordShape(
    noun="a mapping that describes a creation template",
    example="{lifecycle: {expire_after_days: 90}}",
    fields=(
        Field(
            name="mutability",
            shape=WordShape(noun="the mutability of tags", words=tuple(Mutability)),
            description="Whether tags can be moved. A cache refreshes moving tags only where they "
            "are mutable. The words that end in `_WITH_EXCLUSION` want `mutability_exclusions`.",
            default=Mutability.MUTABLE.value,
        ),
        Field(
            name="mutability_exclusions",
            shape=ListShape(
                noun="a list of filters of tags",
                example='[latest, "dev-*"]',
                item=texts.TAG_FILTER,
                maximum=MAX_TAG_FILTERS,
            ),
            description="The tags that are the other way: under `IMMUTABLE_WITH_EXCLUSION` they can be "
            "moved, under `MUTABLE_WITH_EXCLUSION` they cannot. `*` stands for any characters.",
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
            description="When images expire. Without it they stay for good.",
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
