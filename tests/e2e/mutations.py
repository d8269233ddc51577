"""Ways to break a generated tree in one place, and what drift and check must say about each."""

from __future__ import annotations

from dataclasses import dataclass

ONE, TWO = "docker-hub-and-ecr-public", "private-to-private"
REGISTRY = "modules/registry-access/main.tf"
UPSTREAM = "modules/upstream-access/main.tf"
PULLER = "modules/puller-access/main.tf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change to one file, and what drift and check must say about it.

    `line` is a text of the line to be named, after the change. `check` is the rule that must speak,
    `None` when access stays what it is.
    """

    example: str
    file: str
    old: str
    new: str
    drift: str
    line: str
    check: str | None = None
    check_line: str | None = None
    check_file: str | None = None
    drift_file: str | None = None


MUTATIONS = {
    "a value changed": Mutation(
        example=ONE,
        file="main/main.tf",
        old='upstream_registry_url = "public.ecr.aws"',
        new='upstream_registry_url = "quay.io"',
        drift="different",
        line='"quay.io"',
    ),
    "an upstream prefix changed": Mutation(
        example=TWO,
        file="shop/main.tf",
        old='upstream_repository_prefix = "base-images"',
        new='upstream_repository_prefix = "base"',
        drift="different",
        line='upstream_repository_prefix = "base"',
    ),
    "a block removed": Mutation(
        example=ONE,
        file="main/main.tf",
        old='    ecr-public = {\n      upstream_registry_url = "public.ecr.aws"\n    }\n',
        new="",
        drift="missing",
        line="rules = {",
    ),
    "a block added": Mutation(
        example=ONE,
        file="main/main.tf",
        old="    ecr-public = {",
        new='    quay = {\n      upstream_registry_url = "quay.io"\n    }\n    ecr-public = {',
        drift="unexpected",
        line="quay = {",
    ),
    "an action added to a statement": Mutation(
        example=TWO,
        file=REGISTRY,
        old='    upstream   = ["ecr:BatchGetImage",',
        new='    upstream   = ["ecr:PutImage", "ecr:BatchGetImage",',
        drift="different",
        line="UpstreamBaseImages = {",
        drift_file="platform/access.tf",
        check="grant-undeclared",
        check_line="UpstreamBaseImages = {",
        check_file="platform/access.tf",
    ),
    "a principal widened to *": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='      account_ids    = ["222233334444"]\n'
        '      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]\n',
        new='      account_ids    = ["*"]\n',
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-any-principal",
        check_line="UpstreamBaseImages = {",
    ),
    "a whole account where a role was named": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]\n',
        new="",
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-undeclared",
        check_line="UpstreamBaseImages = {",
    ),
    "a foreign account added": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='      account_ids    = ["222233334444"]\n'
        '      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]\n',
        new='      account_ids    = ["222233334444", "999988887777"]\n'
        '      principal_arns = ["arn:aws:iam::*:role/forebay-upstream"]\n',
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-outside-topology",
        check_line="UpstreamBaseImages = {",
    ),
    "a prefix widened": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='prefixes       = ["base-images"]',
        new='prefixes       = ["ROOT"]',
        drift="different",
        line='prefixes       = ["ROOT"]',
        check="grant-undeclared",
        check_line='prefixes       = ["ROOT"]',
    ),
    "the two trust principals swapped": Mutation(
        example=TWO,
        file=UPSTREAM,
        old="pullthroughcache.ecr.amazonaws.com",
        new="ecr.amazonaws.com",
        drift="different",
        line='Principal = { Service = "ecr.amazonaws.com" }',
        check="trust-wrong-principal",
        check_line='Principal = { Service = "ecr.amazonaws.com" }',
    ),
    "a line changed in a vendored module": Mutation(
        example=TWO,
        file=UPSTREAM,
        old='          "ecr:GetImageCopyStatus",\n',
        new="",
        drift="different",
        line='Sid    = "ReadUpstream"',
        check="grant-missing",
    ),
    "a consumer's policy widened": Mutation(
        example=TWO,
        file="shop/access.tf",
        old='prefixes   = ["platform"]',
        new='prefixes   = ["ROOT"]',
        drift="different",
        line='prefixes   = ["ROOT"]',
        check="identity-undeclared",
        check_line='prefixes   = ["ROOT"]',
    ),
    "a consumer may push": Mutation(
        example=TWO,
        file=PULLER,
        old='    first-pull = ["ecr:BatchGetImage",',
        new='    first-pull = ["ecr:PutImage", "ecr:BatchGetImage",',
        drift="different",
        line="level      =",
        drift_file="shop/access.tf",
        check="identity-undeclared",
    ),
    "a consumer may only pull": Mutation(
        example=TWO,
        file="shop/access.tf",
        old='level      = "first-pull"',
        new='level      = "pull"',
        drift="different",
        line='level      = "pull"',
        check="grant-missing",
    ),
}
