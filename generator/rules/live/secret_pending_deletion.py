"""A cache's secret that is marked as deleted.

Until its end a deleted secret cannot be read, nor made anew under the same name: pulls of new images fail
with `SecretNotFoundException`, and so does an apply that makes it (Secrets Manager user guide,
manage_delete-secret). Only secrets that a cache rule or the topology uses are looked at.

To fix it, restore it with `aws secretsmanager restore-secret`, or take the cache away as well.

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
      "DeletedDate": "2026-11-28T09:00:00Z",
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

RULE = Rule(name="secret-pending-deletion", severity=Severity.HIGH)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Look for deleted secrets that a cache uses."""
    from generator.model.snapshot import text_of

    for secret, use in registry.secrets(deleted=True):
        name = text_of(secret, "Name")
        yield RULE.about_registry(
            registry,
            title="The secret of a cache is marked as deleted",
            message=(
                f"`{name}`, the secret of {use.words}, is deleted (`DeletedDate` "
                f"{text_of(secret, 'DeletedDate')}). ECR cannot read it, and Terraform cannot make it "
                "anew before its end. Restore it:\n"
                f"  aws secretsmanager restore-secret --region {registry.region} --secret-id {name}"
            ),
            address=text_of(secret, "ARN"),
            span=use.span,
        )


SECRET_PENDING_DELETION = LiveRule(rule=RULE, check=check)
