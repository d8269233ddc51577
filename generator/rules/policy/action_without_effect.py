"""An action in a policy where it never has an effect.

- `ecr:CreateRepository` in the policy of a repository: while there is a policy, there is a repository.
  It works in an identity policy and in the registry policy (ECR user guide,
  pull-through-cache-iam).
- Actions that are about no repository, such as `ecr:CreatePullThroughCacheRule`, in the policy of a
  repository; `ecr:GetAuthorizationToken` in that of a registry too: only an identity policy gives it
  (ECR user guide, repository-policies).
- The same in an identity policy on repositories only: no request for them names a repository, so the
  statement needs `Resource` `*` (service authorization reference, Amazon ECR).

Only an Allow is looked at, and only actions that are named in full.

To fix it, move the action to the policy that can give it.

**Bad**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = ["ecr:BatchGetImage", "ecr:CreateRepository"]
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
      Action    = ["ecr:BatchGetImage", "ecr:CreateRepository"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/team/*"
    }]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.model.levels import AUTHORIZATION_ACTION
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies, CodeStatement

RULE = Rule(name="action-without-effect", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for actions that the policy they stand in cannot give."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import listed_words

    for statement in code.statements:
        if not statement.allows:
            continue
        words, why = _dead(statement)
        if words:
            yield RULE.about_statement(
                statement,
                title="An action has no effect in this policy",
                message=f"{capital(statement.what)} allows {listed_words(words)}: {why}",
                subject=" ".join(words),
            )


def _dead(statement: "CodeStatement") -> tuple[tuple[str, ...], str]:
    from generator.grants.code_policies import Holder
    from generator.iam.actions import acts_on_a_repository, ecr_actions

    names = {action.lower(): action for action in ecr_actions()}
    words = [names[word.lower()] for word in statement.texts("Action") if word.lower() in names]
    bare = tuple(word for word in words if not acts_on_a_repository(word))
    match statement.holder:
        case Holder.REPOSITORY | Holder.TEMPLATE:
            created = tuple(word for word in words if word == "ecr:CreateRepository")
            if created:
                return created, (
                    "while there is a repository policy, there is a repository. Allow it in the "
                    "identity policy, and for other accounts in the registry policy."
                )
            return bare, "only an identity policy gives it. Move it there, with `Resource` `*`."
        case Holder.REGISTRY:
            token = tuple(word for word in bare if word == AUTHORIZATION_ACTION)
            return token, "only an identity policy gives it. Move it there, with `Resource` `*`."
        case Holder.IDENTITY:
            resources = statement.texts("Resource")
            raw = statement.raw.get("Resource")
            items = raw if isinstance(raw, tuple) else (raw,)
            if len(resources) != len(items) or not all(
                ":repository/" in resource for resource in resources
            ):
                return (), ""
            return bare, "no request for it names a repository, so it needs `Resource` `*`."
        case Holder.KEY | Holder.SECRET | Holder.TRUST:
            return (), ""


ACTION_WITHOUT_EFFECT = CodeRule(rule=RULE, check=check)
