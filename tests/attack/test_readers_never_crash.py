"""Damaged inputs of every sort become a result or an error in words, never a bug.

Each damaged input is made from a fixed seed, so that what fails once fails again; set
FOREBAY_FUZZ_SECONDS to look longer.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from attack.projects import Attacked, project

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = float(os.environ.get("FOREBAY_FUZZ_SECONDS", "1"))
ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    0.5,
    10**40,
    "",
    "\ud800",
    "\x00\x1b[2J",
    "\n::error::x",
    "${var.x}",
    "*",
    [],
    {},
    [[]],
    {"a": {}},
    [None],
    "x" * 5000,
)
PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {"root_module": {"resources": [], "child_modules": []}},
    "resource_changes": [
        {
            "address": "aws_ecr_registry_policy.this",
            "mode": "managed",
            "type": "aws_ecr_registry_policy",
            "name": "this",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["create", "delete"],
                "before": None,
                "after": {
                    "policy": '{"Version": "2012-10-17", "Statement": []}',
                    "region": "eu-west-1",
                },
                "after_unknown": {"id": True},
                "before_sensitive": False,
                "after_sensitive": {},
            },
        }
    ],
    "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": []}}},
    "configuration": {
        "provider_config": {
            "aws": {
                "name": "aws",
                "expressions": {
                    "region": {"constant_value": "eu-west-1"},
                    "allowed_account_ids": {"constant_value": ["111122223333"]},
                },
            }
        },
        "root_module": {"resources": [{"address": "aws_ecr_registry_policy.this"}]},
    },
}
STATE = {
    "format_version": "1.0",
    "terraform_version": "1.11.4",
    "values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_ecr_repository.a",
                    "mode": "managed",
                    "type": "aws_ecr_repository",
                    "name": "a",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "values": {
                        "name": "quay/a",
                        "arn": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/a",
                        "tags": {},
                    },
                    "sensitive_values": {},
                }
            ],
            "child_modules": [{"address": "module.x", "resources": []}],
        }
    },
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "a",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::222233334444:role/x"]},
            "Action": ["ecr:BatchGetImage"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}},
        }
    ],
}
NODE = "arn:aws:iam::111122223333:role/node"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecr.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
PULL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": ["*"]}],
}
READ_AT = "2026-11-29T10:00:00Z"
SECRET = "ecr-pullthroughcache/docker-hub"
SECRET_ARN = f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{SECRET}-AbCdEf"
NODES = "arn:aws:iam::111122223333:policy/nodes"
SNAPSHOT = json.dumps(
    {
        "forebay_snapshot": 1,
        "forebay": "0.1.0",
        "by": "arn:aws:iam::111122223333:user/somebody",
        "endpoint": None,
        "deep": False,
        "units": [
            {
                "account": "111122223333",
                "region": None,
                "read_at": READ_AT,
                "facts": {
                    "roles": [{"RoleName": "node", "Path": "/", "AssumeRolePolicyDocument": TRUST}],
                    "role": {
                        "node": {
                            "RoleName": "node",
                            "Path": "/",
                            "AssumeRolePolicyDocument": TRUST,
                            "PermissionsBoundary": None,
                            "Tags": [{"Key": "a", "Value": "b"}],
                        }
                    },
                    "role_policies": {"node": ["own"]},
                    "role_policy": {"node:own": PULL},
                    "attached": {"node": [NODES]},
                    "policy": {
                        NODES: {
                            "PolicyName": "nodes",
                            "Path": "/",
                            "DefaultVersionId": "v1",
                            "Tags": [],
                        }
                    },
                    "policy_document": {NODES: PULL},
                    "holders": {NODES: ["node"]},
                },
                "not_read": [],
            },
            {
                "account": "111122223333",
                "region": "eu-west-1",
                "read_at": READ_AT,
                "facts": {
                    "rules": [
                        {"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"},
                        {
                            "ecrRepositoryPrefix": "docker-hub",
                            "upstreamRegistryUrl": "registry-1.docker.io",
                            "credentialArn": SECRET_ARN,
                        },
                    ],
                    "templates": [
                        {
                            "prefix": "quay",
                            "appliedFor": ["PULL_THROUGH_CACHE"],
                            "customRoleArn": NODE,
                            "encryptionConfiguration": {"encryptionType": "KMS"},
                            "resourceTags": [{"Key": "a", "Value": "b"}],
                            "repositoryPolicy": PULL,
                        }
                    ],
                    "registry_policy": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"AWS": "222233334444"},
                                "Action": ["ecr:BatchGetImage", "ecr:GetImageCopyStatus"],
                                "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
                            }
                        ],
                    },
                    "scope": "V2",
                    "secrets": [
                        {
                            "Name": SECRET,
                            "ARN": SECRET_ARN,
                            "LastChangedDate": READ_AT,
                            "labels": [["AWSCURRENT"]],
                        }
                    ],
                    "secret_policy": {SECRET: None},
                    "aliases": [{"AliasName": "alias/a", "TargetKeyId": "k"}],
                },
                "not_read": [
                    {
                        "fact": "repository_policy",
                        "item": "quay/a",
                        "call": "ecr:GetRepositoryPolicy",
                        "reason": "denied",
                        "layer": "session policy",
                        "code": "AccessDenied",
                        "words": "no",
                    }
                ],
            },
        ],
    }
)
IGNORED = """\
version: 1
ignore:
  - rule: unread-module
    file: "terraform/*"
    reason: "why"
    until: 2027-01-01
  - {rule: grant-undeclared, address: "a*", reason: "x", access: ["* ecr:* *"]}
