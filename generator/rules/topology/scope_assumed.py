"""A registry whose scope of the registry policy is not in what was read.

Under scope V2 the registry policy decides every request; under V1, which old registries may still have, it
decides only replication, imports and the creation of repositories, so that pulls it grants fail. The policy
was judged as under V2; this line says so once.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: cached}]
```

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: cached}]
```

```hcl
resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
```
"""

from collections.abc import Iterator

from generator.model.estate import Estate, Kind, Record, Unknown
from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.model.values import Region
from generator.rules.rule import OutsideRule, Rule

RULE = Rule(name="scope-assumed", severity=Severity.INFO)

_SETTING = "REGISTRY_POLICY_SCOPE"


def check(topology: Topology, estate: Estate) -> Iterator[Finding]:
    """List the registries with a policy and without a scope once."""
    settings = [
        record
        for record in estate.records
        if record.kind is Kind.ACCOUNT_SETTING
        and (record.key == _SETTING or isinstance(record.key, Unknown))
    ]
    accounts = topology.managed_accounts_by_id
    assumed: dict[str, Record] = {}
    for record in estate.records:
        if record.kind is not Kind.REGISTRY_POLICY or isinstance(record.account, Unknown):
            continue
        if record.account not in accounts or not isinstance(record.region, Region):
            continue
        if not any(setting.may_be_in(record.account, record.region) for setting in settings):
            assumed.setdefault(f"{accounts[record.account].name} in {record.region}", record)
    if assumed:
        first = next(iter(assumed.values()))
        yield RULE.finding(
            title="The scope of a registry policy is taken to be V2",
            message=(
                f"No `{_SETTING}` was read for {', '.join(sorted(assumed))}, and the policy was judged "
                "as under V2. A registry that still has V1 refuses the pulls that its policy grants: "
                "set V2, with `aws_ecr_account_setting`."
            ),
            subject="scope",
            address=first.address,
            location=first.span,
        )


SCOPE_ASSUMED = OutsideRule(rule=RULE, check=check)
