"""Which accounts and regions a set of registries reaches, and narrowings of them."""

from collections.abc import Iterable, Mapping

from generator.model.quotes import listed, quoted
from generator.model.values import Region
from generator.topology.declarations import AccountEntry, Declarations, PlacedRegion, SetEntry
from generator.topology.mistakes import REGION_OUTSIDE, Mistakes


def regions_of_set(
    entry: SetEntry, declared: Declarations, mistakes: Mistakes
) -> dict[str, tuple[Region, ...]]:
    """The regions of each account of a set that are known, narrowed by the set's own."""
    if entry.accounts is None or not entry.are_regions_known:
        return {}
    regions: dict[str, tuple[Region, ...]] = {}
    is_known = True
    for name in entry.accounts:
        account = declared.accounts[name]
        if account.regions is None:
            is_known = False
            continue
        narrowed = account.regions
        if entry.regions is not None:
            wanted = {placed.region for placed in entry.regions}
            narrowed = tuple(region for region in account.regions if region in wanted)
            if entry.selected_from is None:
                _check_account_regions(account, entry.regions, mistakes)
        if narrowed:
            regions[name] = narrowed
    if entry.selected_from is not None and entry.regions is not None and is_known:
        problem = f"no account of the {entry.selected_from} has it"
        check_narrowing(entry.regions, regions, problem, mistakes)
    return regions


def _check_account_regions(
    account: AccountEntry, wanted: Iterable[PlacedRegion], mistakes: Mistakes
) -> None:
    for placed in wanted:
        if account.regions is not None and placed.region not in account.regions:
            mistakes.add(
                REGION_OUTSIDE,
                placed.place,
                f"`{placed.place.path}`: {placed.region} is not a region of the account "
                f"{quoted(account.name)}, which has {listed(account.regions)}. Add it to the account's "
                "`regions`, or leave it out here.",
            )


def check_narrowing(
    wanted: Iterable[PlacedRegion],
    regions: Mapping[str, tuple[Region, ...]],
    problem: str,
    mistakes: Mistakes,
) -> bool:
    """Whether all regions are there to be narrowed to; notes those that are not."""
    is_right = True
    known = {region for each in regions.values() for region in each}
    for placed in wanted:
        if placed.region not in known:
            is_right = False
            possible = f" Possible here: {listed(sorted(known))}." if known else ""
            mistakes.add(
                REGION_OUTSIDE,
                placed.place,
                f"`{placed.place.path}`: `regions` can only narrow, and {placed.region} is out of "
                f"reach: {problem}.{possible} Leave it out here, or add it there.",
            )
    return is_right
