"""Pulls that the topology declares and a policy refuses from some networks.

A grant of a topology says who may pull, and holds from everywhere: a topology cannot say from where its
consumers call. A condition on `aws:SourceIp`, `aws:VpcSourceIp`, `aws:SourceVpc`, `aws:SourceVpce`,
`aws:VpceAccount` or `aws:VpceOrgID`, of a Deny or of the only Allow, refuses the calls of the other
networks. Whether consumers ever call from there cannot be seen here; the result shows one such request,
and one that gets in. A call comes from an address or through a VPC endpoint, and then without
`aws:SourceIp` (IAM user guide, global condition keys).

Where it is meant, keep it in the topology: a Deny among an account's `keep_statements`, or in the
`repository_policy` of its creation template, is a note. Elsewhere accept the result with a reason.

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
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "222233334444" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
      },
      {
        Sid       = "OnlyFromTheOffice"
        Effect    = "Deny"
        Principal = "*"
        Action    = "ecr:*"
        Resource  = "*"
        Condition = { NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }
      },
    ]
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
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "222233334444" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
      },
      {
        Sid       = "OnlyFromTheOffice"
        Effect    = "Deny"
        Principal = "*"
        Action    = "ecr:PutImage"
        Resource  = "*"
        Condition = { NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }
      },
    ]
  })
}
```
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.estate.wording import describe_request
from generator.model.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.grants.judged_policy import JudgedPolicy
    from generator.iam import Request, UnderGrant
    from generator.model.span import Span

RULE = Rule(name="grant-by-network", severity=Severity.MEDIUM)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for declared access that is refused from some networks, each cause once."""
    from generator.rules.grant.grant_missing import places_of
    from generator.rules.grant.words import some_of, witness_of

    causes: dict[tuple[Span | None, tuple[str, ...], bool], list[UnderGrant]] = {}
    for grant in policy.judgement.under:
        if grant.by_network:
            denied = policy.span_of(grant.statements[0]) if grant.statements else None
            is_kept = grant in policy.kept_refusals
            causes.setdefault((denied, grant.actions, is_kept), []).append(grant)
    for (denied, actions, is_kept), grants in causes.items():
        request = grants[0].request
        also = ""
        if places := places_of(grants[1:]):
            also = f" The same is refused on {some_of(places)}."
        location = denied or policy.place
        finding = RULE.about_policy(
            policy,
            title="A declared pull is refused from some networks",
            message=(
                f"In {policy.what}, {describe_request(request)}, and is refused, although the "
                f"topology declares it. {_otherwise(request, grants[0].otherwise)} Refused from some "
                f"networks: {some_of(actions)}.{also} {_remedy(policy, denied, is_kept=is_kept)}"
            ),
            subject=" ".join((",".join(actions), *(grant.request.resource for grant in grants))),
            location=location,
            witness=witness_of(request, location),
        )
        yield replace(finding, severity=Severity.INFO) if is_kept else finding


def _otherwise(request: "Request", other: "Request | None") -> str:
    """From where the same call gets in, as far as that is certain."""
    if other is None:
        return "Whether it gets in from any other network is not known."
    keys = [key for key in (*request.context, *other.context) if _differs(request, other, key)]
    told = [
        f"{key} = {other.context[key]}" if key in other.context else f"no {key}"
        for key in dict.fromkeys(keys)
    ]
    return f"With {' and '.join(told)} it is allowed."


def _differs(request: "Request", other: "Request", key: str) -> bool:
    return request.context.get(key) != other.context.get(key)


def _remedy(policy: "JudgedPolicy", denied: "Span | None", *, is_kept: bool) -> str:
    if is_kept:
        return "The topology itself keeps the statement that refuses it, so this is only said."
    first = (
        f"Narrow that statement of `{policy.address}`" if denied else f"Widen `{policy.address}`"
    )
    return (
        f"{first}, or say that it is meant: put a Deny among the statements that the topology keeps, or "
        "accept this result with the reason that every consumer calls from there."
    )


GRANT_BY_NETWORK = GrantRule(rule=RULE, check=check)
