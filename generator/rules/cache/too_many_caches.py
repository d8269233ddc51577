"""More cache rules in one registry than AWS allows.

A registry has at most 50 pull-through cache rules (ECR user guide, service-quotas). AWS may raise the quota;
without that, the apply stops at the 51st.

To fix it, cache more of an upstream under one prefix, spread the caches over regions or accounts, or have the
quota raised and accept this result.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "team" {
  for_each              = toset([for number in range(51) : "team-${number}"])
  ecr_repository_prefix = each.key
  upstream_registry_url = "quay.io"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "team" {
  for_each              = toset([for number in range(50) : "team-${number}"])
  ecr_repository_prefix = each.key
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
    from generator.model.estate import Record

RULE = Rule(name="too-many-caches", severity=Severity.HIGH)

_MOST = 50


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Count the rules of every registry."""
    from generator.model.estate import Kind

    registries: dict[tuple[str, str], dict[object, Record]] = {}
    for rule in code.of(Kind.CACHE_RULE):
        if rule.uncertain is None:
            registry = (_word(rule.account, rule), _word(rule.region, rule))
            # The same cache twice is another mistake.
            registries.setdefault(registry, {})[rule.key] = rule
    for rules in registries.values():
        if len(rules) > _MOST:
            last = list(rules.values())[_MOST]
            yield RULE.about(
                last,
                title="A registry has more cache rules than AWS allows",
                message=(
                    f"`{last.address}` is the {_MOST + 1}st of {len(rules)} cache rules of one registry, "
                    f"which has at most {_MOST}."
                ),
                subject=str(len(rules)),
            )


def _word(part: object, rule: "Record") -> str:
    """The account or region of a rule; one that is not known is the same within a root alone."""
    from generator.model.estate import Unknown

    return f"{rule.root} {part.reference}" if isinstance(part, Unknown) else str(part)


TOO_MANY_CACHES = CodeRule(rule=RULE, check=check)
