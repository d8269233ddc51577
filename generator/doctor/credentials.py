"""Causes that lie in a cache's secret and the token in it."""

from collections.abc import Iterator

from generator.doctor.cases import Case, Cause
from generator.model.topology import CredentialValue


def token(case: Case) -> Iterator[Cause]:
    """The token in the secret is not one that the upstream takes."""
    cache = case.cache
    if cache is None or cache.credential is None:
        return
    credential = cache.credential
    if credential.expires is not None and credential.expires < case.today:
        yield Cause(
            name="pull-token-expired",
            title=f"The token in `{credential.secret}` expired on {credential.expires}",
            message="The topology says so (`expires`). Put a new token into the secret and the new date "
            "into the topology. Images that are cached are served all the same.",
            is_proved=True,
            span=credential.span,
        )
        return
    validate = (
        f"  aws ecr validate-pull-through-cache-rule --region {cache.region} "
        f"--ecr-repository-prefix {cache.prefix}"
    )
    if credential.value is CredentialValue.PLACEHOLDER:
        yield Cause(
            name="pull-token-placeholder",
            title=f"`{credential.secret}` may still hold the placeholder",
            message="The topology makes the secret with a dummy value; a person or a rotation puts in the "
            f"real one. This logs in upstream with what is there:\n{validate}",
            span=credential.span,
        )
    month = (
        " Chainguard's tokens last thirty days unless another time is asked for."
        if cache.upstream.registry.name == "chainguard"
        else ""
    )
    yield Cause(
        name="pull-token-refused",
        title=f"The token in `{credential.secret}` may have expired, or may not read the image",
        message=f"GitHub takes classic tokens with `read:packages` only.{month} This logs in upstream with "
        f"what is there:\n{validate}",
        span=credential.span,
    )
    yield Cause(
        name="pull-secret-made-anew",
        title="The rule may name a secret that was deleted and made anew",
        message="A secret that is made again gets another ARN, which the rule does not know. Compare the "
        "rule's `credentialArn` with the secret's `ARN`:\n"
        f"  aws ecr describe-pull-through-cache-rules --region {cache.region} --ecr-repository-prefixes {cache.prefix}\n"
        f"  aws secretsmanager describe-secret --region {cache.region} --secret-id {credential.secret}",
        span=credential.span,
    )


def secret_missing(case: Case) -> Iterator[Cause]:
    """ECR did not find the secret."""
    named = case.cache.credential if case.cache is not None else None
    secret = f"`{named.secret}`" if named is not None else "The secret"
    yield Cause(
        name="pull-secret-missing",
        title="ECR did not find the secret of the cache rule",
        message=f"{secret} is deleted or pending deletion, lies in another region or account than the "
        "rule, or was made a moment ago: then try again. `aws secretsmanager describe-secret` shows "
        "`DeletedDate`; `aws secretsmanager restore-secret` brings it back.",
        is_proved=True,
        span=named.span if named is not None else None,
    )


def secret_encrypted(case: Case) -> Iterator[Cause]:  # noqa: ARG001 - one signature for all
    """The secret has a key that ECR cannot use."""
    yield Cause(
        name="pull-secret-key",
        title="The secret is encrypted with a customer managed key",
        message="ECR reads a cache's secret with the key `aws/secretsmanager` only (ECR user guide, "
        "pull-through-cache-creating-secret). Give the secret that key, then write its value anew.",
        is_proved=True,
    )


def secret_unreadable(case: Case) -> Iterator[Cause]:
    """A policy keeps ECR from the secret."""
    named = case.cache.credential if case.cache is not None else None
    where = f" --secret-id {named.secret}" if named is not None else " --secret-id SECRET"
    yield Cause(
        name="pull-secret-denied",
        title="A policy keeps ECR from reading the secret",
        message="ECR reads it with its service-linked role. Look for a Deny in the secret's own policy; when "
        "there is none, an SCP or RCP of the organization denies it, which cannot be seen from the account:\n"
        f"  aws secretsmanager get-resource-policy{where}",
        is_proved=True,
        span=named.span if named is not None else None,
    )


def credential_removed(case: Case) -> Iterator[Cause]:
    """An update took the credential from a rule."""
    yield Cause(
        name="pull-credential-removed",
        title="A rule cannot lose its credential by an update",
        message="ECR's UpdatePullThroughCacheRule takes a credential or a role, never neither. Have "
        "Terraform make the rule anew; pulls of new images fail in between:\n"
        "  terraform apply -replace=ADDRESS_OF_THE_RULE",
        is_proved=True,
        span=case.cache.span if case.cache is not None else None,
    )
