"""A cache's secret that is the replica of a secret in another region.

ECR reads it like any other. But its value can only be changed at its primary, it ends with the
replication, and a writer of the primary decides what this registry logs in with (Secrets Manager user
guide, create-manage-multi-region-secrets). So a topology that makes the secret here cannot be applied.

To fix it, make a secret of its own here, or say `value: existing` and accept the warning.

**Bad**

```json facts.json
{
  "rules": [
    {
      "ecrRepositoryPrefix": "docker-hub",
      "upstreamRegistryUrl": "registry-1.docker.io",
      "credentialArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    }
  ],
  "secrets": [
    {
      "Name": "ecr-pullthroughcache/docker-hub",
      "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf",
      "PrimaryRegion": "us-east-1",
      "labels": [["AWSCURRENT"]]
    }
  ]
}
```

**Good**

```json facts.json
{
  "rules": [
    {
      "ecrRepositoryPrefix": "docker-hub",
      "upstreamRegistryUrl": "registry-1.docker.io",
      "credentialArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    }
  ],
  "secrets": [
    {
      "Name": "ecr-pullthroughcache/docker-hub",
      "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf",
      "PrimaryRegion": "eu-west-1",
      "labels": [["AWSCURRENT"]]
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

RULE = Rule(name="secret-replica", severity=Severity.WARNING)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Look for secrets of caches whose primary is in another region."""
    from generator.model.snapshot import text_of

    for secret, use in registry.secrets():
        primary = text_of(secret, "PrimaryRegion")
        if primary in {"", registry.region}:
            continue
        yield RULE.about_registry(
            registry,
            title="The secret of a cache is a replica",
            message=(
                f"`{text_of(secret, 'Name')}`, the secret of {use.words}, is a replica of the one in "
                f"{primary}: a new token goes in there, and nothing here can change it."
            ),
            address=text_of(secret, "ARN"),
            span=use.span,
        )


SECRET_REPLICA = LiveRule(rule=RULE, check=check)
