"""Registry policies and identity policies of the code as grants, consumers and kept statements."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.estate.spellings import holds_unknown
from generator.frozen_data import frozen
from generator.imported.caches import Asked, Caches
from generator.imported.facts import SCOPE_SETTING, Registry
from generator.imported.holders import IdentityPolicy, identity_policies
from generator.imported.lines import Owner, Yaml, as_yaml
from generator.imported.names import is_name, name_by_word, slug, unused
from generator.imported.notes import Note
from generator.imported.own_registries import WidePull, wide_pulls
from generator.imported.pulls import Pull, adds_nothing, registry_pulls, statements_of
from generator.imported.world import World
from generator.intent.registry_forms import UPSTREAM
from generator.model.estate import Json, Kind, Known, Record
from generator.model.span import Span
from generator.model.upstream_hosts import upstream_of
from generator.model.values import ROOT, AccountId, Region

_RESERVED = re.compile(
    r"(?P<head>aws-reserved/sso\.amazonaws\.com/)(?P<region>\*/)?"
    r"(?P<tail>AWSReservedSSO_(?P<name>.+)_\?{16})"
)
_PLACEHOLDERS = ("{partition}", "{region}", "{account_id}")


@frozen
class PlacedGrant:
    """A grant of one registry: to whom, what, and where that comes from."""

    to: Yaml
    level: str
    repositories: str
    owner: Owner
    source: Span | None


@frozen
class PlacedConsumer:
    """A consumer of its own name."""

    value: Mapping[str, Yaml]
    owner: Owner
    source: Span | None


@frozen
class PolicyWord:
    """What an account says about its registry policy."""

    word: str
    kept: tuple[Yaml, ...] = ()
    source: Span | None = None


@dataclass(slots=True, kw_only=True)
class Access:
    """Who may pull: grants by registry, consumers by name, registry policies by account.

    `set_names` are those that sets of registries must have so that policies have their names.
    """

    grants: dict[Registry, list[PlacedGrant]] = field(default_factory=dict)
    consumers: dict[str, PlacedConsumer] = field(default_factory=dict)
    policies: dict[AccountId, PolicyWord] = field(default_factory=dict)
    set_names: dict[Registry, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


@frozen
class _Stated:
    """The statement that a pull comes from, and where it stands."""

    owner: Owner
    source: Span | None


@dataclass(slots=True, kw_only=True)
class _RegistryPolicy:
    """One registry policy, statement by statement."""

    record: Record
    document: Json
    pulls: dict[Pull, _Stated] = field(default_factory=dict)
    kept: list[Json] = field(default_factory=list)
    is_asked: bool = False


@dataclass(slots=True, kw_only=True)
class _Work:
    """What is at hand while grants are worked out."""

    world: World
    caches: Caches
    access: Access
    policies: dict[Registry, _RegistryPolicy]
    granted: set[Pull] = field(default_factory=set)
    relied_on: set[Registry] = field(default_factory=set)


def access_of(world: World, caches: Caches) -> Access:
    """Everything that the policies of the code grant on the caches."""
    work = _Work(
        world=world, caches=caches, access=Access(), policies=_registry_policies(world, caches)
    )
    found = identity_policies(world)
    names = Counter(policy.name for policy in found)
    for policy in found:
        _grant_identity(work, policy, is_shared=names[policy.name] > 1)
    for read in work.policies.values():
        for pull, stated in read.pulls.items():
            if pull not in work.granted:
                _grant_registry(work, read, pull, stated)
    _grant_own(work)
    _policy_words(work)
    return work.access


def _grant_own(work: _Work) -> None:
    """Grant the caches of their own account to roles that may pull from everywhere."""
    for wide in wide_pulls(work.world):
        owner = f"everywhere {wide.account} {wide.role}"
        found = False
        if owner in work.world.choices.dropped:
            continue
        for registry, prefixes in sorted(work.caches.placed.items()):
            if registry.account != wide.account:
                continue
            for prefix in sorted(prefixes):
                pull = Pull(
                    registry=registry,
                    repositories=f"{prefix}/*",
                    level=wide.level.value,
                    account=wide.account,
                    role=wide.role,
                )
                if prefix != ROOT and pull not in work.granted:
                    _grant_elsewhere(work, pull, owner, wide.record.span)
                    found = True
        if found:
            work.access.notes.append(_pulls_everywhere(wide))


def _pulls_everywhere(wide: WidePull) -> Note:
    names = ", ".join(f"`{action}`" for action in wide.surplus)
    beside = f", and {names} beside, which no grant has" if names else ""
    return Note(
        title=f"The role `{wide.role}` may pull from every registry",
        message=(
            f"`{wide.record.address}` allows it {wide.level.value} on every repository{beside}. The topology "
            f"grants it the caches of its own account {wide.account}, which is what such a policy is worth "
            "there; other accounts let it in by their registry policies."
        ),
        subject=f"{wide.record.root} {wide.record.address} everywhere",
        address=wide.record.address,
        location=wide.record.span,
        is_lost=False,
    )


def consumer_accounts(world: World, caches: Caches) -> dict[AccountId, set[Region]]:
    """The accounts of the code that pull, with the regions they pull from."""
    found: dict[AccountId, set[Region]] = {}
    pulls = [pull for read in _registry_policies(world, caches).values() for pull in read.pulls] + [
        pull for policy in identity_policies(world) for pull in policy.held.pulls
    ]
    for pull in pulls:
        if pull.registry in caches.placed:
            found.setdefault(pull.account, set()).add(pull.registry.region)
    return found


def cache_of(repositories: str, prefixes: Iterable[str]) -> str | None:
    """The prefix of the cache that holds all repositories of a pattern."""
    literal = re.split(r"[*?]", repositories, maxsplit=1)[0]
    found = [prefix for prefix in prefixes if prefix != ROOT and literal.startswith(f"{prefix}/")]
    if found:
        return max(found, key=len)
    return ROOT if ROOT in prefixes else None


def _registry_policies(world: World, caches: Caches) -> dict[Registry, _RegistryPolicy]:
    found = {}
    for registry, _, record in world.facts.in_registries(Kind.REGISTRY_POLICY):
        attribute = record.get("policy")
        document = attribute.value if isinstance(attribute, Known) else None
        read = _RegistryPolicy(record=record, document=document)
        found[registry] = read
        for index, statement in enumerate(statements_of(document)):
            owner = f"statement {registry.account} {registry.region} {index}"
            pulls = registry_pulls(statement, registry)
            if pulls and all(_asked(pull) in caches.asked for pull in pulls):
                read.is_asked = True
            elif pulls and owner not in world.choices.dropped and _are_grants(pulls, caches):
                span = world.facts.statement_span(record, index, "policy")
                read.pulls.update(dict.fromkeys(pulls, _Stated(owner=owner, source=span)))
            else:
                read.kept.append(statement)
    return found


def _asked(pull: Pull) -> Asked | None:
    if pull.level != UPSTREAM:
        return None
    return Asked(
        upstream=pull.registry,
        repositories=pull.repositories,
        account=pull.account,
        role=pull.role,
    )


def _are_grants(pulls: Iterable[Pull], caches: Caches) -> bool:
    return all(
        pull.level != UPSTREAM
        and pull.crosses_accounts
        and cache_of(pull.repositories, caches.placed.get(pull.registry, {})) is not None
        for pull in pulls
    )


def _grant_identity(work: _Work, policy: IdentityPolicy, *, is_shared: bool) -> None:
    """Grant what an identity policy gives, by a consumer whose policy that is where it can be one.

    A name that policies of several accounts share is that of no one consumer, but may be made of a
    set's name and a role.
    """
    world = work.world
    name = policy.name
    role, identity = _bearer(work, policy)
    pulls = [replace(pull, role=role) for pull in policy.held.pulls]
    is_whole = (
        name is not None
        and policy.held.is_all
        and (policy.account, policy.key) not in world.choices.elsewhere
        and all(_is_sayable(work, pull) for pull in pulls)
    )
    fits_a_set = is_whole and is_shared and role != ""
    if fits_a_set and _grant_inline(work, policy, pulls, role=role, identity=identity):
        return
    if is_whole and name is not None and is_name(name) and name not in work.access.consumers:
        value: dict[str, Yaml] = {"account": world.names[policy.account]}
        if role:
            value["role"] = role
        if identity == "attach":
            value["identity"] = identity
        work.access.consumers[name] = PlacedConsumer(
            value=value, owner=policy.owner, source=policy.record.span
        )
        for pull in pulls:
            _add(work, name, pull, policy.owner, policy.record.span)
        if not role:
            work.access.notes.append(_no_bearer(policy))
        return
    for holder in policy.roles:
        for pull in policy.held.pulls:
            of_role = replace(pull, role=holder)
            if _is_sayable(work, of_role):
                _grant_elsewhere(work, of_role, policy.owner, policy.record.span)
            else:
                work.access.notes.append(_not_let_in(policy, of_role))
    if policy.roles:
        return
    for pull in policy.held.pulls:
        if _is_sayable(work, pull):
            _grant_elsewhere(work, pull, policy.owner, policy.record.span)
    work.access.notes.append(_nobody_has(policy))


def _grant_inline(
    work: _Work, policy: IdentityPolicy, pulls: Sequence[Pull], *, role: str, identity: str
) -> bool:
    """Grant to a consumer without a name, whose policy is named after its set; whether that fits."""
    word = role.replace("*", "x").replace("?", "x").replace("/", "-")
    name = (policy.name or "").removesuffix(f"-{word}")
    if name == policy.name or not is_name(name):
        return False
    if any(work.access.set_names.get(pull.registry, name) != name for pull in pulls):
        return False
    for pull in pulls:
        to: dict[str, Yaml] = {"role": role}
        if pull.crosses_accounts:
            to = {"account": work.world.names[policy.account], **to}
        if identity == "attach":
            to["identity"] = identity
        work.access.set_names[pull.registry] = name
        _add(work, to, pull, policy.owner, policy.record.span)
    return True


def _bearer(work: _Work, policy: IdentityPolicy) -> tuple[str, str]:
    """The role that has a policy, and who attaches it.

    Where the code does not attach it, the registry policies can say who it is for.
    """
    if len(policy.roles) == 1:
        return policy.roles[0], "attach"
    if policy.roles:
        return "", "policy"
    crossing = {pull for pull in policy.held.pulls if pull.crosses_accounts}
    sides: dict[str, set[Pull]] = {}
    for read in work.policies.values():
        for pull in read.pulls:
            if pull.account == policy.account and pull not in work.granted:
                sides.setdefault(pull.role, set()).add(replace(pull, role=""))
    fitting = [role for role, pulls in sorted(sides.items()) if crossing and crossing <= pulls]
    named = [role for role in fitting if role and slug(role) in slug(policy.key)]
    return next(iter((*named, *fitting)), ""), "policy"


def _is_sayable(work: _Work, pull: Pull) -> bool:
    """Whether a grant can say a pull without asking for more than the registry's policy gives."""
    prefixes = work.caches.placed.get(pull.registry)
    if not prefixes or cache_of(pull.repositories, prefixes) is None:
        return False
    if not pull.crosses_accounts or pull.registry.account in work.world.choices.exported:
        return True
    read = work.policies.get(pull.registry)
    if read is None or read.document is None or holds_unknown(read.document):
        # Nothing is known against it; the policy stays with whoever owns it.
        return True
    return pull in read.pulls or adds_nothing(read.document, (pull,), pull.registry)


