"""Access that the topology declares and the code does not give.

Pulls fail, and ECR words it as "not found": a first pull needs `ecr:CreateRepository` and
`ecr:BatchImportUpstreamImage` beside reading, on both sides when accounts differ, and everybody needs
`ecr:GetAuthorizationToken` on `*` (ECR user guide, pull-through-cache-iam).

To fix it, add the statement to the policy that is named, or run `forebay generate`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity, Witness
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="grant-missing", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for declared access that is not certainly allowed."""
    from generator.wording import describe_request

    for grant in policy.judgement.under:
        denied = policy.span_of(grant.statements[0]) if grant.statements else None
        why = "A Deny statement stands in the way" if denied else "No statement allows it"
        location = denied or policy.place
        yield RULE.finding(
            title="Access that the topology declares is missing",
            message=(
                f"In {policy.what}, {describe_request(grant.request)}, and is not allowed, although the topology "
                f"declares it. {why}. Missing: {', '.join(grant.actions)}. Run `forebay generate`, "
                f"or mend `{policy.address}` by hand."
            ),
            subject=f"{policy.what} {','.join(grant.actions)} {grant.request.resource}",
            address=policy.address,
            location=location,
            topology=policy.topology,
            witness=Witness(
                principal=grant.request.principal,
                action=grant.request.action,
                resource=grant.request.resource,
                context=dict(grant.request.context),
                statement=location,
            ),
        )


GRANT_MISSING = GrantRule(rule=RULE, check=check)
