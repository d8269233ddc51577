"""A cache rule's secret whose name does not begin with `ecr-pullthroughcache/`.

ECR's service-linked role reads only secrets of that name, and the API refuses other ARNs (API shape
CredentialArn).

To fix it, name the secret `ecr-pullthroughcache/…`.

**Bad**

```hcl
data "aws_secretsmanager_secret" "hub" {
  name = "docker-hub"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = data.aws_secretsmanager_secret.hub.arn
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

RULE = Rule(name="secret-name", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the name of every secret that a cache rule uses."""
    from generator.model.estate import Kind, Known
    from generator.model.upstreams import SECRET_PREFIX
    from generator.rules.credential.upstream_words import named_secrets

    for secret in named_secrets(code):
        name = secret.name
        if name is None or name.startswith(SECRET_PREFIX) or SECRET_PREFIX.startswith(name):
            continue
        what = f"the secret `{name}`" if secret.is_whole else f"a secret named `{name}…`"
        yield RULE.about(
            secret.rule,
            kind=secret.kind,
            title="ECR cannot read a secret of this name",
            message=(
                f"`{secret.rule.address}` uses {what}: ECR reads only secrets whose "
                f"name begins with `{SECRET_PREFIX}`, and refuses others.{secret.doubt}"
            ),
            subject=name,
            location=secret.rule.get("credential_arn").span,
        )
    for rule in code.of(Kind.CACHE_RULE):
        value = rule.get("credential_arn")
        if isinstance(value, Known) and value.value and not str(value.value).startswith("arn:"):
            yield RULE.about(
                rule,
                title="The ARN of a secret is not one",
                message=(
                    f"`credential_arn` of `{rule.address}` is `{value.value}`; ECR wants the full "
                    "ARN of a secret."
                ),
                subject="form",
                location=value.span,
            )


SECRET_NAME = CodeRule(rule=RULE, check=check)
