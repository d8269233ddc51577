"""Consumers as they are declared: principals that pull, by name or written into a grant."""

from generator.frozen_data import frozen
from generator.model.quotes import quoted
from generator.model.topology import Consumer, IdentitySide
from generator.model.values import AccountId
from generator.topology.contents import Entries, Text
from generator.topology.mistakes import (
    IDENTITY_NEEDS_EXACT_ROLE,
    MISSING_KEY,
    TWO_SCOPES,
    WITHOUT_EFFECT,
    Mistakes,
    Place,
)
from generator.topology.organization import (
    Names,
    add_no_organization,
    check_account_name,
    check_unit_name,
)

_SCOPES = ("account", "account_id", "unit", "organization")
_ROLES = ("role", "permission_set")


@frozen
class ConsumerEntry:
    """A named consumer; `consumer` is `None` when a mistake keeps it unknown."""

    name: str
    place: Place
    consumer: Consumer | None


@frozen
class PlacedConsumer:
    """One target of a grant: a name to look up, or a consumer written there."""

    name: str | None
    consumer: Consumer | None
    place: Place


def consumer_entries(
    entries: Entries | None, names: Names, mistakes: Mistakes
) -> dict[str, ConsumerEntry]:
    """The named consumers."""
    if entries is None:
        return {}
    consumers = {}
    for name, place in entries.keys.items():
        entry = entries.entries(name)
        consumer = None
        if entry is not None:
            consumer = _consumer(entry, name, place, names, mistakes)
            if not any(map(entry.may_have, (*_SCOPES, "external"))):
                consumer = None
                mistakes.add(
                    MISSING_KEY,
                    place.below("account", place.span, place.use),
                    f"`{place.path}`: the consumer has no account. Add `account:` with an account of "
                    "the topology, `account_id:` with `external: true`, `unit:` with a unit of the "
                    "organization, or `organization: true`.",
                )
        consumers[name] = ConsumerEntry(name=name, place=place, consumer=consumer)
    return consumers


def target_of_grant(
    set_name: str, target: Text | Entries, names: Names, mistakes: Mistakes
) -> PlacedConsumer:
    """What a grant names in its `to`: a consumer's name, or a consumer."""
    if isinstance(target, Text):
        return PlacedConsumer(name=target.text, consumer=None, place=target.place)
    consumer = None
    if any(map(target.may_have, (*_SCOPES, *_ROLES))):
        consumer = _consumer(target, _inline_name(set_name, target), target.place, names, mistakes)
    elif not target.broken:
        mistakes.add(
            MISSING_KEY,
            target.place.below("role", target.place.span, target.place.use),
            f"`{target.place.path}`: this does not say who may pull. Add `role:`, or `account:` "
            "for every principal of an account.",
        )
    return PlacedConsumer(name=None, consumer=consumer, place=target.place)


def _consumer(
    entry: Entries, policy_name: str, place: Place, names: Names, mistakes: Mistakes
) -> Consumer | None:
    """A consumer, named or inline; `None` after a mistake."""
    account, role = entry.text("account"), entry.text("role")
    account_id, unit = entry.text("account_id"), entry.text("unit")
    permission_set = entry.text("permission_set")
    is_right = not entry.broken
    is_right &= _check_one_of(_SCOPES, "say where the consumer is", entry, place, mistakes)
    is_right &= _check_one_of(_ROLES, "say which role pulls", entry, place, mistakes)
    is_right &= _check_external(entry, place, mistakes)
    if account is not None:
        is_right &= check_account_name(account, names.accounts, mistakes)
    if unit is not None:
        is_right &= check_unit_name(unit, names, mistakes)
    if entry.has("organization") and not names.has_organization:
        is_right = False
        add_no_organization(entry.keys["organization"], mistakes)
    written = entry.text("identity")
    identity = IdentitySide.POLICY if written is None else IdentitySide(written.text)
    consumer = Consumer(
        policy_name=policy_name,
        account=account.text if account is not None else None,
        role=role.text if role is not None else None,
        identity=identity,
        span=place.shown,
        external_account=AccountId.parse(account_id.text) if account_id is not None else None,
        unit=unit.text if unit is not None else None,
        is_organization=entry.text("organization") is not None,
        permission_set=permission_set.text if permission_set is not None else None,
    )
    owner = _other_owner(consumer, names)
    if owner is not None:
        if written is not None and identity is not IdentitySide.ELSEWHERE:
            mistakes.add(
                WITHOUT_EFFECT,
                written.place,
                f"`{written.place.path}`: the policy of {owner} is always its owner's to write; "
                "`generate` writes it down under `handover`. Remove the key.",
            )
            is_right = False
    elif identity is IdentitySide.ATTACH and "role" not in entry.broken:
        is_right &= _check_exact_role(consumer, written, place, mistakes)
    return consumer if is_right else None


def _other_owner(consumer: Consumer, names: Names) -> str | None:
    """A consumer to which only its owner can give a policy, in words; `None` for any other."""
    if consumer.permission_set is not None:
        return "a permission set"
    if consumer.external_account is not None:
        return "a consumer outside the topology"
    if consumer.is_group:
        return "the organization" if consumer.unit is None else "a unit"
    if consumer.account in names.unmanaged:
        return "an account with `managed: false`"
    return None


def _check_exact_role(
    consumer: Consumer, written: Text | None, place: Place, mistakes: Mistakes
) -> bool:
    who = None
    if consumer.role is None:
        who = "this consumer is a whole account"
    elif consumer.is_pattern:
        who = f"{quoted(consumer.role)} is a pattern that can match many roles"
    if who is None:
        return True
    mistakes.add(
        IDENTITY_NEEDS_EXACT_ROLE,
        written.place if written is not None else place,
        f"`{place.path}.identity`: `attach` attaches the policy to one role, and {who}. "
        "Name the role exactly, or write `identity: policy` and let the owner attach it.",
    )
    return False


def _check_one_of(
    keys: tuple[str, ...], what: str, entry: Entries, place: Place, mistakes: Mistakes
) -> bool:
    """Whether there is at most one of the keys; notes those that exclude each other."""
    found = [key for key in keys if entry.has(key)]
    for other in found[1:]:
        mistakes.add(
            TWO_SCOPES,
            entry.keys[other],
            f"`{place.path}`: {quoted(found[0])} and {quoted(other)} both {what}; a consumer has one of the "
            "two. Remove the other.",
        )
    return len(found) < 2


def _check_external(entry: Entries, place: Place, mistakes: Mistakes) -> bool:
    """Whether an account outside the topology is meant to be there; notes a mistake where not."""
    if entry.has("account_id") and not entry.may_have("external"):
        mistakes.add(
            MISSING_KEY,
            entry.keys["account_id"],
            f"`{place.path}`: `account_id` lets in an account outside the topology. Write "
            "`external: true` beside it if that is meant; an account of the topology is named with "
            "`account`.",
        )
        return False
    if entry.has("external") and not entry.may_have("account_id"):
        mistakes.add(
            WITHOUT_EFFECT,
            entry.keys["external"],
            f"`{place.path}`: `external` belongs to an `account_id`, and there is none. Add it, or "
            "remove `external`.",
        )
        return False
    return True


def _inline_name(set_name: str, entry: Entries) -> str:
    """The policy name of a consumer that has no name of its own."""
    words = (entry.text(key) for key in (*_ROLES, "account", "unit", "account_id"))
    text = next((word.text for word in words if word is not None), "")
    if not text and entry.has("organization"):
        text = "organization"
    return f"{set_name}-{text.replace('*', 'x').replace('?', 'x').replace('/', '-')}"
