"""Resolves declarations into a topology: every cache of every registry, every grant on a cache."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from generator.model.errors import ToolError
from generator.model.levels import Level
from generator.model.topology import (
    Account,
    Cache,
    Consumer,
    Credential,
    EcrUpstream,
    Grant,
    IdentitySide,
    Topology,
    Upstream,
)
from generator.model.upstreams import (
    CONSOLE_NAMES,
    REGISTRIES,
    Authentication,
    built_in,
    built_in_names,
)
from generator.model.values import ROOT, AccountId, Prefix, Region, registry_host
from generator.topology.checks import (
    check_accounts,
    check_credentials,
    check_external_consumers,
    check_organization,
    check_policy_names,
    check_registries,
    check_registry_policies,
    check_unused,
    organization_partitions,
)
from generator.topology.consumers import PlacedConsumer
from generator.topology.credentials import credential_not_allowed
from generator.topology.declarations import (
    AccountEntry,
    CacheEntry,
    Declarations,
    GrantEntry,
    PlacedRegion,
    SetEntry,
    UpstreamEntry,
)
from generator.topology.defaults import check_boundary
from generator.topology.gathered import Gathered, PlacedCache, Registry, where
from generator.topology.mistakes import (
    CACHED_LEVEL,
    CROSSES_PARTITIONS,
    DANGLING_NAME,
    GRANT_TWICE,
    INVALID_VALUE,
    LISTED_TWICE,
    MISSING_CREDENTIAL,
    OWN_UPSTREAM,
    REGION_OUTSIDE,
    ROOT_WITH_UPSTREAM_PREFIX,
    UNKNOWN_REGISTRY,
    UNUSED_GRANT,
    WITHOUT_EFFECT,
    Mistakes,
    Place,
    line_of,
    listed,
    quoted,
)
from generator.topology.registries import explain_unknown_registry, way_out
from generator.topology.structure import Text
from generator.topology.template_placement import place_templates
from generator.topology.terraform_checks import check_terraform

MAX_RESOLVED = 1_000_000
"""The most caches, and the most grants on caches, that one topology may come to."""


def resolve(declared: Declarations, mistakes: Mistakes) -> Topology | None:
    """The topology that the declarations come to, `None` when there is any mistake."""
    gathered = Gathered()
    check_accounts(declared, mistakes)
    check_organization(declared, mistakes)
    placed: list[PlacedCache] = []
    grants: list[Grant] = []
    reached: list[tuple[SetEntry, dict[str, tuple[Region, ...]]]] = []
    for entry in declared.sets:
        regions = _regions_of(entry, declared, mistakes)
        reached.append((entry, regions))
        of_set = _place_caches(entry, regions, declared, gathered, mistakes)
        placed.extend(of_set)
        _resolve_grants(entry, of_set, declared, grants, gathered, mistakes)
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
                span=entry.place.shown,
            )
            for name, entry in sorted(declared.accounts.items())
            if entry.id is not None and entry.regions is not None
        },
        caches=tuple(
            sorted((each.cache for each in placed if each.cache is not None), key=_cache_order)
        ),
        templates=templates,
        grants=tuple(sorted(grants, key=_grant_order)),
        name_prefix=declared.name_prefix,
        settle=declared.settle,
        terraform=declared.terraform,
        span=declared.place.shown,
        iam=declared.defaults.iam,
        tags=declared.defaults.tags,
    )


def _cache_order(cache: Cache) -> tuple[str, str, str]:
    return (cache.account, cache.region, cache.prefix)


def _grant_order(grant: Grant) -> tuple[str, ...]:
    return (
        *_cache_order(grant.cache),
        grant.scope,
        grant.consumer.policy_name,
        grant.consumer.role or "",
        grant.consumer.permission_set or "",
        grant.level,
        grant.consumer.account or "",
        grant.consumer.identity,
        grant.pattern or "",
    )


def _check_size(count: int, place: Place) -> None:
    if count > MAX_RESOLVED:
        raise ToolError(
            "the topology is too large",
            f"{place.shown.file}:{place.shown.line}: it comes to more than {MAX_RESOLVED} caches "
            "or grants on caches. Split it into several topologies.",
        )


def _regions_of(
    entry: SetEntry, declared: Declarations, mistakes: Mistakes
) -> dict[str, tuple[Region, ...]]:
    """The regions of each account of a set that can be told, narrowed by the set's own."""
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
        _check_narrowing(entry.regions, regions, problem, mistakes)
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
                f"`{account.name}`, which has {listed(account.regions)}. Add it to the account's "
                "`regions`, or leave it out here.",
            )


