"""What ships of AWS managed policies: nothing newer is known, and every entry says where it is from."""

import json
import re
from pathlib import Path

from extract_managed_policies import PAGE, Entry, entries_of_account, entries_of_moto, merged

from generator.data.managed_policies import managed_policies

DATA = Path(__file__).parents[2] / "generator" / "data" / "managed_policies.json"


def shipped() -> dict[str, Entry]:
    found: dict[str, Entry] = json.loads(DATA.read_text(encoding="utf-8"))
    return found


def test_no_later_version_is_known() -> None:
    assert merged(shipped(), entries_of_moto()) == shipped(), "run `make data`"


def test_a_policy_of_the_same_version_says_what_it_said() -> None:
    theirs = dict(entries_of_moto())
    same = [
        key
        for key, entry in shipped().items()
        if key in theirs and theirs[key]["version"] == entry["version"]
    ]

    assert len(same) > 50
    assert {key: theirs[key] for key in same} == {key: shipped()[key] for key in same}


def test_every_policy_has_its_version_its_day_and_its_page() -> None:
    for key, policy in managed_policies().items():
        assert re.fullmatch("v[0-9]+", policy.version), key
        assert re.fullmatch("20[0-9]{2}-[0-9]{2}-[0-9]{2}", policy.edited), key
        assert policy.page == PAGE.format(name=key.rpartition("/")[2])


def test_a_later_version_of_an_account_takes_the_place_of_an_earlier_one() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ec2:RunInstances", "ecr:BatchGetImage"],
                "Resource": "*",
            },
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        ],
    }
    printed = {
        "Policies": [
            {
                "PolicyName": name,
                "Path": "/service-role/",
                "PolicyVersionList": [
                    {
                        "VersionId": "v1",
                        "IsDefaultVersion": False,
                        "CreateDate": "",
                        "Document": {},
                    },
                    {
                        "VersionId": "v2",
                        "IsDefaultVersion": True,
                        "CreateDate": "2026-02-03T04:05:06+00:00",
                        "Document": document,
                    },
                ],
            }
            for name in ("Known", "Stranger")
        ]
    }
    known: dict[str, Entry] = {"service-role/Known": {}, "Other": {"version": "v9"}}

    found = merged(known, entries_of_account(json.dumps(printed)))

    assert found == {
        "Other": {"version": "v9"},
        "service-role/Known": {
            "version": "v2",
            "edited": "2026-02-03",
            "page": PAGE.format(name="Known"),
            "statements": [{"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": "*"}],
        },
    }


def test_partitions_have_their_own_arns() -> None:
    policy = managed_policies()["AmazonSageMakerFullAccess"]

    assert "arn:aws-cn:ecr:*:*:repository/*sagemaker*" in json.dumps(policy.document("aws-cn"))
    assert "arn:aws:" not in json.dumps(policy.document("aws-cn"))
