"""A failed pull held against a topology, and what a cause of it is."""

from datetime import date

from generator.doctor.messages import Failure
from generator.export.images import RegistryName, registries_of
from generator.frozen_data import frozen
from generator.model.span import Span
from generator.model.topology import Cache, Topology


@frozen
class Cause:
    """One cause; `is_proved` when nothing else has to be looked at. `span` is its topology line."""

    name: str
    title: str
    message: str
    is_proved: bool = False
    span: Span | None = None


@frozen
class Case:
    """A failure held against a topology: the registry and cache that it is about, if they are known."""

    failure: Failure
    topology: Topology
    today: date
    account: str | None
    registry: RegistryName | None
    cache: Cache | None

    @property
    def repository(self) -> str:
        """The repository as far as the text names it."""
        return self.failure.image.repository or "the repository"

    @property
    def below_prefix(self) -> str:
        """The repository's name in the upstream, without the cache's prefix."""
        name = self.failure.image.repository or ""
        if self.cache is None or self.cache.prefix.is_root:
            return name
        return name.removeprefix(f"{self.cache.prefix}/")


def case_of(failure: Failure, topology: Topology, *, today: date) -> Case:
    """Find the account, the registry and the cache of the topology that a failure is about."""
    image = failure.image
    account = next(
        (name for name, entry in topology.accounts.items() if entry.id == image.account_id), None
    )
    of_account = [cache for cache in topology.caches if account in {None, cache.account}]
    if image.account_id is not None and account is None:
        of_account = []
    there = [cache for cache in of_account if image.region in {None, cache.region}]
    registries = registries_of(there)
    registry = registries[0] if len(registries) == 1 and image.account_id is not None else None
    fitting = [
        cache
        for cache in there
        if image.repository is not None
        and (cache.prefix.is_root or image.repository.startswith(f"{cache.prefix}/"))
    ]
    longest = max((_length(cache) for cache in fitting), default=0)
    best = [cache for cache in fitting if _length(cache) == longest]
    # Without a region the same cache of several regions serves as well as any one of them.
    same = {(cache.prefix, cache.upstream_host, cache.account) for cache in best}
    return Case(
        failure=failure,
        topology=topology,
        today=today,
        account=account,
        registry=registry,
        cache=best[0] if len(same) == 1 else None,
    )


def _length(cache: Cache) -> int:
    return 0 if cache.prefix.is_root else len(cache.prefix)
