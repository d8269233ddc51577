"""How names of images become names in one registry's caches, as a list to be tried in order.

Everything else that is exported is this list in other words; `generator.export.images` answers for single
names, and tests hold the two together.
"""

from collections.abc import Iterator

from generator.export.images import (
    RegistryName,
    registries_of,
    registry_named,
    registry_of,
    written_host,
)
from generator.frozen_data import frozen
from generator.model.errors import ToolError
from generator.model.topology import Cache, Topology
from generator.model.values import AccountId, Prefix, registry_host


@frozen
class Rewrite:
    """What replaces the beginning of an image's name: `quay.io/prometheus/` by `…/prom/`.

    `path` and `target` end with a slash or are empty. Where `target` is `None`, the image keeps
    its name, and `reason` says why it has none in the cache.
    """

    host: str
    path: str
    registry: str
    target: str | None
    reason: str = ""

    @property
    def source(self) -> str:
        """The beginning of the names that it is about, host included."""
        return f"{self.host}/{self.path}"

    @property
    def replacement(self) -> str | None:
        """What stands for that beginning, host included."""
        return None if self.target is None else f"{self.registry}/{self.target}"


@frozen
class RegistryRewrites:
    """The rewrites of one registry; of those that fit a name, the first one holds."""

    name: RegistryName
    account_id: AccountId
    host: str
    caches: tuple[Cache, ...]
    rewrites: tuple[Rewrite, ...]

    @property
    def kept(self) -> tuple[Rewrite, ...]:
        """Those that leave the name as it is."""
        return tuple(rewrite for rewrite in self.rewrites if rewrite.target is None)


def chosen_rewrites(
    topology: Topology, *, registry: str | None, only_one_for: str | None
) -> tuple[RegistryRewrites, ...]:
    """The rewrites of the registry that ACCOUNT/REGION names, else of all; raises `ToolError`.

    `only_one_for` is the format that can speak of a single registry, if it is one of those.
    """
    if registry is not None:
        return (rewrites_of(topology, registry_named(topology, registry)),)
    found = registries_of(topology.caches)
    if not found:
        raise ToolError("there is nothing to export", "The topology has no cache.")
    if only_one_for is not None and len(found) > 1:
        raise ToolError(
            "one registry must be named",
            f"`{only_one_for}` is about a single registry, and several have caches: "
            f"{', '.join(f'`{name}`' for name in found)}. Say which one is pulled from with "
            "`--registry`.",
        )
    return tuple(rewrites_of(topology, name) for name in found)


def rewrites_of(topology: Topology, registry: RegistryName) -> RegistryRewrites:
    """The rewrites of a registry: by upstream host, the longest beginning first."""
    account = topology.accounts[registry.account].id
    host = registry_host(registry.region, account)
    caches = tuple(cache for cache in topology.caches if registry_of(cache) == registry)
    by_source: dict[tuple[str, str], list[Cache]] = {}
    for cache in caches:
        by_source.setdefault((written_host(cache), _below(cache.upstream_prefix)), []).append(cache)
    found: dict[str, Rewrite] = {}
    for (upstream, path), fitting in by_source.items():
        rewrite = Rewrite(host=upstream, path=path, registry=host, target=None)
        if len(fitting) > 1:
            names = " and ".join(f"`{cache.prefix}`" for cache in fitting)
            reason = f"The caches {names} both hold it, and nothing says which one is meant."
            found[rewrite.source] = _kept(rewrite, path, reason)
            continue
        (cache,) = fitting
        target = _below(cache.prefix)
        found[rewrite.source] = Rewrite(host=upstream, path=path, registry=host, target=target)
        for nested, inner in _nested(cache, caches):
            longer = [
                other
                for upstream_host, other in by_source
                if upstream_host == upstream and len(other) > len(path)
            ]
            if any((path + inner).startswith(other) for other in longer):
                continue
            reason = (
                f"As `{target}{inner}…` it would lie under the cache `{nested.prefix}` as well, "
                "which has another upstream. Which of the two ECR would take is not documented."
            )
            kept = _kept(rewrite, path + inner, reason)
            found.setdefault(kept.source, kept)
    ordered = sorted(found.values(), key=lambda one: (one.host, -len(one.path), one.path))
    return RegistryRewrites(
        name=registry, account_id=account, host=host, caches=caches, rewrites=tuple(ordered)
    )


def _kept(like: Rewrite, path: str, reason: str) -> Rewrite:
    return Rewrite(host=like.host, path=path, registry=like.registry, target=None, reason=reason)


def _nested(cache: Cache, caches: tuple[Cache, ...]) -> Iterator[tuple[Cache, str]]:
    """The caches whose prefix lies inside of a cache's own, with the rest of it."""
    outer = _below(cache.prefix)
    for other in caches:
        if other is not cache and not other.prefix.is_root and other.prefix.startswith(outer):
            yield other, f"{other.prefix.removeprefix(outer)}/"


def _below(prefix: Prefix) -> str:
    """A prefix as the beginning of names: with its slash, empty for `ROOT`."""
    return "" if prefix.is_root else f"{prefix}/"
