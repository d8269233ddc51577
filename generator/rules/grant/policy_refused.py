"""A policy that AWS refuses to save.

An element is missing, misspelled or of the wrong shape, so the apply fails in the middle.

To fix it, correct what the message names.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy

RULE = Rule(name="policy-refused", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Pass on every mistake in the documents themselves."""
    from generator.wording import capital

    for document in policy.policies:
        for problem in document.problems:
            place = policy.place
            if problem.statement is not None:
                place = policy.place_in(document.source, problem.statement)
            yield RULE.finding(
                title="AWS refuses to save a policy",
                message=f"{capital(policy.what)}: {problem.text}.",
                subject=f"{policy.what} {problem.text}",
                address=policy.address,
                location=place,
                topology=policy.topology,
            )


POLICY_REFUSED = GrantRule(rule=RULE, check=check)
