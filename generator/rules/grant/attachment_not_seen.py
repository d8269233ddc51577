"""A consumer's policy that no code attaches to its role.

The role is made somewhere else, so whether its owner attached the policy cannot be seen from here; the
grant counts as given. Attaching is the owner's, unless the consumer says `identity: attach`.

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

resource "aws_iam_role_policy_attachment" "nodes" {
  role       = "eks-node"
  policy_arn = aws_iam_policy.nodes.arn
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.grants.judged_policy import JudgedPolicy

RULE = Rule(name="attachment-not-seen", severity=Severity.INFO)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Say which policies are attached elsewhere, if at all."""
    from generator.estate.wording import capital

    if policy.attachment_seen:
        return
    yield RULE.about_policy(
        policy,
        title="Nothing that was read attaches this policy",
        message=(
            f"{capital(policy.what)} counts as given, although nothing that was read attaches "
            f"`{policy.address}`: whoever owns the role does. For one exact role, "
            "`identity: attach` in the topology does it here."
        ),
    )


ATTACHMENT_NOT_SEEN = GrantRule(rule=RULE, check=check)
