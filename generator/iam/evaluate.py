"""A plain evaluator: decides one concrete request, statement by statement.

It shares the parsed documents with the engine and nothing else, so that every witness of the engine
can be replayed here before anybody sees it. Answers are `True`, `False` or `None` (cannot tell).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import TypeAlias

from generator.iam.access import Access, Request
from generator.iam.actions import acts_on_a_repository
from generator.iam.document import (
    Comparison,
    Condition,
    Effect,
    Exact,
    Gap,
    Patterns,
    Piece,
    Policy,
    PolicyKind,
    Principals,
    Quantifier,
    Statement,
    Text,
    joined,
    misfits,
)
from generator.iam.keys import WEB_IDENTITY_PROVIDERS
from generator.iam.scalars import instant_in, number_in
from generator.levels import AUTHORIZATION_ACTION, HARMLESS_ACTIONS

Verdict: TypeAlias = bool | None
"""`None` means: cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one statement says about a request, and the first element that does not match it."""

    statement: Statement
    matches: Verdict
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a request is allowed (`None`: cannot tell), why, and every statement's say."""

    allowed: Verdict
    reason: str
    steps: tuple[Step, ...]


def decide(
    request: Request,
    *,
    resource_account: str,
    resource_policies: Sequence[Policy] | None = None,
    identity_policies: Sequence[Policy] | None = None,
    kind: PolicyKind = PolicyKind.REGISTRY,
) -> Decision:
    """Decide one request.

    `kind` is that of the resource policies. `None` means that a side is not looked at: unseen
    identity policies count as `Allow *` for callers of other accounts and not at all for those of
    `resource_account` (but a trust policy needs only to delegate to them); unseen resource policies
    allow everything. An empty sequence means that there are none.
    """
    caller = _caller(request)
    context = _context(request, caller, resource_account)
    steps: list[Step] = []
    direct: Verdict = False
    delegated: Verdict = False
    denied: Verdict = False
    for policy in resource_policies or ():
        for statement in policy.statements:
            named, through_account = _principal_matches(statement, caller, kind)
            step, rest = _step(statement, request, context, kind, _or((named, through_account)))
            steps.append(step)
            if statement.effect is not Effect.ALLOW:
                denied = _or((denied, _sure_only_if(step.matches, statement)))
            if statement.effect is not Effect.DENY:
                direct = _or((direct, _sure_only_if(_and((named, rest)), statement)))
                delegated = _or(
                    (delegated, _sure_only_if(_and((through_account, rest)), statement))
                )
    identity: Verdict = False
    for policy in identity_policies or ():
        for statement in policy.statements:
            step, _ = _step(statement, request, context, PolicyKind.IDENTITY, named=True)
            steps.append(step)
            matched = _sure_only_if(step.matches, statement)
            if statement.effect is not Effect.ALLOW:
                denied = _or((denied, matched))
            if statement.effect is not Effect.DENY:
                identity = _or((identity, matched))
    allowed = _combine(
        caller,
        same_account=caller.account == resource_account and caller.is_person,
        kind=kind,
        resource=(True, True) if resource_policies is None else (direct, delegated),
        identity=identity if identity_policies is not None else None,
        identity_seen=identity_policies is not None,
        resource_seen=resource_policies is not None,
    )
    verdict = _and((_not(denied), allowed))
    return Decision(allowed=verdict, reason=_reason(denied, allowed), steps=tuple(steps))


