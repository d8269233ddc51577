"""Two spellings of one value are no drift, and a value that is not known is never the same."""

from __future__ import annotations

import pytest

from generator.estate.spellings import Verdict, compare_attribute
from generator.model.estate import (
    Absent,
    Attribute,
    Identity,
    Json,
    Kind,
    Known,
    Link,
    Unknown,
)
from generator.model.values import AccountId, Region

OPEN = Unknown(reason="it has no value", reference="var.it")
SECRET = Link(
    target=Identity(
        kind=Kind.SECRET,
        account=AccountId("111122223333"),
        region=Region("eu-west-1"),
        key="ecr-pullthroughcache/hub",
    )
)
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub"


def expire(days: Json, **more: Json) -> Json:
    """A lifecycle rule."""
    return {"selection": {"tagStatus": "any", "countNumber": days}, **more}


def rules(*some: Json) -> Known:
    return Known(value={"rules": some})


@pytest.mark.parametrize(
    ("name", "intended", "found"),
    [
        ("upstream_repository_prefix", Known(value="ROOT"), Absent()),
        ("upstream_repository_prefix", Known(value="base"), Known(value="base/")),
        ("credential_arn", SECRET, SECRET),
        ("credential_arn", SECRET, Known(value=f"{SECRET_ARN}-aB3dE6")),
        ("image_tag_mutability", Known(value="MUTABLE"), Absent()),
        ("recovery_window_in_days", Known(value=30), Absent()),
        ("recovery_window_in_days", Known(value=7), Known(value="7")),
        ("resource_tags", Known(value={"a": "1"}), Known(value={"a": 1})),
        ("resource_tags", Known(value={}), Absent()),
        ("applied_for", Known(value=("A", "B")), Known(value=("B", "A"))),
        (
            "lifecycle_policy",
            rules(expire(9, rulePriority=1), expire(5, rulePriority=2)),
            rules(expire(5, rulePriority=20), expire(9.0, rulePriority=3, description="old")),
        ),
        ("lifecycle_policy", rules(expire(9, rulePriority=1)), rules(expire(9, rulePriority=OPEN))),
        ("lifecycle_policy", Absent(), Known(value="")),
        (
            "encryption_configuration",
            Known(value=({"encryption_type": "AES256", "kms_key": None},)),
            Absent(),
        ),
    ],
)
def test_another_spelling_is_the_same(name: str, intended: Attribute, found: Attribute) -> None:
    assert compare_attribute(name, intended, found) is Verdict.SAME


@pytest.mark.parametrize(
    ("name", "intended", "found"),
    [
        ("upstream_repository_prefix", Known(value="base"), Absent()),
        ("credential_arn", SECRET, Known(value=f"{SECRET_ARN}-more-aB3dE6")),
        ("credential_arn", SECRET, Known(value=SECRET_ARN.replace("eu-west-1", "eu-west-2"))),
        ("recovery_window_in_days", Known(value=7), Absent()),
        ("resource_tags", Known(value={"a": "1"}), Known(value={"a": 1, "b": "2"})),
        (
            "lifecycle_policy",
            rules(expire(9, rulePriority=1), expire(5, rulePriority=2)),
            rules(expire(9, rulePriority=2), expire(5, rulePriority=1)),
        ),
        (
            "lifecycle_policy",
            rules(expire(9, rulePriority=1), expire(5, rulePriority=2)),
            rules(expire(9, rulePriority="first"), expire(5)),
        ),
    ],
)
def test_another_value_is_different(name: str, intended: Attribute, found: Attribute) -> None:
    assert compare_attribute(name, intended, found) is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("name", "intended", "found"),
    [
        ("upstream_repository_prefix", Known(value="base"), OPEN),
        ("credential_arn", SECRET, OPEN),
        ("resource_tags", Known(value={"a": "1"}), Known(value={"a": OPEN})),
        ("lifecycle_policy", rules(expire(9)), rules(expire(OPEN))),
        (
            "lifecycle_policy",
            rules(expire(9, rulePriority=1), expire(5, rulePriority=2)),
            rules(expire(9, rulePriority=1), expire(5, rulePriority=OPEN)),
        ),
    ],
)
def test_what_is_not_known_cannot_be_told(name: str, intended: Attribute, found: Attribute) -> None:
    assert compare_attribute(name, intended, found) is Verdict.CANNOT_TELL
