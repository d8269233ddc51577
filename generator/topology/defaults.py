"""Reads what holds for everything generated: tags, and how roles and policies are made in IAM."""

from collections.abc import Iterable, Mapping

from generator.frozen_data import frozen
from generator.model.quotes import quoted
from generator.model.topology import IamSettings, RoleScope
from generator.model.values import AccountId, Region
from generator.topology import fields
from generator.topology.contents import Entries, Text
from generator.topology.mistakes import INVALID_VALUE, Mistakes, Place

MAX_TAGS = 50
"""The most tags of a secret, a role or a policy."""


@frozen
class DefaultsEntry:
    """The tags and the IAM settings, and where the permissions boundary is written."""

    tags: Mapping[str, str]
    iam: IamSettings
    boundary_place: Place | None


def defaults_entry(entries: Entries | None, mistakes: Mistakes) -> DefaultsEntry:
    """Read them out of the section `defaults`."""
    iam = entries.entries("iam") if entries is not None else None
    path = iam.text("path") if iam is not None else None
    boundary = iam.text("permissions_boundary") if iam is not None else None
    scope = iam.text("role_scope") if iam is not None else None
    return DefaultsEntry(
        tags=_tags(entries.entries("tags") if entries is not None else None, mistakes),
        iam=IamSettings(
            path=path.text if path is not None else fields.DEFAULT_IAM_PATH,
            permissions_boundary=boundary.text if boundary is not None else None,
            role_scope=RoleScope(scope.text) if scope is not None else RoleScope.PREFIX,
            boundary_span=boundary.place.shown if boundary is not None else None,
        ),
        boundary_place=boundary.place if boundary is not None else None,
    )


def _tags(entries: Entries | None, mistakes: Mistakes) -> dict[str, str]:
    if entries is None:
        return {}
    if len(entries.keys) > MAX_TAGS:
        mistakes.add(
            INVALID_VALUE,
            entries.place,
            f"`{entries.place.path}`: these are {len(entries.keys)} tags, and what is made takes "
            f"{MAX_TAGS}.",
        )
    first_of: dict[str, str] = {}
    for key, place in entries.keys.items():
        first = first_of.setdefault(key.lower(), key)
        if first != key:
            mistakes.add(
                INVALID_VALUE,
                place,
                f"`{place.path}`: IAM does not tell tags apart that differ in case only, and "
                f"{quoted(first)} is there already. Remove one of the two.",
            )
    return {key: value.text for key, value in entries.values.items() if isinstance(value, Text)}


def check_boundary(
    entry: DefaultsEntry,
    accounts: Iterable[tuple[str, AccountId | None, tuple[Region, ...] | None]],
    mistakes: Mistakes,
) -> None:
    """Note a permissions boundary that roles of some account cannot have."""
    boundary, place = entry.iam.permissions_boundary, entry.boundary_place
    if boundary is None or place is None:
        return
    _, partition, _, _, owner, _ = boundary.split(":", 5)
    for name, account_id, regions in accounts:
        if account_id is not None and owner not in {"{account_id}", "aws", account_id}:
            mistakes.add(
                INVALID_VALUE,
                place,
                f"`{place.path}`: a role's boundary is a policy of its own account, and this one "
                f"belongs to {owner}, while the account {quoted(name)} is {account_id}. Write "
                "`{account_id}` in its place.",
            )
            return
        partitions = {region.aws_partition.id for region in regions or ()}
        if partitions and partition != "{partition}" and partition not in partitions:
            mistakes.add(
                INVALID_VALUE,
                place,
                f"`{place.path}`: the account {quoted(name)} does not lie in the partition "
                f"`{partition}`. Write `{{partition}}` in its place.",
            )
            return
