"""A role of a cache rule or creation template that somebody else than ECR may assume.

A rule's role is for `pullthroughcache.ecr.amazonaws.com` alone (ECR user guide,
pull-through-cache-private). The role of a creation template is another one, for `ecr.amazonaws.com`;
the two are easily confused, and then pulls fail or the role can be used for something else.

To fix it, let the trust policy allow `sts:AssumeRole` to that one service only.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="trust-wrong-principal", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for anybody else who may assume the role."""
    from generator.iam import PolicyKind
    from generator.rules.grant.words import by_statements, subject, witness
    from generator.wording import capital, describe_request

    if policy.kind is not PolicyKind.TRUST:
        return
    for grants in by_statements(policy.judgement.over):
        shown = witness(policy, grants[0])
        who = capital(grants[0].principal_kind.value)
        yield RULE.finding(
            title=f"{who} may assume a role that is ECR's alone",
            message=(
                f"In {policy.what}, {describe_request(grants[0].request)}, and is allowed; the role is for "
                f"{policy.service} alone. Let the policy allow sts:AssumeRole to that "
                "service only."
            ),
            subject=subject(policy, grants),
            address=policy.address,
            location=shown.statement,
            topology=policy.topology,
            witness=shown,
        )


TRUST_WRONG_PRINCIPAL = GrantRule(rule=RULE, check=check)
