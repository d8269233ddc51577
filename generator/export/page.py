"""A page for developers: how to log in, what images are called, what to do when a pull fails.

Source of the messages: ECR user guide, page error-pullthroughcache, and reports of users where it
says so.
"""

from collections.abc import Iterator, Sequence

from generator.export.images import DOCKER_HUB_HOST, NotCached, cached_image, parse_image
from generator.export.rewrites import RegistryRewrites, Rewrite
from generator.export.show import example_image
from generator.frozen_data import frozen
from generator.model.topology import Topology
from generator.model.upstreams import REGISTRIES, Authentication
from generator.render import Text, render


@frozen
class _Failure:
    """A row of the last table; `only` names the upstream registries that it is about."""

    sign: str
    cause: str
    remedy: str
    only: frozenset[str] = frozenset()


_HUB = frozenset({"docker-hub"})
_OTHERS_WITH_TOKEN = frozenset(
    registry.name
    for registry in REGISTRIES.values()
    if registry.authentication is Authentication.SECRET and registry.name not in _HUB
)

_FAILURES = (
    _Failure(
        sign="`no basic auth credentials`",
        cause="nobody is logged in, or the token is older than twelve hours",
        remedy="log in again",
    ),
    _Failure(
        sign="`403 Forbidden`",
        cause="an official image of Docker Hub without `library/`",
        remedy="write `library/` before the image's name",
        only=_HUB,
    ),
    _Failure(
        sign="`denied: The authentication to the upstream registry failed`",
        cause="`library/` before an image that is not official, or a token that has expired",
        remedy="leave `library/` out; else tell those who own the cache",
        only=_HUB,
    ),
    _Failure(
        sign="`denied: The authentication to the upstream registry failed`",
        cause="the token by which ECR reads the upstream has expired",
        remedy="tell those who own the cache",
        only=_OTHERS_WITH_TOKEN,
    ),
    _Failure(
        sign="`toomanyrequests`",
        cause="the rate limit of the user by which ECR reads Docker Hub",
        remedy="what is cached can be pulled all the same; tell those who own the cache",
        only=_HUB,
    ),
    _Failure(
        sign="`name unknown: The repository with name … does not exist in the registry`",
        cause="the name or the region is another, or nobody pulled the image before and your role "
        "may not create repositories",
        remedy="compare the name with the table; ask for the grant `first-pull`",
    ),
    _Failure(
        sign="`manifest unknown: Requested image not found`",
        cause="the upstream has no such tag, or your role may not import new ones",
        remedy="look upstream; ask for the grant `pull` or `first-pull`",
    ),
    _Failure(
        sign="an image by its digest is not found",
        cause="users report it for images that nobody pulled by tag before "
        "(aws/containers-roadmap#2837); AWS does not document it",
        remedy="pull the tag once",
    ),
    _Failure(
        sign="`dial tcp … i/o timeout` at a host that is not ECR",
        cause="users report that the first pull of an image can lead to the upstream's own layers "
        "(aws/containers-roadmap#2304), which a closed network does not reach",
        remedy="pull the image once from where the upstream can be reached",
    ),
    _Failure(
        sign="a tag that was moved upstream still gives the old image",
        cause="ECR looks upstream for a tag once in 24 hours",
        remedy="wait, or use tags that are not moved",
    ),
    _Failure(
        sign="a Lambda function cannot use the image",
        cause="Lambda does not pull through caches",
        remedy="copy the image into a repository of your own",
    ),
)


def page(topology: Topology, registries: Sequence[RegistryRewrites]) -> str:
    """The page, in Markdown."""
    hosts = {rewrite.host for registry in registries for rewrite in registry.rewrites}
    return render(
        "export/page.md.j2",
        {
            "hub": DOCKER_HUB_HOST in hosts,
            "registries": [
                {
                    "name": str(registry.name),
                    "region": str(registry.name.region),
                    "host": registry.host,
                    "rows": [
                        {"source": f"{rewrite.source}…", "replacement": f"{rewrite.replacement}…"}
                        for rewrite in registry.rewrites
                        if rewrite.target is not None
                    ],
                    "ordered": _several_fit(registry.rewrites),
                    "kept": [
                        {"source": f"{rewrite.source}…", "reason": Text(rewrite.reason)}
                        for rewrite in registry.kept
                    ],
                    "examples": list(_examples(topology, registry)),
                }
                for registry in registries
            ],
            "failures": [
                {
                    "sign": Text(failure.sign),
                    "cause": Text(failure.cause),
                    "remedy": Text(failure.remedy),
                }
                for failure in _failures(registries)
            ],
        },
    )


def _several_fit(rewrites: Sequence[Rewrite]) -> bool:
    written = [rewrite for rewrite in rewrites if rewrite.target is not None]
    return any(
        one is not other and one.source.startswith(other.source)
        for one in written
        for other in written
    )


def _examples(topology: Topology, registry: RegistryRewrites) -> Iterator[str]:
    """Images that everybody may know, by their names in the caches that hold them."""
    for cache in registry.caches:
        image = example_image(cache)
        if image is None:
            continue
        answer = cached_image(topology, parse_image(image), registry=registry.name)
        if not isinstance(answer, NotCached) and answer.cache == cache:
            yield answer.uri


def _failures(registries: Sequence[RegistryRewrites]) -> Iterator[_Failure]:
    """The failures that the caches' upstreams can have, each sign once."""
    names = {cache.upstream.registry.name for one in registries for cache in one.caches}
    seen: set[str] = set()
    for failure in _FAILURES:
        if failure.sign not in seen and (not failure.only or failure.only & names):
            seen.add(failure.sign)
            yield failure
