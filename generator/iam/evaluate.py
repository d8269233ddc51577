"""A plain evaluator: decides one concrete request, statement by statement.

It shares the parsed documents with the engine and nothing else, so that every witness of the engine
can be replayed here before anybody sees it. Answers are `True`, `False` or `None` (cannot tell).
"""

from collections.abc import Iterable, Sequence

from generator.frozen_data import frozen
from generator.iam.access import Access, Request
from generator.iam.actions import acts_on_a_repository
from generator.iam.document import (
    Effect,
    Policy,
    PolicyKind,
    Principals,
    Statement,
)
from generator.iam.keys import WEB_IDENTITY_PROVIDERS
from generator.iam.matching import (
    Context,
    Verdict,
    action_matches,
    both,
    condition_holds,
    either,
    glob_matches,
    may_spell,
    opposite,
    patterns_match,
    resources_match,
)
from generator.model.levels import AUTHORIZATION_ACTION, HARMLESS_ACTIONS


@frozen
class ElementTest:
    """Whether one element of a statement matches a request."""

    element: str
    matches: Verdict


@frozen
class Step:
    """What one statement says about a request, and the first element that does not match it."""

    statement: Statement
    kind: PolicyKind
    matches: Verdict
    because: str
    tests: tuple[ElementTest, ...]


@frozen
class Sides:
    """What the two sides of a decision say; `None` among the verdicts: cannot tell.

    `direct` and `delegated`: a resource policy lets the caller in by name, or through its account.
    A side that was not looked at is not `seen`; `boundary` is true where there is none.
    """

    is_same_account: bool
    is_person: bool
    resource_seen: bool
    identity_seen: bool
    direct: Verdict
    delegated: Verdict
    identity: Verdict
    boundary: Verdict
    denied: Verdict


@frozen
class Decision:
    """Whether a request is allowed (`None`: cannot tell), why, and every statement's say."""

    allowed: Verdict
    reason: str
    steps: tuple[Step, ...]
    sides: Sides


def decide(
    request: Request,
    *,
    resource_account: str,
    resource_policies: Sequence[Policy] | None = None,
    identity_policies: Sequence[Policy] | None = None,
    boundary_policies: Sequence[Policy] | None = None,
    repository_policies: Sequence[Policy] = (),
    kind: PolicyKind = PolicyKind.REGISTRY,
) -> Decision:
    """Decide one request.

    `kind` is that of the resource policies; the repository's own policies add to a registry's. `None` means that a side is not looked at: unseen
    identity policies count as `Allow *` for callers of other accounts and not at all for those of
    `resource_account` (but a trust policy needs only to delegate to them); unseen resource policies
    allow everything. An empty sequence means that there are none. A boundary of the caller limits
    what its identity policies give, and never gives anything.
    """
    caller = _caller(request)
    context = _context(request, caller, resource_account)
    resource = _Tally()
    layers = ((kind, resource_policies or ()), (PolicyKind.REPOSITORY, repository_policies))
    for layer, policies in layers:
        for policy in policies:
            for statement in policy.statements:
                named, through_account = _principal_matches(statement, caller, layer)
                resource.add(statement, request, context, layer, named, through_account)
    identity = _identity_side(identity_policies or (), request, context)
    boundary = _identity_side(boundary_policies or (), request, context)
    sides = Sides(
        is_same_account=caller.account == resource_account and caller.is_person,
        is_person=caller.is_person,
        resource_seen=resource_policies is not None,
        identity_seen=identity_policies is not None,
        direct=resource.direct if resource_policies is not None else True,
        delegated=resource.delegated if resource_policies is not None else True,
        identity=identity.direct,
        boundary=boundary.direct if boundary_policies is not None else True,
        denied=either((resource.denied, identity.denied, boundary.denied)),
    )
    allowed = _combine(sides, kind)
    return Decision(
        allowed=both((opposite(sides.denied), allowed)),
        reason=_reason(sides.denied, allowed),
        steps=(*resource.steps, *identity.steps, *boundary.steps),
        sides=sides,
    )


def _identity_side(policies: Iterable[Policy], request: Request, context: Context) -> "_Tally":
    tally = _Tally()
    for policy in policies:
        for statement in policy.statements:
            tally.add(statement, request, context, PolicyKind.IDENTITY, named=True, account=False)
    return tally


