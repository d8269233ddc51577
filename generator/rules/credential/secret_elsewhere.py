"""A cache rule with a secret of another account or region.

The service-linked role that reads the secret may do so only in its own account, and ECR wants the
secret in the region of the rule (ECR user guide, slr-pullthroughcache and pull-through-cache). A secret
in a security account, or one region for all, cannot work.

To fix it, make a secret in each account and region, or replicate it and name the replica's ARN.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ecr-pullthroughcache/hub-AbCdEf"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-AbCdEf"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="secret-elsewhere", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Compare the account and region of every cache rule with those of its secret."""
    from generator.model.estate import Unknown
    from generator.rules.credential.upstream_words import named_secrets

    told: dict[tuple[str, str, str], str] = {}
    for secret in named_secrets(code):
        rule = secret.rule
        for what, named, actual in (
            ("account", secret.account, rule.account),
            ("region", secret.region, rule.region),
        ):
            if named is None or actual is None:
                continue
            if isinstance(actual, Unknown):
                # A secret has to be where its rule is, so one that is written out tells where that
                # is; only two places in one root are a contradiction.
                first = told.setdefault((rule.root, actual.reference, what), named)
                if first != named:
                    yield RULE.about(
                        rule,
                        kind=FindingKind.UNDECIDED,
                        title="Cannot decide whether a secret is where its cache rule is",
                        message=(
                            f"`{rule.address}` uses a secret in {what} {named}, and another rule of "
                            f"the same provider one in {first}; their own {what} is not known: "
                            f"{actual.reason}. Say it in the provider block (`region`, "
                            "`allowed_account_ids`)."
                        ),
                        subject=what,
                        location=rule.get("credential_arn").span,
                    )
            elif named != actual:
                yield RULE.about(
                    rule,
                    kind=secret.kind,
                    title=f"The secret is in another {what} than the cache rule",
                    message=(
                        f"`{rule.address}` is in {what} {actual}, and its secret in {what} {named}: "
                        f"ECR cannot read it there.{secret.doubt}"
                    ),
                    subject=what,
                    location=rule.get("credential_arn").span,
                )


SECRET_ELSEWHERE = CodeRule(rule=RULE, check=check)
