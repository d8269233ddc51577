"""What ECR takes as a lifecycle policy, and the same judge in code: AWS's own property page as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generator.model.estate import Json, Unknown
from generator.model.lifecycle_policy import lifecycle_refusal
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = Unknown(reason="it has no value", reference="var.days")
EXPIRE: Json = {"type": "expire"}
ARCHIVE: Json = {"type": "transition", "targetStorageClass": "archive"}


def rule(number: Json = 1, action: Json = EXPIRE, **selection: Json) -> Json:
    """A rule; without more words it takes any image and keeps ten."""
    chosen = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10, **selection}
    return {"rulePriority": number, "selection": chosen, "action": action}


def days(count_type: str, number: Json = 90, **more: Json) -> dict[str, Json]:
    return {"countType": count_type, "countUnit": "days", "countNumber": number, **more}


ACCEPTED: dict[str, tuple[Json, ...]] = {
    "images by age, by a pattern": (
        rule(tagStatus="tagged", tagPatternList=("prod*",), **days("sinceImagePushed", 14)),
    ),
    "images by count, by a prefix": (
        rule(tagStatus="tagged", tagPrefixList=("alpha",), countNumber=1),
    ),
    "four wildcards": (rule(tagStatus="tagged", tagPatternList=("*test*1*2*3",)),),
    "several rules, any last": (
        rule(1, tagStatus="tagged", tagPrefixList=("prod",), countNumber=1),
        rule(2, tagStatus="untagged", **days("sinceImagePushed", 7)),
        rule(3),
    ),
    "priorities with gaps": (rule(10, tagStatus="untagged"), rule(100)),
    "archived by the last pull, then expired": (
        rule(1, ARCHIVE, **days("sinceImagePulled")),
        rule(2, **days("sinceImageTransitioned", 365, storageClass="archive")),
    ),
    "any image in each storage class, in either order": (
        rule(1, **days("sinceImageTransitioned", 90, storageClass="archive")),
        rule(2, **days("sinceImagePushed", 30)),
    ),
    "a description": ({**rule(), "description": "keep ten"},),  # type: ignore[dict-item]
    "a number that is not known": (rule(countNumber=UNKNOWN),),
    "a selection that is not known": ({"rulePriority": 1, "selection": UNKNOWN, "action": EXPIRE},),
    "a status that is not known beside any": (rule(1, tagStatus=UNKNOWN), rule(2)),
    "a rule that is not known": (UNKNOWN, rule(1)),
}
REFUSED: dict[str, tuple[tuple[Json, ...], str]] = {
    "no rule": ((), "no list `rules`"),
    "a key that does not exist": ((rule(maxImageAge=30),), "`selection.maxImageAge`"),
    "a key of a rule that does not exist": (({**rule(), "name": "x"},), "the key `name`"),  # type: ignore[dict-item]
    "no priority": ((rule(None),), "`rulePriority`"),
    "a priority that is a text": ((rule("1"),), "`rulePriority`"),
    "a priority twice": ((rule(1, tagStatus="untagged"), rule(1)), "two rules have"),
    "no status": ((rule(tagStatus="all"),), "`selection.tagStatus`"),
    "tagged without a list": ((rule(tagStatus="tagged"),), "`selection.tagPatternList`"),
    "tagged with an empty list": ((rule(tagStatus="tagged", tagPrefixList=()),), "takes tagged"),
    "untagged with a list": (
        (rule(tagStatus="untagged", tagPrefixList=("a",)),),
        "must not be there",
    ),
    "five wildcards": (
        (rule(tagStatus="tagged", tagPatternList=("a*b*c*d*e*",)),),
        "more than 4 `*`",
    ),
    "no type of count": ((rule(countType=None),), "holds `null`"),
    "an unknown type of count": ((rule(countType="sinceForever"),), "`selection.countType`"),
    "days beside a count of images": ((rule(countUnit="days"),), "must not be there beside"),
    "no days beside an age": (
        (rule(countType="sinceImagePushed"),),
        "`selection.countUnit` of days",
    ),
    "weeks": (
        (rule(countType="sinceImagePushed", countUnit="weeks"),),
        "`selection.countUnit` of days",
    ),
    "a number of zero": ((rule(countNumber=0),), "`selection.countNumber`"),
    "a number that is a text": ((rule(countNumber="10"),), "`selection.countNumber`"),
    "deleting": ((rule(action={"type": "delete"}),), "`action.type`"),
    "a move to nowhere": (
        (rule(1, {"type": "transition"}, **days("sinceImagePulled")),),
        "`action.targetStorageClass`",
    ),
    "expiry with a target": (
        (rule(action={"type": "expire", "targetStorageClass": "archive"}),),
        "must not be there",
    ),
    "expiry by the last pull": ((rule(**days("sinceImagePulled")),), "only archives them"),
    "time in the archive without the archive": (
        (rule(**days("sinceImageTransitioned")),),
        "`selection.storageClass` of archive",
    ),
    "the archive beside an age": (
        (rule(**days("sinceImagePushed", storageClass="archive")),),
        "goes with `sinceImageTransitioned`",
    ),
    "thirty days in the archive": (
        (rule(**days("sinceImageTransitioned", 30, storageClass="archive")),),
        "90 days at least",
    ),
    "archived images that move again": (
        (rule(1, ARCHIVE, **days("sinceImageTransitioned", storageClass="archive")),),
        "only expire them",
    ),
    "two for any image": ((rule(1), rule(2, countNumber=3)), "both take any image"),
    "any image first": ((rule(1), rule(2, tagStatus="untagged")), "the highest number"),
}


@pytest.mark.parametrize("rules", ACCEPTED.values(), ids=ACCEPTED)
def test_what_ecr_takes_is_taken(rules: tuple[Json, ...]) -> None:
    assert lifecycle_refusal({"rules": rules}) is None


@pytest.mark.parametrize(("rules", "words"), REFUSED.values(), ids=REFUSED)
def test_what_ecr_refuses_is_refused_with_its_reason(rules: tuple[Json, ...], words: str) -> None:
    problem = lifecycle_refusal({"rules": rules})

    assert problem is not None
    assert words in problem


def test_a_document_without_rules_is_no_policy_and_one_that_is_not_known_may_be_one() -> None:
    assert lifecycle_refusal(rule()) == "it has no list `rules`."
    assert lifecycle_refusal({"rules": tuple(rule(number) for number in range(1, 52))}) is not None
    assert lifecycle_refusal(UNKNOWN) is None
    assert lifecycle_refusal({"rules": UNKNOWN}) is None


CACHE = """
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
"""
TWO_ANY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": 3,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": 9,
                },
                "action": {"type": "expire"},
            },
        ]
    }
)


def template(applied_for: str) -> str:
    return (
        'resource "aws_ecr_repository_creation_template" "quay" {\n  prefix = "quay"\n'
        f'  applied_for = ["{applied_for}"]\n  lifecycle_policy = jsonencode({TWO_ANY})\n}}\n'
    )


def repository(name: str) -> str:
    return (
        f'resource "aws_ecr_lifecycle_policy" "x" {{\n  repository = "{name}"\n'
        f"  policy = jsonencode({TWO_ANY})\n}}\n"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (template("PULL_THROUGH_CACHE"), ["lifecycle-refused"]),
        (template("REPLICATION"), []),
        (repository("quay/prometheus/prometheus"), ["lifecycle-refused"]),
        (repository("team/app"), []),
    ],
    ids=["a template of caches", "another template", "a cached repository", "another repository"],
)
def test_only_lifecycle_policies_of_caches_are_judged(
    code: str, expected: list[str], tmp_path: Path
) -> None:
    found = findings_of(tmp_path, {"main.tf": CACHE + code})

    assert [each.rule for each in found if each.rule == "lifecycle-refused"] == expected
