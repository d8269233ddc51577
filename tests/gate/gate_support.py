"""A topology and hand-written code in a folder, and what drift and check say about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.hcl import CodeReading, read_code
from generator.model.finding import Finding, Severity
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.model.topology import Topology

TOPOLOGY = """
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
consumers:
  nodes: {account: main, role: eks-node}
registries:
  main:
    caches:
      quay: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
    grants: [{to: nodes, allow: pull}]
"""

PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""

RULES = """
data "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = data.aws_secretsmanager_secret.hub.arn
}
"""

POLICY = """
resource "aws_iam_policy" "pull" {
  name = "forebay-nodes"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]
        Resource = ["arn:aws:ecr:eu-west-1:111122223333:repository/quay/*", "arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/*"]
      },
    ]
  })
}
"""

TODAY = date(2026, 1, 1)
"""The day on which topologies are judged; no test of code depends on it."""

WHOLE = PROVIDER + RULES + POLICY


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What drift and check found."""

    topology: Topology
    reading: CodeReading

    @property
    def drift(self) -> list[Finding]:
        """The drift that counts."""
        return _counting(drift_findings(self.topology, self.reading))

    @property
    def check(self) -> list[Finding]:
        """The findings of check that count."""
        return _counting(check_findings(self.topology, self.reading))

    @property
    def notes(self) -> list[str]:
        """The rules of what is only for information, of both commands."""
        both = (
            *drift_findings(self.topology, self.reading),
            *check_findings(self.topology, self.reading),
        )
        return [finding.rule for finding in both if finding.severity is Severity.INFO]


def judged(folder: Path, code: str | Mapping[str, str], topology: str = TOPOLOGY) -> Judged:
    """Write a topology and code, and read both."""
    folder.mkdir(exist_ok=True)
    (folder / "topology.yaml").write_text(topology, encoding="utf-8")
    for name, text in ({"main.tf": code} if isinstance(code, str) else code).items():
        file = folder / "code" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    code_reading = read_code(folder / "code", project_root=folder, topology=reading.topology)
    return Judged(topology=reading.topology, reading=code_reading)


def rules(findings: list[Finding]) -> list[tuple[str, str]]:
    """Kind and rule of each finding."""
    return [(finding.kind.value, finding.rule) for finding in findings]


def _counting(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.INFO]
