"""The rules that only a reading of AWS can decide: the examples of their manuals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.gate.check import check_findings_without_topology
from generator.rules.live_rules import LIVE_RULES
from generator.rules.manual import manual_of
from generator.snapshot.document import merged, parse_snapshot
from generator.snapshot.reader import Ages, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.rules.rule import LiveRule

NOW = datetime(2026, 11, 29, tzinfo=UTC)
NAMES = frozenset(rule.rule.name for rule in LIVE_RULES)


def found(facts: Mapping[str, object]) -> set[str]:
    """Which of these rules speak where AWS answered this in `eu-west-1`, and nothing else."""
    everything = {
        "rules": [],
        "templates": [],
        "registry_policy": None,
        "scope": "V2",
        "secrets": [],
        **facts,
    }
    snapshot = {
        "forebay_snapshot": 1,
        "forebay": "0",
        "by": "arn:aws:sts::111122223333:assumed-role/reader/forebay",
        "units": [
            {
                "account": "111122223333",
                "region": "eu-west-1",
                "read_at": "2026-11-29T00:00:00Z",
                "facts": everything,
                "not_read": [],
            }
        ],
    }
    read = merged([parse_snapshot(json.dumps(snapshot).encode())])
    reading = read_snapshot(read, Path("live.json"), None, Ages(now=NOW))
    return {one.rule for one in check_findings_without_topology(reading)} & NAMES


@pytest.mark.parametrize("rule", LIVE_RULES, ids=lambda rule: rule.rule.name)
def test_the_bad_example_is_found_by_that_rule_alone(rule: LiveRule) -> None:
    manual = manual_of(rule.check)

    assert found(json.loads(manual.bad["facts.json"])) == {rule.rule.name}


@pytest.mark.parametrize("rule", LIVE_RULES, ids=lambda rule: rule.rule.name)
def test_the_good_example_is_silent(rule: LiveRule) -> None:
    manual = manual_of(rule.check)

    assert found(json.loads(manual.good["facts.json"])) == set()


SECRET = {
    "Name": "ecr-pullthroughcache/docker-hub",
    "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf",
    "labels": [],
    "DeletedDate": "2026-11-01T00:00:00Z",
    "PrimaryRegion": "us-east-1",
}


def test_secrets_that_nobody_uses_are_of_no_interest() -> None:
    alive = {name: value for name, value in SECRET.items() if name != "DeletedDate"}

    assert found({"secrets": [SECRET]}) == set()
    assert found({"secrets": [alive]}) == set()


def test_a_rule_may_name_its_secret_without_the_end_of_its_arn() -> None:
    rule = {
        "ecrRepositoryPrefix": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "credentialArn": SECRET["ARN"][:-7],
    }
    alive = {**SECRET, "labels": [["AWSCURRENT"]], "PrimaryRegion": None}
    del alive["DeletedDate"]

    assert found({"rules": [rule], "secrets": [alive]}) == set()


def test_a_list_of_secrets_that_shows_nothing_makes_no_secret_gone() -> None:
    rule = {
        "ecrRepositoryPrefix": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "credentialArn": SECRET["ARN"],
    }
    gone = {"secret": {SECRET["Name"]: None}}

    assert found({"rules": [rule]}) == set()
    assert found({"rules": [rule], **gone}) == {"secret-arn-stale"}


TEMPLATE = {
    "prefix": "ROOT",
    "appliedFor": ["PULL_THROUGH_CACHE"],
    "imageTagMutability": "MUTABLE",
    "updatedAt": "2026-03-01T00:00:00Z",
}
RULE = {"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"}
REPOSITORY = {
    "repositoryName": "quay/node",
    "createdAt": "2026-02-01T00:00:00Z",
    "imageTagMutability": "MUTABLE",
    "encryptionConfiguration": {"encryptionType": "AES256"},
}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
PULL = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
    "Action": "ecr:BatchGetImage",
}
LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "any",
                "countType": "imageCountMoreThan",
                "countNumber": 9,
            },
            "action": {"type": "expire"},
        }
    ]
}


@pytest.mark.parametrize(
    ("template", "facts", "fires"),
    [
        ({}, {}, False),
        ({"encryptionConfiguration": {"encryptionType": "KMS"}}, {}, True),
        ({"resourceTags": [{"Key": "team", "Value": "a"}]}, {}, False),
        (
            {"resourceTags": [{"Key": "team", "Value": "a"}]},
            {"repository_tags": {"quay/node": []}},
            True,
        ),
        (
            {"resourceTags": [{"Key": "team", "Value": "a"}]},
            {
                "repository_tags": {
                    "quay/node": [{"Key": "team", "Value": "a"}, {"Key": "x", "Value": "y"}]
                }
            },
            False,
        ),
        (
            {"repositoryPolicy": {"Version": "2012-10-17", "Statement": [PULL]}},
            {"repository_policy": {"quay/node": None}},
            True,
        ),
        (
            {"repositoryPolicy": {"Version": "2012-10-17", "Statement": [PULL]}},
            {
                "repository_policy": {
                    "quay/node": {
                        "Version": "2012-10-17",
                        "Statement": [{**PULL, "Principal": {"AWS": "222233334444"}}],
                    }
                }
            },
            False,
        ),
        ({"lifecyclePolicy": LIFECYCLE}, {"lifecycle_policy": {"quay/node": None}}, True),
        ({"lifecyclePolicy": LIFECYCLE}, {"lifecycle_policy": {"quay/node": LIFECYCLE}}, False),
        ({"lifecyclePolicy": LIFECYCLE}, {}, False),
        ({"appliedFor": ["REPLICATION"], "imageTagMutability": "IMMUTABLE"}, {}, False),
    ],
    ids=[
        "alike",
        "encryption",
        "tags-not-read",
        "no-tags",
        "more-tags",
        "no-policy",
        "policy-of-the-same-meaning",
        "no-lifecycle",
        "lifecycle",
        "lifecycle-not-read",
        "template-for-others",
    ],
)
def test_a_repository_is_held_against_its_template_by_meaning(
    template: dict[str, object], facts: dict[str, object], *, fires: bool
) -> None:
    told = found(
        {
            "rules": [RULE],
            "templates": [{**TEMPLATE, **template}],
            "repositories": [REPOSITORY],
            **facts,
        }
    )

    assert ("repository-older-than-template" in told) == fires


def test_the_exclusions_of_a_repository_are_held_against_its_template() -> None:
    def told(*texts: str) -> set[str]:
        def with_filters(place: dict[str, object], *filters: str) -> dict[str, object]:
            kept = [{"filterType": "WILDCARD", "filter": text} for text in filters]
            mutability = {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}
            return {**place, **mutability, "imageTagMutabilityExclusionFilters": kept}

        return found(
            {
                "rules": [RULE],
                "templates": [with_filters(TEMPLATE, "latest", "*-rc")],
                "repositories": [with_filters(REPOSITORY, *texts)],
            }
        )

    assert told("*-rc", "latest") == set()
    assert told("latest") == {"repository-older-than-template"}


def test_a_key_named_by_alias_is_not_held_against_a_key() -> None:
    encrypted = {"encryptionType": "KMS", "kmsKey": KEY}
    repository = {**REPOSITORY, "encryptionConfiguration": encrypted}
    by_alias = {"encryptionType": "KMS", "kmsKey": "alias/images"}
    other = {"encryptionType": "KMS", "kmsKey": KEY.replace("1111", "9999")}

    def told(encryption: dict[str, str]) -> set[str]:
        template = {**TEMPLATE, "encryptionConfiguration": encryption}
        return found({"rules": [RULE], "templates": [template], "repositories": [repository]})

    assert told(by_alias) == set()
    assert told(other) == {"repository-older-than-template"}


def test_no_repository_is_orphaned_where_a_rule_takes_every_name_or_rules_were_not_read() -> None:
    template = {**TEMPLATE, "prefix": "quay"}
    root = {**RULE, "ecrRepositoryPrefix": "ROOT"}

    assert found({"templates": [template], "repositories": [REPOSITORY]}) == {"repository-orphaned"}
    assert found({"rules": [root], "templates": [template], "repositories": [REPOSITORY]}) == set()
    assert found({"repositories": [REPOSITORY]}) == set()