class _Tally:
    """What the statements of one side say so far."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.direct: Verdict = False
        self.delegated: Verdict = False
        self.denied: Verdict = False

    def add(
        self,
        statement: Statement,
        request: Request,
        context: Context,
        kind: PolicyKind,
        named: Verdict,
        account: Verdict,
    ) -> None:
        """Count one statement; `named` and `account`: it is about the caller, or its account."""
        step, rest = _step(statement, request, context, kind, either((named, account)))
        self.steps.append(step)
        if statement.effect is not Effect.ALLOW:
            self.denied = either((self.denied, _sure_only_if(step.matches, statement)))
        if statement.effect is not Effect.DENY:
            self.direct = either((self.direct, _sure_only_if(both((named, rest)), statement)))
            through = _sure_only_if(both((account, rest)), statement)
            self.delegated = either((self.delegated, through))


def _combine(sides: Sides, kind: PolicyKind) -> Verdict:
    if not sides.is_person:
        return sides.direct
    direct = sides.direct
    # A boundary limits what a resource policy of the same account gives a role, but not what it
    # gives the role's session: which of both it names cannot always be told.
    if sides.is_same_account and sides.boundary is not True and direct and sides.resource_seen:
        direct = None
    identity = both((sides.identity if sides.identity_seen else True, sides.boundary))
    if sides.is_same_account and kind is PolicyKind.TRUST:
        return either((direct, both((sides.delegated, identity))))
    if sides.is_same_account and sides.resource_seen:
        return either((direct, identity if sides.identity_seen else False))
    if sides.is_same_account:
        return identity
    return both((either((direct, sides.delegated)), identity))


def _reason(denied: Verdict, allowed: Verdict) -> str:
    if denied:
        return "a Deny statement matches"
    if allowed is False:
        return "no Allow statement matches"
    if denied is None:
        return "a Deny statement may match"
    return "an Allow statement may match" if allowed is None else "an Allow statement matches"


def intends(intended: Iterable[Access], request: Request) -> bool:
    """Whether a concrete request on a registry is intended, harmless surplus included."""
    return any(_intends(access, request) for access in intended)


def _intends(access: Access, request: Request) -> bool:
    caller = _caller(request)
    if access.service is not None:
        source_account = request.said("aws:SourceAccount")
        source_arn = request.said("aws:SourceArn")
        arn_account = source_arn.split(":")[4] if isinstance(source_arn, str) else ""
        if request.principal != access.service:
            return False
        if arn_account != access.account and (
            arn_account or source_account not in {None, access.account}
        ):
            return False
    elif not caller.is_person:
        return False
    elif access.account is None:
        paths = request.said("aws:PrincipalOrgPaths") or ""
        path = paths if isinstance(paths, str) else paths[0]
        if request.said("aws:PrincipalOrgID") != access.organization:
            return False
        if access.unit is not None and not path.startswith(access.unit):
            return False
    elif caller.account != access.account:
        return False
    if access.role is not None and access.service is None:
        sort, _, name = caller.arn.partition(":role/")
        if not name or not glob_matches(access.role, name) or sort.count(":") != 4:
            return False
    if not acts_on_a_repository(request.action):
        return request.action in access.actions or request.action == AUTHORIZATION_ACTION
    words = request.resource.split(":", 5)
    if len(words) < 6 or not words[5].startswith("repository/"):
        return False
    region, account = access.region or words[3], access.registry_account or words[4]
    partition = words[1] if access.region is None else access.region.aws_partition.id
    return (
        words[:5] == ["arn", partition, "ecr", region, account]
        and glob_matches(access.repositories, words[5].removeprefix("repository/"))
        and (request.action in access.actions or request.action in HARMLESS_ACTIONS)
    )


@frozen
class _Caller:
    """Who asks: `arn` is the value of aws:PrincipalArn, `session` the ARN of a named session."""

    is_person: bool
    is_service: bool
    is_federated: bool = False
    account: str
    arn: str
    session: str
    name: str

    @property
    def root_arn(self) -> str:
        return f"arn:{self.arn.split(':')[1]}:iam::{self.account}:root" if self.arn else ""


def _caller(request: Request) -> _Caller:
    name = request.principal
    if is_identity_provider(name):
        return _Caller(
            is_person=False,
            is_service=False,
            is_federated=True,
            account="",
            arn="",
            session="",
            name=name,
        )
    if not name.startswith("arn:") or name.count(":") < 5:
        return _Caller(
            is_person=False, is_service=name != "*", account="", arn="", session="", name=name
        )
    parts = name.split(":", 5)
    session = ""
    arn = name
    if parts[5].startswith("assumed-role/"):
        session = name
        role = parts[5].split("/")[1]
        given = request.said("aws:PrincipalArn")
        arn = given if isinstance(given, str) else f"arn:{parts[1]}:iam::{parts[4]}:role/{role}"
    return _Caller(
        is_person=True, is_service=False, account=parts[4], arn=arn, session=session, name=name
    )


def is_identity_provider(name: str) -> bool:
    """Whether a principal's name is that of an identity provider, whose users have no account."""
    kind = name.split(":", 5)[5] if name.count(":") >= 5 else ""
    return name in WEB_IDENTITY_PROVIDERS or kind.startswith(("oidc-provider/", "saml-provider/"))


