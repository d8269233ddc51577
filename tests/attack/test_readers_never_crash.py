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
IGNORED = """\
version: 1
ignore:
  - rule: unread-module
    file: "terraform/*"
    reason: "why"
    until: 2027-01-01
  - {rule: grant-undeclared, address: "a*", reason: "x", access: ["* ecr:* *"]}
"""


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


@pytest.mark.parametrize("sort", ["topology", "ignore", "manifest", "plan", "state", "policy"])
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
        for name in ("forebay-ignore.yaml", "in.json"):
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
