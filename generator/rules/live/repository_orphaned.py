"""A repository below the prefix of a cache that is not there any more (`snapshot --deep`).

ECR still serves what is in it, and nothing brings it up to date: pulls get old images for good, and who
looks for a cache finds none. It lies below a prefix that a creation template for caches names, or that the
topology uses in another registry.

To fix it, make the cache rule again, or move what pulls from it and delete the repository.

**Bad**

```json facts.json
{
  "rules": [],
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
      "imageTagMutability": "IMMUTABLE",
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
      "imageTagMutability": "IMMUTABLE",
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

RULE = Rule(name="repository-orphaned", severity=Severity.WARNING)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Look for repositories below prefixes of caches that have no rule."""
    from generator.model.snapshot import Fact, text_of
    from generator.rules.live.registries import (
        ROOT,
        has_root_rule,
        repository_address,
        rule_prefix,
    )

    unit, topology = registry.unit, registry.topology
    if (Fact.RULES, "") not in unit.facts or has_root_rule(registry):
        return
    # What the topology asks for here and is not there is drift.
    asked = {str(cache.prefix) for cache in registry.caches}
    elsewhere = {str(cache.prefix) for cache in (topology.caches if topology else ())}
    templates = {
        text_of(template, "prefix").rstrip("/")
        for template in registry.items(Fact.TEMPLATES)
        if template.get("appliedFor") and "PULL_THROUGH_CACHE" in str(template["appliedFor"])
    }
    for repository in registry.items(Fact.REPOSITORIES):
        name = text_of(repository, "repositoryName")
        prefixes = [
            prefix
            for prefix in (elsewhere | templates) - asked - {ROOT}
            if name.startswith(f"{prefix}/")
        ]
        if not prefixes or rule_prefix(registry, name) is not None:
            continue
        if any(name.startswith(f"{prefix}/") for prefix in asked):
            continue
        prefix = max(prefixes, key=len)
        why = (
            "a creation template is for" if prefix in templates else "the topology caches elsewhere"
        )
        yield RULE.about_registry(
            registry,
            title="A repository has lost its cache",
            message=(
                f"the repository `{name}` lies below `{prefix}`, which {why}, and there is no cache rule "
                "for it: it is served as it is, and never brought up to date. Make the rule again, or "
                "delete the repository."
            ),
            address=repository_address(registry, name),
        )


REPOSITORY_ORPHANED = LiveRule(rule=RULE, check=check)
