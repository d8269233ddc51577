"""The keys of an expectation: what must stay true of pulls."""

from typing import Final

from generator.model.levels import Level
from generator.topology import texts
from generator.topology.shapes import (
    EitherShape,
    Field,
    ListShape,
    MapShape,
    RecordShape,
    WordShape,
)

_LEVEL = WordShape(noun="the level of a pull", words=tuple(Level))

EXPECTATION: Final = RecordShape(
    noun="a mapping that describes an expectation",
    example="{who: developers, may_not: first-pull}",
    fields=(
        Field(
            name="who",
            shape=EitherShape(
                noun="who pulls, or a list of those",
                example="developers",
                text=texts.PULLER,
                listing=ListShape(
                    noun="a list of those who pull", example="[developers, ci]", item=texts.PULLER
                ),
            ),
            description="Who pulls: names of consumers, `ACCOUNT/ROLE`, ARNs of roles, or accounts for every "
            "principal of them.",
            is_required=True,
        ),
        Field(
            name="may",
            shape=_LEVEL,
            description="What all of them must be able to do with all of the images: `cached`, `pull` or "
            "`first-pull`. Either this or `may_not`.",
        ),
        Field(
            name="may_not",
            shape=_LEVEL,
            description="What none of them may be able to do with any of the images.",
        ),
        Field(
            name="images",
            shape=ListShape(
                noun="a list of images", example='["docker-hub/library/*"]', item=texts.IMAGE
            ),
            description="Images as people write them, repositories below the prefix of a cache, or patterns "
            "of those. Without it: every cache (`may`: but ROOT).",
        ),
        Field(
            name="at",
            shape=ListShape(
                noun="a list of registries",
                example="[main/eu-west-1]",
                item=texts.REGISTRY_PLACE,
            ),
            description="The registries, as `ACCOUNT/REGION`. Without it: each that caches the images.",
        ),
    ),
)

EXPECTATIONS: Final = MapShape(
    noun="a mapping from names to expectations",
    example="{no-first-pulls: {who: developers, may_not: first-pull}}",
    key=texts.NAME,
    value=EXPECTATION,
)