def _grant_registry(work: _Work, read: _RegistryPolicy, pull: Pull, stated: _Stated) -> None:
    owner, source = stated.owner, stated.source
    if pull.account not in work.world.names:
        value: dict[str, Yaml] = {"account_id": pull.account, "external": True}
        if pull.role:
            value["role"] = pull.role
        stem = name_by_word(pull.account, work.world.facts.words)
        name = _consumer(work, stem, pull, value, source)
        _add(work, name, pull, owner, source)
        return
    permission_set = _RESERVED.fullmatch(pull.role)
    other = None
    if permission_set is not None:
        # Such a role has a path with the home region of IAM Identity Center in it, or one without.
        wanted = "" if permission_set["region"] else "*/"
        other = replace(pull, role=f"{permission_set['head']}{wanted}{permission_set['tail']}")
    if permission_set is None or other not in read.pulls:
        _grant_elsewhere(work, pull, owner, source)
        return
    account = work.world.names[pull.account]
    value = {"account": account, "permission_set": permission_set["name"]}
    stem = f"{account}-{slug(permission_set['name'])}"
    name = _consumer(work, stem, replace(pull, role=""), value, source)
    _add(work, name, pull, owner, source)
    work.granted.add(other)


def _grant_elsewhere(work: _Work, pull: Pull, owner: Owner, source: Span | None) -> None:
    """Grant to a consumer of the code whose own policy forebay does not write."""
    value: dict[str, Yaml] = {"identity": "elsewhere"}
    if pull.role:
        value = {"role": pull.role, **value}
    if pull.crosses_accounts or not pull.role:
        account = work.world.names[pull.account]
        _add(
            work,
            _consumer(work, account, pull, {"account": account, **value}, source),
            pull,
            owner,
            source,
        )
    else:
        # Without a scope it means each registry's own account, so that registries can be alike.
        _add(work, value, pull, owner, source)


