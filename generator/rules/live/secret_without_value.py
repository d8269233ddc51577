"""A cache's secret without a value.

No version of it has the label `AWSCURRENT`, which is the one that ECR reads: every pull of a new image
fails. Only secrets that a cache rule or the topology uses are looked at.

To fix it, put a value into it: a JSON object with `username` and `accessToken`.

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
      "labels": []
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

RULE = Rule(name="secret-without-value", severity=Severity.HIGH)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Look for secrets of caches that have no current value."""
    from generator.model.snapshot import text_of
    from generator.rules.live.registries import labels_of

    for secret, use in registry.secrets():
        if "labels" not in secret or any("AWSCURRENT" in labels for labels in labels_of(secret)):
            continue
        name = text_of(secret, "Name")
        yield RULE.about_registry(
            registry,
            title="The secret of a cache has no value",
            message=(
                f"no version of `{name}`, the secret of {use.words}, is labelled `AWSCURRENT`, so ECR "
                "finds no token in it. Put one in from a file with `username` and `accessToken`:\n"
                f"  aws secretsmanager put-secret-value --region {registry.region} --secret-id {name} "
                "--secret-string file://token.json"
            ),
            address=text_of(secret, "ARN"),
            span=use.span,
        )


SECRET_WITHOUT_VALUE = LiveRule(rule=RULE, check=check)
