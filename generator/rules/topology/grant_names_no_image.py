"""A grant on a name that Docker Hub cannot have.

Every repository of Docker Hub has an owner: the official images are `library/nginx` and so on, and only
Docker's own programs fill in `library/` (ECR user guide, pull-through-cache-working-pulling). A grant on
`docker-hub/nginx` lets nobody pull anything.

To fix it, put `library/` before the name.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  platform:
    caches: {docker-hub: {credential: ecr-pullthroughcache/docker-hub}}
    grants: [{to: {account: shop, role: ci}, allow: pull, repositories: [docker-hub/nginx]}]
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  platform:
    caches: {docker-hub: {credential: ecr-pullthroughcache/docker-hub}}
    grants: [{to: {account: shop, role: ci}, allow: pull, repositories: [docker-hub/library/nginx]}]
```
"""

from collections.abc import Iterator

from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.model.upstreams import DOCKER_HUB_HOST
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="grant-names-no-image", severity=Severity.WARNING)


def check(topology: Topology) -> Iterator[Finding]:
    """Look for grants on names of one part below the caches of Docker Hub."""
    told: set[tuple[object, str]] = set()
    for grant in topology.grants:
        if grant.pattern is None or grant.cache.upstream.registry.host != DOCKER_HUB_HOST:
            continue
        prefix = "" if grant.cache.prefix.is_root else f"{grant.cache.prefix}/"
        name = grant.pattern.removeprefix(prefix)
        # A grant on several registries is one line of the topology.
        if not name or set("/*?") & set(name) or (grant.span, name) in told:
            continue
        told.add((grant.span, name))
        yield RULE.finding(
            title="A grant names an image that Docker Hub cannot have",
            message=(
                f"The grant is on `{grant.pattern}`, and every image of Docker Hub has an owner, so it "
                f"lets nobody pull anything. An official image is `{prefix}library/{name}`."
            ),
            subject=grant.pattern,
            location=grant.span,
            topology=grant.span,
        )


GRANT_NAMES_NO_IMAGE = TopologyRule(rule=RULE, check=check)
