"""An upstream's token that has expired, or does so within thirty days.

With an expired token ECR serves what is in the cache, and finds nothing new: pulls of new tags and
images fail with an error that does not name the token. Only credentials that say `expires` are looked
at.

To fix it, get a new token, put it into the secret, raise `version` where Terraform writes the value, and
change `expires`.

**Bad**

```yaml
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
upstreams:
  docker-hub:
    credential: {secret: ecr-pullthroughcache/docker-hub, expires: 2020-01-31}
registries:
  main:
    caches: {docker-hub: {}}
    grants: [{to: {role: eks-node}, allow: pull}]
```

**Good**

```yaml
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
upstreams:
  docker-hub:
    credential: {secret: ecr-pullthroughcache/docker-hub, expires: 2099-01-31}
registries:
  main:
    caches: {docker-hub: {}}
    grants: [{to: {role: eks-node}, allow: pull}]
```
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import DatedRule, Rule

if TYPE_CHECKING:
    from generator.model.span import Span

RULE = Rule(name="credential-expires", severity=Severity.WARNING)

NOTICE = timedelta(days=30)
"""How long before a token expires the warning begins."""


def check(topology: Topology, today: date) -> Iterator[Finding]:
    """Look at every credential that says when it expires, each place once."""
    seen: set[Span] = set()
    for cache in topology.caches:
        credential = cache.credential
        if credential is None or credential.expires is None:
            continue
        if credential.span in seen or credential.expires > today + NOTICE:
            continue
        seen.add(credential.span)
        is_over = credential.expires < today
        when = f"expired on {credential.expires}" if is_over else f"expires on {credential.expires}"
        yield RULE.finding(
            title="A credential has expired" if is_over else "A credential expires soon",
            message=(
                f"The token in {credential.secret} {when}. Without a valid one ECR serves only what "
                "is in the cache. Put a new token into the secret"
                + (", raise `version`" if credential.version is not None else "")
                + " and change `expires`."
            ),
            subject=credential.secret,
            location=credential.span,
            topology=credential.span,
        )


CREDENTIAL_EXPIRES = DatedRule(rule=RULE, check=check)