def _combine(
    caller: "_Caller",
    *,
    same_account: bool,
    kind: PolicyKind,
    resource: tuple[Verdict, Verdict],
    identity: Verdict,
    identity_seen: bool,
    resource_seen: bool,
) -> Verdict:
    direct, delegated = resource
    if not caller.is_person:
        return direct
    if same_account and kind is PolicyKind.TRUST:
        return _or((direct, _and((delegated, identity if identity_seen else True))))
    if same_account and resource_seen:
        return _or((direct, identity if identity_seen else False))
    if same_account:
        return identity if identity_seen else True
    return _and((_or((direct, delegated)), identity if identity_seen else True))


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
        source_account = request.context.get("aws:SourceAccount")
        source_arn = request.context.get("aws:SourceArn")
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
        path = request.context.get("aws:PrincipalOrgPaths", ("",))
        if request.context.get("aws:PrincipalOrgID") != access.organization:
            return False
        if access.unit is not None and not path[0].startswith(access.unit):
            return False
    elif caller.account != access.account:
        return False
    if access.role is not None and access.service is None:
        sort, _, name = caller.arn.partition(":role/")
        if not name or not _glob(access.role, name) or sort.count(":") != 4:
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
        and _glob(access.repositories, words[5].removeprefix("repository/"))
        and (request.action in access.actions or request.action in HARMLESS_ACTIONS)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
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
    if not name.startswith("arn:"):
        return _Caller(
            is_person=False, is_service=name != "*", account="", arn="", session="", name=name
        )
    parts = name.split(":", 5)
    session = ""
    arn = name
    if parts[5].startswith("assumed-role/"):
        session = name
        role = parts[5].split("/")[1]
        given = request.context.get("aws:PrincipalArn")
        arn = given if isinstance(given, str) else f"arn:{parts[1]}:iam::{parts[4]}:role/{role}"
    return _Caller(
        is_person=True, is_service=False, account=parts[4], arn=arn, session=session, name=name
    )


def is_identity_provider(name: str) -> bool:
    """Whether a principal's name is that of an identity provider, whose users have no account."""
    kind = name.split(":", 5)[5] if name.count(":") >= 5 else ""
    return name in WEB_IDENTITY_PROVIDERS or kind.startswith(("oidc-provider/", "saml-provider/"))


_Context: TypeAlias = Mapping[str, tuple[str, ...]]


def _context(request: Request, caller: _Caller, resource_account: str) -> _Context:
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
    context: _Context,
    kind: PolicyKind,
    named: Verdict,
) -> tuple[Step, Verdict]:
    """One statement's say, and what its elements other than the principal say."""
    tests: list[tuple[str, Verdict]] = [
        ("Action", _patterns_match(statement.actions, request.action, _action_matches)),
        ("Resource", _resources_match(statement.resources, request.resource, context)),
    ]
    tests.extend(
        (f"Condition {condition.operator} {condition.key}", _condition_holds(condition, context))
        for condition in statement.conditions
    )
    if statement.doubts or misfits(statement, kind):
        tests.append(("; ".join(statement.reasons(kind)), None))
    rest = _and(test for _, test in tests)
    tests.insert(0, ("Principal", named))
    verdict = _and((named, rest))
    because = next((name for name, test in tests if test is verdict and test is not True), "")
    return Step(statement=statement, matches=verdict, because=because), rest


def _sure_only_if(matched: Verdict, statement: Statement) -> Verdict:
    """A statement whose effect is not known decides nothing for sure."""
    return None if matched and statement.effect is None else matched


def _or(verdicts: Iterable[Verdict]) -> Verdict:
    found = tuple(verdicts)
    if True in found:
        return True
    return None if None in found else False


def _and(verdicts: Iterable[Verdict]) -> Verdict:
    found = tuple(verdicts)
    if False in found:
        return False
    return None if None in found else True


