"""A cache rule without a credential, for a registry that wants one.

ECR takes rules for Docker Hub, GitHub, GitLab, Azure and Chainguard only with a secret, for public
images too; without one the apply fails with `UnsupportedUpstreamRegistryException` (ECR user guide,
pull-through-cache).

To fix it, make a secret `ecr-pullthroughcache/…` with `username` and `accessToken`, and name its ARN in
`credential_arn`.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
}
```

**Good**

```hcl
data "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = data.aws_secretsmanager_secret.hub.arn
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="credential-missing", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for rules of registries with a secret that name none."""
    from generator.model.estate import Absent, Kind
    from generator.rules.credential.upstream_words import needs_secret

    for rule in code.of(Kind.CACHE_RULE):
        title = needs_secret(rule)
        if title and isinstance(rule.get("credential_arn"), Absent):
            yield RULE.about(
                rule,
                title="The upstream registry needs a credential",
                message=(
                    f"`{rule.address}` caches from {title} and has no `credential_arn`: ECR "
                    "refuses the rule, for public images too. Name a secret "
                    "`ecr-pullthroughcache/…` with `username` and `accessToken`."
                ),
            )


CREDENTIAL_MISSING = CodeRule(rule=RULE, check=check)
