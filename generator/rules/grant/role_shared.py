"""A role that pulls or pushes, and that another account may assume.

Whoever assumes a role has its access: a registry policy that names the role lets them in. Looked at are
the roles of consumers, and in an account with caches each role whose own policies reach them, an
administrator's as well. An account that has a grant of its own for all that the role may do is no
surprise, nor is the role by which the topology lets Terraform enter the account (`assume_role`). AWS
services, identity providers and the account itself are its owner's affair.

To fix it, name in the trust policy who is meant, or declare the grant in the topology.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
consumers:
  nodes: {account: platform, role: eks-node, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: nodes, allow: pull}]
```

```hcl
resource "aws_iam_role" "node" {
  name = "eks-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
consumers:
  nodes: {account: platform, role: eks-node, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: nodes, allow: pull}]
```

```hcl
resource "aws_iam_role" "node" {
  name = "eks-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
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

RULE = Rule(name="role-shared", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for other accounts that may assume a role with access."""
    from generator.rules.grant.surplus import OF_LENT_ROLES, surplus_findings

    if policy.service is None:
        yield from surplus_findings(RULE, policy, OF_LENT_ROLES)


ROLE_SHARED = GrantRule(rule=RULE, check=check)
