"""Roles that have the name of a consumer and another path: nobody is the one that is meant.

The names of roles are unique in an account whatever their paths, and a registry's policy in another
account tells a role by its ARN, in which the path stands.
"""

from generator.model.estate import Estate, Kind, Record
from generator.model.topology import Grant, Topology
from generator.model.values import AccountId


def namesake_of(topology: Topology, estate: Estate, grant: Grant) -> Record | None:
    """The role that is there in the place of a grant's consumer, where a registry's policy tells it."""
    role, account = grant.consumer.role, topology.consumer_account_id(grant)
    if role is None or account is None or not grant.crosses_accounts or set(role) & set("*?"):
        return None
    return _namesake(estate, account, role)


def _namesake(estate: Estate, account: AccountId, role: str) -> Record | None:
    name = role.rsplit("/", 1)[-1]
    found = None
    for record in estate.of_account(account):
        if record.kind is not Kind.ROLE or not isinstance(record.key, str):
            continue
        if record.key == role:
            return None
        is_there = record.account == account and record.uncertain is None
        if is_there and record.key.rsplit("/", 1)[-1] == name:
            found = record
    return found
