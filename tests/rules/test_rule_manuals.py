"""Every rule has a manual, and its examples are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.rules.code_rules import CODE_RULES
from generator.rules.manual import manual_of
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

    from generator.rules.rule import CodeRule


def named(rule: CodeRule) -> str:
    return rule.rule.name


@pytest.mark.parametrize("rule", CODE_RULES, ids=named)
def test_the_bad_example_is_found_by_that_rule_alone(rule: CodeRule, tmp_path: Path) -> None:
    found = findings_of(tmp_path, manual_of(rule.check).bad)

    assert {finding.rule for finding in found} == {rule.rule.name}
    assert all(finding.location is not None for finding in found)


@pytest.mark.parametrize("rule", CODE_RULES, ids=named)
def test_the_good_example_is_silent(rule: CodeRule, tmp_path: Path) -> None:
    assert findings_of(tmp_path, manual_of(rule.check).good) == []
