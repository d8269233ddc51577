"""A credential for a registry that takes none.

For ECR Public, Quay and `registry.k8s.io` ECR documents no credentials, and a private ECR registry is
read by IAM: private repositories of Quay cannot be cached, whatever the secret holds (ECR user guide,
pull-through-cache).

To fix it, remove `credential_arn`; copy private images into a repository of your own.

**Bad**

```hcl
data "aws_secretsmanager_secret" "quay" {
  name = "ecr-pullthroughcache/quay"
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
  credential_arn        = data.aws_secretsmanager_secret.quay.arn
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="credential-unused", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for rules with a credential that their registry does not take."""
    from generator.model.estate import Kind, Known, Link
    from generator.rules.credential.upstream_words import takes_no_secret

    for rule in code.of(Kind.CACHE_RULE):
        value = rule.get("credential_arn")
        is_set = isinstance(value, Link) or (isinstance(value, Known) and bool(value.value))
        if (title := takes_no_secret(rule)) and is_set:
            yield RULE.about(
                rule,
                title="The upstream registry takes no credential",
                message=(
                    f"`{rule.address}` caches from {title}, for which ECR documents no credential. "
                    "Remove `credential_arn`; private images of that registry cannot be cached."
                ),
                location=value.span,
            )


CREDENTIAL_UNUSED = CodeRule(rule=RULE, check=check)
