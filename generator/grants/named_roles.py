"""The roles that a topology names and others write: what ECR needs of each."""

from generator.frozen_data import frozen
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.model.span import Span
from generator.model.topology import Cache, PlacedTemplate, Topology


@frozen
class NamedRole:
    """A role of one account that its cache rules or creation templates name.

    `key` is its path and name; the first cache or template that names it gives the `span`.
    """

    account: str
    key: str
    caches: tuple[Cache, ...]
    templates: tuple[PlacedTemplate, ...]

    @property
    def name(self) -> str:
        """The name without the path."""
        return self.key.rsplit("/", 1)[-1]

    @property
    def span(self) -> Span:
        """Where the topology names it."""
        if self.caches:
            return self.caches[0].upstream.span or self.caches[0].span
        return self.templates[0].template.span

    @property
    def services(self) -> tuple[str, ...]:
        """The services that assume it."""
        used = ((PULL_THROUGH_SERVICE, self.caches), (TEMPLATE_SERVICE, self.templates))
        return tuple(service for service, users in used if users)


def named_roles(topology: Topology) -> tuple[NamedRole, ...]:
    """The roles that managed accounts name, each once."""
    caches: dict[tuple[str, str], list[Cache]] = {}
    for cache in topology.caches:
        if cache.named_role is not None:
            caches.setdefault((cache.account, cache.named_role), []).append(cache)
    templates: dict[tuple[str, str], list[PlacedTemplate]] = {}
    for placed in topology.templates:
        if placed.template.role is not None:
            templates.setdefault((placed.account, placed.template.role), []).append(placed)
    managed = topology.managed_accounts
    return tuple(
        NamedRole(
            account=account,
            key=key,
            caches=tuple(caches.get((account, key), ())),
            templates=tuple(templates.get((account, key), ())),
        )
        for account, key in sorted({*caches, *templates})
        if account in managed
    )
