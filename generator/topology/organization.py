"""The organization as it is declared, and the names that other parts look up: accounts and units."""

from collections.abc import Mapping
from dataclasses import field

from generator.frozen_data import frozen
from generator.model.quotes import listed, quoted
from generator.model.topology import Organization
from generator.topology.contents import Entries, Items, Text
from generator.topology.mistakes import (
    DANGLING_NAME,
    INVALID_VALUE,
    MISSING_KEY,
    WITHOUT_EFFECT,
    Mistakes,
    Place,
)


@frozen
class OrganizationEntry:
    """The organization; the path of a unit is `None` after a mistake in it."""

    place: Place
    id: str | None
    units: Mapping[str, str | None]
    are_units_known: bool

    @property
    def organization(self) -> Organization | None:
        """The organization, when there is no mistake in it."""
        units = {name: path for name, path in sorted(self.units.items()) if path is not None}
        if self.id is None or not self.are_units_known or len(units) < len(self.units):
            return None
        return Organization(id=self.id, units=units, span=self.place.shown)


@frozen
class Names:
    """The names of accounts and units that the rest of a topology may use.

    `accounts` is `None` when a mistake keeps all accounts unknown, `units` when it does so with
    the units, and `unit_of` (the unit each account names) holds only what is known.
    """

    accounts: frozenset[str] | None
    units: Mapping[str, str | None] | None
    has_organization: bool
    unit_of: Mapping[str, str] = field(default_factory=dict)
    unmanaged: frozenset[str] = frozenset()
    are_members_known: bool = True


def organization_entry(root: Entries, mistakes: Mistakes) -> OrganizationEntry | None:
    """The declared organization; `None` when there is none, or nothing usable."""
    entry = root.entries("organization")
    if entry is None:
        return None
    id_text, units = entry.text("id"), entry.entries("units")
    paths: dict[str, str | None] = {}
    first_of: dict[str, str] = {}
    for name, place in units.keys.items() if units is not None else ():
        path = units.text(name) if units is not None else None
        if path is not None and id_text is not None:
            path = _checked_path(path, id_text.text, mistakes)
        paths[name] = path.text if path is not None else None
        if path is not None and first_of.setdefault(path.text, name) != name:
            mistakes.add(
                INVALID_VALUE,
                place,
                f"`{place.path}`: this is the path of the unit {quoted(first_of[path.text])} already. A "
                "unit has one name in a topology: remove one of the two, or correct the path.",
            )
    return OrganizationEntry(
        place=entry.place,
        id=id_text.text if id_text is not None else None,
        units=paths,
        are_units_known="units" not in entry.broken,
    )


def _checked_path(path: Text, organization: str, mistakes: Mistakes) -> Text | None:
    """The path, unless it is that of a unit of another organization."""
    first = path.text.split("/", maxsplit=1)[0]
    if first == organization:
        return path
    mistakes.add(
        INVALID_VALUE,
        path.place,
        f"`{path.place.path}`: {quoted(path.text)} lies in the organization {quoted(first)}, and "
        f"`organization.id` is {quoted(organization)}. Correct one of the two.",
    )
    return None


def names_of(
    root: Entries,
    organization: OrganizationEntry | None,
    unit_of: Mapping[str, str],
    unmanaged: frozenset[str],
    *,
    are_members_known: bool,
) -> Names:
    """The names of a topology whose accounts have been read."""
    accounts = root.entries("accounts")
    units: Mapping[str, str | None] | None = {}
    if organization is not None:
        units = organization.units if organization.are_units_known else None
    elif root.may_have("organization"):
        units = None
    return Names(
        accounts=frozenset(accounts.keys) if accounts is not None else None,
        units=units,
        has_organization=root.may_have("organization"),
        unit_of=unit_of,
        unmanaged=unmanaged,
        are_members_known=are_members_known,
    )


