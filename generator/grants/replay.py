"""Replays one request against the policies that decide it, statement by statement."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.estate.attached_policies import held_policies, means, parse_record, role_meant
from generator.estate.boundaries import (
    boundary_name,
    boundary_policy,
    has_boundary,
    is_only_a_boundary,
)
from generator.estate.ceilings import Ceiling
from generator.estate.managed_policies import aws_policy_behind
from generator.estate.spellings import matches_role
from generator.grants.declared_access import given_elsewhere
from generator.grants.organization_policies import Denies, denies_of
from generator.grants.repositories import template_of
from generator.iam import Decision, Policy, PolicyKind, Request, Step, decide, intends, parse_policy
from generator.iam.evaluate import is_identity_provider
from generator.intent.consumer_policies import consumer_document, consumer_policies
from generator.model.errors import InvalidValueError, ToolError
from generator.model.estate import Absent, Estate, Json, Kind, Record, Unknown
from generator.model.finding import Finding, Witness
from generator.model.levels import AUTHORIZATION_ACTION
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import AccountId, Region

if TYPE_CHECKING:
    from generator.grants.judged_policy import JudgedPolicy, StatementSpan

_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):role/(.+)")
_SESSION_ARN = re.compile(r"arn:[a-z-]+:sts::([0-9]{12}):assumed-role/([^/]+)/.+")
_ACCOUNT_ARN = re.compile(r"arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):.+")
_REPOSITORY_ARN = re.compile(r"arn:[a-z-]+:ecr:([a-z0-9-]+):([0-9]{12}):repository/(.+)")


class Side(StrEnum):
    """Which policies a replay looks at."""

    BOTH = "both"
    RESOURCE = "resource"
    IDENTITY = "identity"


class Layer(StrEnum):
    """Where a policy takes part in a decision."""

    REGISTRY = "registry"
    REPOSITORY = "repository"
    TRUST = "trust"
    IDENTITY = "identity"
    BOUNDARY = "boundary"

    @property
    def kind(self) -> PolicyKind:
        """The kind of policy that stands there."""
        match self:
            case Layer.REGISTRY:
                return PolicyKind.REGISTRY
            case Layer.REPOSITORY:
                return PolicyKind.REPOSITORY
            case Layer.TRUST:
                return PolicyKind.TRUST
            case Layer.IDENTITY | Layer.BOUNDARY:
                return PolicyKind.IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedPolicy:
    """One policy that takes part; `spans` is where its statements stand, by their position.

    `provided` is what has to be so for it to count: that it is attached, or that its owner wrote it as
    declared. `unseen` is why nothing is known of what it stands for.
    """

    what: str
    layer: Layer
    policy: Policy
    place: Span | None = None
    spans: Mapping[int, Span] | None = None
    provided: str = ""
    unseen: str = ""

    def span_of(self, position: int) -> Span | None:
        """Where a statement stands."""
        return (self.spans or {}).get(position, self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """The question: a request, the registry it goes to, and which policies to look at.

    `account` owns the resource; `role` is the role to be assumed, where that is the question.
    `settled` are condition keys that every such request carries, where `request` says nothing else.
    """

    request: Request
    account: str
    region: Region | None
    repository: str | None
    role: str | None
    side: Side
    settled: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole_request(self) -> Request:
        """The request with all that it carries."""
        given = {key.lower() for key in self.request.context}
        if "aws:epochtime" in given:
            given.add("aws:currenttime")
        unsaid = {key: value for key, value in self.settled.items() if key.lower() not in given}
        return replace(self.request, context={**unsaid, **self.request.context})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A decision with everything that led to it; `steps` are those of each policy in turn."""

    question: ReplayRequest
    policies: tuple[ReplayedPolicy, ...]
    decision: Decision
    steps: tuple[tuple[Step, ...], ...]
    notes: tuple[str, ...]


