"""A signing configuration that covers what a cache stores.

Managed signing signs an image with the identity of whoever pushes it (ECR user guide, managed-signing). What
a cache stores is pushed by ECR's service-linked role, which has no `signer:SignPayload`, so the signing of
each cached image fails. The images can be pulled all the same. A rule without filters covers every
repository.

To fix it, give the rule filters that leave out the prefixes of caches.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "awscc_ecr_signing_configuration" "all" {
  rules = [{
    signing_profile_arn = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/images"
  }]
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "awscc_ecr_signing_configuration" "own" {
  rules = [{
    signing_profile_arn = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/images"
    repository_filters  = [{ filter = "team/*", filter_type = "WILDCARD_MATCH" }]
  }]
}
```
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Json, Record

RULE = Rule(name="cached-image-signed", severity=Severity.WARNING)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for caches whose images a signing configuration of their registry covers."""
    from generator.model.estate import Kind

    caches = [record for record in code.of(Kind.CACHE_RULE) if isinstance(record.key, str)]
    for record in code.of(Kind.SIGNING):
        of_registry = [
            cache
            for cache in caches
            if (cache.account, cache.region) == (record.account, record.region)
        ]
        for number, rule in enumerate(_rules(record), start=1):
            covered = [cache for cache in of_registry if _covers(rule, str(cache.key)) is True]
            if covered:
                yield _finding(record, number, covered)
            elif any(_covers(rule, str(cache.key)) is None for cache in of_registry):
                yield RULE.about(
                    record,
                    kind=FindingKind.UNDECIDED,
                    title="Cannot decide whether images of a cache are to be signed",
                    message=(
                        f"The filters of rule {number} of `{record.address}` are not known: it may "
                        "cover repositories of caches, whose images ECR cannot sign."
                    ),
                    subject=f"rule {number}",
                )


def _finding(record: "Record", number: int, covered: "list[Record]") -> Finding:
    from generator.model.quotes import listed

    names = listed(f"{cache.key}/" if cache.key != "ROOT" else "ROOT" for cache in covered)
    return RULE.about(
        record,
        title="Images of a cache cannot be signed",
        message=(
            f"Rule {number} of `{record.address}` covers repositories of caches ({names}). ECR signs "
            "with the identity of whoever pushes, and its service-linked role, which stores cached "
            "images, has no `signer:SignPayload`: each signing fails. Leave these prefixes out of the "
            "rule's filters."
        ),
        subject=f"rule {number}",
    )


def _rules(record: "Record") -> "Iterator[Json]":
    from generator.model.estate import Known, Unknown

    match record.get("rules"):
        case Known(value=tuple() as rules):
            yield from rules
        case Unknown() as unknown:
            yield unknown
        case _:
            return


def _covers(rule: "Json", prefix: str) -> bool | None:
    """Whether a rule's filters match a repository below the prefix; `None` when that is not known."""
    from generator.model.estate import Unknown

    if not isinstance(rule, Mapping):
        return None
    filters = rule.get("repository_filters")
    if filters is None or filters == ():
        return True
    if not isinstance(filters, tuple):
        return None
    found: list[bool | None] = []
    for each in filters:
        text = each.get("filter") if isinstance(each, Mapping) else each
        match text:
            case str():
                found.append(_may_match(text, "" if prefix == "ROOT" else f"{prefix}/"))
            case Unknown():
                found.append(None)
            case _:
                continue
    return True if True in found else None if None in found else False


def _may_match(pattern: str, beginning: str) -> bool:
    """Whether a pattern with `*` matches some name with this beginning and more behind it."""
    # The places in the pattern that can be reached after each character of the beginning.
    places = _with_stars(pattern, {0})
    for sign in beginning:
        reached = {
            place if pattern[place] == "*" else place + 1
            for place in places
            if place < len(pattern) and pattern[place] in ("*", sign)
        }
        places = _with_stars(pattern, reached)
    return any(place < len(pattern) for place in places)


def _with_stars(pattern: str, places: set[int]) -> set[int]:
    """The places, and those behind stars that stand for nothing."""
    found = set(places)
    left = list(places)
    while left:
        behind = left.pop() + 1
        if pattern[behind - 1 : behind] == "*" and behind not in found:
            found.add(behind)
            left.append(behind)
    return found


CACHED_IMAGE_SIGNED = CodeRule(rule=RULE, check=check)
