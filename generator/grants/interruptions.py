"""Which pulls a plan stops or narrows: its records before and after, compared by what they mean."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from generator.drift.policies import POLICIES
from generator.drift.words import the
from generator.estate.spellings import holds_unknown
from generator.estate.wording import describe_request
from generator.frozen_data import frozen
from generator.iam import Effect, Policy, PolicyKind, Request, parse_policy, statement_difference
from generator.model.estate import Absent, Attribute, Identity, Kind, Known, Record, Unknown
from generator.model.span import Span
from generator.model.values import AccountId, Region
from generator.state.changes import PlannedChanges

SCOPE_SETTING = "REGISTRY_POLICY_SCOPE"


class Harm(StrEnum):
    """What happens to pulls."""

    STOP = "stop"
    NARROWER = "narrower"
    NOT_TOLD = "not told"


@frozen
class Interruption:
    """One change that harms pulls, or may; `what` is a clause for a table, `why` full sentences.

    `about` is the thing that changes, and `loss` shows what is not allowed any more.
    """

    harm: Harm
    what: str
    why: str
    address: str
    span: Span | None
    about: Identity | None
    loss: "Loss | None" = None


@frozen
class Loss:
    """A request that a policy allows before an apply and not after it; `after` is the policy then."""

    request: Request
    kind: PolicyKind
    after: Policy
    account: AccountId
    region: Region


_CARRIERS: Mapping[Kind, str] = {
    Kind.CACHE_RULE: "Images below its prefix that are not cached yet cannot be pulled, and cached ones are no "
    "longer refreshed.",
    Kind.REGISTRY_POLICY: "Every other account loses what the policy gave it.",
    Kind.REPOSITORY_POLICY: "Those whom only this policy lets in lose their access.",
    Kind.ROLE: "What the role does for pulls stops: a cache of another ECR registry, a creation template, or a "
    "puller.",
    Kind.ROLE_POLICY: "The role loses what the policy gave it.",
    Kind.MANAGED_POLICY: "Every role that it is attached to loses what it gave.",
    Kind.ATTACHMENT: "The role loses what the policy gave it.",
    Kind.SECRET: "The cache rule that names it can no longer log in upstream.",
    Kind.SECRET_VERSION: "The cache rule that reads it may no longer log in upstream.",
}
"""What is lost with a record of each kind that carries pulls."""


def interruptions(plan: PlannedChanges) -> Iterator[Interruption]:
    """Everything in a plan that stops pulls, lets fewer people pull, or may do so."""
    after = {(record.kind, record.address): record for record in plan.after}
    for old in plan.before:
        address = plan.moved.get(old.address, old.address)
        new = after.get((old.kind, address))
        if old.kind in _CARRIERS and _resource(address) in plan.replaced:
            yield Interruption(
                harm=Harm.STOP,
                what=f"{the(old)} is replaced",
                why=f"It is destroyed and created anew. In between: {_CARRIERS[old.kind]}",
                address=address,
                span=old.span,
                about=old.identity,
            )
        elif new is None:
            if old.kind in _CARRIERS and _resource(old.address) in plan.destroyed:
                yield Interruption(
                    harm=Harm.STOP,
                    what=f"{the(old)} is destroyed",
                    why=_CARRIERS[old.kind],
                    address=old.address,
                    span=old.span,
                    about=old.identity,
                )
        else:
            yield from _narrowed(old, new)


def _resource(address: str) -> str:
    """The resource that a record is a part of: a role holds inline policies and lists of policies."""
    for part in (".inline_policy[", ".managed_policy_arns["):
        address = address.partition(part)[0]
    return address


def _narrowed(old: Record, new: Record) -> Iterator[Interruption]:
    for (kind, name), policy_kind in POLICIES.items():
        if kind is old.kind and old.get(name) != new.get(name):
            yield from _policies(old, new, name, policy_kind)
    if old.kind is Kind.ACCOUNT_SETTING and old.key == SCOPE_SETTING:
        yield from _scope(old, new)
    boundary = new.get("permissions_boundary")
    if old.kind is Kind.ROLE and _is_set(boundary) and boundary != old.get("permissions_boundary"):
        yield _not_told(old, new, "its permissions boundary changes, and may take pulls away")
    if old.kind is Kind.CACHE_RULE:
        for name in ("upstream_registry_url", "upstream_repository_prefix", "custom_role_arn"):
            if old.get(name) != new.get(name) and _is_set(old.get(name)):
                yield _not_told(old, new, f"its `{name}` changes, so other images may be meant")


def _is_set(value: Attribute) -> bool:
    return not isinstance(value, Absent)


def _scope(old: Record, new: Record) -> Iterator[Interruption]:
    before, after = old.get("value"), new.get("value")
    if before == Known(value="V2") and after == Known(value="V1"):
        yield Interruption(
            harm=Harm.NARROWER,
            what="the scope of the registry policy goes back to V1",
            why="With V1 the registry policy gives other accounts no right to pull images.",
            address=new.address,
            span=new.span,
            about=new.identity,
        )


def _policies(old: Record, new: Record, name: str, kind: PolicyKind) -> Iterator[Interruption]:
    """What a policy gave before and does not give any more."""
    before, after = _policy(old, name), _policy(new, name)
    place = _place(new) or _place(old)
    if before is None:
        return
    if after is None or place is None:
        yield _not_told(old, new, f"its `{name}` changes to what only an apply can tell")
        return
    account, region = place
    difference = statement_difference(before, after, kind=kind, account=account, region=region)
    lost = [one for one in difference.only_in_first if one.statement.effect is Effect.ALLOW]
    denied = [one for one in difference.only_in_second if one.statement.effect is Effect.DENY]
    certain = [one for one in (*lost, *denied) if one.is_certain]
    if certain:
        examples = "; ".join(describe_request(one.request) for one in certain[:3])
        more = f"; and {len(certain) - 3} more" if len(certain) > 3 else ""
        yield Interruption(
            harm=Harm.NARROWER,
            what=f"{the(new)} gives less: {certain[0].request.principal} loses {certain[0].request.action}",
            why=f"This is allowed before the apply and not after it: {examples}{more}.",
            address=new.address,
            span=new.span,
            about=new.identity,
            loss=Loss(
                request=certain[0].request, kind=kind, after=after, account=account, region=region
            ),
        )
    elif lost or denied or difference.undecided is not None:
        reason = (
            difference.undecided.reason
            if difference.undecided is not None
            else "a value is unknown"
        )
        yield _not_told(old, new, f"whether its `{name}` gives less cannot be told: {reason}")


def _policy(record: Record, name: str) -> Policy | None:
    value = record.get(name)
    if isinstance(value, Absent):
        return Policy(source=record.address, statements=())
    if not isinstance(value, Known) or isinstance(value.value, str) or holds_unknown(value.value):
        return None
    return parse_policy(value.value, source=record.address)


def _place(record: Record) -> tuple[AccountId, Region] | None:
    """The account and region in which a policy is read; a global one is the same in any region."""
    if isinstance(record.account, Unknown):
        return None
    if record.region is None:
        return record.account, Region.parse("us-east-1")
    return None if isinstance(record.region, Unknown) else (record.account, record.region)


def _not_told(old: Record, new: Record, what: str) -> Interruption:
    return Interruption(
        harm=Harm.NOT_TOLD,
        what=f"{the(old)}: {what}",
        why="Compare it by hand, or plan again once the values are known.",
        address=new.address,
        span=new.span,
        about=new.identity,
    )
