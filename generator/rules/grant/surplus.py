"""What the rules about surplus access share: one finding for each set of statements that give it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.estate.wording import capital, describe_request
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import PolicyKind, PrincipalKind
from generator.iam.document import Statement
from generator.model.finding import Finding
from generator.rules.grant.words import (
    by_statements,
    some_of,
    subject,
    surplus,
    what_they_do,
    witness,
)
from generator.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusSort:
    """Which surplus access a rule is about, by policies and widest callers, and how it is told.

    The texts may name `{policy}`, `{request}`, `{who}`, `{deeds}`, `{actions}`, `{callers}` (with
    their actions), `{service}` and `{narrow}` (the policy, so that it gives less).
    """

    policies: frozenset[PolicyKind]
    callers: frozenset[PrincipalKind] = frozenset(PrincipalKind)
    title: str
    message: str


_RESOURCES = frozenset({PolicyKind.REGISTRY, PolicyKind.REPOSITORY})
_RESOURCE_TITLE = "{who} may {deeds} without a grant"
_RESOURCE_MESSAGE = (
    "In {policy}, {request}, and is allowed; the topology declares no such grant. Too much is given "
    "to {callers}. Narrow the statement, or declare the grant in the topology."
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
    callers=frozenset({PrincipalKind.KNOWN_ACCOUNT, PrincipalKind.OWN_ACCOUNT}),
    title=_RESOURCE_TITLE,
    message=_RESOURCE_MESSAGE,
)
"""Access of accounts that the topology names, beyond what it grants them."""

OF_ROLES = SurplusSort(
    policies=frozenset({PolicyKind.IDENTITY}),
    title="A policy lets its role {deeds} without a grant",
    message=(
        "In {policy}, {request}, and is allowed; the topology declares no such grant. Too much: "
        "{actions}. {narrow}, or declare the grant in the topology."
    ),
)
"""What the policies of a role allow it beyond its grants."""

OF_TRUST = SurplusSort(
    policies=frozenset({PolicyKind.TRUST}),
    title="{who} may assume a role that is ECR's alone",
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
        }
        yield rule.about_policy(
            policy,
            title=sort.title.format_map(words),
            message=sort.message.format_map(words),
            subject=subject(grants),
            location=shown.statement,
            witness=shown,
        )


def _narrow(policy: JudgedPolicy, statements: Iterable[Statement]) -> str:
    """How to make statements give less; those of AWS only go with their whole policy."""
    managed = policy.managed_by_aws
    names = [managed[each.source].words for each in statements if each.source in managed]
    if not names:
        return "Narrow the statement"
    return (
        f"{capital(names[0])} is AWS's and cannot be narrowed: attach a policy of your own in its "
        "place"
    )
