"""A policy that allows a family of actions by a wildcard, writes among them.

`ecr:*` beside pulling means pushing, deleting and changing policies: whoever can push below a cache's
prefix decides what all others pull. In a registry policy written under scope V1 it meant three actions,
and under V2 it means all of them (ECR user guide, registry-permissions). `NotAction` with `Allow` is the
same mistake, and grows with every action that AWS adds.

In an identity policy only wildcards of the service `ecr` are looked at; `*` for an administrator is not
about ECR. A policy that is only the permissions boundary of roles gives nothing, so it is left alone.

To fix it, name the actions that are meant.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:*"
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:Describe*"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies, CodeStatement

RULE = Rule(name="wildcard-action", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for wildcards and `NotAction` in what ECR and secret policies allow."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import listed_words

    for statement in code.statements:
        if not statement.allows:
            continue
        words = _too_wide(statement)
        if words and not code.is_only_a_boundary(statement.record):
            yield RULE.about_statement(
                statement,
                title="A policy allows actions by a wildcard that includes writing",
                message=(
                    f"{capital(statement.what)} allows {listed_words(words)}, and so pushing, "
                    "deleting or changing policies, today and whatever AWS adds. Name the actions "
                    "that are meant."
                ),
                subject=" ".join(words),
            )


def _too_wide(statement: "CodeStatement") -> tuple[str, ...]:
    from generator.grants.code_policies import Holder
    from generator.rules.policy.actions import changes_something, is_own_account

    match statement.holder:
        case Holder.REGISTRY | Holder.REPOSITORY | Holder.TEMPLATE:
            if is_own_account(statement):
                return ()
            if "NotAction" in statement.raw:
                return ("NotAction",)
            return tuple(word for word in statement.texts("Action") if changes_something(word))
        case Holder.SECRET:
            if is_own_account(statement):
                return ()
            wide = {"*", "secretsmanager:*"}
            return tuple(word for word in statement.texts("Action") if word.lower() in wide)
        case Holder.IDENTITY:
            words = statement.texts("Action")
            return tuple(
                word
                for word in words
                if word.lower().startswith("ecr:") and changes_something(word)
            )
        case Holder.KEY | Holder.TRUST:
            return ()


WILDCARD_ACTION = CodeRule(rule=RULE, check=check, is_proved=True)
