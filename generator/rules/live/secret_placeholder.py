"""A cache's secret that still holds the placeholder that Terraform put there.

With `value: placeholder` Terraform makes the secret and leaves the token to a person. The version that
Terraform wrote has the label `forebay-placeholder`, and it is still the current one: nobody has put the
token in, and every pull of a new image fails to log in upstream.

To fix it, put the token in; Terraform does not touch it afterwards.

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
      "labels": [["AWSCURRENT", "forebay-placeholder"]]
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
      "labels": [["AWSCURRENT"], ["AWSPREVIOUS", "forebay-placeholder"]]
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

RULE = Rule(name="secret-placeholder", severity=Severity.HIGH)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Look for secrets of caches whose current version is the placeholder."""
    from generator.intent.records import PLACEHOLDER_STAGES
    from generator.model.snapshot import text_of
    from generator.rules.live.registries import labels_of

    for secret, use in registry.secrets():
        if not any(labels.issuperset(PLACEHOLDER_STAGES) for labels in labels_of(secret)):
            continue
        name = text_of(secret, "Name")
        yield RULE.about_registry(
            registry,
            title="The secret of a cache still holds the placeholder",
            message=(
                f"nobody has put a token into `{name}`, the secret of {use.words}, since Terraform made "
                "it. Put it in from a file with `username` and `accessToken`:\n"
                f"  aws secretsmanager put-secret-value --region {registry.region} --secret-id {name} "
                "--secret-string file://token.json"
            ),
            address=text_of(secret, "ARN"),
            span=use.span,
        )


SECRET_PLACEHOLDER = LiveRule(rule=RULE, check=check)
