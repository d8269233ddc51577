"""An identity policy that lets a consumer, or a role of ours, do more than it was granted.

Pulling from undeclared repositories, importing, creating repositories, or writing below a cache's
prefix: whoever can write there decides what all others pull.

To fix it, narrow the policy's actions and resources to the grants in the topology.

**Bad**

```yaml
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
consumers:
  nodes: {account: main, role: eks-node}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: nodes, allow: pull}]
```

```hcl
resource "aws_iam_policy" "nodes" {
  name = "forebay-nodes"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:BatchImportUpstreamImage",
          "ecr:PutImage",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },
    ]
  })
}
```

**Good**

```yaml
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
consumers:
  nodes: {account: main, role: eks-node}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: nodes, allow: pull}]
```

```hcl
resource "aws_iam_policy" "nodes" {
  name = "forebay-nodes"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:BatchImportUpstreamImage",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },
    ]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.grants.judged_policy import JudgedPolicy

RULE = Rule(name="identity-undeclared", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for surplus access in the policies that reach one role."""
    from generator.estate.wording import describe_request
    from generator.iam import PolicyKind
    from generator.rules.grant.words import (
        by_statements,
        some_of,
        subject,
        what_they_do,
        witness,
    )

    if policy.kind is not PolicyKind.IDENTITY:
        return
    for grants in by_statements(policy.judgement.over):
        actions = list(dict.fromkeys(action for grant in grants for action in grant.actions))
        shown = witness(policy, grants[0])
        yield RULE.finding(
            title=f"A policy lets its role {what_they_do(grants)} without a grant",
            message=(
                f"In {policy.what}, {describe_request(grants[0].request)}, and is allowed; the topology declares no "
                f"such grant. Too much: {some_of(actions)}. Narrow the statement, or "
                "declare the grant in the topology."
            ),
            subject=subject(policy, grants),
            address=policy.address,
            location=shown.statement,
            topology=policy.topology,
            witness=shown,
        )


IDENTITY_UNDECLARED = GrantRule(rule=RULE, check=check)