def _not(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict


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
    listed = _or((direct, account))
    if listed is False:
        return True, False
    # AWS exempts a caller for sure only when every name it goes by is listed: the account beside
    # the user, and for a role also the session, whose name is free.
    if not caller.is_person or caller.arn == caller.root_arn or principals.everyone:
        return _not(listed), False
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
            direct.append(None if any(_may_spell(text, name) for name in may_be) else False)
        elif caller.is_person and text.plain in {caller.account, caller.root_arn}:
            account.append(True)
        elif text.plain in names:
            direct.append(True)
    direct.extend(
        True for text in principals.federated if caller.is_federated and text.plain == caller.name
    )
    for text in principals.services:
        if text.plain is None:
            direct.append(None if caller.is_service and _may_spell(text, caller.name) else False)
        elif caller.is_service and text.plain == caller.name:
            direct.append(True)
    return _or(direct), _or(account)


def _resources_match(element: Patterns | None, resource: str, context: _Context) -> Verdict:
    """Whether a Resource element matches, its policy variables looked up."""
    if element is None:
        return True
    found = [_looked_up(text, context) for text in element.texts]
    verdict = _or(False if text is None else _resource_matches(text, resource) for text in found)
    if None in found and element.negated:
        # Whether a NotResource with a variable that has no value matches is not documented.
        return None if verdict is False else _not(verdict)
    return _not(verdict) if element.negated else verdict


def _looked_up(text: Text, context: _Context) -> Text | None:
    """The text with the values of its policy variables; `None` when one of them has no value."""
    pieces: list[Piece] = []
    for piece in text.pieces:
        if not isinstance(piece, Gap) or piece.variable is None:
            pieces.append(piece)
            continue
        values = context.get(piece.variable, ())
        value = values[0] if len(values) == 1 else piece.default
        if value is None:
            return None
        pieces.append(Exact(text=value))
    return joined(pieces)


def _patterns_match(
    element: Patterns | None, name: str, compare: Callable[[Text, str], Verdict]
) -> Verdict:
    if element is None:
        return True
    verdict = _or(compare(text, name) for text in element.texts)
    return _not(verdict) if element.negated else verdict


def _action_matches(text: Text, action: str) -> Verdict:
    if text.plain is not None:
        return _glob(text.plain.lower(), action.lower())
    lowered = Text(
        pieces=tuple(piece.lower() if isinstance(piece, str) else piece for piece in text.pieces)
    )
    return None if _may_match(lowered, action.lower()) else False


def _resource_matches(text: Text, resource: str) -> Verdict:
    if resource == "*":
        # The request has no resource; only the pattern that means everything covers it.
        if not text.gaps:
            return bool(text.plain) and not str(text.plain).strip("*")
        known = (piece for piece in text.pieces if not isinstance(piece, Gap))
        everything = all(isinstance(piece, str) and not piece.strip("*") for piece in known)
        return None if everything else False
    if text.plain is not None and text.plain and not text.plain.strip("*"):
        return True
    return _arn_matches(text, resource)


def _arn_matches(text: Text, arn: str) -> Verdict:
    """Six parts, each compared alone; patterns with fewer parts are read in more than one way."""
    if text.gaps:
        return None if _may_match(text, arn) else False
    if text.plain is None:
        return None if _may_match(text, arn) else False
    pattern = text.plain.split(":", 5)
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    if len(pattern) == 6:
        return all(_glob(one, part) for one, part in zip(pattern, parts, strict=True))
    padded = pattern + ["*"] * (6 - len(pattern))
    either = _glob(text.plain, arn) or all(
        _glob(one, part) for one, part in zip(padded, parts, strict=True)
    )
    return None if either else False


def _condition_holds(condition: Condition, context: _Context) -> Verdict:
    comparison = condition.comparison
    if comparison is None:
        return None
    present = context.get(condition.key.lower(), ())
    looked_up = [_looked_up(text, context) for text in condition.values]
    if None in looked_up:
        plain = not (condition.negated or condition.if_exists or condition.quantifier)
        rest = replace(condition, values=tuple(text for text in looked_up if text is not None))
        verdict = _condition_holds(rest, context)
        if plain or (condition.negated and verdict is False):
            return verdict
        # Only where a missing value can match nothing is it clear what AWS makes of it.
        return None
    condition = replace(condition, values=tuple(text for text in looked_up if text is not None))
    if comparison is Comparison.NULL:
        return _or(
            None if text.plain is None else (text.plain.lower() == "true") == (not present)
            for text in condition.values
        )
    if not present:
        return (
            condition.if_exists
            or condition.quantifier is Quantifier.ALL
            or (condition.negated and condition.quantifier is None)
        )
    verdicts = []
    for value in present:
        verdict = _or(_compare(comparison, text, value) for text in condition.values)
        verdicts.append(_not(verdict) if condition.negated else verdict)
    if condition.quantifier is Quantifier.ANY:
        return _or(verdicts)
    if condition.quantifier is Quantifier.ALL or len(verdicts) == 1:
        return _and(verdicts)
    return None


def _compare(comparison: Comparison, text: Text, value: str) -> Verdict:
    if comparison is Comparison.ADDRESS:
        return _address_matches(text, value)
    if comparison.is_of_numbers or comparison.is_of_dates:
        return _scalar_matches(comparison, text, value)
    if comparison is Comparison.ARN:
        return _arn_matches(text, value)
    if comparison is Comparison.LIKE:
        if text.plain is not None:
            return _glob(text.plain, value)
        return (None if text.gaps else True) if _may_match(text, value) else False
    if comparison is Comparison.EQUALS_IGNORE_CASE or comparison is Comparison.BOOL:
        if text.plain is not None:
            return text.plain.lower() == value.lower()
        return (None if text.gaps else True) if _may_spell(text, value, fold=True) else False
    if text.plain is not None:
        return text.plain == value
    return (None if text.gaps else True) if _may_spell(text, value) else False


def _address_matches(text: Text, value: str) -> Verdict:
    """Whether the first bits of an address are those of the network."""
    if text.plain is None:
        return None
    start, slash, length = text.plain.partition("/")
    try:
        network, address = ip_address(start), ip_address(value)
    except ValueError:
        return None
    if network.version != address.version:
        return False
    if slash and not length.isdecimal():
        return None
    free = network.max_prefixlen - (int(length) if slash else network.max_prefixlen)
    return None if free < 0 else int(network) >> free == int(address) >> free


def _scalar_matches(comparison: Comparison, text: Text, value: str) -> Verdict:
    """Whether a number or a date is where the operator wants it, seen from the policy's one."""
    if text.plain is None:
        return None
    read = number_in if comparison.is_of_numbers else instant_in
    bound, found = read(text.plain), read(value)
    if found is None and comparison.is_of_numbers:
        # aws:EpochTime compares a date as a number of seconds.
        found = instant_in(value)
    if bound is None or found is None:
        return None
    if found == bound:
        return not comparison.value.endswith("Than")
    if comparison.value.endswith("Equals") and "Than" not in comparison.value:
        return False
    return ("Less" in comparison.value) is (found < bound)


def _glob(pattern: str, text: str) -> bool:
    return _walk(((sign, sign in "*?") for sign in pattern), text)


def _may_match(text: Text, value: str) -> bool:
    """Whether a text with gaps can turn out to match, its wildcards at work."""
    signs: list[tuple[str, bool]] = []
    for piece in text.pieces:
        match piece:
            case Gap():
                signs.append(("*", True))
            case Exact(text=exact):
                signs.extend((sign, False) for sign in exact)
            case str():
                signs.extend((sign, sign in "*?") for sign in piece)
    return _walk(signs, value)


def _may_spell(text: Text, value: str, *, fold: bool = False) -> bool:
    """Whether a text with gaps can turn out to be this very value."""
    signs: list[tuple[str, bool]] = []
    for piece in text.pieces:
        match piece:
            case Gap():
                signs.append(("*", True))
            case Exact(text=exact):
                signs.extend((sign, False) for sign in exact)
            case str():
                signs.extend((sign, False) for sign in piece)
    if fold:
        return _walk([(sign.lower(), wild) for sign, wild in signs], value.lower())
    return _walk(signs, value)


def _walk(signs: Iterable[tuple[str, bool]], text: str) -> bool:
    """Match signs (with whether each is a wildcard) against a text: which ends can be reached."""
    reached = {0}
    for character, wild in signs:
        if wild and character == "*":
            reached = set(range(min(reached), len(text) + 1))
        else:
            reached = {
                at + 1 for at in reached if at < len(text) and (wild or character == text[at])
            }
        if not reached:
            return False
    return len(text) in reached
