"""Examples of code without a topology, and what check says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.gate.check import check_findings_without_topology
from generator.hcl import read_code
from generator.model.finding import Finding, Severity
from generator.rules.code_rules import CODE_RULES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
"""The root module in which the manuals' examples stand."""

NAMES = frozenset(rule.rule.name for rule in CODE_RULES)


def findings_of(folder: Path, files: Mapping[str, str]) -> list[Finding]:
    """What check says about files in a root module that has the provider block."""
    for name, text in {"providers.tf": PROVIDER, **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    reading = read_code(folder, project_root=folder, topology=None)
    return [
        finding
        for finding in check_findings_without_topology(reading)
        # Of the notes, only those of a rule are about what the files say.
        if finding.severity is not Severity.INFO or finding.rule in NAMES
    ]


def rules_of(folder: Path, code: str) -> list[tuple[str, str]]:
    """Kind and rule of each result about one file of code."""
    return [(each.kind.value, each.rule) for each in findings_of(folder, {"main.tf": code})]
