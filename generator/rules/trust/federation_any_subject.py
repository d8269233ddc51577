"""A role that anybody with an account at an identity provider may assume.

A trust policy for an OIDC provider such as `token.actions.githubusercontent.com` lets in whatever that
provider signs for: every repository of every customer. Only a condition on `…:sub` says which one is
meant; a pattern that begins with a wildcard, or `repo:*`, names nobody (IAM user guide,
id_roles_providers_create_oidc).

To fix it, add `StringEquals` or `StringLike` on the provider's `sub` with the repository or service
account that is meant.

**Bad**

```hcl
resource "aws_iam_role" "ci" {
  name = "ci"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:*" }
      }
    }]
  })
}
```

**Good**

```hcl
resource "aws_iam_role" "ci" {
  name = "ci"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme/app:*" }
      }
    }]
  })
}
```
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.iam.guards import Test
    from generator.written import Written

RULE = Rule(name="federation-any-subject", severity=Severity.CRITICAL)

_FIXED_SUBJECT = re.compile(r"(?!repo:[*?])[^*?]{4,}")


def check(written: "Written") -> Iterator[Finding]:
    """Look for trust in an OIDC provider without a condition about the subject."""
    from generator.iam.guards import tests_of
    from generator.wording import capital
    from generator.written import Holder

    for statement in written.statements:
        providers = [
            name for name in statement.principals("Federated") if ":oidc-provider/" in name
        ]
        if statement.holder is not Holder.TRUST or not statement.allows or not providers:
            continue
        tests = tests_of(statement.raw.get("Condition"))
        if tests is None or any(_names_a_subject(test) for test in tests):
            continue
        yield RULE.about_statement(
            statement,
            title="A role trusts everybody whom an identity provider knows",
            message=(
                f"{capital(statement.what)} lets in whatever `{providers[0]}` signs for, and no "
                "condition on its `sub` names a repository or service account."
            ),
            subject=providers[0],
        )


def _names_a_subject(test: "Test") -> bool:
    """Whether a condition fixes the subject, or may do so with a value that is not known."""
    from generator.iam.document import Quantifier
    from generator.model.estate import Unknown

    if not test.key.lower().endswith(
        (":sub", ":repository", ":repository_id", ":job_workflow_ref")
    ):
        return False
    if test.is_negated or test.if_exists or test.quantifier is Quantifier.ALL:
        return False
    return all(
        isinstance(value, Unknown) or _FIXED_SUBJECT.match(str(value)) is not None
        for value in test.values
    )


FEDERATION_ANY_SUBJECT = CodeRule(rule=RULE, check=check)
