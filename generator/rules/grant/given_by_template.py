"""Declared access that only the repository policy of a creation template gives.

ECR gives a repository the policy of its template when it creates it, and never again. So the access is
there for every repository that ECR creates from the template, and repositories that are older keep the
policy that they have (ECR user guide, repository-creation-templates). What the registry's own policy
gives counts for all of them.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: cached}]
```

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  repository_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: cached}]
```

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
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

RULE = Rule(name="given-by-template", severity=Severity.INFO)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Say once for a registry that access rests on the policies of templates."""
    from generator.rules.grant.words import some_of

    if not policy.templates:
        return
    names = some_of([f"`{address}`" for address in policy.templates])
    yield RULE.about_policy(
        policy,
        title="Only repositories that ECR creates from a template have this access",
        message=(
            f"Access that the topology declares is not in {policy.what}; the repository policy of "
            f"{names} gives it. It counts as given. Only repositories which ECR creates from the "
            "template get it; repositories made earlier keep the policy that they have. To give it in "
            "all of them, add it to the registry policy."
        ),
    )


GIVEN_BY_TEMPLATE = GrantRule(rule=RULE, check=check)