def _check_narrowing(
    wanted: Iterable[PlacedRegion],
    regions: Mapping[str, tuple[Region, ...]],
    problem: str,
    mistakes: Mistakes,
) -> bool:
    """Note regions that are not there to be narrowed to; whether all are there."""
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


def _place_caches(
    entry: SetEntry,
    regions: Mapping[str, tuple[Region, ...]],
    declared: Declarations,
    gathered: Gathered,
    mistakes: Mistakes,
) -> list[PlacedCache]:
    gathered.size += sum(map(len, regions.values())) * (len(entry.caches) + len(entry.templates))
    _check_size(gathered.size, entry.place)
    is_reach_known = (
        entry.accounts is not None
        and entry.are_regions_known
        and all(declared.accounts[name].regions is not None for name in entry.accounts)
    )
    placed = []
    takes_credential = not entry.caches
    for cache in entry.caches:
        upstream = _find_upstream(cache, declared, gathered, mistakes)
        registry = None if upstream is None else upstream.registry
        takes_credential |= registry is None or (
            registry.authentication is Authentication.SECRET and cache.credential_place is None
        )
        if cache.prefix.is_root and not cache.upstream_prefix.is_root:
            mistakes.add(
                ROOT_WITH_UPSTREAM_PREFIX,
                cache.place,
                f"`{cache.place.path}`: ECR takes an upstream prefix only where the cache has a "
                "prefix of its own. Give the cache a prefix, or remove `upstream_prefix`.",
            )
        if upstream is not None:
            _check_credential(entry, cache, upstream, mistakes)
        if cache.regions is not None and is_reach_known:
            _check_narrowing(cache.regions, regions, "the set does not have it", mistakes)
        wanted = None if cache.regions is None else {each.region for each in cache.regions}
        for account, of_account in regions.items():
            for region in of_account:
                if wanted is None or region in wanted:
                    resolved = _resolve_cache(
                        entry, cache, upstream, account, region, declared, gathered
                    )
                    placed.append(
                        PlacedCache(
                            set_name=entry.name,
                            account=account,
                            region=region,
                            entry=cache,
                            cache=resolved,
                        )
                    )
    if entry.credential_place is not None and not takes_credential:
        mistakes.add(
            WITHOUT_EFFECT,
            entry.credential_place,
            f"`{entry.credential_place.path}`: no cache of this set takes it: each has a "
            "credential of its own, or an upstream that needs none. Remove the key.",
        )
    return placed


def _find_upstream(
    cache: CacheEntry, declared: Declarations, gathered: Gathered, mistakes: Mistakes
) -> UpstreamEntry | None:
    """The upstream that a cache names: declared under that name or its other name, or built in."""
    name = cache.upstream.text
    registry = built_in(name)
    names: tuple[str, ...] = (name,)
    if registry is not None:
        other = (short for short, long in CONSOLE_NAMES.items() if long == registry.name)
        names = (name, registry.name, *other)
    for each in names:
        if each in declared.upstreams:
            gathered.used_upstreams.add(each)
            return declared.upstreams[each]
    if registry is not None:
        return UpstreamEntry(
            name=name,
            place=None,
            registry=registry,
            host=registry.host,
            account=None,
            region=None,
            credential=None,
            is_credential_known=True,
            is_whole=True,
        )
    place = cache.upstream.place
    if "upstreams" in declared.unknown_sections:
        return None
    if name in REGISTRIES:
        mistakes.add(
            DANGLING_NAME,
            place,
            f"`{place.path}`: {REGISTRIES[name].title} has no host of its own that could be known. "
            f"Declare it under `upstreams`, such as `my-{name}: {{registry: {name}, …}}`, and "
            "name that.",
        )
    elif way_out(name):
        mistakes.add(UNKNOWN_REGISTRY, place, f"`{place.path}`: {explain_unknown_registry(name)}")
    elif cache.is_whole or cache.upstream.place is not cache.place:
        possible = (*declared.upstreams, *built_in_names())
        how = (
            "A cache that is not named like its upstream needs `upstream:`."
            if cache.upstream.place is cache.place
            else "Declare it under `upstreams`, or name another."
        )
        near = mistakes.suggest(name, possible)
        mistakes.add(
            DANGLING_NAME,
            place,
            f"`{place.path}`: {quoted(name)} is not an upstream of this topology, nor one of the "
            f"built-in ones, {listed(built_in_names())}. {how}{near}",
        )
    return None


