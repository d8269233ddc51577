"""A policy that lets its callers write or create in every repository there is.

With `Resource` `*` (or a wildcard in the account or region of the ARN) an identity policy reaches
every registry that lets its account in, and a registry policy every repository, private ones included.
Creating and pushing there means squatting on names and poisoning caches.

Looked at are the actions that create, push, delete or change policies, in registry policies and in
identity policies. A registry policy may let others replicate and create anywhere in it: AWS's own
replication policy does so. The roles of cache rules and creation templates are left out: AWS documents their
policies with `*`, and nobody else can use them. So is a policy that is only a permissions boundary.

To fix it, name the registry and the prefix: `arn:aws:ecr:<region>:<account>:repository/<prefix>/*`.

**Bad**

```hcl
resource "aws_iam_policy" "ci" {
  name = "ci"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage", "ecr:CreateRepository"]
      Resource = "*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_iam_policy" "ci" {
  name = "ci"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage", "ecr:CreateRepository"]
      Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
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

RULE = Rule(name="wildcard-resource", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for writes on wildcards in place of a registry's repositories."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import listed_words

    for statement in code.statements:
        if not statement.allows:
            continue
        actions, resources = _actions(statement), _wide_resources(statement)
        if not actions or not resources or code.is_of_a_service_role(statement):
            continue
        if code.is_only_a_boundary(statement.record):
            continue
        yield RULE.about_statement(
            statement,
            title="A policy reaches every repository",
            message=(
                f"{capital(statement.what)} allows {listed_words(actions[:5])} on "
                f"{listed_words(resources)}. Name the registry and the prefix of the repositories "
                "that are meant."
            ),
            subject=" ".join(actions),
        )


def _actions(statement: "CodeStatement") -> tuple[str, ...]:
    from generator.grants.code_policies import Holder
    from generator.iam.actions import ActionKind, acts_on_a_repository, kind_of
    from generator.rules.policy.actions import matching_actions

    kinds = {ActionKind.POLICY, ActionKind.PUSH, ActionKind.DELETE, ActionKind.CREATE}
    if statement.holder is Holder.REGISTRY:
        kinds.remove(ActionKind.CREATE)
    elif statement.holder is not Holder.IDENTITY:
        return ()
    found = []
    for word in statement.texts("Action"):
        # Wildcards among the actions are a rule of their own.
        if set("*?") & set(word):
            continue
        for action in matching_actions(word):
            is_replication = statement.holder is Holder.REGISTRY and action == "ecr:ReplicateImage"
            if acts_on_a_repository(action) and kind_of(action) in kinds and not is_replication:
                found.append(action)
    return tuple(sorted(found))


def _wide_resources(statement: "CodeStatement") -> tuple[str, ...]:
    from generator.estate.links import shown

    found = []
    for text in statement.shapes("Resource"):
        words = text.split(":", 5)
        if text == "*" or (
            len(words) == 6
            and words[2] == "ecr"
            and (words[3].strip("*") == "" or words[4].strip("*") == "")
        ):
            found.append(shown(text))
    return tuple(found)


WILDCARD_RESOURCE = CodeRule(rule=RULE, check=check, is_proved=True)
