"""A cache rule whose repository prefix is refused.

ECR takes two to thirty characters, lower-case letters and digits with single separators between them,
or the word `ROOT` (API shape PullThroughCacheRuleRepositoryPrefix); the Terraform AWS provider allows
one separator at a time where the API allows more. With `ROOT` there can be no
`upstream_repository_prefix` (ECR user guide, pull-through-cache-private-wildcards).

To fix it, choose another prefix, or leave out `upstream_repository_prefix`.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "Quay"
  upstream_registry_url = "quay.io"
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

RULE = Rule(name="cache-prefix-refused", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the prefixes of every cache rule."""
    from generator.model.errors import InvalidValueError
    from generator.model.estate import Kind, Known
    from generator.model.values import ROOT, Prefix

    for rule in code.of(Kind.CACHE_RULE):
        for name in ("ecr_repository_prefix", "upstream_repository_prefix"):
            value = rule.get(name)
            if not isinstance(value, Known) or not isinstance(value.value, str) or not value.value:
                continue
            mistake = ""
            try:
                Prefix.parse(value.value)
            except InvalidValueError as error:
                mistake = str(error)
            is_upstream = name == "upstream_repository_prefix"
            if is_upstream and rule.key == ROOT and value.value != ROOT and not mistake:
                mistake = "a cache with the prefix ROOT takes no `upstream_repository_prefix`"
            if mistake:
                yield RULE.about(
                    rule,
                    title="A repository prefix is refused",
                    message=f"`{name}` of `{rule.address}`: {mistake}.",
                    subject=f"{name} {value.value}",
                    location=value.span,
                )


CACHE_PREFIX_REFUSED = CodeRule(rule=RULE, check=check)
