"""A cache of another account's private registry, without a role that may read it.

ECR reads a private registry of another account with a role of the account that caches; without
`custom_role_arn` nothing can be pulled (ECR user guide, pull-through-cache-private). Within one account
none is needed, in other regions either.

To fix it, make a role that `pullthroughcache.ecr.amazonaws.com` may assume, name it in
`custom_role_arn`, and let the other account's registry policy allow that role to read.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = "arn:aws:iam::111122223333:role/ecr-upstream"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="upstream-role-missing", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for cache rules of another account's registry without a role."""
    from generator.model.estate import Absent, Kind, Unknown
    from generator.model.upstream_hosts import upstream_of

    for rule in code.of(Kind.CACHE_RULE):
        upstream = upstream_of(rule)
        if upstream is None or upstream.account is None:
            continue
        if not isinstance(rule.get("custom_role_arn"), Absent):
            continue
        if isinstance(rule.account, Unknown):
            yield RULE.about(
                rule,
                kind=FindingKind.UNDECIDED,
                title="Cannot decide whether an upstream is in another account",
                message=(
                    f"`{rule.address}` caches from account {upstream.account} without a role, and "
                    f"its own account is not known: {rule.account.reason}. Say it in the provider "
                    "block (`allowed_account_ids`)."
                ),
                subject=upstream.host,
            )
        elif rule.account != upstream.account:
            yield RULE.about(
                rule,
                title="A cache of another account's registry has no role",
                message=(
                    f"`{rule.address}` in account {rule.account} caches from account "
                    f"{upstream.account} and names no `custom_role_arn`: ECR cannot read there, and "
                    "every pull fails."
                ),
                subject=upstream.host,
            )


UPSTREAM_ROLE_MISSING = CodeRule(rule=RULE, check=check)