def _consumer(
    work: _Work, stem: str, pull: Pull, value: Mapping[str, Yaml], source: Span | None
) -> str:
    consumers = work.access.consumers
    for name, known in consumers.items():
        if known.value == value:
            return name
    wanted = f"{stem}-{slug(pull.role)}"[:60].rstrip("-") if pull.role else stem
    name = unused(slug(wanted), consumers)
    consumers[name] = PlacedConsumer(value=value, owner=f"consumer {name}", source=source)
    return name


def _add(work: _Work, to: Yaml, pull: Pull, owner: Owner, source: Span | None) -> None:
    work.granted.add(pull)
    if pull.crosses_accounts:
        work.relied_on.add(pull.registry)
    grant = PlacedGrant(
        to=to, level=pull.level, repositories=pull.repositories, owner=owner, source=source
    )
    grants = work.access.grants.setdefault(pull.registry, [])
    if grant not in grants:
        grants.append(grant)


def _policy_words(work: _Work) -> None:
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


def _record(work: _Work, registry: Registry) -> Record | None:
    read = work.policies.get(registry)
    return None if read is None else read.record


def _why_exported(registry: Registry, read: _RegistryPolicy | None, source: str) -> str | None:
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


def _no_bearer(policy: IdentityPolicy) -> Note:
    return Note(
        title=f"Which role has the policy `{policy.key}` is not told",
        message=(
            f"`{policy.record.address}` is attached to no role, or to several, so the "
            f"consumer `{policy.name}` is the whole account {policy.account}. Write its `role` there."
        ),
        subject=f"{policy.record.root} {policy.record.address} role",
        address=policy.record.address,
        location=policy.record.span,
    )


def _not_let_in(policy: IdentityPolicy, pull: Pull) -> Note:
    return Note(
        title=f"Not a grant: `{pull.repositories}` for the role `{pull.role}`",
        message=(
            f"`{policy.record.address}` lets the role pull `{pull.repositories}` from the registry of "
            f"{pull.registry.account} in {pull.registry.region}, which has no such cache, "
            "or whose policy does not let the role in."
        ),
        subject=f"{policy.record.root} {policy.record.address} {pull.repositories} {pull.role}",
        address=policy.record.address,
        location=policy.record.span,
    )


def _nobody_has(policy: IdentityPolicy) -> Note:
    return Note(
        title=f"The policy `{policy.key}` is not in the topology",
        message=(
            f"`{policy.record.address}` lets its bearer pull from caches, and no role "
            "has it, or its name or its statements are not those of one consumer. Where that is all "
            "that lets somebody pull, the grant is to the whole account: write who it is for."
        ),
        subject=f"{policy.record.root} {policy.record.address} bearer",
        address=policy.record.address,
        location=policy.record.span,
    )
