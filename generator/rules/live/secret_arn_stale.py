"""A cache rule that names a secret which is not there.

The ARN of a secret ends in six characters that are new whenever the secret is made. After a secret was
deleted and made anew, a rule still names the old ARN, or the secret is gone altogether: every pull of a new
image fails with `SecretNotFoundException`.

To fix it, apply the root module, which names the new ARN, or update the rule; where the secret is gone, make
it first.

**Bad**

```json facts.json
{
  "rules": [
    {
      "ecrRepositoryPrefix": "docker-hub",
      "upstreamRegistryUrl": "registry-1.docker.io",
      "credentialArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-OldOld"
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

RULE = Rule(name="secret-arn-stale", severity=Severity.HIGH)


def check(registry: "LiveRegistry") -> Iterator[Finding]:
    """Look for rules whose ARN is that of no secret."""
    from generator.model.snapshot import Fact, text_of
    from generator.rules.live.registries import cache_of, is_arn_of, rule_address
    from generator.snapshot.resources import secrets_of

    there = {text_of(one, "Name"): one for one in secrets_of(registry.unit)}
    waiting = {text_of(one, "Name") for one in secrets_of(registry.unit, deleted=True)}
    for rule in registry.items(Fact.RULES):
        named, name = text_of(rule, "credentialArn"), registry.secret_named_by(rule)
        # A secret that waits for its end has a result of its own.
        if not name or name in waiting:
            continue
        secret = there.get(name)
        prefix = text_of(rule, "ecrRepositoryPrefix")
        cache = cache_of(registry, prefix)
        if secret is None:
            # Not listed is not gone: the list may lag, so it was asked for by its name.
            if registry.unit.facts.get((Fact.SECRET, name), name) is not None:
                continue
            title = "The secret of a cache rule is gone"
            message = (
                f"the cache rule `{prefix}` names `{named}`, and there is no secret `{name}`. Make it, "
                "put the token in, then give the rule its ARN."
            )
        elif is_arn_of(named, text_of(secret, "ARN")):
            continue
        else:
            title = "A cache rule names a secret that was made anew"
            message = (
                f"the cache rule `{prefix}` names `{named}`, and the secret `{name}` is "
                f"`{text_of(secret, 'ARN')}` now. Give the rule that ARN: apply the root module, or run\n"
                f"  aws ecr update-pull-through-cache-rule --region {registry.region} "
                f"--ecr-repository-prefix {prefix} --credential-arn {text_of(secret, 'ARN')}"
            )
        yield RULE.about_registry(
            registry,
            title=title,
            message=message,
            address=rule_address(registry, rule),
            span=None if cache is None else cache.span,
        )


SECRET_ARN_STALE = LiveRule(rule=RULE, check=check)
