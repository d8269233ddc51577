"""Reads the section `registries`: sets of registries with their caches and grants."""

from generator.model.errors import InvalidValueError
from generator.model.levels import Level
from generator.model.quotes import quoted
from generator.model.values import Prefix
from generator.topology.consumers import target_of_grant
from generator.topology.contents import Entries, Items, Text
from generator.topology.credentials import credential_of
from generator.topology.declarations import CacheEntry, GrantEntry, SetEntry
from generator.topology.lists import is_list_whole, regions_of, texts_of
from generator.topology.mistakes import (
    INVALID_VALUE,
    MISSING_KEY,
    PREFIX_TWICE,
    TWO_SCOPES,
    Mistakes,
    Place,
    line_of,
)
from generator.topology.organization import Names, check_account_name, selected_accounts
from generator.topology.templates import prefix_templates


def set_entries(entries: Entries | None, names: Names, mistakes: Mistakes) -> tuple[SetEntry, ...]:
    """Read the section `registries`."""
    if entries is None:
        return ()
    sets = []
    for name, place in entries.keys.items():
        entry = entries.entries(name)
        if entry is not None:
            sets.append(_set(name, place, entry, names, mistakes))
    return tuple(sets)


def _set(name: str, place: Place, entry: Entries, names: Names, mistakes: Mistakes) -> SetEntry:
    caches = entry.entries("caches")
    grants = entry.items("grants")
    selected_from = None
    match entry.values.get("accounts"):
        case Text():
            selected_from = "topology"
        case Entries():
            selected_from = "unit"
        case _:
            pass
    return SetEntry(
        name=name,
        place=place,
        accounts=_accounts_of_set(name, place, entry, names, mistakes),
        selected_from=selected_from,
        regions=regions_of(entry),
        are_regions_known=is_list_whole(entry, "regions"),
        credential=credential_of(entry.values.get("credential"), mistakes),
        credential_place=entry.keys.get("credential"),
        caches=_caches(caches, mistakes) if caches is not None else (),
        cache_keys=frozenset(key.removesuffix("/") for key in caches.keys)
        if caches is not None
        else None,
        templates=prefix_templates(entry.entries("creation_templates"), mistakes),
        grants=(
            tuple(
                _grant(name, grant, names, mistakes)
                for grant in grants.items
                if isinstance(grant, Entries)
            )
            if grants is not None
            else ()
        ),
    )


def _accounts_of_set(
    name: str, place: Place, entry: Entries, names: Names, mistakes: Mistakes
) -> tuple[str, ...] | None:
    accounts = names.accounts
    if entry.has("account") and entry.has("accounts"):
        mistakes.add(
            TWO_SCOPES,
            entry.keys["accounts"],
            f"`{place.path}`: `account` names one account and `accounts` several; a set has one "
            "of the two. Remove the other.",
        )
        return None
    if entry.has("account"):
        account = entry.text("account")
        if account is None or not check_account_name(account, accounts, mistakes):
            return None
        return (account.text,)
    if entry.has("accounts"):
        match entry.values.get("accounts"):
            case Text(place=where):
                return _all_accounts(where, names, mistakes)
            case Entries() as selection:
                return selected_accounts(selection, selection.place, names, mistakes)
            case Items() as items:
                known = [
                    text.text
                    for text in texts_of(items)
                    if check_account_name(text, accounts, mistakes)
                ]
                return tuple(known) if items.is_whole and len(known) == len(items.items) else None
            case _:
                return None
    if accounts is None or entry.may_have("account") or entry.may_have("accounts"):
        return None
    if name in accounts:
        return (name,)
    near = mistakes.suggest(name, accounts)
    mistakes.add(
        MISSING_KEY,
        place.below("account", place.span, place.use),
        f"`{place.path}`: the set names no accounts, and {quoted(name)} is not the name of one "
        f"either. Add `account:`, `accounts: […]` or `accounts: all`.{near}",
    )
    return None


def _all_accounts(place: Place, names: Names, mistakes: Mistakes) -> tuple[str, ...] | None:
    """Every managed account; `None` when a mistake keeps them unknown, or there is none."""
    if names.accounts is None or not names.are_members_known:
        return None
    managed = sorted(names.accounts - names.unmanaged)
    if not managed:
        mistakes.add(
            INVALID_VALUE,
            place,
            f"`{place.path}`: `all` are the accounts without `managed: false`, and there is none. "
            "Name the accounts that are meant: what their owners must add is then written down.",
        )
        return None
    return tuple(managed)


def _caches(entries: Entries, mistakes: Mistakes) -> tuple[CacheEntry, ...]:
    caches: dict[Prefix, CacheEntry] = {}
    for key, place in entries.keys.items():
        prefix = _prefix(key)
        entry = entries.entries(key)
        if prefix is None:
            continue
        if prefix in caches:
            first = line_of(caches[prefix].place.shown, place.shown)
            mistakes.add(
                PREFIX_TWICE,
                place,
                f"`{place.path}`: a slash at the end makes no difference, so this is the prefix "
                f"{quoted(prefix)} a second time; the first is on {first}. Remove one of the "
                "two.",
            )
            continue
        upstream = entry.text("upstream") if entry is not None else None
        upstream_prefix = entry.text("upstream_prefix") if entry is not None else None
        credential = entry.values.get("credential") if entry is not None else None
        parsed = credential_of(credential, mistakes)
        caches[prefix] = CacheEntry(
            prefix=prefix,
            place=place,
            upstream=upstream if upstream is not None else Text(text=prefix, place=place),
            upstream_prefix=Prefix.parse(upstream_prefix.text if upstream_prefix else "ROOT"),
            credential=parsed,
            credential_place=(entry.keys.get("credential") if entry is not None else None),
            creation_template=entry.text("creation_template") if entry is not None else None,
            is_template_known=entry is not None and "creation_template" not in entry.broken,
            regions=regions_of(entry) if entry is not None else None,
            is_whole=entry is not None
            and not entry.broken
            and is_list_whole(entry, "regions")
            and (parsed is not None or credential is None),
        )
    return tuple(caches.values())


def _prefix(text: str) -> Prefix | None:
    """A cache's key as a prefix, `None` for one that is noted as a mistake already."""
    try:
        return Prefix.parse(text)
    except InvalidValueError:
        return None


def _grant(set_name: str, entry: Entries, names: Names, mistakes: Mistakes) -> GrantEntry:
    allow = entry.text("allow")
    caches, repositories = entry.items("caches"), entry.items("repositories")
    is_right = True
    if entry.has("caches") and entry.has("repositories"):
        is_right = False
        mistakes.add(
            TWO_SCOPES,
            entry.keys["repositories"],
            f"`{entry.place.path}`: `repositories` names the repositories below the prefixes of "
            "caches, so `caches` has nothing to add. Remove one of the two.",
        )
    to = entry.values.get("to")
    listed_targets = to.items if isinstance(to, Items) else (to,) if to is not None else ()
    targets = tuple(
        target_of_grant(set_name, target, names, mistakes)
        for target in listed_targets
        if isinstance(target, Text | Entries)
    )
    return GrantEntry(
        place=entry.place,
        targets=targets,
        level=Level(allow.text) if allow is not None else None,
        caches=texts_of(caches) if caches is not None else None,
        repositories=texts_of(repositories) if repositories is not None else None,
        regions=regions_of(entry),
        is_whole=is_right
        and not entry.broken
        and is_list_whole(entry, "caches")
        and is_list_whole(entry, "repositories")
        and is_list_whole(entry, "regions")
        and not (isinstance(to, Items) and not to.is_whole),
    )