def _check_credential(
    entry: SetEntry, cache: CacheEntry, upstream: UpstreamEntry, mistakes: Mistakes
) -> None:
    registry = upstream.registry
    if registry is None:
        return
    if registry.authentication is not Authentication.SECRET:
        if cache.credential_place is not None:
            credential_not_allowed(registry, cache.credential_place, mistakes)
        return
    has_own = cache.credential_place is not None or entry.credential_place is not None
    if has_own or upstream.credential is not None or not upstream.is_credential_known:
        return
    if not cache.is_whole:
        return
    example = f"ecr-pullthroughcache/{upstream.name}"
    mistakes.add(
        MISSING_CREDENTIAL,
        cache.place,
        f"`{cache.place.path}`: {registry.title} is read only with a user name and a token, even "
        "for public images, and ECR refuses the cache without them. Add "
        f"`credential: {example}` here or to `upstreams.{upstream.name}`.",
    )


def _resolve_cache(
    of_set: SetEntry,
    entry: CacheEntry,
    upstream: UpstreamEntry | None,
    account: str,
    region: Region,
    declared: Declarations,
    gathered: Gathered,
) -> Cache | None:
    """One cache in one registry, when everything about it is known."""
    if upstream is None or upstream.registry is None or not upstream.is_whole:
        return None
    host, upstream_account, upstream_region = upstream.host, None, None
    ecr: EcrUpstream | None = None
    if upstream.registry.name == "ecr" and upstream.account is not None:
        upstream_account = upstream.account
        upstream_region = upstream.region.region if upstream.region is not None else region
        ecr = EcrUpstream(
            account=upstream_account,
            role=upstream.role,
            region=upstream.region.region if upstream.region is not None else None,
        )
        host = _ecr_host(entry, upstream, upstream_region, (account, region), declared, gathered)
    if host is None or not entry.is_whole:
        return None
    return Cache(
        set_name=of_set.name,
        account=account,
        region=region,
        prefix=entry.prefix,
        upstream=Upstream(
            name=upstream.name,
            registry=upstream.registry,
            ecr=ecr,
            credential=upstream.credential,
            span=upstream.place.shown if upstream.place is not None else None,
        ),
        upstream_host=host,
        upstream_prefix=entry.upstream_prefix,
        upstream_account=upstream_account,
        upstream_region=upstream_region,
        credential=_credential(of_set, entry, upstream),
        span=entry.place.shown,
    )


def _credential(of_set: SetEntry, entry: CacheEntry, upstream: UpstreamEntry) -> Credential | None:
    """The credential that holds for a cache: its own, its set's, or its upstream's."""
    registry = upstream.registry
    if registry is None or registry.authentication is not Authentication.SECRET:
        return None
    possible = (entry.credential, of_set.credential, upstream.credential)
    return next((each for each in possible if each is not None), None)


