"""The manuals of the rules that need a topology: their examples are what they say."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.gate.check import check_findings
from generator.gate.mistakes import topology_findings
from generator.hcl import read_code
from generator.model.finding import Finding, Severity
from generator.rules.grant_rules import GRANT_RULES
from generator.rules.manual import manual_of
from generator.rules.outside_rules import OUTSIDE_RULES
from generator.rules.topology_rules import DATED_RULES, TOPOLOGY_RULES
from generator.topology import read_topology
from rules.code_examples import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.rules.rule import DatedRule, GrantRule, TopologyRule

IN_CODE = (
    "grant-any-principal",
    "policy-refused",
    "policy-unsupported",
    "trust-wrong-principal",
)
"""Rules whose examples need no topology and are run with the other ones of that sort."""

WITH_CODE = [rule for rule in GRANT_RULES if rule.rule.name not in IN_CODE]


def named(rule: GrantRule | TopologyRule | DatedRule) -> str:
    return rule.rule.name


def findings_of(folder: Path, files: Mapping[str, str]) -> list[Finding]:
    """What validate and check say about a topology and, if there is any, its code."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    found = [*reading.findings, *topology_findings(reading.topology, today=date(2026, 1, 1))]
    if "main.tf" in files:
        (folder / "providers.tf").write_text(PROVIDER, encoding="utf-8")
    code = read_code(folder, project_root=folder, topology=reading.topology)
    return [*found, *check_findings(reading.topology, code)]


def rules_of(findings: list[Finding], name: str) -> set[str]:
    """The rules that count, and the named one whatever its severity."""
    return {
        each.rule for each in findings if each.severity is not Severity.INFO or each.rule == name
    }


@pytest.mark.parametrize("rule", WITH_CODE, ids=named)
def test_bad_code_is_found_by_that_rule_alone(rule: GrantRule, tmp_path: Path) -> None:
    found = findings_of(tmp_path, manual_of(rule.check).bad)

    assert rules_of(found, rule.rule.name) == {rule.rule.name}


@pytest.mark.parametrize("rule", WITH_CODE, ids=named)
def test_good_code_is_silent(rule: GrantRule, tmp_path: Path) -> None:
    assert rules_of(findings_of(tmp_path, manual_of(rule.check).good), rule.rule.name) == set()


@pytest.mark.parametrize("rule", [*TOPOLOGY_RULES, *OUTSIDE_RULES, *DATED_RULES], ids=named)
def test_a_topology_with_and_without_the_mistake_is_told_apart(
    rule: TopologyRule | DatedRule, tmp_path: Path
) -> None:
    manual, name = manual_of(rule.check), rule.rule.name

    bad = findings_of(tmp_path, manual.bad)
    good = findings_of(tmp_path, manual.good)

    assert name in {finding.rule for finding in bad}
    assert name not in {finding.rule for finding in good}
    missing = {"grant-missing"}  # No code stands beside these topologies.
    assert rules_of(bad, name) - rules_of(good, name) - missing == {name}
