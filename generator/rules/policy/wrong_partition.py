"""An ARN of another partition than the resource that uses it.

AWS in China, GovCloud and the European Sovereign Cloud have partitions of their own (`aws-cn`,
`aws-us-gov`, `aws-eusc`). Code that spells `arn:aws:` works until it is used there; then its policies
match nothing, and its credentials and roles are not found.

Only where the region is known and the partition is another one: that is where it bites.

To fix it, write the partition of the region, or use `data.aws_partition.current.partition`.

**Bad**

```hcl
resource "aws_ecr_registry_policy" "this" {
  region = "cn-north-1"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:cn-north-1:111122223333:repository/quay/*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_ecr_registry_policy" "this" {
  region = "cn-north-1"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws-cn:ecr:cn-north-1:111122223333:repository/quay/*"
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
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Record

RULE = Rule(name="wrong-partition", severity=Severity.HIGH)

_ARN_ARGUMENTS = ("credential_arn", "custom_role_arn")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for ARNs in policies and arguments whose partition is not that of the region."""
    from generator.estate.links import shown
    from generator.estate.wording import capital
    from generator.model.estate import Known
    from generator.rules.policy.arns import arns_in

    for statement in code.statements:
        names = (*arns_in(statement), *statement.principals("AWS"))
        for arn in dict.fromkeys(names):
            if wrong := _wrong(arn, statement.record):
                yield RULE.about_statement(
                    statement,
                    title="An ARN is of another partition",
                    message=f"{capital(statement.what)} has `{shown(arn)}`, and {wrong}.",
                    subject=shown(arn),
                )
    for record in code.estate.records:
        for name in _ARN_ARGUMENTS:
            value = record.get(name)
            if not isinstance(value, Known) or not isinstance(value.value, str):
                continue
            if wrong := _wrong(value.value, record):
                yield RULE.about(
                    record,
                    title="An ARN is of another partition",
                    message=f"`{name}` of `{record.address}` is `{value.value}`, and {wrong}.",
                    subject=name,
                    location=value.span,
                )


def _wrong(arn: str, record: "Record") -> str:
    """What is wrong with the partition; empty when nothing is, or when the region is not known."""
    from generator.model.errors import InvalidValueError
    from generator.model.values import Region

    words = arn.split(":", 5)
    if len(words) < 6 or words[0] != "arn" or set("*?$\0") & set(words[1]):
        return ""
    named: Region | None = record.region if isinstance(record.region, Region) else None
    if named is None:
        try:
            named = Region.parse(words[3])
        except InvalidValueError:
            return ""
    partition = named.aws_partition.id
    if words[1] == partition:
        return ""
    return f"region {named} is in the partition `{partition}`, not `{words[1]}`"


WRONG_PARTITION = CodeRule(rule=RULE, check=check)
