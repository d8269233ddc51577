"""An argument that the resource does not have.

`terraform validate` refuses it, and until then the code does not say what its author meant: a misspelled
`credential_arn` is a cache rule without a credential. The resources that forebay reads are looked at
(ECR, Secrets Manager, IAM policies and roles, KMS keys), against the schema of the Terraform AWS
provider 6.

To fix it, use the name that the message suggests, or see the provider's manual.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
  upstream_repo_prefix  = "acme"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix      = "quay"
  upstream_registry_url      = "quay.io"
  upstream_repository_prefix = "acme"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="unknown-argument", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for names that the provider's schema does not have."""
    from generator.data.provider_schema import arguments_of
    from generator.model.quotes import did_you_mean, quoted

    for block in code.named_blocks:
        known = arguments_of(block.type) if block.type else None
        if known is None:
            continue
        for name, span in block.names.items():
            outer = name.rpartition(".")[0]
            if name in known or (outer and outer not in known):
                continue
            beside = {path for path in known if path.rpartition(".")[0] == outer}
            yield RULE.finding(
                title="A resource has no such argument",
                message=(
                    f"`{block.address}` sets {quoted(name)}, which `{block.type}` does not have."
                    f"{did_you_mean(name, sorted(beside))}"
                ),
                subject=f"{block.root} {name}",
                address=block.address,
                location=span,
            )


UNKNOWN_ARGUMENT = CodeRule(rule=RULE, check=check)