def check_account_name(account: Text, accounts: frozenset[str] | None, mistakes: Mistakes) -> bool:
    """Whether an account's name is in the topology; notes one that is not.

    `accounts` is `None` when a mistake keeps all accounts unknown.
    """
    if accounts is None:
        return False
    if account.text in accounts:
        return True
    near, edit = mistakes.correction(account.text, account.place, accounts, are_names=True)
    mistakes.add(
        DANGLING_NAME,
        account.place,
        f"`{account.place.path}`: {quoted(account.text)} is not an account of this topology. Add "
        f"it to `accounts`, or write the name of one that is there.{near}",
        edit,
    )
    return False


def check_unit_name(unit: Text, names: Names, mistakes: Mistakes) -> bool:
    """Whether a unit's name is in the topology; notes one that is not."""
    if names.units is None:
        return False
    if unit.text in names.units:
        return True
    if not names.has_organization:
        add_no_organization(unit.place, mistakes, unit=unit.text)
        return False
    near, edit = mistakes.correction(unit.text, unit.place, names.units, are_names=True)
    known = f", which has {listed(sorted(names.units))}" if names.units else ""
    mistakes.add(
        DANGLING_NAME,
        unit.place,
        f"`{unit.place.path}`: {quoted(unit.text)} is not a unit of the organization{known}. Add "
        f"it to `organization.units` with its path, or write the name of one that is there.{near}",
        edit,
    )
    return False


def add_no_organization(place: Place, mistakes: Mistakes, *, unit: str | None = None) -> None:
    """Note that an organization (or a unit of it) is meant and none is declared."""
    name = unit if unit is not None and unit.isascii() and unit.isprintable() else "workloads"
    example = "organization: {id: o-a1b2c3d4e5}"
    if unit is not None:
        path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
        example = f"organization: {{id: o-a1b2c3d4e5, units: {{{name}: {path}}}}}"
    mistakes.add(
        MISSING_KEY,
        place,
        f"`{place.path}`: this topology declares no organization, so nobody can say which accounts "
        f"are meant. Add it at the top of the file, such as `{example}`.",
    )


def selected_accounts(
    entry: Entries, place: Place, names: Names, mistakes: Mistakes
) -> tuple[str, ...] | None:
    """The managed accounts of a unit and of those below it, but for the excepted ones.

    `None` when a mistake keeps them unknown.
    """
    unit, excepted = entry.text("unit"), entry.items("except")
    is_right = unit is not None and check_unit_name(unit, names, mistakes)
    left_out = {}
    for text in excepted.items if excepted is not None else ():
        if isinstance(text, Text):
            is_right &= check_account_name(text, names.accounts, mistakes)
            left_out[text.text] = text
    is_whole = "except" not in entry.broken and not (
        isinstance(excepted, Items) and not excepted.is_whole
    )
    if unit is None or not is_right or not is_whole or names.units is None:
        return None
    members = members_of(unit.text, names)
    if members is None:
        return None
    for name, text in left_out.items():
        if name not in members:
            mistakes.add(
                WITHOUT_EFFECT,
                text.place,
                f"`{text.place.path}`: {quoted(name)} does not lie in the unit {quoted(unit.text)} by "
                "what `accounts` says, so there is nothing to leave out. Remove it, or correct "
                "the account's `unit`.",
            )
            is_right = False
    selected = tuple(
        name for name in members if name not in left_out and name not in names.unmanaged
    )
    if not selected and is_right:
        reason = (
            "no account of the topology lies in it, or in a unit below it. Add "
            f"{quoted(f'unit: {unit.text}')} to the accounts that are meant, or name them here"
            if not members
            else "every account in it is left out, or has `managed: false`. Name the accounts that "
            "are meant: what the owners of unmanaged ones must add is then written down"
        )
        mistakes.add(
            INVALID_VALUE,
            place,
            f"`{place.path}`: the unit {quoted(unit.text)} selects no account: {reason}.",
        )
        return None
    return selected if is_right else None


def members_of(unit: str, names: Names) -> tuple[str, ...] | None:
    """The accounts in a unit and in those below it, sorted; `None` while they are unknown."""
    path = names.units.get(unit) if names.units is not None else None
    if path is None or names.units is None or not names.are_members_known:
        return None
    return tuple(
        sorted(
            account
            for account, own in names.unit_of.items()
            if (own_path := names.units.get(own)) is not None and own_path.startswith(path)
        )
    )
