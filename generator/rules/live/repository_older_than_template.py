"""A cached repository that is older than its creation template, and differs from it (`snapshot --deep`).

A template shapes a repository when ECR makes it, and never again. What was made before the template was
changed for the last time keeps its tags, mutability, encryption, policy and lifecycle as they were, so old
images may stay for good, or somebody may have no access.

Repositories that are as the template says count as right, whatever their age, and so do newer ones that
somebody changed since.

To fix it, set it by hand, or delete the repository: the next pull makes it by the template.

**Bad**

```json facts.json
{
  "rules": [{"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"}],
  "templates": [
    {
      "prefix": "quay",
      "appliedFor": ["PULL_THROUGH_CACHE"],
      "imageTagMutability": "IMMUTABLE",
      "encryptionConfiguration": {"encryptionType": "AES256"},
      "updatedAt": "2026-03-01T00:00:00Z"
    }
  ],
  "repositories": [
    {
      "repositoryName": "quay/prometheus/node",
      "createdAt": "2026-02-01T00:00:00Z",
      "imageTagMutability": "MUTABLE",
      "encryptionConfiguration": {"encryptionType": "AES256"}
    }
  ]
}
```

**Good**

```json facts.json
{
  "rules": [{"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"}],
  "templates": [
    {
      "prefix": "quay",
      "appliedFor": ["PULL_THROUGH_CACHE"],
      "imageTagMutability": "IMMUTABLE",
      "encryptionConfiguration": {"encryptionType": "AES256"},
      "updatedAt": "2026-03-01T00:00:00Z"
    }
  ],
  "repositories": [
    {
      "repositoryName": "quay/prometheus/node",
      "createdAt": "2026-04-01T00:00:00Z",
      "imageTagMutability": "MUTABLE",
      "encryptionConfiguration": {"encryptionType": "AES256"}
    }
  ]
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import LiveRule, Rule

if TYPE_CHECKING:
    from generator.rules.live.registries import LiveRegistry

RULE = Rule(name="repository-older-than-template", severity=Severity.LOW)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Hold each cached repository that is older than its template against it."""
    from generator.model.snapshot import Fact, text_of
    from generator.rules.live.registries import cache_of, repository_address, rule_prefix
    from generator.rules.live.template_differences import differences

    for repository in registry.items(Fact.REPOSITORIES):
        name = text_of(repository, "repositoryName")
        prefix, template = rule_prefix(registry, name), registry.template_for(name)
        if prefix is None or template is None:
            continue
        made, changed = text_of(repository, "createdAt"), text_of(template, "updatedAt")
        # Both are times in UTC in one form, so that their texts are in their order.
        if not made or not changed or made >= changed:
            continue
        different = differences(registry, repository, template)
        if not different:
            continue
        cache = cache_of(registry, prefix)
        yield RULE.about_registry(
            registry,
            title="A repository is older than its creation template",
            message=(
                f"the repository `{name}` was made at {made}, before the template "
                f"`{text_of(template, 'prefix')}` was changed ({changed}), and does not have its "
                f"{', '.join(different)}. Set that by hand, or delete the repository: the next pull makes "
                "it anew."
            ),
            address=repository_address(registry, name),
            span=None if cache is None else cache.span,
        )


REPOSITORY_OLDER_THAN_TEMPLATE = LiveRule(rule=RULE, check=check)
