"""What the rules about surplus access share: who it is for decides which of them speaks."""

from collections.abc import Iterator

from generator.estate.wording import capital, describe_request
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import PolicyKind, PrincipalKind
from generator.model.finding import Finding
from generator.rules.grant.words import (
    by_statements,
    subject,
    surplus,
    what_they_do,
    witness,
)
from generator.rules.rule import Rule


def over_grants(
    rule: Rule, policy: JudgedPolicy, kinds: frozenset[PrincipalKind]
) -> Iterator[Finding]:
    """One finding for each set of statements whose widest surplus is for callers of these kinds."""
    if policy.kind not in {PolicyKind.REGISTRY, PolicyKind.REPOSITORY}:
        return
    for grants in by_statements(policy.judgement.over):
        first = grants[0]
        if first.principal_kind not in kinds:
            continue
        shown = witness(policy, first)
        yield rule.finding(
            title=f"{capital(first.principal_kind.value)} may {what_they_do(grants)} without a grant",
            message=(
                f"In {policy.what}, {describe_request(first.request)}, and is allowed; the topology declares no "
                f"such grant. Too much is given to {surplus(grants)}. Narrow the statement, or "
                "declare the grant in the topology."
            ),
            subject=subject(policy, grants),
            address=policy.address,
            location=shown.statement,
            topology=policy.topology,
            witness=shown,
        )
