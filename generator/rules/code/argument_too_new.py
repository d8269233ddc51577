"""An argument that every version of the provider which the code allows lacks.

`terraform init` takes the newest version that `required_providers` allows. When the constraint ends before the
version that brought an argument, `terraform validate` refuses it.

To fix it, allow the version that the message names, or leave the argument out.

**Bad**

```hcl
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.90"
    }
  }
}

resource "aws_ecr_account_setting" "scope" {
  region = "eu-west-1"
  name   = "REGISTRY_POLICY_SCOPE"
  value  = "V2"
}
```

**Good**

```hcl
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

resource "aws_ecr_account_setting" "scope" {
  region = "eu-west-1"
  name   = "REGISTRY_POLICY_SCOPE"
  value  = "V2"
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

RULE = Rule(name="argument-too-new", severity=Severity.HIGH)

# From the provider's change log; `region` came to all resources that have a region at once.
_FIRST = {
    ("aws_ecr_pull_through_cache_rule", "credential_arn"): (5, 37, 0),
    ("aws_ecr_pull_through_cache_rule", "custom_role_arn"): (5, 93, 0),
    ("aws_ecr_pull_through_cache_rule", "upstream_repository_prefix"): (5, 93, 0),
    ("aws_ecr_repository", "image_tag_mutability_exclusion_filter"): (6, 8, 0),
    ("aws_ecr_repository_creation_template", "image_tag_mutability_exclusion_filter"): (6, 10, 0),
    ("aws_secretsmanager_secret_version", "secret_string_wo"): (5, 88, 0),
}
_TYPES = {
    "aws_ecr_account_setting": (5, 81, 0),
    "aws_ecr_repository_creation_template": (5, 61, 0),
}
_REGION = (6, 0, 0)
_PART = re.compile(r"\s*(?P<sign>[<>=!~]*)\s*v?(?P<version>\d+(?:\.\d+){0,2})\s*")


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Compare the arguments of every block with the versions that its module allows."""
    from generator.data.provider_schema import arguments_of

    for block in code.named_blocks:
        ends = [end for text in block.provider_versions if (end := _end(text)) is not None]
        if not ends:
            continue
        end = min(ends)
        known = arguments_of(block.type) or frozenset()
        for name, span in block.names.items():
            first = _FIRST.get((block.type, name)) or _TYPES.get(block.type)
            if name == "region" and name in known:
                first = max(_REGION, first or _REGION)
            if first is None or first < end:
                continue
            yield RULE.finding(
                title="The provider's version has no such argument",
                message=(
                    f"`{block.address}` sets `{name}`, which the AWS provider has from "
                    f"{'.'.join(map(str, first))} on, and `required_providers` allows only versions "
                    f"before {'.'.join(map(str, end))}."
                ),
                subject=f"{block.root} {name}",
                address=block.address,
                location=span,
            )
            if name not in {key for _, key in _FIRST} and name != "region":
                # The whole type is too new: one result is enough.
                break


def _end(constraint: str) -> tuple[int, int, int] | None:
    """The first version that a constraint allows no more; `None` when it has no end."""
    ends: list[tuple[int, int, int]] = []
    for text in constraint.split(","):
        match = _PART.fullmatch(text)
        if match is None:
            return None
        numbers = [int(number[:9]) for number in match["version"].split(".")]
        major, minor, patch = (*numbers, 0, 0)[:3]
        match match["sign"]:
            case "<":
                ends.append((major, minor, patch))
            case "<=" | "=" | "":
                ends.append((major, minor, patch + 1))
            case "~>" if len(numbers) == 3:
                ends.append((major, minor + 1, 0))
            case "~>" if len(numbers) == 2:
                ends.append((major + 1, 0, 0))
            case _:
                continue
    return min(ends, default=None)


ARGUMENT_TOO_NEW = CodeRule(rule=RULE, check=check)
