"""Names of images: what a person writes, and what the same image is called in a cache.

How a name without a host is read is Docker's own convention. How a cache names an image is in the
ECR user guide, pages pull-through-cache-working-pulling and error-pullthroughcache.
"""

import re
from collections.abc import Iterable, Sequence

from generator.data.aws_data import repository_name_pattern
from generator.frozen_data import frozen
from generator.model.errors import InvalidValueError, ToolError
from generator.model.quotes import did_you_mean, quoted
from generator.model.topology import Cache, Topology
from generator.model.upstreams import REGISTRIES
from generator.model.values import Region, registry_host
from generator.topology.registries import way_out

DOCKER_HUB_HOST = "docker.io"
"""How the host of Docker Hub is written in image names; the API takes another one for it."""

DOCKER_HUB_HOSTS = (DOCKER_HUB_HOST, "index.docker.io", "registry-1.docker.io")
"""Every host of Docker Hub in image names."""

OFFICIAL = "library/"
"""Where Docker Hub's official images lie, which people write without it."""

_HOSTS = {*DOCKER_HUB_HOSTS, *(one.host for one in REGISTRIES.values() if one.host is not None)}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")


@frozen
class ImageName:
    """An image's name in its upstream: `docker.io`, `library/nginx`, `:1.27` for `nginx:1.27`.

    `reference` is the tag, the digest or both, with their signs, exactly as they were written.
    """

    host: str
    path: str
    reference: str

    @property
    def has_digest(self) -> bool:
        """Whether the image is named by its digest."""
        return "@" in self.reference


@frozen
class CachedImage:
    """What an image is called in one cache."""

    cache: Cache
    uri: str


@frozen
class NotCached:
    """Why an image has no name in any cache, or has several; full sentences."""

    reason: str


@frozen
class RegistryName:
    """One private registry of a topology, by its account's name."""

    account: str
    region: Region

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


def parse_image(text: str) -> ImageName:
    """Read a name as people write it; raises `InvalidValueError`.

    A first part with a dot or a colon, or `localhost`, is the host; without one it is Docker Hub,
    whose official images are `library/NAME`.
    """
    if scheme := _SCHEME.match(text):
        raise InvalidValueError(
            f"An image's name has no `{scheme.group()}`: write `{text[scheme.end() :]}`."
        )
    if text != text.strip() or len(text.split()) != 1:
        raise InvalidValueError("An image's name is one word without spaces.")
    name, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise InvalidValueError(
            f"`{digest}` is not a digest, such as `sha256:` with 64 hexadecimal digits."
        )
    first, slash, rest = name.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    if not rest and (alone := first.partition(":")[0].lower()) in _HOSTS:
        raise InvalidValueError(
            f"`{alone}` is a registry, not an image in it: write `{alone}/NAME`."
        )
    # The port of HTTPS goes without saying.
    host = first.lower().removesuffix(":443") if has_host else DOCKER_HUB_HOST
    path = rest if has_host else name
    path, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise InvalidValueError(
            f"`{tag}` is not a tag: at most 128 letters, digits, `_`, `.` and `-`, of which the "
            "first is not `.` or `-`."
        )
    if not re.fullmatch(repository_name_pattern().pattern, path):
        advice = f" Repository names are in lower case: `{path.lower()}`." * (path != path.lower())
        raise InvalidValueError(f"`{path}` is not the name of a repository.{advice}")
    if host in DOCKER_HUB_HOSTS:
        host = DOCKER_HUB_HOST
        path = path if "/" in path else f"{OFFICIAL}{path}"
    return ImageName(host=host, path=path, reference=f"{colon}{tag}{at}{digest}")


def registry_named(topology: Topology, text: str) -> RegistryName:
    """The registry that `ACCOUNT/REGION` names, the account by its name or id; raises `ToolError`."""
    account, _, region = text.partition("/")
    for known in registries_of(topology.caches):
        if known.region == region and account in {
            known.account,
            topology.accounts[known.account].id,
        }:
            return known
    raise ToolError(
        "the registry is not known",
        f"{quoted(text)} is not ACCOUNT/REGION of a registry with caches."
        f"{did_you_mean(text, map(str, registries_of(topology.caches)))} Those are "
        f"{_all(registries_of(topology.caches))}.",
    )


