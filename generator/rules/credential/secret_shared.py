"""A secret for a cache rule that another account may read.

ECR reads the secret with a role of the same account, and the callers who pull never read it: no other
account has any use for it but to take the token (ECR user guide, slr-pullthroughcache).

To fix it, remove the statement. To use one token in many accounts, copy its value into a secret of each.

**Bad**

```hcl
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "111122223333" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}
```
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="secret-shared", severity=Severity.HIGH)

_ACCOUNT = re.compile(r"[0-9]{12}")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for other accounts in the policies of cache rules' secrets."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder
    from generator.model.estate import Unknown
    from generator.rules.credential.upstream_words import is_policy_for_caches

    for statement in code.statements:
        if statement.holder is not Holder.SECRET or not statement.allows:
            continue
        if not is_policy_for_caches(code, statement.record):
            continue
        for name in statement.principals("AWS"):
            found = _ACCOUNT.search(name)
            account = statement.record.account
            if found is None or found[0] == account:
                continue
            if isinstance(account, Unknown):
                yield RULE.about_statement(
                    statement,
                    kind=FindingKind.UNDECIDED,
                    title="Cannot decide whether another account may read a secret",
                    message=(
                        f"{capital(statement.what)} lets in account {found[0]}, and the secret's own "
                        f"account is not known: {account.reason}."
                    ),
                    subject=name,
                )
                continue
            yield RULE.about_statement(
                statement,
                title="Another account may read an upstream's token",
                message=(
                    f"{capital(statement.what)} lets in `{name}`. ECR reads the secret within its own "
                    "account, and whoever pulls never needs it. Remove the statement."
                ),
                subject=name,
            )


SECRET_SHARED = CodeRule(rule=RULE, check=check)
