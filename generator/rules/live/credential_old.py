"""A cache's token that is older than its upstream allows.

Chainguard's pull tokens last 30 days unless `--ttl` said more, and a year at most; GitLab's personal, group
and project tokens last a year, and only deploy tokens can last longer. The secret has not been changed for
longer than that. With an expired token ECR serves what is in the cache, and finds nothing new.

Where the topology says when the token expires (`expires`), that counts and this rule is silent.

To fix it, put a new token in, and write its end into the topology: `expires: 2027-01-31`.

**Bad**

```json facts.json
{
  "rules": [
    {
      "ecrRepositoryPrefix": "chainguard",
      "upstreamRegistryUrl": "cgr.dev",
      "credentialArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    }
  ],
  "secrets": [
    {
      "Name": "ecr-pullthroughcache/docker-hub",
      "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf",
      "LastChangedDate": "2026-01-01T00:00:00Z",
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
      "ecrRepositoryPrefix": "chainguard",
      "upstreamRegistryUrl": "cgr.dev",
      "credentialArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    }
  ],
  "secrets": [
    {
      "Name": "ecr-pullthroughcache/docker-hub",
      "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf",
      "LastChangedDate": "2026-11-20T00:00:00Z",
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

RULE = Rule(name="credential-old", severity=Severity.WARNING)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Hold the age of each secret against what its upstream allows."""
    from datetime import UTC, datetime

    from generator.model.snapshot import text_of
    from generator.model.upstreams import REGISTRIES

    for secret, use in registry.secrets():
        if any(cache.credential and cache.credential.expires for cache in use.caches):
            continue
        try:
            changed = datetime.fromisoformat(text_of(secret, "LastChangedDate"))
        except ValueError:
            continue
        days = (registry.unit.read_at - changed.astimezone(UTC)).days
        hosts = {text_of(rule, "upstreamRegistryUrl") for rule in use.rules}
        for host in sorted(hosts):
            upstream = next((one for one in REGISTRIES.values() if one.host == host), None)
            if upstream is None or upstream.token_days is None or days <= upstream.token_days:
                continue
            yield RULE.about_registry(
                registry,
                title="The token of a cache is older than its upstream allows",
                message=(
                    f"`{text_of(secret, 'Name')}`, the secret of {use.words}, was not changed for {days} "
                    f"days, and a token of {upstream.title} lasts {upstream.token_days} unless it was made "
                    "for longer. Put a new one in, and write `expires` into the topology."
                ),
                address=text_of(secret, "ARN"),
                span=use.span,
            )


CREDENTIAL_OLD = LiveRule(rule=RULE, check=check)