def cached_image(
    topology: Topology, image: ImageName, *, registry: RegistryName | None = None
) -> CachedImage | NotCached:
    """What an image is called in the registry, or in the only one that caches it.

    Of several caches of the image's upstream, the one with the longest upstream prefix that fits.
    """
    fitting = [cache for cache in topology.caches if _fits(cache, image)]
    caching = registries_of(fitting)
    if registry is not None:
        fitting = [cache for cache in fitting if registry_of(cache) == registry]
    elif len(caching) > 1:
        return NotCached(
            reason="Several registries cache it. Say which one pulls with `--registry`: "
            f"{_all(caching)}."
        )
    if not fitting:
        own = _own_name(topology, image)
        if own is not None and registry in {None, registry_of(own.cache)}:
            return own
        return NotCached(reason=_why_not(topology, image, registry, caching))
    longest = max(_length(cache) for cache in fitting)
    best = [cache for cache in fitting if _length(cache) == longest]
    if len(best) > 1:
        names = _all(_uri(topology, cache, image) for cache in best)
        return NotCached(
            reason=f"Several caches of {registry_of(best[0])} hold it, and nothing says which one "
            f"is meant: {names}."
        )
    (cache,) = best
    repository = _repository(cache, image)
    limits = repository_name_pattern()
    if len(repository) > limits.maximum:
        return NotCached(
            reason=f"`{repository}` has {len(repository)} characters; ECR takes {limits.maximum} "
            "for the name of a repository."
        )
    if (nested := _cache_of(topology.caches, registry_of(cache), repository)) != cache:
        return NotCached(
            reason=f"As `{repository}` it would lie under the cache `{nested.prefix}` as well, "
            "which has another upstream. Which of the two ECR would take is not documented."
        )
    return CachedImage(cache=cache, uri=_uri(topology, cache, image))


@frozen
class MeantRepositories:
    """Repositories of one cache that a person named: a name or a pattern, and the tag or digest."""

    cache: Cache
    repositories: str
    reference: str = ""


def repositories_meant(
    topology: Topology, text: str, *, registry: RegistryName | None = None
) -> tuple[MeantRepositories, ...] | NotCached:
    """What a person means who names an image, once for each registry; raises `InvalidValueError`.

    It is an image as people write it, or the name of a repository below the prefix of a cache, which may
    hold `*` and `?` as in the grants of a topology.
    """
    registries = registries_of(topology.caches) if registry is None else (registry,)
    if set(text) & set("*?"):
        return _pattern_meant(topology, text, registries)
    image = parse_image(text)
    found = []
    for one in registries:
        name, _, _ = text.partition("@")
        path = name.partition(":")[0]
        cache = _holding(topology, one, path) if image.host == DOCKER_HUB_HOST else None
        if cache is not None:
            found.append(
                MeantRepositories(cache=cache, repositories=path, reference=image.reference)
            )
            continue
        answer = cached_image(topology, image, registry=one)
        if isinstance(answer, CachedImage):
            path = answer.uri.partition("/")[2].removesuffix(image.reference)
            found.append(
                MeantRepositories(cache=answer.cache, repositories=path, reference=image.reference)
            )
    if found:
        return tuple(found)
    answer = cached_image(topology, image, registry=registry)
    assert isinstance(answer, NotCached)  # noqa: S101 - no registry has it
    return answer


def _pattern_meant(
    topology: Topology, text: str, registries: Sequence[RegistryName]
) -> tuple[MeantRepositories, ...] | NotCached:
    """The repositories that a pattern is about, by the cache that certainly holds all of them."""
    literal = re.split(r"[*?]", text, maxsplit=1)[0]
    found = [
        MeantRepositories(cache=cache, repositories=text)
        for one in registries
        if (cache := _holding(topology, one, literal)) is not None
    ]
    if not found:
        prefixes = _all(cache.prefix for cache in topology.caches)
        return NotCached(
            reason=f"A pattern is one of repositories below the prefix of a cache, such as "
            f"`docker-hub/library/*`. The prefixes are {prefixes}."
        )
    return tuple(found)


