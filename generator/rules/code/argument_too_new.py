"""An argument, type or value that every version of the provider which the code allows lacks.

`terraform init` takes the newest version that `required_providers` allows. When the constraint ends before the
version that brought an argument, a resource or a value, `terraform validate` refuses it. What is known of that:
`region`, the arguments of cache rules, tags that may change although others may not, write-only secrets, the
resources for creation templates and account settings, `CREATE_ON_PUSH` and `BLOB_MOUNTING`.

To fix it, allow the version that the message names where the message says, or leave the argument out.

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
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from generator.model.estate import Kind, Known
from generator.model.finding import Finding, Severity
from generator.model.span import Span
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="argument-too-new", severity=Severity.HIGH)

# From CHANGELOG.md of hashicorp/terraform-provider-aws: the version and the line of each.
_FIRST = {
    # 5.37.0: "Add `credential_arn` argument (#34475)"
    ("aws_ecr_pull_through_cache_rule", "credential_arn"): (5, 37, 0),
    # 5.93.0: "Add `custom_role_arn` and `upstream_repository_prefix` arguments (#41933)"
    ("aws_ecr_pull_through_cache_rule", "custom_role_arn"): (5, 93, 0),
    ("aws_ecr_pull_through_cache_rule", "upstream_repository_prefix"): (5, 93, 0),
    # 6.8.0: "Add `image_tag_mutability_exclusion_filter` argument (#43642)"
    ("aws_ecr_repository", "image_tag_mutability_exclusion_filter"): (6, 8, 0),
    # 6.10.0: "Add `image_tag_mutability_exclusion_filter` configuration block (#43886)"
    ("aws_ecr_repository_creation_template", "image_tag_mutability_exclusion_filter"): (6, 10, 0),
    # Pull request #41371, released with 5.88.0.
    ("aws_secretsmanager_secret_version", "secret_string_wo"): (5, 88, 0),
    ("aws_secretsmanager_secret_version", "secret_string_wo_version"): (5, 88, 0),
}
_TYPES = {
    # 3.70.0: "New Resource: `aws_ecr_pull_through_cache_rule` (#22172)"
    "aws_ecr_pull_through_cache_rule": (3, 70, 0),
    # 3.70.0: "New Resource: `aws_ecr_registry_scanning_configuration` (#22179)"
    "aws_ecr_registry_scanning_configuration": (3, 70, 0),
    # 5.61.0: "New Resource: `aws_ecr_repository_creation_template` (#38597)"
    "aws_ecr_repository_creation_template": (5, 61, 0),
    # 5.81.0: "New Resource: `aws_ecr_account_setting` (#40219)"
    "aws_ecr_account_setting": (5, 81, 0),
    # 6.28.0: "New Resource: `aws_ecr_pull_time_update_exclusion` (#45765)"
    "aws_ecr_pull_time_update_exclusion": (6, 28, 0),
}
_VALUES = {
    # 6.28.0: "Support `CREATE_ON_PUSH` as a valid value for `applied_for` (#45720)"
    (Kind.CREATION_TEMPLATE, "applied_for", "CREATE_ON_PUSH"): (6, 28, 0),
    # 6.29.0: "Add support for `BLOB_MOUNTING` account setting name (#46092)"
    (Kind.ACCOUNT_SETTING, "name", "BLOB_MOUNTING"): (6, 29, 0),
    # 6.8.0: "Support `IMMUTABLE_WITH_EXCLUSION` and `MUTABLE_WITH_EXCLUSION` (#43642)"
    (Kind.REPOSITORY, "image_tag_mutability", "IMMUTABLE_WITH_EXCLUSION"): (6, 8, 0),
    (Kind.REPOSITORY, "image_tag_mutability", "MUTABLE_WITH_EXCLUSION"): (6, 8, 0),
}
# `region` came to all resources that have a region at once.
_REGION = (6, 0, 0)
_PART = re.compile(r"\s*(?P<sign>[<>=!~]*)\s*v?(?P<version>\d+(?:\.\d+){0,2})\s*")
_Version: TypeAlias = tuple[int, int, int]


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Compare the arguments of every block with the versions that its module allows."""
    from generator.data.provider_schema import arguments_of

    ends: dict[tuple[str, str], tuple[_Version, Span]] = {}
    for block in code.named_blocks:
        limits = [
            (end, place)
            for text, place in block.provider_versions
            if (end := _end(text)) is not None
        ]
        if not limits:
            continue
        limit = min(limits, key=lambda one: one[0])
        if block.type.startswith("aws_"):
            ends[block.root, block.address] = limit
        known = arguments_of(block.type) or frozenset()
        for name, span in block.names.items():
            own = _FIRST.get((block.type, name))
            first = own or _TYPES.get(block.type)
            if name == "region" and name in known:
                own = first = max(_REGION, first or _REGION)
            if first is None or first < limit[0]:
                continue
            yield RULE.finding(
                title="The provider's version has no such argument",
                message=(
                    f"`{block.address}` sets `{name}`, which the AWS provider has from "
                    f"{_words(first, limit)}"
                ),
                subject=f"{block.root} {name}",
                address=block.address,
                location=span,
            )
            if own is None or first == _TYPES.get(block.type):
                # The whole type is too new: one result is enough.
                break
    yield from _values(code, ends)


def _values(
    code: "CodePolicies", ends: Mapping[tuple[str, str], tuple[_Version, Span]]
) -> Iterator[Finding]:
    """The values of arguments that came later than the arguments themselves."""
    for (kind, name, value), first in _VALUES.items():
        for record in code.of(kind):
            limit = ends.get((record.root, _block_of(record.address)))
            if limit is None or first < limit[0]:
                continue
            given = record.get(name)
            words = given.value if isinstance(given, Known) else None
            if value == words or (isinstance(words, tuple) and value in words):
                yield RULE.about(
                    record,
                    title="The provider's version has no such value",
                    message=(
                        f"`{record.address}` sets `{name}` to `{value}`, which the AWS provider takes "
                        f"from {_words(first, limit)}"
                    ),
                    subject=name,
                    location=given.span,
                )


def _words(first: _Version, limit: tuple[_Version, Span]) -> str:
    end, place = limit
    return (
        f"{'.'.join(map(str, first))} on, and `required_providers` ({place.file.name}, line "
        f"{place.line}) allows only versions before {'.'.join(map(str, end))}."
    )


def _block_of(address: str) -> str:
    """The address of a block without the keys of its instances."""
    return re.sub(r"\[(?:\d+|\?|\"(?:[^\"\\]|\\.)*\")\]", "", address)


def _end(constraint: str) -> _Version | None:
    """The first version that a constraint allows no more; `None` when it has no end."""
    ends: list[_Version] = []
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
