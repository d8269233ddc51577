"""Causes that lie in the upstream, or in how an image is named there."""

from collections.abc import Iterator

from generator.doctor.cases import Case, Cause
from generator.doctor.messages import Symptom
from generator.model.upstreams import Authentication


def library(case: Case) -> Iterator[Cause]:
    """Docker Hub's official images lie under `library/`, and no others."""
    cache = case.cache
    if cache is None or cache.upstream.registry.name != "docker-hub":
        return
    name = case.below_prefix
    if name and "/" not in name and cache.upstream_prefix.is_root:
        fixed = case.repository.removesuffix(name) + f"library/{name}"
        yield Cause(
            name="pull-without-library",
            title=f"An official image of Docker Hub lies under `library/`: `{fixed}`",
            message=f"Docker adds `library/` by itself; a cache does not. Pull `{fixed}`.",
            is_proved=True,
            span=cache.span,
        )
    elif name.startswith("library/") and case.failure.symptom is Symptom.UPSTREAM_LOGIN:
        yield Cause(
            name="pull-library-too-much",
            title="Only official images lie under `library/`",
            message=f"Docker Hub refuses `{name}` as if the login were wrong when it is not an official "
            "image. Look it up at https://hub.docker.com/_/"
            f"{name.removeprefix('library/')} ; if it is not there, leave `library/` out and name its "
            "organization.",
            span=cache.span,
        )


def digest_first(case: Case) -> Iterator[Cause]:
    """The image was named by its digest before its tag was ever pulled."""
    if case.failure.image.digest is not None:
        yield Cause(
            name="pull-by-digest-first",
            title="The first pull of an image by its digest finds nothing",
            message="Users report that ECR imports by tag, and that a first pull by digest fails "
            "(aws/containers-roadmap#2837); AWS does not document it. Pull the tag once, then the digest.",
        )


def not_upstream(case: Case) -> Iterator[Cause]:
    """The image or tag does not exist upstream."""
    cache = case.cache
    if cache is None:
        return
    prefix = "" if cache.upstream_prefix.is_root else f"{cache.upstream_prefix}/"
    yield Cause(
        name="pull-not-upstream",
        title="The image or tag may not exist upstream",
        message=f"Ask the upstream itself for `{cache.upstream_host}/{prefix}{case.below_prefix}"
        f"{f':{case.failure.image.tag}' if case.failure.image.tag else ''}`. A typing mistake in a tag looks "
        "exactly like this.",
        span=cache.span,
    )


def ecr_upstream(case: Case) -> Iterator[Cause]:
    """The upstream is a private ECR registry that does not let the cache in."""
    cache = case.cache
    if cache is None or cache.upstream.registry.authentication is not Authentication.IAM:
        return
    crossing = cache.crosses_accounts
    role = (
        "the role in the cache rule, its trust in `pullthroughcache.ecr.amazonaws.com`, and "
        if crossing
        else ""
    )
    yield Cause(
        name="pull-ecr-upstream",
        title="The upstream ECR registry may not allow the cache",
        message=f"Look at {role}the registry policy of `{cache.upstream_host}`. `forebay check` proves both "
        "sides when their code is here.",
        span=cache.span,
    )


def unsupported(case: Case) -> Iterator[Cause]:
    """ECR does not take the upstream."""
    yield Cause(
        name="pull-upstream-unsupported",
        title="ECR does not take this upstream as it is written",
        message="Either the rule needs a credential and has none, or ECR cannot cache from that registry. "
        "`forebay validate` says which, before anything is applied.",
        is_proved=True,
        span=case.cache.span if case.cache is not None else None,
    )


def limit(case: Case) -> Iterator[Cause]:
    """Somebody answers too many requests."""
    yield Cause(
        name="pull-upstream-limit",
        title="The upstream, or ECR itself, answers too many requests",
        message="When the text names the upstream or says `UpstreamTooManyRequests`, the account behind the "
        "token is at its limit: everybody who pulls through the cache shares it, so take a plan that "
        "fits. When ECR's own host says it, pull less at a time. Cached images are served all the same.",
        is_proved=case.failure.said.startswith("Upstream"),
        span=case.cache.span if case.cache is not None else None,
    )


def upstream_failed(case: Case) -> Iterator[Cause]:
    """The upstream did not answer ECR."""
    yield Cause(
        name="pull-upstream-failed",
        title="The upstream did not give the image to ECR",
        message=f"ECR says `{case.failure.said}`. Try the upstream's own name from elsewhere; if that works, "
        "try again later, since ECR keeps no state of it.",
        span=case.cache.span if case.cache is not None else None,
    )
