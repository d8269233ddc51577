"""Two consumers whose policies would have one name, or a name that IAM refuses.

A consumer's policy is named after the name prefix and the consumer, or for one written inline the
registry set and its role. One account cannot hold two managed policies of one name, so one consumer's
grants would replace the other's. IAM takes up to 128 letters, digits and `+=,.@_-` (API shape
policyNameType).

To fix it, give the consumer a name of its own under `consumers`.
"""

import re
from collections.abc import Iterator

from generator.finding import Finding, Severity
from generator.model.topology import Consumer, IdentitySide, Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="policy-name", severity=Severity.HIGH)


def check(topology: Topology) -> Iterator[Finding]:
    """Look at the name of every consumer's policy."""
    first: dict[tuple[str, str], Consumer] = {}
    reported: set[tuple[str, str]] = set()
    for grant in topology.grants:
        consumer = grant.consumer
        if consumer.identity is IdentitySide.ELSEWHERE:
            continue
        name = topology.name_prefix + consumer.policy_name
        key = (grant.consumer_account, name)
        known = first.setdefault(key, consumer)
        if key in reported:
            continue
        if known.role != consumer.role or known.identity != consumer.identity:
            reported.add(key)
            yield RULE.finding(
                title="Two consumers would get one policy",
                message=(
                    f"In account {grant.consumer_account}, the policy {name} would belong to this "
                    f"consumer and to the one in line {known.span.line}. Give one of them another "
                    "name under `consumers`."
                ),
                subject=f"{grant.consumer_account} {name}",
                location=consumer.span,
                topology=consumer.span,
            )
        elif not re.fullmatch(r"[\w+=,.@-]{1,128}", name, re.ASCII):
            reported.add(key)
            yield RULE.finding(
                title="IAM refuses the name of a policy",
                message=(
                    f"The policy would be named {name}; IAM takes up to 128 letters, digits and "
                    "`+=,.@_-`. Give the consumer a name of its own under `consumers`."
                ),
                subject=f"{grant.consumer_account} {name}",
                location=consumer.span,
                topology=consumer.span,
            )


POLICY_NAME = TopologyRule(rule=RULE, check=check)