def _context(request: Request, caller: _Caller, resource_account: str) -> Context:
    context: dict[str, tuple[str, ...]] = {}
    if caller.is_person:
        context["aws:principalaccount"] = (caller.account,)
        context["aws:principalarn"] = (caller.arn,)
        context["aws:principalisawsservice"] = ("false",)
    if caller.is_service:
        context["aws:principalisawsservice"] = ("true",)
        context["aws:principalservicename"] = (caller.name,)
    owner = resource_account
    if request.resource.startswith("arn:"):
        owner = request.resource.split(":")[4]
    if owner:
        context["aws:resourceaccount"] = (owner,)
    for key, value in request.context.items():
        context[key.lower()] = (value,) if isinstance(value, str) else value
    for key, values in tuple(context.items()):
        if key.startswith("aws:resourcetag/"):
            context.setdefault(f"ecr:{key.removeprefix('aws:')}", values)
        elif key.startswith("ecr:resourcetag/"):
            context.setdefault(f"aws:{key.removeprefix('ecr:')}", values)
    if (moment := context.get("aws:currenttime")) is not None:
        context.setdefault("aws:epochtime", moment)
    return context


def _step(
    statement: Statement,
    request: Request,
    context: Context,
    kind: PolicyKind,
    named: Verdict,
) -> tuple[Step, Verdict]:
    """One statement's say, and what its elements other than the principal say."""
    tests: list[tuple[str, Verdict]] = [
        ("Action", patterns_match(statement.actions, request.action, action_matches)),
        ("Resource", resources_match(statement.resources, request.resource, context)),
    ]
    tests.extend(
        (f"Condition {condition.operator} {condition.key}", condition_holds(condition, context))
        for condition in statement.conditions
    )
    if statement.doubts or statement.doubts_in(kind):
        tests.append(("; ".join(statement.reasons(kind)), None))
    rest = both(test for _, test in tests)
    tests.insert(0, ("Principal", named))
    verdict = both((named, rest))
    because = next((name for name, test in tests if test is verdict and test is not True), "")
    step = Step(
        statement=statement,
        kind=kind,
        matches=verdict,
        because=because,
        tests=tuple(ElementTest(element=name, matches=test) for name, test in tests),
    )
    return step, rest


def _sure_only_if(matched: Verdict, statement: Statement) -> Verdict:
    """A statement whose effect is not known decides nothing for sure."""
    return None if matched and statement.effect is None else matched


def _principal_matches(
    statement: Statement, caller: _Caller, kind: PolicyKind
) -> tuple[Verdict, Verdict]:
    """Whether the statement is about the caller directly, and whether through its account."""
    principals = statement.principals
    if principals is None or not kind.names_principals:
        return True, False
    direct, account = _listed(principals, caller)
    if not principals.negated:
        return direct, account
    listed = either((direct, account))
    if listed is False:
        return True, False
    # AWS exempts a caller for sure only when every name it goes by is listed: the account beside
    # the user, and for a role also the session, whose name is free.
    if not caller.is_person or caller.arn == caller.root_arn or principals.everyone:
        return opposite(listed), False
    named_fully = ":user/" in caller.arn or bool(caller.session)
    texts = {text.plain for text in principals.aws}
    names = {caller.arn, caller.session} - {""}
    exempt = named_fully and account is True and names <= texts
    return (False if exempt else None), False


def _listed(principals: Principals, caller: _Caller) -> tuple[Verdict, Verdict]:
    if principals.everyone:
        return True, False
    direct: list[Verdict] = [None] if principals.unseen else []
    account: list[Verdict] = []
    names = {caller.arn, caller.session} - {""}
    for text in principals.aws:
        if text.plain is None:
            may_be = {"*", *names, *({caller.account, caller.root_arn} - {""})}
            direct.append(None if any(may_spell(text, name) for name in may_be) else False)
        elif caller.is_person and text.plain in {caller.account, caller.root_arn}:
            account.append(True)
        elif text.plain in names:
            direct.append(True)
    direct.extend(
        True for text in principals.federated if caller.is_federated and text.plain == caller.name
    )
    for text in principals.services:
        if text.plain is None:
            direct.append(None if caller.is_service and may_spell(text, caller.name) else False)
        elif caller.is_service and text.plain == caller.name:
            direct.append(True)
    return either(direct), either(account)
