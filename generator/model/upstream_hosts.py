"""Which upstream registry the host in a cache rule's code is."""

import re
from functools import lru_cache

from generator.frozen_data import frozen
from generator.model.estate import Known, Record
from generator.model.upstreams import REGISTRIES, UpstreamRegistry

_PRIVATE = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.|on\.)[a-z.]+"
)
_AZURE = re.compile(r"[A-Za-z0-9]+\.azurecr\.io")


@frozen
class Upstream:
    """The upstream of a cache rule: its registry (`None` when ECR has no such), account and region."""

    host: str
    registry: UpstreamRegistry | None
    account: str | None = None
    region: str | None = None


def upstream_of(rule: Record) -> Upstream | None:
    """The upstream that a cache rule names; `None` while it is not known."""
    value = rule.get("upstream_registry_url")
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return None
    return _upstream_at(value.value)


@lru_cache(maxsize=1024)
def _upstream_at(host: str) -> Upstream:
    if found := _PRIVATE.fullmatch(host):
        return Upstream(
            host=host,
            registry=REGISTRIES["ecr"],
            account=found["account"],
            region=found["region"],
        )
    if _AZURE.fullmatch(host):
        return Upstream(host=host, registry=REGISTRIES["azure-container-registry"])
    for registry in REGISTRIES.values():
        if registry.host == host:
            return Upstream(host=host, registry=registry)
    return Upstream(host=host, registry=None)
