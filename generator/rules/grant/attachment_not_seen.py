"""A consumer's policy that no code attaches to its role.

The role is made somewhere else, so whether its owner attached the policy cannot be seen from here; the
grant counts as given. Attaching is the owner's, unless the consumer says `identity: attach`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="attachment-not-seen", severity=Severity.INFO)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Say which policies are attached elsewhere, if at all."""
    from generator.wording import capital

    if policy.attachment_seen:
        return
    yield RULE.finding(
        title="Nothing in the code attaches this policy",
        message=(
            f"{capital(policy.what)} counts as given, although nothing in this code attaches "
            f"`{policy.address}`: whoever owns the role does. For one exact role, "
            "`identity: attach` in the topology does it here."
        ),
        subject=policy.what,
        address=policy.address,
        location=policy.place,
        topology=policy.topology,
    )


ATTACHMENT_NOT_SEEN = GrantRule(rule=RULE, check=check)
