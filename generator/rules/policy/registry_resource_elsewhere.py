"""A registry policy with a resource that lies outside of its registry.

There is one registry policy for an account and a region, and it decides about repositories there. A
`Resource` of another service, account or region never matches: the grant is dead, and the mistake is
most often a region that was copied with the rest of the statement.

Where the registry's own account or region is not known, its repositories tell it; two of them that differ
are an open question, and so is an account that the same statement lets in.

To fix it, name repositories of the registry, `arn:…:ecr:<region>:<account>:repository/…`.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:us-east-1:111122223333:repository/quay/*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_registry_policy" "this" {
  region = "us-east-1"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:us-east-1:111122223333:repository/quay/*"
    }]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies, CodeStatement

RULE = Rule(name="registry-resource-elsewhere", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for resources of registry policies that are not repositories of the registry."""
    from generator.estate.links import shown
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder
    from generator.rules.policy.arns import mistake_in

    told: dict[tuple[str, str, str], str] = {}
    for statement in code.statements:
        if statement.holder is not Holder.REGISTRY:
            continue
        for arn in statement.shapes("Resource"):
            if not arn.startswith("arn:") or mistake_in(arn) is not None:
                continue
            why, unsure = _elsewhere(arn, statement, told)
            if why:
                yield RULE.about_statement(
                    statement,
                    title="A registry policy names something outside of its registry",
                    message=(
                        f"{capital(statement.what)} has the resource `{shown(arn)}`, and {why}: it never "
                        "matches."
                    ),
                    subject=shown(arn),
                )
            elif unsure:
                yield RULE.about_statement(
                    statement,
                    kind=FindingKind.UNDECIDED,
                    title="Cannot decide whether a resource lies in the policy's registry",
                    message=(
                        f"{capital(statement.what)} has the resource `{shown(arn)}`, and {unsure}. Say it "
                        "in the provider block (`region`, `allowed_account_ids`)."
                    ),
                    subject=shown(arn),
                )


def _elsewhere(
    arn: str, statement: "CodeStatement", told: dict[tuple[str, str, str], str]
) -> tuple[str, str]:
    """Why a resource is elsewhere, and else why that is not known.

    `told` is what resources before it have said about registries of which the place is not known.
    """
    from generator.estate.links import UNKNOWN_PIECE
    from generator.iam.globs import like_glob, matches
    from generator.model.estate import Unknown

    words = arn.split(":", 5)
    if len(words) < 6:
        return "", ""
    _, _, service, region, account, _ = words
    if UNKNOWN_PIECE not in service and not matches(like_glob(service), "ecr"):
        return f"it is of the service {service} and not of ECR", ""
    unsure = ""
    record = statement.record
    for name, pattern, actual in (
        ("region", region, record.region),
        ("account", account, record.account),
    ):
        if UNKNOWN_PIECE in pattern or not pattern.strip("*"):
            continue
        if isinstance(actual, Unknown):
            first = told.setdefault((record.root, actual.reference, name), pattern)
            is_of_caller = any(pattern in who for who in statement.principals("AWS"))
            if first != pattern or (name == "account" and is_of_caller):
                other = "" if first == pattern else f", and another resource is in {first}"
                unsure = f"the {name} of the registry is not known{other}: {actual.reason}"
        elif actual is not None and not matches(like_glob(pattern), actual):
            return f"the registry is in {name} {actual}", ""
    return "", unsure


REGISTRY_RESOURCE_ELSEWHERE = CodeRule(rule=RULE, check=check)
