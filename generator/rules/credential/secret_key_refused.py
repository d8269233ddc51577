"""A cache rule's secret that is encrypted with a customer managed key.

ECR reads the secret with a role that may not decrypt with customer keys: only the AWS managed key
`aws/secretsmanager` works (ECR user guide, pull-through-cache-creating-secret). The replicas count, too.

Secrets named `ecr-pullthroughcache/…` are looked at, and those that a cache rule in the code uses.

To fix it, leave `kms_key_id` out.

**Bad**

```hcl
resource "aws_secretsmanager_secret" "hub" {
  name       = "ecr-pullthroughcache/docker-hub"
  kms_key_id = "alias/secrets"
}
```

**Good**

```hcl
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}
```
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="secret-key-refused", severity=Severity.HIGH)

_MANAGED = "alias/aws/secretsmanager"

# The ARN is not known before apply, but a key that code makes is never the AWS managed one.
_OWN_KEY = re.compile(
    r"aws_kms_(?:(?:external_|replica_|replica_external_)?key|alias)\.[\w-]+(?:\[[^\]]+\])?"
    r"\.(?:arn|id|key_id|target_key_arn|target_key_id|name)"
)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for keys on the secrets of cache rules and on their replicas."""
    from generator.estate.links import shape_of
    from generator.model.estate import Absent, Kind, Known, Unknown
    from generator.rules.credential.upstream_words import doubt_of, use_of

    for secret in code.of(Kind.SECRET):
        use = use_of(code, secret)
        if use is None:
            continue
        key, replicas = secret.get("kms_key_id"), secret.get("replica")
        where = {"it": key.value if isinstance(key, Known) else key}
        blocks = replicas.value if isinstance(replicas, Known) else ()
        for block in blocks if isinstance(blocks, tuple) else (blocks,):
            if isinstance(block, Mapping):
                where[f"its replica in {block.get('region')}"] = block.get("kms_key_id") or Absent()
        for what, value in where.items():
            if isinstance(value, Absent) or not value:
                continue
            shape = value if isinstance(value, str) else None
            if isinstance(value, Unknown):
                # The alias is known where only the account before it is not.
                shape = shape_of(value)
            if shape is not None and shape.endswith(_MANAGED):
                continue
            is_alias = shape is not None and ":alias/" in shape
            is_own = isinstance(value, Unknown) and _OWN_KEY.fullmatch(value.reference) is not None
            if isinstance(value, Unknown) and not is_own and not is_alias:
                yield RULE.about(
                    secret,
                    kind=FindingKind.UNDECIDED,
                    title="Cannot decide with which key a secret is encrypted",
                    message=(
                        f"`{secret.address}`: the key of {what} is not known: {value.reason} "
                        f"({value.reference}). ECR reads only secrets with the AWS managed key."
                    ),
                    subject=what,
                    location=key.span,
                )
                continue
            yield RULE.about(
                secret,
                kind=use,
                title="ECR cannot read a secret with a customer managed key",
                message=(
                    f"`{secret.address}`: {what} is encrypted with a key of your own, which ECR "
                    f"cannot use. Leave `kms_key_id` out.{doubt_of(use)}"
                ),
                subject=what,
                location=key.span,
            )


SECRET_KEY_REFUSED = CodeRule(rule=RULE, check=check)
