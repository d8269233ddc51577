"""Causes that lie in the rule, the template or the repository in AWS."""

from collections.abc import Iterator

from generator.doctor.cases import Case, Cause
from generator.doctor.messages import Symptom
from generator.model.topology import AppliedFor, Mutability


def rule_applied(case: Case) -> Iterator[Cause]:
    """The cache rule is not there in AWS."""
    cache = case.cache
    if cache is None:
        return
    yield Cause(
        name="pull-rule-not-applied",
        title=f"The cache rule `{cache.prefix}` may not be applied in {cache.region}",
        message="The topology has the cache; only AWS knows whether it runs there. This prints the rule, or "
        "`PullThroughCacheRuleNotFoundException`:\n"
        f"  aws ecr describe-pull-through-cache-rules --region {cache.region} --ecr-repository-prefixes {cache.prefix}",
        is_proved=case.failure.symptom is Symptom.RULE_MISSING,
        span=cache.span,
    )


def template(case: Case) -> Iterator[Cause]:
    """ECR cannot create the repository from its creation template."""
    cache = case.cache
    if cache is None:
        return
    placed = [
        one
        for one in case.topology.templates
        if one.account == cache.account
        and one.region == cache.region
        and (one.prefix.is_root or f"{case.repository}/".startswith(f"{one.prefix}/"))
    ]
    if not placed:
        return
    one = max(placed, key=lambda entry: 0 if entry.prefix.is_root else len(entry.prefix))
    if AppliedFor.PULL_THROUGH_CACHE not in one.template.applied_for:
        return
    if one.template.needs_role:
        key = " and use the KMS key, which must lie in the same region" if one.kms_key else ""
        yield Cause(
            name="pull-template-cannot-create",
            title=f"ECR may be unable to create the repository from the template `{one.template.name}`",
            message="The template has tags or a KMS key, so ECR assumes its role. The pull says not found "
            "when that fails. The role must exist, trust `ecr.amazonaws.com` and be allowed to create "
            f"and tag repositories{key}. Compare what is applied:\n"
            f"  aws ecr describe-repository-creation-templates --region {cache.region} --prefixes {one.prefix}",
            span=one.span,
        )


def key(case: Case) -> Iterator[Cause]:
    """ECR cannot use the KMS key of the repository."""
    yield Cause(
        name="pull-key-failed",
        title="ECR cannot use the KMS key of the repository",
        message="The key is disabled or pending deletion, lies in another region, or its policy or the "
        "template's role lacks `kms:CreateGrant`, `kms:DescribeKey` and `kms:RetireGrant`.",
        is_proved=True,
        span=case.cache.span if case.cache is not None else None,
    )


def archived(case: Case) -> Iterator[Cause]:
    """The image is archived."""
    yield Cause(
        name="pull-image-archived",
        title="The image is archived, and archived images cannot be pulled",
        message="A lifecycle policy or a person moved it to archive storage. Restore it, or delete it so "
        "that the cache imports it again:\n"
        f"  aws ecr describe-images --repository-name {case.repository}",
        is_proved=True,
    )


def immutable(case: Case) -> Iterator[Cause]:
    """The tag cannot be moved."""
    cache = case.cache
    placed = cache is not None and any(
        one.template.mutability is not Mutability.MUTABLE
        for one in case.topology.templates
        if one.account == cache.account and one.region == cache.region
    )
    more = " A creation template of this registry makes tags immutable." if placed else ""
    yield Cause(
        name="pull-tag-immutable",
        title="A tag that moves upstream cannot be refreshed where tags are immutable",
        message=f"ECR keeps the old image.{more} Make the template and the repository MUTABLE, "
        "or IMMUTABLE_WITH_EXCLUSION with a filter for this tag.",
        is_proved=True,
        span=cache.span if cache is not None else None,
    )


def region_disabled(case: Case) -> Iterator[Cause]:
    """The region is not enabled for the account."""
    region = case.failure.image.region or "the region"
    yield Cause(
        name="pull-region-disabled",
        title=f"The account's keys may not be valid in {region}",
        message="Regions that have to be enabled answer so until they are; a session from the global STS "
        "endpoint is refused there, too. Try the same call in another region, then look at\n"
        "  aws account list-regions --region-opt-status-contains DISABLED",
    )
