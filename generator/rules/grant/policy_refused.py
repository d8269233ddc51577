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
    from generator.iam import misfits
    from generator.wording import capital

    for document in policy.policies:
        problems = [(problem.statement, problem.text) for problem in document.problems]
        problems += [
            (statement.index, text)
            for statement in document.statements
            for text in misfits(statement, policy.kind)
        ]
        for position, text in problems:
            place = policy.place
            if position is not None:
                place = policy.place_in(document.source, position)
            yield RULE.finding(
                title="AWS refuses to save a policy",
                message=f"{capital(policy.what)}: {text}.",
                subject=f"{policy.what} {text}",
                address=policy.address,
                location=place,
                topology=policy.topology,
            )


POLICY_REFUSED = GrantRule(rule=RULE, check=check)
