"""A cache rule's secret whose own policy denies ECR.

ECR reads the secret with its service-linked role of the same account, from AWS's own network (ECR user
guide, slr-pullthroughcache). A Deny that hits this role wins over all that allows it, and every pull of a
new image fails. A Deny for calls that do not come through an endpoint of yours, or from an address of
yours, hits it.

To fix it, leave the role out of the Deny with `ArnNotLike` on `aws:PrincipalArn`, as below.

**Bad**

```hcl
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:SourceVpce" = "vpce-0a1b2c3d4e5f60718" } }
    }]
  })
}
```

**Good**

```hcl
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = {
        StringNotEquals = { "aws:SourceVpce" = "vpce-0a1b2c3d4e5f60718" }
        ArnNotLike      = { "aws:PrincipalArn" = "arn:aws:iam::*:role/aws-service-role/*" }
      }
    }]
  })
}
```
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from datetime import datetime

    from generator.grants.code_policies import CodePolicies, CodeStatement

RULE = Rule(name="secret-denied", severity=Severity.HIGH)

ROLE = "aws-service-role/pullthroughcache.ecr.amazonaws.com/AWSServiceRoleForECRPullThroughCache"
"""The service-linked role with which ECR reads secrets, as `path/name`."""

_ACTION = "secretsmanager:GetSecretValue"


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for Denies that hit ECR's role in the policies of cache rules' secrets."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder
    from generator.iam import Effect
    from generator.rules.credential.upstream_words import is_policy_for_caches

    for policy in code.policies:
        if policy.holder is not Holder.SECRET or not is_policy_for_caches(code, policy.record):
            continue
        for statement in policy.statements:
            if statement.statement.effect is not Effect.DENY:
                continue
            hits = _hits_the_role(statement, code.asked_at)
            if hits is False:
                continue
            yield RULE.about_statement(
                statement,
                kind=FindingKind.FINDING if hits else FindingKind.UNDECIDED,
                title=(
                    "A secret's policy denies ECR"
                    if hits
                    else "Cannot decide whether a secret's policy denies ECR"
                ),
                message=(
                    f"{capital(statement.what)} {'denies' if hits else 'may deny'} {_ACTION} to the "
                    f"role `{ROLE}`, with which ECR reads the secret from AWS's own network: then "
                    "every pull of a new image fails. Leave that role out of the Deny, with "
                    "`ArnNotLike` on `aws:PrincipalArn`."
                ),
            )


def _hits_the_role(statement: "CodeStatement", now: "datetime | None") -> bool | None:
    """Whether a Deny hits ECR's role when it reads the secret; `None` when that is not known.

    The call comes from AWS, so from no endpoint or VPC and from an address of nobody else. Whether the
    account is in an organization that the policy names is not known; it is taken to be.
    """
    from generator.grants.strangers import NOBODYS_ACCOUNT
    from generator.iam import Request, decide, parse_policy
    from generator.model.estate import Unknown
    from generator.model.values import AccountId, Region

    record = statement.record
    region = record.region if isinstance(record.region, Region) else None
    partition = region.aws_partition.id if region is not None else "aws"
    account = record.account if isinstance(record.account, AccountId) else NOBODYS_ACCOUNT
    context: dict[str, str | tuple[str, ...]] = {
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        "aws:SourceIp": _ADDRESS_OF_AWS,
        **_organizations(statement.raw.get("Condition")),
    }
    if now is not None:
        context["aws:CurrentTime"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    if region is not None:
        context["aws:RequestedRegion"] = str(region)
    raw = {name: value for name, value in statement.raw.items() if name != "NotResource"}
    decision = decide(
        Request(
            principal=f"arn:{partition}:iam::{account}:role/{ROLE}",
            action=_ACTION,
            resource=f"arn:{partition}:secretsmanager:{region or '*'}:{account}:secret:any",
            context=context,
        ),
        resource_account=account,
        # The policy of a secret is about that secret, however it names it.
        resource_policies=[parse_policy({"Statement": {**raw, "Resource": "*"}}, source="secret")],
    )
    denied = decision.sides.denied
    return None if denied and isinstance(record.account, Unknown) else denied


_ADDRESS_OF_AWS = "3.248.0.1"
"""Stands for any of AWS's own public addresses."""

_MEMBERSHIP = ("aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid")


def _organizations(condition: object) -> dict[str, str | tuple[str, ...]]:
    """The first organization and unit that each key about them is compared with."""
    found: dict[str, str | tuple[str, ...]] = {}
    for tests in condition.values() if isinstance(condition, Mapping) else ():
        for key, values in tests.items() if isinstance(tests, Mapping) else ():
            first = values[0] if isinstance(values, tuple) and values else values
            if str(key).lower() in _MEMBERSHIP and isinstance(first, str):
                member = first.rstrip("*")
                found[str(key)] = (member,) if "path" in str(key).lower() else member
    return found


SECRET_DENIED = CodeRule(rule=RULE, check=check)
