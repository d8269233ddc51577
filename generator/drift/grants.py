"""The grant of a topology that a difference of a policy is about."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.estate.spellings import matches_role
from generator.intent.registry_forms import RegistryStatement
from generator.intent.registry_policies import registry_statements
from generator.model.estate import Kind, Record
from generator.model.levels import AUTHORIZATION_ACTION
from generator.model.span import Span
from generator.model.topology import Grant, Topology
from generator.model.values import AccountId, Region

_REPOSITORY = re.compile(r"arn:[a-z-]+:ecr:([a-z0-9-]+):([0-9]{12}):repository/(.+)")
_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):role/(.+)")


@dataclass(frozen=True, kw_only=True)
class GrantPlaces:
    """The lines of a topology's grants, looked up by what a policy gives or lacks."""

    topology: Topology

    def meant(
        self, intended: Record, request: tuple[str, str, str], sid: str | None
    ) -> Span | None:
        """The line that a difference is about; `None` where no grant is nearer than another.

        It is the first grant of the one who asks that covers the request, else the one that covers
        its repositories, else any of theirs; in a registry policy, else the grant of the statement.
        """
        grants: Iterable[Grant] = ()
        principal, action, resource = request
        place = _REPOSITORY.fullmatch(resource)
        if intended.kind is Kind.MANAGED_POLICY:
            grants = self._of_policies.get((str(intended.account), str(intended.key)), ())
        elif place is not None and intended.kind is Kind.REGISTRY_POLICY:
            registry = (AccountId(place[2]), Region(place[1]))
            grants = (
                grant
                for grant in self.topology.grants_by_registry.get(registry, ())
                if _is_by(self.topology, grant, principal)
            )

        def distance(grant: Grant) -> tuple[bool, bool]:
            cache = grant.cache
            here = place is not None and (
                (cache.region, self.topology.accounts[cache.account].id) == place.groups()[:2]
                and matches_role(grant.repositories, place[3])
            )
            return not here, action not in {*grant.level.actions, AUTHORIZATION_ACTION}

        nearest = min(grants, key=distance, default=None)
        if nearest is not None:
            return nearest.span
        return self._of_statement(intended, sid)

    @cached_property
    def _of_policies(self) -> Mapping[tuple[str, str], list[Grant]]:
        """The grants of each consumer's policy, by its account and key."""
        found: dict[tuple[str, str], list[Grant]] = {}
        for grant in self.topology.grants:
            key = self.topology.iam.key(self.topology.name_prefix + grant.consumer.policy_name)
            account = self.topology.consumer_account_id(grant)
            found.setdefault((str(account), key), []).append(grant)
        return found

    def _of_statement(self, intended: Record, sid: str | None) -> Span | None:
        """The grant for which a statement of a registry policy is written, else who writes it all."""
        account = self.topology.accounts_by_id.get(intended.account)
        if intended.kind is not Kind.REGISTRY_POLICY or account is None:
            return None
        if sid is not None and isinstance(intended.region, Region):
            for statement in self._written.get((account.name, intended.region), ()):
                if statement.sid == sid:
                    return statement.span
        return account.policy_span or account.span

    @cached_property
    def _written(self) -> Mapping[tuple[str, Region], tuple[RegistryStatement, ...]]:
        return registry_statements(self.topology)


def _is_by(topology: Topology, grant: Grant, principal: str) -> bool:
    """Whether a caller may be one of those who have a grant."""
    role = _ROLE.fullmatch(principal)
    account = topology.consumer_account_id(grant)
    if account is not None and account not in principal.split(":"):
        return False
    patterns = grant.consumer.role_patterns
    return not patterns or (
        role is not None and any(matches_role(pattern, role[2]) for pattern in patterns)
    )
