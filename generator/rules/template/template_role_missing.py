"""A creation template with tags or a KMS key, and without a role.

ECR sets tags and uses keys with the template's role. Without `custom_role_arn` the template is made
without complaint, and then every first pull fails, with the words that the repository does not exist
(ECR user guide, repository-creation-templates-custom).

To fix it, make a role that `ecr.amazonaws.com` may assume, with the right to create and tag
repositories and to use the key, and name it in `custom_role_arn`.

**Bad**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix        = "quay"
  applied_for   = ["PULL_THROUGH_CACHE"]
  resource_tags = { team = "platform" }
}
```

**Good**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  resource_tags   = { team = "platform" }
  custom_role_arn = "arn:aws:iam::111122223333:role/ecr-templates"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Record

RULE = Rule(name="template-role-missing", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for templates that need a role and name none."""
    from generator.model.estate import Absent, Kind, Unknown

    for record in code.of(Kind.CREATION_TEMPLATE):
        if not isinstance(record.get("custom_role_arn"), Absent):
            continue
        tags = record.get("resource_tags")
        encryption = encryption_type(record)
        unknown = next((each for each in (tags, encryption) if isinstance(each, Unknown)), None)
        needs = [
            words
            for words, is_set in (
                ("tags", has_entries(tags)),
                ("KMS", isinstance(encryption, str) and encryption.startswith("KMS")),
            )
            if is_set
        ]
        if needs:
            yield RULE.about(
                record,
                title="A creation template needs a role and has none",
                message=(
                    f"`{record.address}` sets {' and '.join(needs)} and names no "
                    "`custom_role_arn`: ECR cannot create the repository, and the first pull fails."
                ),
            )
        elif unknown is not None:
            yield RULE.about(
                record,
                kind=FindingKind.UNDECIDED,
                title="Cannot decide whether a creation template needs a role",
                message=(
                    f"`{record.address}` names no `custom_role_arn`, and whether it sets tags or "
                    f"KMS is not known: {unknown.reason} ({unknown.reference})."
                ),
            )


def has_entries(tags: object) -> bool:
    """Whether a map is certainly not empty."""
    from collections.abc import Mapping

    from generator.model.estate import Known

    return isinstance(tags, Known) and isinstance(tags.value, Mapping) and bool(tags.value)


def encryption_type(record: "Record") -> "str | Unknown | None":
    """The `encryption_type` of a template, `None` when none is set."""
    return in_encryption(record, "encryption_type")


def in_encryption(record: "Record", name: str) -> "str | Unknown | None":
    """An argument of the block `encryption_configuration`, `None` when it is not set."""
    from collections.abc import Mapping

    from generator.model.estate import Known, Unknown

    value = record.get("encryption_configuration")
    if isinstance(value, Unknown):
        return value
    block = value.value if isinstance(value, Known) else None
    if isinstance(block, tuple):
        block = block[0] if block else None
    if isinstance(block, Unknown):
        return block
    if not isinstance(block, Mapping):
        return None
    found = block.get(name)
    return found if isinstance(found, str | Unknown) else None


if TYPE_CHECKING:
    from generator.model.estate import Unknown


TEMPLATE_ROLE_MISSING = CodeRule(rule=RULE, check=check)