def _ecr_host(
    entry: CacheEntry,
    upstream: UpstreamEntry,
    upstream_region: Region,
    registry: Registry,
    declared: Declarations,
    gathered: Gathered,
) -> str | None:
    """The host of an ECR upstream, `None` when this registry cannot cache from it."""
    account, region = registry
    if upstream.account_id_place is not None:
        return _foreign_host(entry, upstream, upstream_region, registry, declared, gathered)
    source = declared.accounts.get(upstream.account or "")
    if source is None or source.regions is None or upstream.place is None:
        return None
    path = entry.place.path
    if source.name == account and upstream_region == region:
        gathered.note(
            OWN_UPSTREAM,
            entry.place,
            f"`{path}`: the upstream `{upstream.name}` is the very registry that would cache from "
            "it. Leave that account or region out of this set or cache.",
            registry,
        )
        return None
    if _crosses_partitions(entry, upstream, upstream_region, registry, gathered):
        return None
    if upstream_region not in source.regions:
        if upstream.region is not None:
            message = (
                f"`{upstream.region.place.path}`: {upstream_region} is not a region of the account "
                f"`{source.name}`, which has {listed(source.regions)}. Add it there, or name one "
                "of those."
            )
            place = upstream.region.place
        else:
            message = (
                f"`{path}`: the upstream `{upstream.name}` is read in the region of the registry "
                f"that caches, and the account `{source.name}` has only {listed(source.regions)}. "
                f"Add the region there, or say `region:` in `upstreams.{upstream.name}`."
            )
            place = entry.place
        gathered.note(REGION_OUTSIDE, place, message, registry)
        return None
    if source.name != account:
        gathered.need(
            source.name,
            upstream_region,
            f"the cache `{entry.prefix}` in `{account}` takes its images from it "
            f"({line_of(entry.place.shown, source.place.shown)})",
        )
    if source.id is None:
        return None
    return registry_host(upstream_region, source.id)


def _foreign_host(
    entry: CacheEntry,
    upstream: UpstreamEntry,
    upstream_region: Region,
    registry: Registry,
    declared: Declarations,
    gathered: Gathered,
) -> str | None:
    """The host of an ECR upstream of an account outside the topology."""
    place, account_id = upstream.account_id_place, AccountId(upstream.account or "")
    names = [name for name, other in declared.accounts.items() if other.id == account_id]
    if names and place is not None:
        gathered.note(
            INVALID_VALUE,
            place,
            f"`{place.path}`: {account_id} is the account `{names[0]}` of this topology. Write "
            f"`account: {names[0]}` in the place of `account_id`.",
            registry,
        )
        return None
    if _crosses_partitions(entry, upstream, upstream_region, registry, gathered):
        return None
    return registry_host(upstream_region, account_id)


def _crosses_partitions(
    entry: CacheEntry,
    upstream: UpstreamEntry,
    upstream_region: Region,
    registry: Registry,
    gathered: Gathered,
) -> bool:
    region = registry[1]
    if upstream_region.aws_partition == region.aws_partition:
        return False
    gathered.note(
        CROSSES_PARTITIONS,
        entry.place,
        f"`{entry.place.path}`: the upstream `{upstream.name}` lies in the partition "
        f"`{upstream_region.aws_partition.id}` and this registry in "
        f"`{region.aws_partition.id}`. ECR cannot cache across partitions.",
        registry,
    )
    return True


def _resolve_grants(
    entry: SetEntry,
    placed: Sequence[PlacedCache],
    declared: Declarations,
    grants: list[Grant],
    gathered: Gathered,
    mistakes: Mistakes,
) -> None:
    regions: dict[str, tuple[Region, ...]] = {}
    for each in placed:
        regions[each.account] = (*regions.get(each.account, ()), each.region)
    given: set[_GrantKey] = set()
    for grant in entry.grants:
        consumers = _targets(grant, declared, gathered, mistakes)
        names = _granted_repositories(entry, grant, mistakes)
        is_in_reach = True
        if grant.regions is not None and placed and all(cache.is_whole for cache in entry.caches):
            is_in_reach = _check_narrowing(
                grant.regions, regions, "no cache of the set is there", mistakes
            )
        if grant.level is Level.CACHED:
            mistakes.add(
                CACHED_LEVEL,
                grant.place,
                f"`{grant.place.path}`: `cached` gives no import rights. AWS does not document what "
                "a pull by tag does without them once the cached tag is older than 24 hours and "
                "ECR looks for a newer one. Pulls by digest are safe; for tags, `pull` is.",
            )
        if names is None or not grant.is_whole:
            continue
        wanted = None if grant.regions is None else {each.region for each in grant.regions}
        covered = [
            each
            for each in placed
            if each.entry.prefix in names and (wanted is None or each.region in wanted)
        ]
        if not covered and placed and is_in_reach:
            _add_unused_grant(grant, names, mistakes)
        pairs = [(each, pattern) for each in covered for pattern in names[each.entry.prefix]]
        _check_size(len(grants) + len(pairs) * len(consumers), grant.place)
        for target, consumer in consumers:
            is_new = False
            for each, pattern in pairs:
                resolved = _resolve_grant(grant, consumer, each, pattern, declared, gathered)
                if resolved is None:
                    is_new = True
                elif (key := _grant_key(resolved)) not in given:
                    is_new = True
                    given.add(key)
                    grants.append(resolved)
            if covered and not is_new:
                mistakes.add(
                    GRANT_TWICE,
                    target.place,
                    f"`{target.place.path}`: another grant of this set gives this consumer the "
                    "same level on the same caches already. Remove one of the two.",
                )


