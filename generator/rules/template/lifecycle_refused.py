"""A lifecycle policy that ECR refuses, for the repositories of a cache.

ECR checks a lifecycle policy when it is put, so the apply fails, or the repository is not created from
the template. What it takes is on the page *Lifecycle policy properties* of the ECR user guide: a unique
priority for each rule, one rule for `any` image in each storage class, which has the highest number,
days from the push or from the move to the archive for expiry, days from the last pull for archiving only.

Looked at are creation templates, and the policies of repositories below the prefix of a cache.

To fix it, change the rule that is named.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  lifecycle_policy = jsonencode({ rules = [{
    rulePriority = 1
    selection    = { tagStatus = "any", countType = "sinceImagePulled", countUnit = "days", countNumber = 30 }
    action       = { type = "expire" }
  }] })
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]
  lifecycle_policy = jsonencode({ rules = [{
    rulePriority = 1
    selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
    action       = { type = "expire" }
  }] })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="lifecycle-refused", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for lifecycle policies of caches that ECR does not take."""
    from generator.model.estate import Kind, Known
    from generator.model.lifecycle_policy import lifecycle_refusal
    from generator.rules.cache.cached_repositories import is_filled_by_a_cache

    for record in code.of(Kind.CREATION_TEMPLATE, Kind.LIFECYCLE_POLICY):
        is_template = record.kind is Kind.CREATION_TEMPLATE
        policy = record.get("lifecycle_policy" if is_template else "policy")
        if not isinstance(policy, Known) or not is_filled_by_a_cache(code, record):
            continue
        problem = lifecycle_refusal(policy.value)
        if problem is not None:
            yield RULE.about(
                record,
                title="ECR does not take these lifecycle rules",
                message=f"ECR refuses the lifecycle policy of `{record.address}`: {problem}",
                location=policy.span,
            )


LIFECYCLE_REFUSED = CodeRule(rule=RULE, check=check)
