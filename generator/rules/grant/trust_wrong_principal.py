"""A role of a cache rule or creation template whose trust policy allows others than ECR, or not ECR.

A rule's role is for `pullthroughcache.ecr.amazonaws.com` alone (ECR user guide,
pull-through-cache-private). The role of a creation template is another one, for `ecr.amazonaws.com`;
the two are easily confused, and then pulls fail or the role can be used for something else.

A condition on a second factor, an external id or the caller's organization is true for no call of a service, so
a statement with one lets ECR in as little as none.

To fix it, let the trust policy allow `sts:AssumeRole` to that one service only.

**Bad**

```hcl
resource "aws_iam_role" "upstream" {
  name = "ecr-upstream"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecr.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = aws_iam_role.upstream.arn
}
```

**Good**

```hcl
resource "aws_iam_role" "upstream" {
  name = "ecr-upstream"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pullthroughcache.ecr.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = aws_iam_role.upstream.arn
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.rules.rule import CodeRule, GrantRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies, CodeStatement
    from generator.grants.judged_policy import JudgedPolicy
    from generator.model.estate import Json, Unknown

RULE = Rule(name="trust-wrong-principal", severity=Severity.HIGH)


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for anybody else who may assume the role."""
    from generator.rules.grant.surplus import OF_TRUST, surplus_findings

    # Of a role that is not ECR's alone, `role-shared` speaks.
    if policy.service is not None:
        yield from surplus_findings(RULE, policy, OF_TRUST)


def check_code(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the trust of every role that a cache rule or creation template in the code names."""
    from generator.estate.links import names_somebody, shown_unknown
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder, listed_words
    from generator.model.estate import Kind

    for policy in code.policies:
        if policy.holder is not Holder.TRUST:
            continue
        wanted = {
            service: users[0].address
            for service, kind in (
                (PULL_THROUGH_SERVICE, Kind.CACHE_RULE),
                (TEMPLATE_SERVICE, Kind.CREATION_TEMPLATE),
            )
            if (users := code.users_of(policy.record, "custom_role_arn", kind))
        }
        if not wanted:
            continue
        trusted: set[str] = set()
        kept_out: dict[str, str] = {}
        perhaps: dict[str, CodeStatement] = {}
        for statement in policy.statements:
            if not statement.allows or statement.names_any_principal:
                # Everyone is a rule of its own.
                continue
            services = statement.principals("Service")
            if (key := _key_of_people(statement.raw.get("Condition"))) is not None:
                kept_out.update(dict.fromkeys(services, key))
            elif statement.doubt is None:
                trusted.update(services)
            else:
                perhaps.update(dict.fromkeys(services, statement))
            others = [name for name in services if name not in wanted]
            # Whoever it is, an account or a provider is no service of ECR's.
            for sort in ("AWS", "Federated"):
                others += statement.principals(sort)
                unknown = statement.unknown_principals(sort)
                others += [shown_unknown(each) for each in unknown if names_somebody(each)]
                for nobody in unknown:
                    if not names_somebody(nobody):
                        yield _undecided(statement, sort, nobody)
            if others:
                yield RULE.about_statement(
                    statement,
                    title="Somebody else may assume a role that is for ECR alone",
                    message=(
                        f"{capital(statement.what)} lets in {listed_words(others)}; the role is for "
                        f"{listed_words(sorted(wanted))} alone, since "
                        f"`{next(iter(wanted.values()))}` uses it."
                    ),
                    subject=" ".join(others),
                )
        if not trusted and not any(map(_certainly_for_everyone, policy.statements)):
            for service in sorted(wanted.keys() & perhaps.keys()):
                yield _perhaps(perhaps[service], service, wanted[service])
        if policy.is_open or any(statement.names_any_principal for statement in policy.statements):
            continue
        for service, user in wanted.items():
            # Where another service stands in its place, that is the finding.
            if service not in trusted and not trusted:
                yield RULE.about(
                    policy.record,
                    title="ECR may not assume a role that it needs",
                    message=(
                        f"{capital(policy.what)} does not let in `{service}`, which `{user}` needs: "
                        f"every pull that uses the role fails.{_why(kept_out.get(service))}"
                    ),
                    subject=service,
                    location=policy.span,
                )


_OF_PEOPLE = frozenset(
    {
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "sts:externalid",
    }
)
"""What a call of a service for itself never has (IAM user guide, reference_policies_condition-keys)."""


def _key_of_people(conditions: "Json") -> str | None:
    """A key that a condition asks for and that no call of a service has."""
    from generator.iam.guards import tests_of

    for test in tests_of(conditions) or ():
        if test.key.lower() in _OF_PEOPLE and not test.holds_without_key:
            return test.key
    return None


def _why(key: str | None) -> str:
    return "" if key is None else f" Its condition on `{key}` is true for no call of a service."


def _certainly_for_everyone(statement: "CodeStatement") -> bool:
    return statement.allows and statement.names_any_principal and statement.doubt is None


def _perhaps(statement: "CodeStatement", service: str, user: str) -> Finding:
    from generator.estate.wording import capital

    return RULE.about_statement(
        statement,
        kind=FindingKind.UNDECIDED,
        title="Cannot decide whether ECR may assume a role that it needs",
        message=(
            f"{capital(statement.what)} lets in `{service}`, which `{user}` needs: without it, every pull "
            "that uses the role fails."
        ),
        subject=service,
    )


def _undecided(statement: "CodeStatement", sort: str, principal: "Unknown") -> Finding:
    from generator.estate.wording import capital

    return RULE.about_statement(
        statement,
        kind=FindingKind.UNDECIDED,
        title="Cannot decide who may assume a role that is for ECR alone",
        message=(
            f"{capital(statement.what)} lets in what `{principal.reference}` names under "
            f"`{sort}`, and that is not known: {principal.reason}. The role is for ECR alone."
        ),
        subject=principal.reference,
    )


TRUST_WRONG_PRINCIPAL = GrantRule(rule=RULE, check=check)
TRUST_WRONG_PRINCIPAL_IN_CODE = CodeRule(rule=RULE, check=check_code, is_proved=True)
