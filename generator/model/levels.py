"""The levels of a grant and the ECR actions that each of them stands for.

Source: ECR user guide, pages pull-through-cache-iam and pull-through-cache-private.
"""

from enum import StrEnum

AUTHORIZATION_ACTION = "ecr:GetAuthorizationToken"
"""Needed by everyone who pulls; has no resource type, so it is granted on `*`."""

IMPORT_ACTION = "ecr:BatchImportUpstreamImage"
"""Brings an image from the upstream into a repository of the cache."""


class Level(StrEnum):
    """How much a grant allows on the repositories of a cache."""

    CACHED = "cached"
    PULL = "pull"
    FIRST_PULL = "first-pull"

    @property
    def actions(self) -> tuple[str, ...]:
        """The ECR actions of the level, sorted."""
        return _ACTIONS[self]


_CACHED = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_ACTIONS = {
    Level.CACHED: _CACHED,
    Level.PULL: tuple(sorted((*_CACHED, IMPORT_ACTION))),
    Level.FIRST_PULL: tuple(sorted((*_CACHED, IMPORT_ACTION, "ecr:CreateRepository"))),
}

UPSTREAM_ACTIONS = (
    "ecr:BatchGetImage",
    IMPORT_ACTION,
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetImageCopyStatus",
)
"""What the downstream role does in a cross-account ECR upstream."""

DOWNSTREAM_ACTIONS = (
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""What the downstream role does in its own registry."""

KEY_ACTIONS = ("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant")
"""What a creation template's role does with a key (ECR user guide, repository-creation-templates)."""

HARMLESS_ACTIONS = frozenset(
    {
        "ecr:BatchCheckLayerAvailability",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:ListImages",
        "ecr:ListTagsForResource",
        AUTHORIZATION_ACTION,
    }
)
"""Read-only surplus that is never an over-grant on repositories that were granted."""

PULL_THROUGH_SERVICE = "pullthroughcache.ecr.amazonaws.com"
"""The service that assumes a cache rule's role."""

TEMPLATE_SERVICE = "ecr.amazonaws.com"
"""The service that assumes a creation template's role."""
