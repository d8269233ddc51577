"""The part of a Renovate configuration that makes it look for new versions upstream.

A cache lists the tags that somebody has pulled. Renovate's `registryAliases` say what an image's
name stands for; of several that fit, the first one holds.
"""

import json
from collections.abc import Iterable, Sequence

from generator.export.images import written_host
from generator.export.rewrites import RegistryRewrites
from generator.export.unsaid import Unsaid
from generator.model.topology import Cache

SCHEMA = "https://docs.renovatebot.com/renovate-schema.json"


def renovate(registries: Sequence[RegistryRewrites]) -> tuple[str, tuple[Unsaid, ...]]:
    """The configuration, and the caches that it cannot describe."""
    unsaid = [
        Unsaid(
            subject=f"{registry.name} ROOT",
            title=f"Renovate is told nothing about the cache `ROOT` of {registry.name}",
            reason=f"An alias for `{registry.host}` would send it upstream for the registry's own "
            "images, too. Give the cache a prefix.",
        )
        for registry in registries
        for cache in registry.caches
        if cache.prefix.is_root
    ]
    aliases = {
        f"{registry.host}/{cache.prefix}": _upstream(cache)
        for registry in registries
        for cache in _longest_first(registry.caches)
    }
    document = {"$schema": SCHEMA, "registryAliases": aliases}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n", tuple(unsaid)


def _longest_first(caches: Iterable[Cache]) -> list[Cache]:
    named = [cache for cache in caches if not cache.prefix.is_root]
    return sorted(named, key=lambda cache: (-len(cache.prefix), cache.prefix))


def _upstream(cache: Cache) -> str:
    host = written_host(cache)
    return host if cache.upstream_prefix.is_root else f"{host}/{cache.upstream_prefix}"
