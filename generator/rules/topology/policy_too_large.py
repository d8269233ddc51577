"""A policy that does not fit the size limit of its kind.

ECR takes 10,240 characters for a registry policy (API shape RegistryPolicyText); IAM takes 6,144 for a
managed policy and 10,240 for the inline policies of a role, white space not counted (IAM quotas). The
apply would fail in the middle.

A registry policy is written in the first form that fits: every role by its ARN; else roles of the same
name in several accounts as one pattern beside those accounts; else no principals but conditions alone. All
let in the same roles. Nothing wider than the grants is ever written.

To fix it, grant on fewer and shorter prefixes, let roles that are alike share a pattern such as
`eks-node-*`, or grant to a unit or to the organization where all of its accounts are meant.

**Bad**

```yaml
version: 1
accounts:
  main:
    id: "111122223333"
    regions:
      - ap-northeast-1
      - ap-northeast-2
      - ap-south-1
      - ap-southeast-1
      - ap-southeast-2
      - ca-central-1
      - eu-central-1
      - eu-north-1
      - eu-west-1
      - eu-west-2
      - us-east-1
      - us-west-2
registries:
  main:
    caches:
      observability/team-a/quay: {upstream: quay}
      observability/team-b/quay: {upstream: quay}
      observability/team-c/quay: {upstream: quay}
      observability/team-d/quay: {upstream: quay}
      observability/team-e/quay: {upstream: quay}
      observability/team-f/quay: {upstream: quay}
      observability/team-g/quay: {upstream: quay}
      observability/team-h/quay: {upstream: quay}
    grants: [{to: {role: ci}, allow: pull}]
```

**Good**

```yaml
version: 1
accounts:
  main:
    id: "111122223333"
    regions:
      - ap-northeast-1
      - ap-northeast-2
registries:
  main:
    caches:
      observability/team-a/quay: {upstream: quay}
      observability/team-b/quay: {upstream: quay}
      observability/team-c/quay: {upstream: quay}
      observability/team-d/quay: {upstream: quay}
      observability/team-e/quay: {upstream: quay}
      observability/team-f/quay: {upstream: quay}
      observability/team-g/quay: {upstream: quay}
      observability/team-h/quay: {upstream: quay}
    grants: [{to: {role: ci}, allow: pull}]
```
"""

from collections.abc import Iterator, Mapping

from generator.data.aws_data import registry_policy_limits
from generator.estate.wording import capital
from generator.intent.consumer_policies import (
    consumer_document,
    consumer_policies,
    handed_over_policies,
)
from generator.intent.registry_forms import RegistryPolicyForm
from generator.intent.registry_policies import policy_size, registry_policy_sizes
from generator.intent.service_roles import (
    template_role_document,
    template_roles,
    upstream_role_document,
    upstream_roles,
)
from generator.model.estate import Json
from generator.model.finding import Finding, Severity
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import Region
from generator.rules.rule import Rule, TopologyRule

MANAGED_POLICY_LIMIT = 6144
INLINE_POLICIES_LIMIT = 10240

_ADVICE = (
    "Grant on fewer or shorter prefixes, or let roles that are alike share a pattern such as "
    "`eks-node-*`."
)
_ADVICE_ON_ACCOUNTS = (
    "Where all accounts of a unit or of the organization are meant, a grant to `{unit: NAME}` or "
    "`{organization: true}` is as short for a thousand accounts as for one."
)

RULE = Rule(name="policy-too-large", severity=Severity.HIGH)


def check(topology: Topology) -> Iterator[Finding]:
    """Look at every policy that would be written."""
    for (account, region), sizes in registry_policy_sizes(topology).items():
        yield from _judge_forms(topology, account, region, sizes)
    written = consumer_policies(topology).values()
    for policy in (*written, *handed_over_policies(topology).values()):
        yield from _judge(
            f"The policy {policy.name} for {policy.who} in {policy.account}",
            consumer_document(policy),
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

    for template_role in template_roles(topology).values():
        yield from _judge(
            f"The policy of role {template_role.name} in account {template_role.account}",
            template_role_document(topology, template_role),
            INLINE_POLICIES_LIMIT,
            template_role.span,
        )


def _judge_forms(
    topology: Topology, account: str, region: Region, sizes: Mapping[RegistryPolicyForm, int]
) -> Iterator[Finding]:
    limit = registry_policy_limits().maximum
    if min(sizes.values()) > limit:
        span = topology.accounts[account].span
        what = f"The registry policy of {account} in {region}"
        forms = "; ".join(f"{form.value}: {size:,}" for form, size in sizes.items())
        yield RULE.finding(
            title="A policy does not fit its size limit",
            message=(
                f"{what} fits in no form, and AWS takes {limit:,} characters. {capital(forms)}. "
                f"{_ADVICE} {_ADVICE_ON_ACCOUNTS}"
            ),
            subject=what,
            location=span,
            topology=span,
        )


def _judge(what: str, document: Json, limit: int, span: Span) -> Iterator[Finding]:
    size = policy_size(document)
    if size > limit:
        yield RULE.finding(
            title="A policy does not fit its size limit",
            message=(f"{what} would have {size:,} characters, and AWS takes {limit:,}. {_ADVICE}"),
            subject=what,
            location=span,
            topology=span,
        )


POLICY_TOO_LARGE = TopologyRule(rule=RULE, check=check)
