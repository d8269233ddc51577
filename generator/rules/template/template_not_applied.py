"""A creation template with the prefix of a cache that does not apply to caches.

`applied_for` says which repositories take the template. Without `PULL_THROUGH_CACHE` the repositories of
a cache are made without it, silently: without its encryption, policy and lifecycle.

Whether ECR then falls back to a template with a shorter prefix is not documented.

Templates with exactly the prefix of a cache rule in the same root are looked at.

To fix it, add `PULL_THROUGH_CACHE` to `applied_for`.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix      = "quay"
  applied_for = ["REPLICATION"]
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
  applied_for = ["PULL_THROUGH_CACHE", "REPLICATION"]
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="template-not-applied", severity=Severity.WARNING)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for templates of a cache's prefix that leave caches out."""
    from generator.model.estate import Kind, Known, Unknown
    from generator.model.values import ROOT

    caches = {
        (rule.root, rule.region, rule.key): rule
        for rule in code.of(Kind.CACHE_RULE)
        if isinstance(rule.key, str) and not isinstance(rule.region, Unknown)
    }
    for record in code.of(Kind.CREATION_TEMPLATE):
        if isinstance(record.key, Unknown) or isinstance(record.region, Unknown):
            continue
        rule = caches.get((record.root, record.region, record.key))
        applied = record.get("applied_for")
        if rule is None or record.key == ROOT or not isinstance(applied, Known):
            continue
        words = applied.value
        if not isinstance(words, tuple) or not all(isinstance(word, str) for word in words):
            continue
        if "PULL_THROUGH_CACHE" not in words:
            yield RULE.about(
                record,
                title="A cache's creation template does not apply to it",
                message=(
                    f"`{record.address}` has the prefix of `{rule.address}`, and its `applied_for` "
                    "lacks `PULL_THROUGH_CACHE`: the cache's repositories are made without it."
                ),
                location=applied.span,
            )


TEMPLATE_NOT_APPLIED = CodeRule(rule=RULE, check=check)
