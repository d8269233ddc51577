"""A policy that lets an AWS service in without asking for whom it calls.

The service acts for every AWS customer. Without `aws:SourceAccount`, `aws:SourceArn`,
`aws:SourceOrgID` or `aws:SourceOrgPaths`, any of them can have it read your images or secrets: the
service is a confused deputy (IAM user guide, confused-deputy).

A service that never calls under its own name, such as `ecs-tasks.amazonaws.com` or `ecr.amazonaws.com`
(ECR works with the rights of the caller), is no danger there: its statement has no effect, which is a low
finding.

Policies of registries, repositories, creation templates, and of the secrets and keys of caches are looked at. The trust of
ECR's own roles is not: the documented trust policies have no such condition, and whether ECR sends the
keys when it assumes a role is not documented, so adding one may break pulls.
For a key, a condition on an ARN in the encryption context, which the service writes itself, is as good.

To fix it, add `StringEquals` with `aws:SourceAccount`, or `ArnLike` with `aws:SourceArn`.

**Bad**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/function"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_repository_policy" "this" {
  repository = "team/function"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    }]
  })
}
```
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="service-without-source", severity=Severity.HIGH)

# Services that pull images or use keys with the rights of a role, a node or the caller alone.
_NEVER_CALLS = frozenset(
    {
        "ec2.amazonaws.com",
        "ecr.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "ecs.amazonaws.com",
        "eks.amazonaws.com",
        "pullthroughcache.ecr.amazonaws.com",
        "replication.ecr.amazonaws.com",
    }
)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for a service principal in a resource policy without a condition about its source."""
    from generator.estate.wording import capital
    from generator.grants.code_policies import Holder, listed_words
    from generator.iam.guards import SOURCE_KEYS, Guard, names_what_is_encrypted, tests_of
    from generator.model.estate import Unknown

    for statement in code.statements:
        services = statement.principals("Service")
        if not statement.allows or not services or statement.holder is Holder.TRUST:
            continue
        condition = statement.raw.get("Condition")
        binding = [
            guarded
            for guarded in statement.guards
            if guarded.guard is Guard.NAMES and guarded.words.rsplit(" ")[-1].lower() in SOURCE_KEYS
        ]
        if statement.holder is Holder.KEY and any(
            map(names_what_is_encrypted, tests_of(condition) or ())
        ):
            continue
        if binding or isinstance(condition, Unknown) or _is_open_elsewhere(statement.guards):
            continue
        idle = [service for service in services if service.lower() in _NEVER_CALLS]
        if len(idle) == len(services):
            yield replace(
                RULE.about_statement(
                    statement,
                    title="A statement for a service has no effect",
                    message=(
                        f"{capital(statement.what)} is for {listed_words(idle)}, which never calls "
                        "under its own name: it works with the rights of a role or of the caller. "
                        "Remove the statement, it does nothing."
                    ),
                    subject=" ".join(services),
                ),
                severity=Severity.LOW,
            )
            continue
        yield RULE.about_statement(
            statement,
            title="A service may act for any AWS customer",
            message=(
                f"{capital(statement.what)} lets in {listed_words(services)} for whomever it calls: "
                "any AWS customer can have the service use it. Add a condition with "
                "`aws:SourceAccount` or `aws:SourceArn`."
            ),
            subject=" ".join(services),
        )


def _is_open_elsewhere(guards: "tuple[Guarded, ...]") -> bool:
    """Whether a condition that cannot be told may name the source."""
    from generator.iam.guards import SOURCE_KEYS, Guard

    return any(
        guarded.guard in {Guard.UNKNOWN, Guard.NAMES}
        and guarded.words.rsplit(" ")[-1].lower()
        in {*SOURCE_KEYS, "condition", "kms:calleraccount"}
        for guarded in guards
    )


if TYPE_CHECKING:
    from generator.iam.guards import Guarded


SERVICE_WITHOUT_SOURCE = CodeRule(rule=RULE, check=check, is_proved=True)
