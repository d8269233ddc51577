"""A policy of which it cannot be decided whether it grants the right access.

A part of it is unknown before apply, or it uses an element, operator or condition key that is not
modelled. Nothing is proved about it, in either direction.

To fix it, write the value so that it can be read from the code, or use account ids,
`aws:PrincipalArn` and literal repository ARNs.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, FindingKind, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="grant-undecided", severity=Severity.MEDIUM)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Pass on every question that has no answer."""
    from generator.wording import capital

    for open_question in policy.judgement.undecided:
        place = None
        if open_question.statements:
            place = policy.span_of(open_question.statements[0])
        yield RULE.finding(
            kind=FindingKind.UNDECIDED,
            title=f"Cannot decide about {open_question.question.value}",
            message=(
                f"{capital(policy.what)}: {open_question.reason}. Write it so "
                "that it can be read from the code."
            ),
            subject=f"{policy.what} {open_question.question.value} {open_question.reason}",
            address=policy.address,
            location=place or policy.place,
            topology=policy.topology,
        )
    if policy.judgement.omitted:
        yield RULE.finding(
            kind=FindingKind.UNDECIDED,
            title="There is more wrong than is listed",
            message=(
                f"{capital(policy.what)}: {policy.judgement.omitted} more requests are wrong or "
                "undecided. Mend what is listed and run again."
            ),
            subject=f"{policy.what} omitted",
            address=policy.address,
            location=policy.place,
            topology=policy.topology,
        )


GRANT_UNDECIDED = GrantRule(rule=RULE, check=check)