"""


OF_SNAPSHOTS = (
    ("drift",),
    ("check",),
    ("import", "--out", "i.yaml", "--account", "main=111122223333"),
    ("doctor", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/a:1", "--as", NODE),
)


def damaged(value: object, chance: random.Random) -> object:
    """A JSON document with something odd at one place or at a few."""
    if chance.random() < 0.06:
        return chance.choice(ODD)
    match value:
        case dict():
            found = {key: damaged(item, chance) for key, item in value.items()}
            if found and chance.random() < 0.1:
                found.pop(chance.choice(list(found)))
            return found
        case list():
            items = [damaged(item, chance) for item in value]
            return items * 2 if chance.random() < 0.03 else items
        case _:
            return value


def spoiled(text: str, chance: random.Random) -> bytes:
    """A text with some bytes cut, doubled or replaced."""
    content = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(content) + 1)
        match chance.randrange(4):
            case 0:
                del content[place : place + chance.randint(1, 20)]
            case 1:
                content[place:place] = content[place : place + chance.randint(1, 40)]
            case 2:
                content[place:place] = chance.choice(
                    [
                        b"\xff",
                        b"\x00",
                        b"\xe2\x80",
                        b"&a *a ",
                        b"!!x ",
                        b"{[",
                        b"\n\t",
                        b"? ",
                        b"- " * 60,
                    ]
                )
            case _:
                content[place : place + 1] = bytes([chance.randrange(256)])
    return bytes(content)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return project(tmp_path_factory.mktemp("fuzz"))


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def spoiled_within(document: dict[str, object], chance: random.Random) -> dict[str, object]:
    """The JSON document with something odd in one place, however deep."""
    places: list[tuple[dict[str, object] | list[object], str | int]] = []
    left: list[object] = [document]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            places += [(value, key) for key in value]
            left += value.values()
        elif isinstance(value, list):
            places += [(value, number) for number in range(len(value))]
            left += value
    inside, key = chance.choice(places)
    if chance.random() < 0.15:
        del inside[key]  # type: ignore[arg-type] # the key is that of what it is in
    else:
        inside[key] = chance.choice((*ODD, "arn:aws:iam::x", {"a": 1}, [{"b": []}]))  # type: ignore[index]
    return document


@pytest.mark.parametrize(
    "sort", ["topology", "ignore", "manifest", "plan", "state", "policy", "snapshot"]
)
def test_a_damaged_input_is_no_bug(attacked: Attacked, sort: str) -> None:
    folder = attacked.folder
    topology = folder / "topology.yaml"
    manifest = folder / "terraform" / "shop" / ".forebay.json"
    before = {file: file.read_bytes() for file in (topology, manifest)}
    end = time.monotonic() + SECONDS
    seed = tried = 0
    try:
        while time.monotonic() < end or tried < 5:
            chance = random.Random(f"{sort} {seed}")  # noqa: S311 - to damage files
            seed, tried = seed + 1, tried + 1
            match sort:
                case "topology":
                    write(topology, spoiled(before[topology].decode(), chance))
                    arguments = ["validate"]
                case "ignore":
                    write(folder / "forebay-ignore.yaml", spoiled(IGNORED, chance))
                    arguments = ["drift", "--plan", "none.json"]
                case "manifest":
                    if chance.random() < 0.5:
                        document = damaged(json.loads(before[manifest]), chance)
                        write(manifest, json.dumps(document).encode())
                    else:
                        write(manifest, spoiled(before[manifest].decode(), chance))
                    arguments = ["generate", "--diff"]
                case "policy":
                    write(folder / "in.json", json.dumps(damaged(POLICY, chance)).encode())
                    arguments = ["check", "--policy", "registry:111122223333/eu-west-1=in.json"]
                case "snapshot":
                    content = json.dumps(spoiled_within(json.loads(SNAPSHOT), chance))
                    write(folder / "in.json", content.encode())
                    arguments = [*chance.choice(OF_SNAPSHOTS), "--live", "in.json"]
                case _:
                    document = damaged(PLAN if sort == "plan" else STATE, chance)
                    write(folder / "in.json", json.dumps(document).encode())
                    command = chance.choice(["drift", "check"])
                    arguments = [command, f"--{sort}", "in.json"]

            ran = attacked.run(*arguments, "--format", chance.choice(["human", "json"]))

            assert "this is a bug" not in ran.out + ran.err, f"seed {seed - 1}: {ran.err}"
            assert ran.code in {0, 1, 2, 3}
            assert not any(
                line.strip().startswith("::") for line in (ran.out + ran.err).splitlines()
            )
    finally:
        for file, content in before.items():
            file.write_bytes(content)
        for name in ("forebay-ignore.yaml", "in.json", "i.yaml"):
            (folder / name).unlink(missing_ok=True)
    assert tried >= 5


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        (
            "plan.json",
            json.dumps(PLAN).replace('"type": "aws_ecr_registry_policy"', '"type": ["x"]'),
            ("drift", "--plan", "plan.json"),
        ),
        (
            "p.json",
            '{"Version": {}, "Statement": []}',
            ("check", "--policy", "registry:111122223333/eu-west-1=p.json"),
        ),
        (
            "terraform/main/z.tf",
            'resource "aws_ecr_registry_policy" "z" {\n  policy = "{\\"a\\": \\"${var.no}\\", \\"b\\": \\"\\ue0007\\ue001\\", \\"Statement\\": []}"\n}\n',
            ("check",),
        ),
    ],
)
def test_what_crashed_once_does_so_no_more(
    attacked: Attacked, name: str, text: str, arguments: tuple[str, ...]
) -> None:
    file = attacked.folder / name
    file.write_text(text)
    try:
        ran = attacked.run(*arguments)
    finally:
        file.unlink()
        shutil.rmtree(attacked.folder / ".terraform", ignore_errors=True)

    assert "this is a bug" not in ran.out + ran.err
    assert ran.code in {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        (
            ("role", "node", "AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service"),
            "arn:aws:iam::x",
        ),
        (("policy_document", NODES, "Statement", 0, "Action"), [{"a": 1}]),
        (("role_policy", "node:own", "Statement", 0, "Action"), [{"a": 1}]),
        (("templates", 0, "customRoleArn"), "arn:aws:iam::x"),
        (("templates", 0, "repositoryPolicy", "Statement", 0, "Action"), ["\ud800"]),
        (("registry_policy", "Statement", 0, "Action"), [{"a": 1}]),
    ],
)
def test_what_a_snapshot_cannot_say_is_no_bug(
    attacked: Attacked, path: tuple[str | int, ...], odd: object
) -> None:
    document = json.loads(SNAPSHOT)
    for unit in document["units"]:
        inside = unit["facts"]
        if path[0] in inside:
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = odd
    file = attacked.folder / "in.json"
    write(file, json.dumps(document).encode())
    try:
        for arguments in OF_SNAPSHOTS:
            ran = attacked.run(*arguments, "--live", "in.json")

            assert "this is a bug" not in ran.out + ran.err
            assert ran.code in {0, 1, 2, 3}
    finally:
        file.unlink()
        (attacked.folder / "i.yaml").unlink(missing_ok=True)
