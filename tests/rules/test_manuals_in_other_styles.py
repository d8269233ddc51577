"""The manuals' bad examples as others write them: in modules, and behind switches that are not known.

Whoever makes the same mistake behind a `count` of which the value is not known, or two modules deep, is told
of it all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from generator.rules.code_rules import CODE_RULES
from generator.rules.manual import manual_of
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.rules.rule import CodeRule

_HEAD = re.compile(r'^(resource|data|module) "([\w-]+)"(?: "([\w-]+)")? \{\n', re.MULTILINE)
# Terraform refuses such code whether it makes the block or not.
OF_THE_SCHEMA = {"argument-too-new", "unknown-argument", "unknown-input"}


def switched(code: str, argument: str, index: str) -> str:
    """Code in which every block has one more argument, and every reference to it an index."""
    changed = _HEAD.sub(lambda match: f"{match[0]}  {argument}\n", code)
    for match in _HEAD.finditer(code):
        words = [word for word in (match[2], match[3]) if word is not None]
        if match[1] != "resource":
            words.insert(0, match[1])
        name = re.escape(".".join(words))
        changed = re.sub(rf"(?<![\w.])({name})(?=\.)", rf"\1{index}", changed)
    return changed


def named(rule: CodeRule) -> str:
    return rule.rule.name


def bad_of(rule: CodeRule) -> Mapping[str, str]:
    return manual_of(rule.check).bad


# What is many already cannot be made many once more.
SINGLE = [
    rule for rule in CODE_RULES if not re.search(r"\b(?:for_each|count)\b", bad_of(rule)["main.tf"])
]
# Only a root says which provider it takes.
CALLED = [rule for rule in SINGLE if "terraform {" not in bad_of(rule)["main.tf"]]


@pytest.mark.parametrize("rule", SINGLE, ids=named)
@pytest.mark.parametrize(
    ("variable", "argument", "index"),
    [
        ('variable "on" {}\n', "count = var.on ? 1 : 0", "[0]"),
        ('variable "on" {\n  default = false\n}\n', "count = var.on ? 1 : 0", "[0]"),
    ],
    ids=["not known", "off by default"],
)
def test_a_mistake_behind_a_switch_is_told_and_is_not_certain(
    rule: CodeRule, tmp_path: Path, variable: str, argument: str, index: str
) -> None:
    bad = bad_of(rule)
    files = {**bad, "main.tf": switched(bad["main.tf"], argument, index), "on.tf": variable}

    kinds = {each.kind.value for each in findings_of(tmp_path, files) if each.rule == named(rule)}

    assert kinds == ({"finding"} if named(rule) in OF_THE_SCHEMA else {"undecided"})


@pytest.mark.parametrize("rule", CALLED, ids=named)
def test_a_mistake_two_modules_deep_is_told_as_it_is(rule: CodeRule, tmp_path: Path) -> None:
    bad = bad_of(rule)
    files = {
        "main.tf": 'module "o" {\n  for_each = toset(["x"])\n  source   = "./o"\n}\n',
        "o/main.tf": 'module "m" {\n  count  = 1\n  source = "../m"\n}\n',
        **{f"m/{name}": text for name, text in bad.items()},
    }

    before = {(each.kind, each.rule) for each in findings_of(tmp_path / "plain", bad)}
    found = {(each.kind, each.rule) for each in findings_of(tmp_path / "deep", files)}

    assert found == before
