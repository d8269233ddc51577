"""Immutable tags on cached repositories.

ECR refreshes a cached tag by pushing it anew; where tags are immutable, a tag such as `latest` stays
for good at the image that was pulled first (ECR user guide, pull-through-cache).

Repositories below the prefix of a cache rule in the same root are looked at, and creation templates
that apply to pull-through caches. With `MUTABLE_WITH_EXCLUSION`, a filter that fits `latest` is reported;
with `IMMUTABLE_WITH_EXCLUSION` the tags that move were chosen, and nothing is.

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

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Attribute

RULE = Rule(name="cache-immutable", severity=Severity.WARNING)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for tags of what caches fill that never move."""
    from generator.estate.resources.shapes import TAG_FILTER
    from generator.model.estate import Kind, Known
    from generator.model.tag_mutability import keeps_latest
    from generator.rules.cache.cached_repositories import is_filled_by_a_cache

    for record in code.of(Kind.CREATION_TEMPLATE, Kind.REPOSITORY):
        value = record.get("image_tag_mutability")
        if not isinstance(value, Known) or not keeps_latest(
            str(value.value), _exclusions(record.get(TAG_FILTER))
        ):
            continue
        if is_filled_by_a_cache(code, record):
            yield RULE.about(
                record,
                title="Tags of a cache never move",
                message=(
                    f"`{record.address}` makes tags immutable, `latest` among them: a tag that moves "
                    "upstream stays here at the image that was pulled first. Use `MUTABLE`, or "
                    "`IMMUTABLE_WITH_EXCLUSION` with filters for the tags that move."
                ),
                location=value.span,
            )


def _exclusions(filters: "Attribute") -> "Iterator[str]":
    """The filters that are known."""
    from generator.model.estate import Known

    blocks = filters.value if isinstance(filters, Known) else None
    for block in blocks if isinstance(blocks, tuple) else ():
        text = block.get("filter") if isinstance(block, Mapping) else None
        if isinstance(text, str):
            yield text


CACHE_IMMUTABLE = CodeRule(rule=RULE, check=check)
