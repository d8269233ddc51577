"""A policy that gives an account of the topology more than it was granted.

More actions than its level, more repositories than its prefixes, or more roles than those that were
named. Today's consumers may not use it; the policy is wide all the same.

To fix it, narrow the statement to what the topology says, or declare the grant.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="grant-undeclared", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for surplus access of accounts that the topology knows."""
    from generator.iam import PrincipalKind
    from generator.rules.grant.over_grant import over_grants

    known = frozenset({PrincipalKind.KNOWN_ACCOUNT, PrincipalKind.OWN_ACCOUNT})
    return over_grants(RULE, policy, known)


GRANT_UNDECLARED = GrantRule(rule=RULE, check=check)
