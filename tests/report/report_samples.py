"""Findings and reports that the tests of the formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity, Witness
from generator.model.span import Span
from generator.report.report import Report

if TYPE_CHECKING:
    from pathlib import Path

CODE = """\
module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"
  rules = {
    quay = { upstream_registry_url = "quay.example" }
  }
}
"""

TOPOLOGY = """\
version: 1
registries:
  main:
    caches:
      quay: {}
"""


def span(file: Path, line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(file=file, line=line, column=column, end_line=end_line, end_column=end_column)


def finding(
    *,
    kind: FindingKind = FindingKind.FINDING,
    severity: Severity = Severity.HIGH,
    rule: str = "grant-any-principal",
    subject: str = "x",
    location: Span | None = None,
) -> Finding:
    return Finding(
        kind=kind,
        rule=rule,
        severity=severity,
        title="Something is wrong.",
        message="Something is wrong. It matters, so fix it.",
        subject=subject,
        location=location,
    )


def full_report(folder: Path) -> Report:
    """A report with drift, a finding that has a witness, something undecided, and a warning."""
    code, topology = folder / "terraform" / "main" / "main.tf", folder / "topology.yaml"
    code.parent.mkdir(parents=True, exist_ok=True)
    code.write_text(CODE, encoding="utf-8")
    topology.write_text(TOPOLOGY, encoding="utf-8")
    address = 'module.cache_eu_west_1.aws_ecr_pull_through_cache_rule.this["quay"]'
    return Report(
        command="drift",
        base=folder,
        findings=(
            Finding(
                kind=FindingKind.DRIFT,
                rule="different",
                severity=Severity.HIGH,
                title="The cache `quay` reads from another upstream.",
                message=(
                    "The cache `quay` reads from another upstream. The topology says `quay.io`, "
                    "the code `quay.example`, so every image comes from a stranger. Write:\n"
                    '    upstream_registry_url = "quay.io"'
                ),
                subject="upstream_registry_url",
                address=address,
                location=span(code, 4, 38, 4, 52),
                topology=span(topology, 5, 7, 5, 15),
            ),
            Finding(
                kind=FindingKind.FINDING,
                rule="grant-any-principal",
                severity=Severity.CRITICAL,
                title="Anybody may pull.",
                message="The registry policy lets every AWS account in.",
                subject="statement 0",
                address="module.access_eu_west_1.aws_ecr_registry_policy.this",
                location=span(code, 1, 1, 6, 2),
                topology=span(topology, 5, 7, 5, 15),
                witness=Witness(
                    principal="arn:aws:iam::999988887777:role/stranger",
                    action="ecr:BatchGetImage",
                    resource="arn:aws:ecr:eu-west-1:111122223333:repository/quay/x",
                    context={"aws:PrincipalAccount": "999988887777", "aws:PrincipalOrgPaths": ()},
                    statement=span(code, 3, 3, 5, 4),
                ),
            ),
            Finding(
                kind=FindingKind.UNDECIDED,
                rule="unknown-value",
                severity=Severity.LOW,
                title="A value cannot be known.",
                message="`var.upstream` has no default.",
                subject="var.upstream",
                location=span(code, 2, 3, 2, 9),
            ),
            finding(severity=Severity.WARNING, rule="prefix-nested", location=None),
        ),
    )
