"""Exports that put one registry in an upstream's place: containerd's mirrors and values of charts.

Neither can change the path of an image's name, so both take a whole upstream or nothing of it.
"""

import json
from collections.abc import Iterator, Mapping

from generator.export.images import DOCKER_HUB_HOST
from generator.export.rewrites import RegistryRewrites, Rewrite
from generator.export.unsaid import Unsaid

_ELSE = "Policies of Kyverno and the JSON map can say it."


def containerd(registry: RegistryRewrites) -> tuple[Mapping[str, str], tuple[Unsaid, ...]]:
    """containerd's `hosts.toml` by path, one for each upstream host, and what it cannot say."""
    files: dict[str, str] = {}
    unsaid: list[Unsaid] = []
    for host, whole in _upstreams(registry):
        reason = whole if isinstance(whole, str) else ""
        if isinstance(whole, Rewrite) and not whole.target:
            reason = (
                "The cache `ROOT` has no prefix: for every image of the upstream, containerd would "
                "take a private image of the same name that lies in the registry."
            )
        if reason:
            title = f"containerd is told nothing about `{host}`"
            unsaid.append(Unsaid(subject=host, title=title, reason=f"{reason} {_ELSE}"))
        elif isinstance(whole, Rewrite):
            files[f"{host}/hosts.toml"] = _hosts(whole, registry)
    return files, tuple(unsaid)


def helm(registry: RegistryRewrites) -> tuple[Mapping[str, str], tuple[Unsaid, ...]]:
    """A file of values by path, one for each upstream host, and what values cannot say."""
    files: dict[str, str] = {}
    unsaid: list[Unsaid] = []
    for host, whole in _upstreams(registry):
        if isinstance(whole, str):
            title = f"there are no values for charts with images of `{host}`"
            unsaid.append(Unsaid(subject=host, title=title, reason=f"{whole} {_ELSE}"))
        else:
            files[f"values-{host}.yaml"] = _values(whole)
    return files, tuple(unsaid)


def _upstreams(registry: RegistryRewrites) -> Iterator[tuple[str, Rewrite | str]]:
    """Each upstream host with the rewrite that holds for all of it, or why there is none."""
    by_host: dict[str, list[Rewrite]] = {}
    for rewrite in registry.rewrites:
        by_host.setdefault(rewrite.host, []).append(rewrite)
    for host, rewrites in by_host.items():
        kept = [rewrite for rewrite in rewrites if rewrite.target is None]
        narrow = [f"`{rewrite.source}`" for rewrite in rewrites if rewrite.path]
        if kept:
            yield host, f"Images under `{kept[0].source}` keep their names. {kept[0].reason}"
        elif narrow:
            reason = (
                f"The names of images under {', '.join(narrow)} change in more than the registry, "
                "since the cache takes a part of the upstream only."
            )
            yield host, reason
        else:
            (whole,) = rewrites
            yield host, whole


def _hosts(whole: Rewrite, registry: RegistryRewrites) -> str:
    # Docker Hub's API does not answer at the host that stands in names.
    server = "registry-1.docker.io" if whole.host == DOCKER_HUB_HOST else whole.host
    mirror = f"https://{whole.registry}/v2/{(whole.target or '').removesuffix('/')}"
    return f"""\
# Pulls of {whole.host} go to its cache in {registry.name} first.
# containerd has no credentials for the cache by itself, and without them every pull falls back to
# the server: docs/how-to/export.md of forebay says how nodes log in.
server = {json.dumps(f"https://{server}")}

[host.{json.dumps(mirror)}]
  capabilities = ["pull", "resolve"]
  override_path = true
"""


def _values(whole: Rewrite) -> str:
    registry = json.dumps((whole.replacement or "").removesuffix("/"))
    official = (
        "# Official images, such as `nginx`, need `library/` before the name of their repository.\n"
        if whole.host == DOCKER_HUB_HOST
        else ""
    )
    return f"""\
# For charts whose images all come from {whole.host}. Where images of one chart come from several
# registries, set the `registry` of each image instead of the global one.
{official}global:
  imageRegistry: {registry}
image:
  registry: {registry}
"""