def _holding(topology: Topology, registry: RegistryName, path: str) -> Cache | None:
    """The cache of a registry below whose own prefix a repository lies."""
    under = [
        cache
        for cache in topology.caches
        if registry_of(cache) == registry
        and not cache.prefix.is_root
        and path.startswith(f"{cache.prefix}/")
    ]
    return max(under, key=lambda cache: len(cache.prefix)) if under else None


def written_host(cache: Cache) -> str:
    """The host of a cache's upstream as it stands in image names."""
    host = cache.upstream_host
    return DOCKER_HUB_HOST if host in DOCKER_HUB_HOSTS else host


def _fits(cache: Cache, image: ImageName) -> bool:
    if written_host(cache) != image.host:
        return False
    return cache.upstream_prefix.is_root or image.path.startswith(f"{cache.upstream_prefix}/")


def _length(cache: Cache) -> int:
    return 0 if cache.upstream_prefix.is_root else len(cache.upstream_prefix)


def _repository(cache: Cache, image: ImageName) -> str:
    rest = image.path
    if not cache.upstream_prefix.is_root:
        rest = rest.removeprefix(f"{cache.upstream_prefix}/")
    return rest if cache.prefix.is_root else f"{cache.prefix}/{rest}"


def _uri(topology: Topology, cache: Cache, image: ImageName) -> str:
    host = registry_host(cache.region, topology.accounts[cache.account].id)
    return f"{host}/{_repository(cache, image)}{image.reference}"


def _cache_of(caches: Sequence[Cache], registry: RegistryName, repository: str) -> Cache:
    """The cache with the longest prefix that a repository lies under; there is one."""
    under = [
        cache
        for cache in caches
        if registry_of(cache) == registry
        and (cache.prefix.is_root or repository.startswith(f"{cache.prefix}/"))
    ]
    return max(under, key=lambda cache: 0 if cache.prefix.is_root else len(cache.prefix))


def _own_name(topology: Topology, image: ImageName) -> CachedImage | None:
    """The image itself, when its name is that of a cached image already."""
    for registry in registries_of(topology.caches):
        if image.host != registry_host(registry.region, topology.accounts[registry.account].id):
            continue
        under = [
            cache
            for cache in topology.caches
            if registry_of(cache) == registry
            and (cache.prefix.is_root or image.path.startswith(f"{cache.prefix}/"))
        ]
        if under:
            cache = _cache_of(topology.caches, registry, image.path)
            return CachedImage(cache=cache, uri=f"{image.host}/{image.path}{image.reference}")
    return None


def _why_not(
    topology: Topology,
    image: ImageName,
    registry: RegistryName | None,
    caching: Sequence[RegistryName],
) -> str:
    if caching:
        return f"{registry} does not cache it; {_all(caching)} {'does' if len(caching) == 1 else 'do'}."
    of_host = [cache for cache in topology.caches if written_host(cache) == image.host]
    if of_host:
        parts = _all(f"{image.host}/{cache.upstream_prefix}/" for cache in of_host)
        return f"Of `{image.host}`, only what lies under {parts} is cached."
    hosts = {REGISTRIES[name].host for name in REGISTRIES} | {DOCKER_HUB_HOST}
    advice = "" if image.host in hosts else way_out(image.host)
    cached = _all(written_host(cache) for cache in topology.caches)
    held = f"The topology caches {cached}." if cached else "The topology has no cache."
    return f"No cache has the upstream `{image.host}`. {held} {advice}".rstrip()


def registry_of(cache: Cache) -> RegistryName:
    """The registry that a cache lies in."""
    return RegistryName(account=cache.account, region=cache.region)


def registries_of(caches: Sequence[Cache]) -> tuple[RegistryName, ...]:
    """The registries of some caches, each once, sorted."""
    found = {registry_of(cache) for cache in caches}
    return tuple(sorted(found, key=str))


def _all(words: Iterable[object]) -> str:
    """All of some words in backticks, for people to choose from."""
    return ", ".join(dict.fromkeys(f"`{word}`" for word in words))
