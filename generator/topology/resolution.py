"""Resolves declarations into a topology: every cache of every registry, every grant on a cache."""

from typing import TYPE_CHECKING

from generator.model.topology import Account, Grant, Topology
from generator.topology.caches import cache_order, place_caches
from generator.topology.checks import (
    check_accounts,
    check_credentials,
    check_external_consumers,
    check_organization,
    check_policy_names,
    check_registries,
    check_registry_policies,
    check_unused,
)
from generator.topology.declarations import Declarations, SetEntry
from generator.topology.defaults import check_boundary
from generator.topology.grants import resolve_grants
from generator.topology.mistakes import Mistakes
from generator.topology.reach import regions_of_set
from generator.topology.resolution_state import Gathered, PlacedCache, where
from generator.topology.template_placement import place_templates
from generator.topology.terraform_checks import check_terraform

if TYPE_CHECKING:
    from generator.model.values import Region


def resolve(declared: Declarations, mistakes: Mistakes) -> Topology | None:
    """The topology that the declarations come to, `None` when there is any mistake."""
    gathered = Gathered()
    check_accounts(declared, mistakes)
    check_organization(declared, mistakes)
    placed: list[PlacedCache] = []
    grants: list[Grant] = []
    reached: list[tuple[SetEntry, dict[str, tuple[Region, ...]]]] = []
    for entry in declared.sets:
        regions = regions_of_set(entry, declared, mistakes)
        reached.append((entry, regions))
        of_set = place_caches(entry, regions, declared, gathered, mistakes)
        placed.extend(of_set)
        resolve_grants(entry, of_set, declared, grants, gathered, mistakes)
    check_registries(placed, gathered)
    check_credentials(placed, declared, gathered, mistakes)
    check_external_consumers(grants, declared, gathered, mistakes)
    check_policy_names(grants, declared, gathered, mistakes)
    check_registry_policies(declared, gathered, mistakes)
    check_terraform(declared, mistakes)
    check_boundary(
        declared.defaults,
        ((entry.name, entry.id, entry.regions) for entry in declared.accounts.values()),
        mistakes,
    )
    templates = place_templates(declared, reached, placed, gathered, mistakes)
    for (_, _, message), (rule, place, registries) in gathered.wrong.items():
        mistakes.add(rule, place, f"{message} {where(registries)}")
    if mistakes.any_mistake:
        return None
    # After a mistake nobody can say what is unused, so only now.
    check_unused(declared, gathered, mistakes)
    organization = declared.organization.organization if declared.organization else None
    units = organization.units if organization is not None else {}
    return Topology(
        organization=organization,
        accounts={
            name: Account(
                name=name,
                id=entry.id,
                regions=entry.regions,
                registry_policy=entry.registry_policy,
                kept=entry.kept,
                unit=units[entry.unit.text] if entry.unit is not None else None,
                is_managed=entry.is_managed,
                code_folders=tuple(dict.fromkeys(each.text for each in entry.code_folders)),
                span=entry.place.shown,
                policy_span=entry.policy_place.shown if entry.policy_place is not None else None,
            )
            for name, entry in sorted(declared.accounts.items())
            if entry.id is not None and entry.regions is not None
        },
        caches=tuple(
            sorted((each.cache for each in placed if each.cache is not None), key=cache_order)
        ),
        templates=templates,
        grants=tuple(sorted(grants, key=_grant_order)),
        name_prefix=declared.name_prefix,
        settle=declared.settle,
        terraform=declared.terraform,
        span=declared.place.shown,
        iam=declared.defaults.iam,
        tags=declared.defaults.tags,
        consumers={
            name: entry.consumer
            for name, entry in sorted(declared.consumers.items())
            if entry.consumer is not None
        },
        expectations=declared.expectations,
    )


def _grant_order(grant: Grant) -> tuple[str, ...]:
    return (
        *cache_order(grant.cache),
        grant.scope,
        grant.consumer.policy_name,
        grant.consumer.role or "",
        grant.consumer.permission_set or "",
        grant.level,
        grant.consumer.account or "",
        grant.consumer.identity,
        grant.pattern or "",
    )
