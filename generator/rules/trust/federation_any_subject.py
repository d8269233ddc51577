"""A role that anybody with an account at an identity provider may assume.

A trust policy for an OIDC provider such as `token.actions.githubusercontent.com` lets in whatever that
provider signs for: every repository of every customer. Only a condition on `…:sub` says which one is
meant; a pattern that begins with a wildcard, or `repo:*`, names nobody (IAM user guide,
id_roles_providers_create_oidc).

A provider that the code makes or looks up counts, though its ARN is not known; whether one that is given
by a variable is such a provider stays an open question.

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
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies, CodeStatement
    from generator.iam.guards import Test

RULE = Rule(name="federation-any-subject", severity=Severity.CRITICAL)

_PROVIDER = ":oidc-provider/"
# A subject of GitHub names its owner up to the slash: a wildcard before it stands for other owners, too.
_FIXED_SUBJECT = re.compile(r"repo:[^*?/]+(?:/|$)|(?!repo:)[^*?]{4,}")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for trust in an OIDC provider without a condition about the subject."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder
    from generator.iam.guards import tests_of

    for statement in code.statements:
        providers = _providers(statement)
        if statement.holder is not Holder.TRUST or not statement.allows or not providers:
            continue
        if not _may_be_for_web_identities(statement):
            continue
        tests = tests_of(statement.raw.get("Condition"))
        if tests is None or any(_names_a_subject(test) for test in tests):
            continue
        name, is_certain = providers[0]
        yield RULE.about_statement(
            statement,
            kind=FindingKind.FINDING if is_certain else FindingKind.UNDECIDED,
            title="A role trusts everybody whom an identity provider knows",
            message=(
                f"{capital(statement.what)} lets in whatever `{name}` signs for, and no "
                "condition on its `sub` names a repository or service account."
                + ("" if is_certain else " Which provider that is cannot be told.")
            ),
            subject=name,
        )


def _providers(statement: "CodeStatement") -> list[tuple[str, bool]]:
    """The OIDC providers of a statement, and whether each certainly is one, those first.

    An ARN that is not known is named by the words of the code.
    """
    from generator.model.estate import Unknown

    value = statement.raw.get("Principal")
    if not isinstance(value, Mapping):
        return []
    named = value.get("Federated")
    found = []
    for each in named if isinstance(named, tuple) else (named,):
        if isinstance(each, str) and _PROVIDER in each:
            found.append((each, True))
        elif isinstance(each, Unknown):
            is_one = _PROVIDER in "".join(part or "" for part in each.parts)
            is_one = is_one or "aws_iam_openid_connect_provider." in each.reference
            if is_one or _is_for_web_identities(statement):
                found.append((each.reference, is_one))
    return sorted(found, key=lambda provider: not provider[1])


def _may_be_for_web_identities(statement: "CodeStatement") -> bool:
    """Whether the actions may hold the one that web identities use: nobody can use any other."""
    from generator.iam.globs import like_glob, matches

    if "NotAction" in statement.raw:
        return True
    words = statement.shapes("Action")
    wanted = "sts:assumerolewithwebidentity"
    return not words or any(
        "\0" in word or matches(like_glob(word.lower()), wanted) for word in words
    )


def _is_for_web_identities(statement: "CodeStatement") -> bool:
    return any(
        word.lower() == "sts:assumerolewithwebidentity" for word in statement.texts("Action")
    )


def _names_a_subject(test: "Test") -> bool:
    """Whether a condition fixes the subject, or may do so with a value that is not known."""
    from generator.model.estate import Unknown

    if not test.key:
        # Which keys are tested is not known, and one of them may be the subject.
        return True
    if not test.key.lower().endswith(
        (":sub", ":repository", ":repository_id", ":job_workflow_ref")
    ):
        return False
    if test.base == "null" or test.is_negated or test.holds_without_key:
        return False
    return all(
        isinstance(value, Unknown) or _FIXED_SUBJECT.match(str(value)) is not None
        for value in test.values
    )


FEDERATION_ANY_SUBJECT = CodeRule(rule=RULE, check=check, is_about_strangers=True)