def replay_request(
    *,
    principal: str,
    action: str,
    resource: str,
    context: Iterable[tuple[str, str]],
    registry: str | None,
    side: Side,
    now: datetime | None = None,
) -> ReplayRequest:
    """The question that the words of a command line put. Raises `ToolError`.

    What every request to ECR carries need not be said: it goes over TLS to the registry's region, and
    is made `now`.
    """
    _check_principal(principal)
    if not re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9]+", action):
        raise _misspelled(
            "action", action, "An action is `service:Name`, such as `ecr:BatchGetImage`."
        )
    values: dict[str, str | tuple[str, ...]] = {}
    for key, value in context:
        known = values.get(key)
        earlier = () if known is None else (known,) if isinstance(known, str) else known
        values[key] = (*earlier, value) if earlier else value
    account, region, repository, role = _owner(resource, registry)
    if account is None:
        found = _ACCOUNT_ARN.fullmatch(principal)
        account = found.group(1) if found else ""
    settled: dict[str, str] = {}
    if role is None and action.lower().startswith("ecr:"):
        settled["aws:SecureTransport"] = "true"
        if region is not None:
            settled["aws:RequestedRegion"] = region
        if now is not None:
            settled["aws:CurrentTime"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return ReplayRequest(
        request=Request(
            principal=principal,
            action=action,
            resource="" if role is not None else resource,
            context=values,
        ),
        account=account,
        region=region,
        repository=repository,
        role=role,
        side=side,
        settled=settled,
    )


def _check_principal(principal: str) -> None:
    service = re.fullmatch(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?", principal)
    if principal == "*" or service or is_identity_provider(principal):
        return
    if not _ACCOUNT_ARN.fullmatch(principal) or set(principal) & set("*?"):
        raise _misspelled(
            "caller",
            principal,
            "A caller is the ARN of a role, session, user or account root "
            "(`arn:aws:iam::111122223333:role/puller`), a service (`ecr.amazonaws.com`) or `*` for "
            "an anonymous one.",
        )


def _misspelled(what: str, text: str, rule: str) -> ToolError:
    return ToolError(f"the {what} cannot be read", f"`{text}` is not one. {rule}")


def _owner(
    resource: str, registry: str | None
) -> tuple[str | None, Region | None, str | None, str | None]:
    """The account and region of a resource, and the repository or the role that it is."""
    if found := _REPOSITORY_ARN.fullmatch(resource):
        return found.group(2), _region(found.group(1)), found.group(3), None
    if found := _ROLE_ARN.fullmatch(resource):
        return found.group(1), None, None, found.group(2)
    if resource != "*" and not re.fullmatch(r"arn:[^:]*:[^:]*:[^:]*:[0-9]*:.+", resource):
        raise _misspelled(
            "resource",
            resource,
            "A resource is the ARN of a repository or, for `sts:AssumeRole`, of a role, or `*` for "
            "an action without one, such as `ecr:GetAuthorizationToken`.",
        )
    if registry is not None:
        account, _, region = registry.partition("/")
        if not re.fullmatch(r"[0-9]{12}", account):
            raise _misspelled("registry", registry, "A registry is `ACCOUNT-ID/REGION`.")
        return account, _region(region), None, None
    owner = resource.split(":")[4] if resource != "*" else ""
    return owner or None, None, None, None


def _region(name: str) -> Region:
    try:
        return Region.parse(name)
    except InvalidValueError as problem:
        raise ToolError("the region cannot be read", f"{problem}") from problem


def policies_of(
    question: ReplayRequest,
    topology: Topology | None,
    estate: Estate,
    statement_span: "StatementSpan",
) -> tuple[list[ReplayedPolicy], list[str]]:
    """The policies of an estate that decide a request, and what is not known about them."""
    notes: list[str] = []
    found: list[ReplayedPolicy] = []

    def add(
        what: str, layer: Layer, record: Record, name: str, policy: Policy, provided: str = ""
    ) -> None:
        spans = {
            position: span
            for position in (statement.index for statement in policy.statements)
            if (span := statement_span(record, position, name)) is not None
        }
        place = record.get(name).span or record.span
        found.append(
            ReplayedPolicy(
                what=what,
                layer=layer,
                policy=policy,
                place=place,
                spans=spans,
                provided=provided,
            )
        )

    if question.side is not Side.IDENTITY:
        for what, layer, record, name in _resource_records(question, estate):
            add(what, layer, record, name, parse_record(record, name))
        if not found:
            notes.append(f"There is no {_resource_side(question)} here.")
        if question.region is not None:
            owner = AccountId(question.account)
            for denies in denies_of(estate):
                if denies.ceiling is Ceiling.RESOURCE_CONTROL and denies.bind(owner, topology):
                    add(_words(denies), Layer.REGISTRY, denies.record, "content", denies.policy)
    holder = _role_of(question.request.principal)
    if question.side is Side.RESOURCE or not question.request.principal.startswith("arn:"):
        return found, notes
    if holder is None:
        found.append(_not_seen(question, "the caller is no role, and only those of roles are read"))
        return found, notes
    account, role = holder
    role = role_meant(estate, account, role)
    held = list(held_policies(estate, account, _last(role)))
    unattached = (
        [] if held or topology is None else list(_unattached(estate, topology, account, role))
    )
    for record in unattached:
        provided = f"the policy `{_last(str(record.key))}` is attached to role {role}"
        what = f"the policy `{record.address}`"
        add(what, Layer.IDENTITY, record, "policy", parse_record(record, "policy"), provided)
    for record, name, policy in held:
        managed = aws_policy_behind(record)
        what = f"the policy `{record.address}`"
        if managed is not None:
            what = f"{managed.words} of AWS, as far as it is about ECR, in `{record.address}`"
        add(what, Layer.IDENTITY, record, name, policy)
    roles = [
        record
        for record in estate.records
        if record.kind is Kind.ROLE
        and record.account == account
        and isinstance(record.key, str)
        and record.key.rsplit("/", 1)[-1] == role.rsplit("/", 1)[-1]
    ]
    if not held and not unattached and not roles:
        declared = None if topology is None else _declared(question, topology, account, role)
        why = f"neither role {role} of {account} nor a policy of it is"
        found.append(declared or _not_seen(question, why))
    elif not roles:
        notes.append(
            f"Role {role} itself is not here: it may have more policies, or a boundary, elsewhere."
        )
    found.extend(boundary for record in roles for boundary in _boundaries(estate, record))
    for denies in denies_of(estate):
        if denies.ceiling is Ceiling.SERVICE_CONTROL and denies.bind(account, topology):
            add(_words(denies), Layer.IDENTITY, denies.record, "content", denies.policy)
    return found, notes


def _words(denies: Denies) -> str:
    return f"the Denies of the {denies.ceiling} `{denies.record.address}`"


def _resource_side(question: ReplayRequest) -> str:
    if question.role is not None:
        return f"trust policy of role {question.role} of account {question.account}"
    if question.region is None:
        return "registry policy, since no registry is named,"
    return f"policy of the registry of {question.account} in {question.region}"


def _not_seen(question: ReplayRequest, why: str) -> ReplayedPolicy:
    """A stand-in for identity policies of which nothing is known."""
    unknown = Unknown(
        reason=why if why.startswith("the caller") else f"{why} here",
        reference="identity policies",
    )
    return ReplayedPolicy(
        what=f"the identity policies of {question.request.principal}",
        layer=Layer.IDENTITY,
        policy=parse_policy(unknown, source="identity policies"),
        unseen=unknown.reason,
    )


def _declared(
    question: ReplayRequest, topology: Topology, account: AccountId, role: str
) -> ReplayedPolicy | None:
    """The policy that a consumer's owner writes elsewhere, where the request is of its grants.

    As in `check`, it counts as given.
    """
    given = [
        access
        for access in given_elsewhere(topology, account)
        if access.role is None or matches_role(access.role, role)
    ]
    request = question.request
    actions = {AUTHORIZATION_ACTION, *(one for access in given for one in access.actions)}
    if not given or request.action not in actions or not intends(given, request):
        return None
    document: Json = {
        "Statement": {"Effect": "Allow", "Action": request.action, "Resource": request.resource}
    }
    return ReplayedPolicy(
        what=f"the identity policies of {request.principal}, as the topology declares them",
        layer=Layer.IDENTITY,
        policy=parse_policy(document, source="declared"),
        provided=f"the owner of role {role} gives it what the topology declares",
    )


def _resource_records(
    question: ReplayRequest, estate: Estate
) -> Iterator[tuple[str, Layer, Record, str]]:
    here: list[Record] = []
    for record in estate.records:
        place_fits = record.account == question.account or isinstance(record.account, Unknown)
        if question.role is not None:
            named = record.kind is Kind.ROLE and isinstance(record.key, str)
            if named and place_fits and str(record.key).rsplit("/", 1)[-1] == _last(question.role):
                yield (
                    f"the trust policy `{record.address}`",
                    *(Layer.TRUST, record, "assume_role_policy"),
                )
            continue
        if question.region is None or not place_fits or record.region not in {question.region}:
            continue
        here.append(record)
        if record.kind is Kind.REGISTRY_POLICY:
            yield f"the registry policy `{record.address}`", Layer.REGISTRY, record, "policy"
        elif record.kind is Kind.REPOSITORY_POLICY and record.key == question.repository:
            yield f"the repository policy `{record.address}`", Layer.REPOSITORY, record, "policy"
    has_its_own = any(
        one.kind in {Kind.REPOSITORY, Kind.REPOSITORY_POLICY} and one.key == question.repository
        for one in here
    )
    if question.repository is None or has_its_own:
        return
    template = template_of(here, question.repository)
    if template is not None and not isinstance(template.get("repository_policy"), Absent):
        what = f"the policy that template `{template.address}` gives its repositories"
        yield what, Layer.REPOSITORY, template, "repository_policy"


def _last(role: str) -> str:
    return role.rsplit("/", 1)[-1]


def _role_of(principal: str) -> tuple[AccountId, str] | None:
    """The account and name of the role that a caller is, or is a session of."""
    found = _ROLE_ARN.fullmatch(principal) or _SESSION_ARN.fullmatch(principal)
    return (AccountId(found.group(1)), found.group(2)) if found else None


def _unattached(
    estate: Estate, topology: Topology, account: AccountId, role: str
) -> Iterator[Record]:
    """The policies of a declared role that nothing here attaches: its owner does."""
    wanted = [
        policy
        for policy in consumer_policies(topology).values()
        if topology.accounts[policy.account].id == account
        and (policy.role is None or matches_role(policy.role, role))
    ]
    keys = {policy.key for policy in wanted}
    for record in estate.of_account(account):
        if record.kind is not Kind.MANAGED_POLICY or record.account != account:
            continue
        region = next(iter(topology.accounts.values())).regions[0]
        if record.key in keys or (
            any(
                means(record, consumer_document(policy), account=account, region=region)
                for policy in wanted
            )
            and not is_only_a_boundary(estate, record)
        ):
            yield record


def _boundaries(estate: Estate, role: Record) -> Iterator[ReplayedPolicy]:
    if not has_boundary(role):
        return
    found = boundary_policy(estate, role)
    if found is not None:
        record, policy = found
        yield ReplayedPolicy(
            what=f"the permissions boundary `{record.address}`",
            layer=Layer.BOUNDARY,
            policy=policy,
            place=record.get("policy").span or record.span,
        )
        return
    name = boundary_name(role)
    unknown = Unknown(reason="the permissions boundary is not in the code", reference=name)
    yield ReplayedPolicy(
        what=f"the permissions boundary `{name}`",
        layer=Layer.BOUNDARY,
        policy=parse_policy(unknown, source=name),
        place=role.get("permissions_boundary").span,
    )


def replay(
    question: ReplayRequest, policies: Sequence[ReplayedPolicy], notes: Sequence[str]
) -> Replay:
    """Decide a request by policies, and keep what each statement says."""
    # Sources keep the policies apart; two may have the same name.
    ordered = sorted(policies, key=lambda policy: list(Layer).index(policy.layer))
    named = [
        replace(one, policy=_renamed(one.policy, number)) for number, one in enumerate(ordered)
    ]

    def chosen(*layers: Layer) -> list[Policy]:
        return [one.policy for one in named if one.layer in layers]

    looks_at_identity = question.side is not Side.RESOURCE
    boundaries = chosen(Layer.BOUNDARY)
    decision = decide(
        question.whole_request,
        resource_account=question.account,
        resource_policies=(
            None if question.side is Side.IDENTITY else chosen(Layer.REGISTRY, Layer.TRUST)
        ),
        repository_policies=chosen(Layer.REPOSITORY),
        identity_policies=chosen(Layer.IDENTITY) if looks_at_identity else None,
        boundary_policies=boundaries or None,
        kind=PolicyKind.REGISTRY if question.role is None else PolicyKind.TRUST,
    )
    steps = tuple(
        tuple(step for step in decision.steps if step.statement.source == one.policy.source)
        for one in named
    )
    return Replay(
        question=question,
        policies=tuple(named),
        decision=decision,
        steps=steps,
        notes=tuple(notes),
    )


def _renamed(policy: Policy, number: int) -> Policy:
    source = f"{number} {policy.source}"
    return replace(
        policy,
        source=source,
        statements=tuple(replace(statement, source=source) for statement in policy.statements),
    )


def words_for(
    witness: Witness, *, side: Side, registry: str | None, role: str | None
) -> tuple[str, ...]:
    """The words behind `forebay replay` for the request of a witness; `role` is one to assume."""
    words = ["--as", witness.principal, "--action", witness.action]
    words += ["--resource", role or witness.resource or "*"]
    for key, value in sorted(witness.context.items()):
        for one in (value,) if isinstance(value, str) else value:
            words += ["--context", f"{key}={one}"]
    if registry is not None and witness.resource == "*":
        words += ["--registry", registry]
    if side is not Side.BOTH:
        words += ["--only", side.value]
    return tuple(words)


def replayable(policy: "JudgedPolicy", finding: Finding, partition: str) -> Finding:
    """The finding about a policy, with the words that replay its witness."""
    witness = finding.witness
    if witness is None:
        return finding
    record = next((record for record, _ in policy.records.values()), None)
    registry = role = None
    if record is not None and policy.kind is PolicyKind.TRUST:
        role = f"arn:{partition}:iam::{record.account}:role/{record.key}"
    elif record is not None and isinstance(record.region, Region):
        registry = f"{record.account}/{record.region}"
    if policy.kind is PolicyKind.TRUST and role is None:
        return finding
    side = Side.IDENTITY if policy.kind is PolicyKind.IDENTITY else Side.RESOURCE
    words = words_for(witness, side=side, registry=registry, role=role)
    return replace(finding, witness=replace(witness, replay=words))
