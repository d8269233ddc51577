"""A policy that lets any AWS account in.

`Principal` is `*`, or an account condition is missing, negated, or does not hold for callers who lack
the key: then every AWS customer can do what the statement allows, not only your accounts.

To fix it, name the accounts as principals and the roles in an `aws:PrincipalArn` condition, as
`forebay generate` does.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="grant-any-principal", severity=Severity.CRITICAL)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for access of callers whom no account or organization limits."""
    from generator.iam import PrincipalKind
    from generator.rules.grant.over_grant import over_grants

    public = frozenset({PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT})
    return over_grants(RULE, policy, public)


GRANT_ANY_PRINCIPAL = GrantRule(rule=RULE, check=check)
