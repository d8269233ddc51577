"""A repository with generated code, and the two mistakes that its pull request makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.project import Project

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  shop-nodes: {account: shop, role: "eks-node-*"}
registries:
  platform:
    caches:
      ecr-public: {}
      quay: {}
    grants:
      - {to: shop-nodes, allow: first-pull}
"""


def repository(folder: Path) -> Project:
    """A repository whose code is what `generate` writes."""
    folder.mkdir()
    (folder / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    project = Project(folder=folder)
    assert project.forebay("generate").exit_code == 0
    return project


def seed(project: Project) -> tuple[int, int]:
    """Let every role of the account in and cache another upstream; the lines where that stands."""
    for file, old, new in (
        ("platform/access.tf", ":role/eks-node-*", ":role/*"),
        ("platform/main.tf", '"public.ecr.aws"', '"registry.k8s.io"'),
    ):
        text = project.file(file).read_text(encoding="utf-8")
        assert old in text
        project.file(file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return (
        project.line_of("platform/access.tf", ":role/*"),
        project.line_of("platform/main.tf", '"registry.k8s.io"'),
    )