_GrantKey = tuple[str, ...]


def _grant_key(grant: Grant) -> _GrantKey:
    """What makes two grants the same, wherever they are written."""
    consumer = grant.consumer
    return (
        *_cache_order(grant.cache),
        grant.scope,
        consumer.policy_name,
        consumer.role or "",
        consumer.permission_set or "",
        consumer.identity,
        grant.level,
        grant.pattern or "",
    )


def _targets(
    grant: GrantEntry, declared: Declarations, gathered: Gathered, mistakes: Mistakes
) -> list[tuple[PlacedConsumer, Consumer]]:
    """The consumers of a grant that can be told."""
    found = []
    for target in grant.targets:
        place, consumer = target.place, target.consumer
        if target.name is not None:
            if target.name not in declared.consumers:
                _add_unknown_consumer(target.name, place, declared, mistakes)
                continue
            entry = declared.consumers[target.name]
            gathered.used_consumers.add(target.name)
            place, consumer = entry.place, entry.consumer
        if consumer is not None:
            gathered.consumer_places.setdefault(consumer.span, place)
            found.append((target, consumer))
    return found


def _add_unknown_consumer(
    name: str, place: Place, declared: Declarations, mistakes: Mistakes
) -> None:
    if "consumers" in declared.unknown_sections:
        return
    if name in declared.accounts:
        advice = f" To grant to every principal of that account, write `{{account: {name}}}`."
    else:
        advice = mistakes.suggest(name, declared.consumers)
    mistakes.add(
        DANGLING_NAME,
        place,
        f"`{place.path}`: {quoted(name)} is not a consumer of this topology. Add it to "
        f"`consumers`, or write the consumer here, such as `{{role: eks-node}}`.{advice}",
    )


_Granted = Mapping[Prefix, tuple[str | None, ...]]
"""What a grant covers: patterns of repositories by the prefix of their cache, `None` for all."""


def _granted_repositories(
    entry: SetEntry, grant: GrantEntry, mistakes: Mistakes
) -> _Granted | None:
    """What a grant covers; `None` when it names something that is not there."""
    if grant.repositories is not None:
        return _granted_patterns(entry, grant.repositories, mistakes)
    prefixes = _granted_prefixes(entry, grant, mistakes)
    return None if prefixes is None else dict.fromkeys(prefixes, (None,))


def _granted_patterns(
    entry: SetEntry, patterns: Iterable[Text], mistakes: Mistakes
) -> _Granted | None:
    """Each pattern below the longest prefix that certainly holds all it matches."""
    if entry.cache_keys is None:
        return None
    found: dict[Prefix, tuple[str | None, ...]] = {}
    is_right = True
    for text in patterns:
        literal = re.split(r"[*?]", text.text, maxsplit=1)[0]
        holding = [
            Prefix(key) for key in entry.cache_keys if key == ROOT or literal.startswith(f"{key}/")
        ]
        if not holding:
            is_right = False
            _add_outside_caches(entry, text, literal, mistakes)
            continue
        prefix = max(holding, key=lambda prefix: 0 if prefix.is_root else len(prefix))
        pattern = None if text.text == prefix.repositories else text.text
        found[prefix] = (*found.get(prefix, ()), pattern)
    return found if is_right else None


