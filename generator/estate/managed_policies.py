"""AWS managed policies, as records that no code holds: what an attachment or a boundary names."""

import re
from functools import cache

from generator.data.managed_policies import ManagedPolicy, managed_policies
from generator.model.estate import Attribute, Json, Kind, Known, Record, Unknown, json_of

OF_AWS = "an AWS managed policy whose text does not ship with forebay"
"""What is said of a policy of which nothing is known but that it is AWS's."""

_ARN = re.compile(r"arn:(?P<partition>[a-z-]+|\0):iam::aws:policy/(?P<key>[^\0]+)")


def aws_policy_of(arn: Attribute) -> str | None:
    """The path and name of the AWS managed policy that an attribute names, `None` for any other.

    The partition need not be known: a policy says the same in every one.
    """
    found = _ARN.fullmatch(_shape(arn))
    return None if found is None else found["key"]


def aws_policy_record(arn: Attribute, holder: Record) -> Record | None:
    """The AWS managed policy that an attribute of a record names, as far as its text is known here.

    The record stands where the policy is named: nobody can change it anywhere else.
    """
    found = _ARN.fullmatch(_shape(arn))
    policy = None if found is None else managed_policies().get(found["key"])
    if found is None or policy is None:
        return None
    # It says the same in every partition, and the role is in one: the policy need not know which.
    partition = "aws*" if found["partition"] == "\0" else found["partition"]
    return Record(
        kind=Kind.MANAGED_POLICY,
        account=holder.account,
        region=None,
        key=f"arn:{found['partition']}:iam::aws:policy/{policy.key}",
        attributes={
            "name": Known(value=policy.key.rpartition("/")[2], span=arn.span),
            "policy": Known(value=_document(policy, partition), span=arn.span),
        },
        address=holder.address,
        span=holder.span,
        root=holder.root,
        uncertain=holder.uncertain,
    )


@cache
def _document(policy: ManagedPolicy, partition: str) -> Json:
    return json_of(policy.document(partition))


def aws_policy_behind(record: Record) -> ManagedPolicy | None:
    """The AWS managed policy that a record stands for, `None` for a policy that somebody wrote."""
    if record.kind is not Kind.MANAGED_POLICY or not isinstance(record.key, str):
        return None
    found = _ARN.fullmatch(record.key)
    return None if found is None else managed_policies().get(found["key"])


def not_shipped(arn: Attribute) -> Unknown | None:
    """Why nothing is known of an AWS managed policy, `None` where the attribute names none."""
    key = aws_policy_of(arn)
    if key is None:
        return None
    name = key.rpartition("/")[2]
    others = [each for each in managed_policies() if each.rpartition("/")[2] == name]
    advice = (
        f"; AWS has a policy of this name as `arn:aws:iam::aws:policy/{others[0]}`"
        if others
        else ""
    )
    return Unknown(
        reason=f"it is {OF_AWS}{advice}",
        reference=key,
        span=arn.span,
    )


def _shape(arn: Attribute) -> str:
    """The text of an attribute, with a null character for each piece that is not known."""
    match arn:
        case Known(value=str(text)):
            return text
        case Unknown(parts=parts):
            return "".join("\0" if part is None else part for part in parts)
        case _:
            return ""
