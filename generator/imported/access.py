"""Registry policies and identity policies of the code as grants, consumers and kept statements."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from generator.estate.spellings import holds_unknown
from generator.imported.access_work import (
    Access,
    AccessWork,
    PlacedConsumer,
    PlacedGrant,
    RegistryPolicy,
    Stated,
)
from generator.imported.caches import Caches
from generator.imported.holders import IdentityPolicy, identity_policies
from generator.imported.lines import Owner, Yaml
from generator.imported.names import is_name, name_by_word, slug, unused
from generator.imported.notes import Note
from generator.imported.own_registries import WidePull, wide_pulls
from generator.imported.policy_words import policy_words
from generator.imported.pulls import Pull, adds_nothing
from generator.imported.registry_policies import cache_of, registry_policies
from generator.imported.world import World
from generator.model.span import Span
from generator.model.values import ROOT, AccountId, Region

_RESERVED = re.compile(
    r"(?P<head>aws-reserved/sso\.amazonaws\.com/)(?P<region>\*/)?"
    r"(?P<tail>AWSReservedSSO_(?P<name>.+)_\?{16})"
)


def access_of(world: World, caches: Caches) -> Access:
    """Everything that the policies of the code grant on the caches."""
    work = AccessWork(
        world=world, caches=caches, access=Access(), policies=registry_policies(world, caches)
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
    policy_words(work)
    return work.access


def _grant_own(work: AccessWork) -> None:
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
                    level=wide.level_on(registry, prefix).value,
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
    pulls = [pull for read in registry_policies(world, caches).values() for pull in read.pulls] + [
        pull for policy in identity_policies(world) for pull in policy.held.pulls
    ]
    for pull in pulls:
        if pull.registry in caches.placed:
            found.setdefault(pull.account, set()).add(pull.registry.region)
    return found


def _grant_identity(work: AccessWork, policy: IdentityPolicy, *, is_shared: bool) -> None:
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
    work: AccessWork, policy: IdentityPolicy, pulls: Sequence[Pull], *, role: str, identity: str
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


def _bearer(work: AccessWork, policy: IdentityPolicy) -> tuple[str, str]:
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


def _is_sayable(work: AccessWork, pull: Pull) -> bool:
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


def _grant_registry(work: AccessWork, read: RegistryPolicy, pull: Pull, stated: Stated) -> None:
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


def _grant_elsewhere(work: AccessWork, pull: Pull, owner: Owner, source: Span | None) -> None:
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
    work: AccessWork, stem: str, pull: Pull, value: Mapping[str, Yaml], source: Span | None
) -> str:
    consumers = work.access.consumers
    for name, known in consumers.items():
        if known.value == value:
            return name
    wanted = f"{stem}-{slug(pull.role)}"[:60].rstrip("-") if pull.role else stem
    name = unused(slug(wanted), consumers)
    consumers[name] = PlacedConsumer(value=value, owner=f"consumer {name}", source=source)
    return name


def _add(work: AccessWork, to: Yaml, pull: Pull, owner: Owner, source: Span | None) -> None:
    work.granted.add(pull)
    if pull.crosses_accounts:
        work.relied_on.add(pull.registry)
    grant = PlacedGrant(
        to=to, level=pull.level, repositories=pull.repositories, owner=owner, source=source
    )
    grants = work.access.grants.setdefault(pull.registry, [])
    if grant not in grants:
        grants.append(grant)


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
