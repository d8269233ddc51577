"""What the rules about ARNs share: where ARNs stand in a statement, and what their parts say."""

import re
from collections.abc import Iterator

from generator.estate.links import UNKNOWN_PIECE
from generator.grants.code_policies import CodeStatement, shape_of_json
from generator.iam.guards import tests_of
from generator.model.values import all_regions

_OPEN = frozenset("*?" + UNKNOWN_PIECE)
_GLOBAL_SERVICES = frozenset({"cloudfront", "iam", "organizations", "s3", "sts"})


def arns_in(statement: CodeStatement) -> Iterator[str]:
    """Every text in a `Resource`, `NotResource` or ARN condition that is meant to be an ARN."""
    for element in ("Resource", "NotResource"):
        yield from (text for text in statement.shapes(element) if text.startswith("arn"))
    for test in tests_of(statement.raw.get("Condition")) or ():
        if test.base.startswith("arn") or test.key.lower().endswith("arn"):
            texts = map(shape_of_json, test.values)
            yield from (text for text in texts if text is not None and text.startswith("arn"))


def mistake_in(arn: str) -> str | None:
    """What keeps an ARN from ever matching, `None` when nothing is seen.

    A null character stands for a piece that is not known; what is written around it is judged.
    """
    if "${" in arn:
        return None
    words = arn.split(":", 5)
    if len(words) < 6:
        # What is not known, or a wildcard, may stand for the colons that are missing.
        return None if _OPEN & set(arn) else f"it has {len(words)} parts, and an ARN has six"
    first, partition, service, region, account, _ = words
    if first != "arn":
        return "it does not begin with `arn:`"
    if not _OPEN & set(partition) and not re.fullmatch(r"aws[a-z-]*", partition):
        return f"`{partition}` is no partition"
    if not _OPEN & set(account):
        if account not in {"", "aws", "cloudfront"} and not re.fullmatch(r"[0-9]{12}", account):
            return f"`{account}` is no account id: twelve digits are needed"
        if not account and service in {"ecr", "secretsmanager", "kms", "iam"}:
            return f"an ARN of {service} has an account"
    if _OPEN & set(region):
        return None
    if region and service == "iam":
        return "an ARN of IAM has no region"
    if not region and service in {"ecr", "secretsmanager", "kms"}:
        return f"an ARN of {service} has a region"
    if region and service not in _GLOBAL_SERVICES and partition in {"aws", "aws-cn", "aws-us-gov"}:
        return None if region in all_regions() else f"`{region}` is no region that AWS has"
    return None
