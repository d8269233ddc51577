"""What each account says about its registry policies: adopted with kept statements, or left to others."""

from collections.abc import Mapping

from generator.estate.spellings import holds_unknown
from generator.imported.access_work import AccessWork, PolicyWord, RegistryPolicy
from generator.imported.facts import SCOPE_SETTING, Registry
from generator.imported.lines import as_yaml
from generator.imported.notes import Note
from generator.imported.world import World
from generator.model.estate import Json, Kind, Record
from generator.model.upstream_hosts import upstream_of
from generator.model.values import AccountId, Region

_PLACEHOLDERS = ("{partition}", "{region}", "{account_id}")


def policy_words(work: AccessWork) -> None:
    """What each account says about its registry policies."""
    world = work.world
    needing = {
        Registry(account=AccountId(upstream.account), region=Region(upstream.region))
        for registry, prefixes in work.caches.placed.items()
        for prefix in prefixes
        for record in (
            world.facts.find(Kind.CACHE_RULE, registry.account, registry.region, prefix),
        )
        if record is not None and (upstream := upstream_of(record)) is not None
        if upstream.account and upstream.region and upstream.account != registry.account
    }
    settings = {
        registry: record
        for registry, key, record in world.facts.in_registries(Kind.ACCOUNT_SETTING)
        if key == SCOPE_SETTING
    }
    for account in sorted(world.names):
        registries = sorted(
            registry
            for registry in {*work.policies, *settings, *needing, *work.relied_on}
            if registry.account == account
        )
        if not registries:
            continue
        reason = world.choices.exported.get(account)
        kept: list[list[Json]] = []
        for registry in registries:
            read = work.policies.get(registry)
            reason = reason or _why_exported(registry, read, world.facts.source.in_words)
            if read is not None:
                kept.append([_anywhere(each, registry.region) for each in read.kept])
        if reason is None and any(each != kept[0] for each in kept):
            reason = "its regions keep different statements, and the topology has one list for all"
        if reason is None and len(kept) == 1:
            kept = [work.policies[registries[0]].kept]
        first = next(
            (
                record
                for registry in registries
                for record in (_record(work, registry), settings.get(registry))
                if record is not None
            ),
            None,
        )
        span = None if first is None else first.span
        if reason is None:
            statements = tuple(as_yaml(each) for each in kept[0]) if kept else ()
            work.access.policies[account] = PolicyWord(word="adopt", kept=statements, source=span)
        else:
            work.access.policies[account] = PolicyWord(word="export", source=span)
            work.access.notes.append(_exported(world, account, reason, first))


def _record(work: AccessWork, registry: Registry) -> Record | None:
    read = work.policies.get(registry)
    return None if read is None else read.record


def _why_exported(registry: Registry, read: RegistryPolicy | None, source: str) -> str | None:
    if read is None:
        return f"{source} has no registry policy in {registry.region}"
    if read.document is None or holds_unknown(read.document):
        return f"its registry policy in {registry.region} is not known in full"
    if not read.pulls and not read.is_asked:
        return f"nothing in its registry policy in {registry.region} is a grant on a cache"
    if any(word in str(read.kept) for word in _PLACEHOLDERS):
        return "statements to keep hold words in braces that the topology would fill in"
    return None


def _anywhere(value: Json, region: Region) -> Json:
    """A statement with a placeholder for the region that it stands in."""
    match value:
        case str():
            return value.replace(region, "{region}")
        case tuple():
            return tuple(_anywhere(item, region) for item in value)
        case Mapping():
            return {key: _anywhere(item, region) for key, item in value.items()}
        case _:
            return value


def _exported(world: World, account: AccountId, reason: str, record: Record | None) -> Note:
    return Note(
        title=f"The registry policy of `{world.names[account]}` stays as it is"
        if world.facts.is_live
        else f"The registry policy of `{world.names[account]}` stays with the code that owns it",
        message=(
            f"The topology says `registry_policy: export` for the account {account}, because "
            f"{reason}. What the policy that is there lets in beyond the grants is not in the topology."
        ),
        subject=f"registry policy {account}",
        address=None if record is None else record.address,
        location=None if record is None else record.span,
    )
