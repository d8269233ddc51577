"""A consumer's role has another path than the topology says, so the registry lets nobody in.

The policy of a registry in another account tells a role by its ARN, in which the path stands:
`arn:aws:iam::222233334444:role/ci` is not `arn:aws:iam::222233334444:role/teams/ci`. The names of roles
are unique in an account, whatever their paths, so where one of that name is in what was read, there is no
other one.

Source: IAM user guide, reference_identifiers (paths are a part of ARNs; names are unique in an account).

Write the role with its path into the topology, `role: teams/ci`, and run `forebay generate`; or take the
path off the role.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```

```hcl
provider "aws" {
  alias               = "shop"
  region              = "eu-west-1"
  allowed_account_ids = ["222233334444"]
}

resource "aws_iam_role" "ci" {
  provider = aws.shop
  name     = "ci"
  path     = "/teams/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: export}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: teams/ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```

```hcl
provider "aws" {
  alias               = "shop"
  region              = "eu-west-1"
  allowed_account_ids = ["222233334444"]
}

resource "aws_iam_role" "ci" {
  provider = aws.shop
  name     = "ci"
  path     = "/teams/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
```
"""

from collections.abc import Iterator
from dataclasses import replace

from generator.estate.wording import RUN_GENERATE
from generator.grants.namesakes import namesake_of
from generator.model.estate import Estate
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import OutsideRule, Rule

RULE = Rule(name="role-path", severity=Severity.HIGH)


def check(topology: Topology, estate: Estate) -> Iterator[Finding]:
    """Look for consumers in other accounts whose role is there under another path, each once."""
    told: set[tuple[str, str | None]] = set()
    for grant in topology.grants:
        who = (grant.scope, grant.consumer.role)
        if who in told:
            continue
        told.add(who)
        record = namesake_of(topology, estate, grant)
        if record is None:
            continue
        finding = RULE.finding(
            title="A consumer's role has another path than the topology says",
            message=(
                f"The topology lets role `{grant.consumer.role}` of account {grant.scope} pull, and the one of "
                f"that name is `{record.key}` (`{record.address}`). The registry's policy tells a role "
                f"by its ARN, in which the path stands, so it lets nobody in. Write `role: {record.key}` into the "
                f"topology and {RUN_GENERATE[0].lower()}{RUN_GENERATE[1:]}."
            ),
            subject=f"{grant.scope} {grant.consumer.role}",
            address=record.address,
            location=record.span,
            topology=grant.consumer.span,
        )
        yield replace(finding, roots=(record.root,), about=record.identity)


ROLE_PATH = OutsideRule(rule=RULE, check=check)
