"""An identity policy that allows a consumer, or a role that forebay writes, more than it was granted.

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
    from generator.rules.grant.surplus import OF_ROLES, surplus_findings

    return surplus_findings(RULE, policy, OF_ROLES)


IDENTITY_UNDECLARED = GrantRule(rule=RULE, check=check)
