"""Immutable tags on cached repositories.

ECR refreshes a cached tag by pushing it anew; where tags are immutable, a tag such as `latest` stays
for good at the image that was pulled first (ECR user guide, pull-through-cache).

Repositories below the prefix of a cache rule in the same root are looked at, and creation templates
that apply to pull-through caches.

To fix it, use `MUTABLE`, or `IMMUTABLE_WITH_EXCLUSION` with the moving tags excluded.

**Bad**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix               = "quay"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "IMMUTABLE"
}
```

**Good**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix               = "quay"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "MUTABLE"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="cache-immutable", severity=Severity.WARNING)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for `IMMUTABLE` on what caches fill."""
    from generator.model.estate import Kind, Known
    from generator.rules.cache.cached_repositories import is_filled_by_a_cache

    for record in code.of(Kind.CREATION_TEMPLATE, Kind.REPOSITORY):
        value = record.get("image_tag_mutability")
        if not isinstance(value, Known) or value.value != "IMMUTABLE":
            continue
        if is_filled_by_a_cache(code, record):
            yield RULE.about(
                record,
                title="Tags of a cache never move",
                message=(
                    f"`{record.address}` makes tags immutable: a tag that moves upstream stays here "
                    "at the image that was pulled first. Use `MUTABLE`, or "
                    "`IMMUTABLE_WITH_EXCLUSION` for the tags that move."
                ),
                location=value.span,
            )


CACHE_IMMUTABLE = CodeRule(rule=RULE, check=check)
