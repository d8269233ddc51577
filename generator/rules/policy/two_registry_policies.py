"""Two registry policies for one registry.

An account has one registry policy in a region, and putting it replaces the one before. Two resources
for it undo each other at every apply, and whichever came last decides who may pull.

To fix it, put all statements into one `aws_ecr_registry_policy`.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "pull" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}

resource "aws_ecr_registry_policy" "replicate" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "333344445555" }
      Action    = ["ecr:CreateRepository", "ecr:ReplicateImage"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/team/*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_registry_policy" "both" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "222233334444" }
        Action    = "ecr:BatchGetImage"
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "333344445555" }
        Action    = ["ecr:CreateRepository", "ecr:ReplicateImage"]
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/team/*"
      },
    ]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Record

RULE = Rule(name="two-registry-policies", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for registries with more than one policy."""
    from generator.model.estate import Kind, Unknown

    owners: dict[tuple[str, str], Record] = {}
    for record in code.of(Kind.REGISTRY_POLICY):
        if isinstance(record.region, Unknown) or record.region is None:
            continue
        # Accounts that are not known are the same only for the same provider of the same root.
        account = (
            f"{record.root} {record.account.reference}"
            if isinstance(record.account, Unknown)
            else str(record.account)
        )
        first = owners.setdefault((account, record.region), record)
        if first is not record:
            yield RULE.about(
                record,
                title="One registry has two registry policies",
                message=(
                    f"`{record.address}`{_root(record)} and `{first.address}`{_root(first)} both are "
                    f"the registry policy of one account in {record.region}: each apply of the one "
                    "removes the other. Put all statements into one resource."
                ),
                subject=f"{first.root} {first.address}",
            )


def _root(record: "Record") -> str:
    """The root module, where there may be several."""
    return f" in `{record.root}`" if record.root else ""


TWO_REGISTRY_POLICIES = CodeRule(rule=RULE, check=check)
