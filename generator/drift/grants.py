"""The grant of a topology that asks for a request."""

import re

from generator.estate.spellings import matches_role
from generator.model.levels import AUTHORIZATION_ACTION
from generator.model.span import Span
from generator.model.topology import Grant, Topology
from generator.model.values import AccountId, Region

_REPOSITORY = re.compile(r"arn:[a-z-]+:ecr:([a-z0-9-]+):([0-9]{12}):repository/(.+)")
_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):role/(.+)")


def grant_asking(topology: Topology, principal: str, action: str, resource: str) -> Span | None:
    """The line of the first grant that a request is of; `None` where none is."""
    place = _REPOSITORY.fullmatch(resource)
    if place is None:
        return None
    region, account, repository = place.groups()
    for grant in topology.grants_by_registry.get((AccountId(account), Region(region)), ()):
        if (
            action in {*grant.level.actions, AUTHORIZATION_ACTION}
            and matches_role(grant.repositories, repository)
            and _is_by(topology, grant, principal)
        ):
            return grant.span
    return None


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
