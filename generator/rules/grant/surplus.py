"""What the rules about surplus access share: one finding for each set of statements that give it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.estate.wording import NARROW_STATEMENT, capital, describe_request
from generator.frozen_data import frozen
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import OverGrant, PolicyKind, PrincipalKind
from generator.iam.document import Statement
from generator.model.estate import Kind
from generator.model.finding import Finding, Severity
from generator.model.levels import HARMLESS_ACTIONS, Level
from generator.rules.grant.words import (
    by_statements,
    some_of,
    subject,
    surplus,
    what_they_do,
    witness,
)
from generator.rules.rule import Rule


@frozen
class SurplusSort:
    """Which surplus access a rule is about, by policies and widest callers, and how it is told.

    The texts may name `{policy}`, `{request}`, `{who}`, `{deeds}`, `{actions}`, `{callers}` (with
    their actions), `{service}`, `{narrow}` (the policy, so that it gives less) and `{or_else}`.
    """

    policies: frozenset[PolicyKind]
    callers: frozenset[PrincipalKind] = frozenset(PrincipalKind)
    title: str
    message: str


_RESOURCES = frozenset({PolicyKind.REGISTRY, PolicyKind.REPOSITORY})
_RESOURCE_TITLE = "{who} may {deeds} without a grant"
_RESOURCE_MESSAGE = (
    "In {policy}, {request}, and is allowed; the topology declares no such grant. Too much is given "
    "to {callers}. {narrow}{or_else}."
)

TO_ANYBODY = SurplusSort(
    policies=_RESOURCES,
    callers=frozenset({PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT}),
    title=_RESOURCE_TITLE,
    message=_RESOURCE_MESSAGE,
)
"""Access of callers whom no account or organization limits."""

TO_OUTSIDERS = SurplusSort(
    policies=_RESOURCES,
    callers=frozenset(
        {PrincipalKind.ORGANIZATION, PrincipalKind.OUTSIDE_ACCOUNT, PrincipalKind.SERVICE}
    ),
    title=_RESOURCE_TITLE,
    message=_RESOURCE_MESSAGE,
)
"""Access of somebody in particular whom the topology does not name."""

TO_KNOWN_ACCOUNTS = SurplusSort(
    policies=_RESOURCES,
    callers=frozenset(
        {
            PrincipalKind.SERVICE_OF_KNOWN,
            PrincipalKind.KNOWN_ACCOUNT,
            PrincipalKind.OWN_ACCOUNT,
        }
    ),
    title=_RESOURCE_TITLE,
    message=_RESOURCE_MESSAGE,
)
"""Access of accounts that the topology names, beyond what it grants them."""

_GRANTED = frozenset(Level.FIRST_PULL.actions) | HARMLESS_ACTIONS
_SERVICES = frozenset({PrincipalKind.SERVICE, PrincipalKind.SERVICE_OF_KNOWN})

OF_ROLES = SurplusSort(
    policies=frozenset({PolicyKind.IDENTITY}),
    title="A policy allows its role to {deeds} without a grant",
    message=(
        "In {policy}, {request}, and is allowed; the topology declares no such grant. Too much: "
        "{actions}. {narrow}declare the grant in the topology."
    ),
)
"""What the policies of a role allow it beyond its grants."""

OF_TRUST = SurplusSort(
    policies=frozenset({PolicyKind.TRUST}),
    title="{who} may assume a role that is for ECR alone",
    message=(
        "In {policy}, {request}, and is allowed; the role is for {service} alone. Let the policy "
        "allow sts:AssumeRole to that service only."
    ),
)
"""Whom else the trust policy of a service's role lets assume it."""

OF_LENT_ROLES = SurplusSort(
    policies=frozenset({PolicyKind.TRUST}),
    title="{who} may assume a role that pulls or pushes",
    message=(
        "In {policy}, {request}, and is allowed; whoever assumes the role has its access, and the "
        "topology declares no such grant to that caller. Narrow the policy, or declare the grant in "
        "the topology."
    ),
)
"""Whom the trust policy of a role with access of its own lets assume it."""


def surplus_findings(rule: Rule, policy: JudgedPolicy, sort: SurplusSort) -> Iterator[Finding]:
    """One finding for each set of statements whose widest surplus is of this sort."""
    if policy.kind not in sort.policies:
        return
    for grants in by_statements(policy.judgement.over):
        widest = grants[0]
        if widest.principal_kind not in sort.callers:
            continue
        shown = witness(policy, widest)
        words = {
            "policy": policy.what,
            "request": describe_request(widest.request),
            "who": capital(widest.principal_kind.value),
            "deeds": what_they_do(grants),
            "actions": some_of(list(dict.fromkeys(one for each in grants for one in each.actions))),
            "callers": surplus(grants),
            "service": policy.service,
            "narrow": _narrow(policy, widest.statements),
            "or_else": _or_else(policy, grants),
        }
        finding = rule.about_policy(
            policy,
            title=sort.title.format_map(words),
            message=sort.message.format_map(words),
            subject=subject(grants),
            location=shown.statement,
            topology=policy.asked_as(widest.statements),
            witness=shown,
        )
        statements = dict.fromkeys(each for grant in grants for each in grant.statements)
        surplus_words = sorted(
            f"{each.principal_kind} {each.account} {each.actions} {each.principals_affected}"
            for each in grants
        )
        finding = replace(
            finding,
            address=_address(policy, widest.statements),
            evidence=f"{policy.evidence(statements)} {surplus_words}",
        )
        if widest.principal_kind is PrincipalKind.SERVICE_OF_KNOWN:
            finding = replace(finding, severity=Severity.MEDIUM)
        yield finding


def _address(policy: JudgedPolicy, statements: Sequence[Statement]) -> str:
    """The block that gives the access, which need not be that of the policy that was asked for."""
    record = policy.records.get(statements[0].source) if statements else None
    return policy.address if record is None else record[0].address


def _or_else(policy: JudgedPolicy, grants: Sequence[OverGrant]) -> str:
    """How to say in the topology that access is meant: no grant names a service, or gives a push."""
    if grants[0].principal_kind in _SERVICES:
        no_consumer = "A service cannot be a consumer of the topology, so where this is meant, "
    elif all(one.actions and _GRANTED.issuperset(one.actions) for one in grants):
        return "declare the grant in the topology"
    else:
        no_consumer = "No grant of the topology gives more than pulls, so where this is meant, "
    if policy.kind is PolicyKind.REGISTRY:
        place = "keep the statement with `keep_statements` of the account"
    elif any(record.kind is Kind.CREATION_TEMPLATE for record, _ in policy.records.values()):
        place = "put it in the `repository_policy` of the topology's creation template"
    else:
        return f"take the statement out. {no_consumer}accept this result with the reason"
    return f"take the statement out. {no_consumer}{place}"


def _narrow(policy: JudgedPolicy, statements: Iterable[Statement]) -> str:
    """How to make statements give less; those of AWS only go with their whole policy."""
    managed = policy.managed_by_aws
    names = [managed[each.source].words for each in statements if each.source in managed]
    if not names:
        return NARROW_STATEMENT
    return (
        f"{capital(names[0])} is AWS's and cannot be narrowed: attach a policy of your own in its "
        "place, or "
    )
