"""A policy that lets in an account, organization or service that the topology does not name.

The access is limited to somebody, but to somebody nobody declared: a partner whose contract ended, a
mistyped account id, a service that acts for others.

To fix it, take the principal out of the statement, or declare the account and its grant.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="grant-outside-topology", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for access of callers outside the topology."""
    from generator.iam import PrincipalKind
    from generator.rules.grant.over_grant import over_grants

    outside = frozenset(
        {PrincipalKind.ORGANIZATION, PrincipalKind.OUTSIDE_ACCOUNT, PrincipalKind.SERVICE}
    )
    return over_grants(RULE, policy, outside)


GRANT_OUTSIDE_TOPOLOGY = GrantRule(rule=RULE, check=check)
