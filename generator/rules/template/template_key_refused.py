"""A creation template with a KMS key that ECR does not take.

A template wants the full ARN of a key, in the region of the registry (API shape KmsKey): an alias or a
bare id is refused, and a key of another region fails at the first pull.

To fix it, name the key's ARN, for one by `data.aws_kms_key`.

**Bad**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = "arn:aws:iam::111122223333:role/ecr-templates"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "alias/ecr"
  }
}
```

**Good**

```hcl
resource "aws_ecr_repository_creation_template" "this" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = "arn:aws:iam::111122223333:role/ecr-templates"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }
}
```
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="template-key-refused", severity=Severity.HIGH)

# A key that code looks up by its alias is written so while it is judged (`key_of_alias`).
_KEY = re.compile(r"arn:aws[a-z0-9-]*:kms:([a-z0-9-]+):[0-9]{12}:key/(?:[a-z0-9-]+|alias/.+)")

_ALIAS = re.compile(r"(?:arn:[^:]*:kms:[^:]*:[^:]*:)?alias/")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the key of every creation template."""
    from generator.estate.links import UNKNOWN_PIECE, shown
    from generator.grants.code_policies import shape_of_json
    from generator.model.estate import Kind
    from generator.model.values import Region
    from generator.rules.template.template_role_missing import in_encryption

    for record in code.of(Kind.CREATION_TEMPLATE):
        key = shape_of_json(in_encryption(record, "kms_key"))
        # Of what is known in part, an alias shows what it is.
        if not key or (UNKNOWN_PIECE in key and not _ALIAS.match(key)):
            continue
        found = _KEY.fullmatch(key)
        mistake = ""
        if found is None:
            mistake = "ECR wants the full ARN of a key there, no alias and no id"
        elif isinstance(record.region, Region) and found[1] != record.region:
            mistake = f"the key is in {found[1]}, and the registry in {record.region}"
        if mistake:
            yield RULE.about(
                record,
                title="A creation template's key is refused",
                message=f"`{record.address}` has the key `{shown(key)}`: {mistake}.",
                subject=key,
                location=record.get("encryption_configuration").span,
            )


TEMPLATE_KEY_REFUSED = CodeRule(rule=RULE, check=check)