def _add_outside_caches(entry: SetEntry, text: Text, literal: str, mistakes: Mistakes) -> None:
    near = [key for key in sorted(entry.cache_keys or ()) if literal.startswith(key)]
    advice = (
        f"Write {quoted(f'{near[-1]}/*')}, which ends the prefix with a slash."
        if near
        else "Each name or pattern begins with the prefix of a cache and a slash."
    )
    mistakes.add(
        DANGLING_NAME,
        text.place,
        f"`{text.place.path}`: {quoted(text.text)} does not lie below a cache of the set "
        f"`{entry.name}`, which has {listed(sorted(entry.cache_keys or ()))}. {advice}",
    )


def _granted_prefixes(
    entry: SetEntry, grant: GrantEntry, mistakes: Mistakes
) -> frozenset[Prefix] | None:
    """The prefixes that a grant covers; `None` when it names one that is not there."""
    if grant.caches is None:
        return frozenset(cache.prefix for cache in entry.caches if not cache.prefix.is_root)
    if entry.cache_keys is None:
        return None
    prefixes: set[Prefix] = set()
    is_right = True
    for text in grant.caches:
        prefix = Prefix.parse(text.text)
        if prefix not in entry.cache_keys:
            is_right = False
            near = mistakes.suggest(prefix, entry.cache_keys)
            mistakes.add(
                DANGLING_NAME,
                text.place,
                f"`{text.place.path}`: {quoted(prefix)} is not a cache of the set "
                f"`{entry.name}`, which has {listed(sorted(entry.cache_keys))}.{near}",
            )
        elif prefix in prefixes:
            mistakes.add(
                LISTED_TWICE,
                text.place,
                f"`{text.place.path}`: `{prefix}` is in the list already; a slash at the end makes "
                "no difference. Remove one of the two.",
            )
        prefixes.add(prefix)
    return frozenset(prefixes) if is_right else None


def _add_unused_grant(grant: GrantEntry, names: Collection[Prefix], mistakes: Mistakes) -> None:
    why = (
        "none of the caches it covers is in these regions."
        if names
        else "a ROOT cache covers every repository of the registry, private images included, so a "
        "grant must name it: `caches: [ROOT]`."
    )
    mistakes.add(
        UNUSED_GRANT, grant.place, f"`{grant.place.path}`: this grant allows nothing: {why}"
    )


def _resolve_grant(
    grant: GrantEntry,
    consumer: Consumer,
    placed: PlacedCache,
    pattern: str | None,
    declared: Declarations,
    gathered: Gathered,
) -> Grant | None:
    """One consumer's grant on one cache, when everything about it is known."""
    account = consumer.account if consumer.account is not None else placed.account
    if consumer.external_account is not None:
        account = str(consumer.external_account)
    source = declared.accounts.get(account)
    who = f"the account `{account}`"
    partition = _partition_of(source) if source is not None else None
    if consumer.is_group:
        who = "the organization" if consumer.unit is None else f"the unit `{consumer.unit}`"
        partition = next(iter(organization_partitions(declared)), None)
    if consumer.is_group or account != placed.account:
        if partition is not None and partition != placed.region.aws_partition.id:
            gathered.note(
                CROSSES_PARTITIONS,
                grant.place,
                f"`{grant.place.path}`: {who} lies in the partition `{partition}` and this "
                f"registry in `{placed.region.aws_partition.id}`. Nobody can pull across "
                "partitions.",
                (placed.account, placed.region),
            )
            return None
        gathered.need(
            placed.account,
            placed.region,
            f"{who} may pull through `{placed.entry.prefix}` "
            f"({line_of(grant.place.shown, declared.accounts[placed.account].place.shown)})",
        )
    if placed.cache is None or grant.level is None:
        return None
    is_handed_over = consumer.is_handed_over or (source is not None and not source.is_managed)
    return Grant(
        cache=placed.cache,
        consumer=consumer,
        consumer_account=None if consumer.is_group else account,
        level=grant.level,
        identity=IdentitySide.ELSEWHERE if is_handed_over else consumer.identity,
        is_handed_over=is_handed_over,
        span=grant.place.shown,
        pattern=pattern,
    )


def _partition_of(entry: AccountEntry) -> str | None:
    return entry.regions[0].aws_partition.id if entry.regions else None
