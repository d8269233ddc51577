"""A policy that does not fit the size limit of its kind.

ECR takes 10,240 characters for a registry policy (API shape RegistryPolicyText); IAM takes 6,144 for a
managed policy and 10,240 for the inline policies of a role, white space not counted (IAM quotas). The
apply would fail in the middle.

To fix it, grant on fewer and shorter prefixes, or let roles that are alike share a pattern such as
`eks-node-*`.
"""

import json
from collections.abc import Iterator

from generator.aws_data import registry_policy_limits
from generator.finding import Finding, Severity
from generator.model.estate import Json
from generator.model.topology import Topology
from generator.policies import (
    puller_document,
    puller_policies,
    registry_policy_document,
    registry_statements,
    upstream_role_document,
    upstream_roles,
)
from generator.rules.rule import Rule, TopologyRule
from generator.span import Span

MANAGED_POLICY_LIMIT = 6144
INLINE_POLICIES_LIMIT = 10240

RULE = Rule(name="policy-too-large", severity=Severity.HIGH)


def check(topology: Topology) -> Iterator[Finding]:
    """Look at every policy that would be written."""
    for (account, region), statements in registry_statements(topology).items():
        registry_document = registry_policy_document(topology, account, region, statements)
        yield from _judge(
            f"The registry policy of {account} in {region}",
            registry_document,
            registry_policy_limits().maximum,
            topology.accounts[account].span,
        )
    for policy in puller_policies(topology).values():
        yield from _judge(
            f"The policy {policy.name} in account {policy.account}",
            puller_document(policy),
            MANAGED_POLICY_LIMIT,
            policy.span,
        )
    for role in upstream_roles(topology).values():
        yield from _judge(
            f"The policy of role {role.name} in account {role.account}",
            upstream_role_document(topology, role),
            INLINE_POLICIES_LIMIT,
            role.span,
        )


def _judge(what: str, document: Json, limit: int, span: Span) -> Iterator[Finding]:
    size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
    if size > limit:
        yield RULE.finding(
            title="A policy does not fit its size limit",
            message=(
                f"{what} would have {size:,} characters, and AWS takes {limit:,}. Grant on fewer or "
                "shorter prefixes, or let roles that are alike share a pattern such as `eks-node-*`."
            ),
            subject=what,
            location=span,
            topology=span,
        )


POLICY_TOO_LARGE = TopologyRule(rule=RULE, check=check)
