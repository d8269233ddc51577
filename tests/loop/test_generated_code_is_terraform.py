"""Whatever the topology: Terraform itself takes the generated code, and finds it well formatted."""

from __future__ import annotations

import subprocess
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.generate import file_tree
from generator.topology import read_topology
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from pathlib import Path

    from terraform.fixtures import TerraformFactory

FORMATTED = 60
VALIDATED = 6


def write_trees(folder: Path, examples: int) -> list[Path]:
    """Generate random topologies, each into a folder of its own; returns those with any root."""
    numbers = count()
    trees: list[Path] = []

    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate])
    @given(document=topologies())
    def write(document: Document) -> None:
        home = folder / f"tree-{next(numbers)}"
        home.mkdir(parents=True)
        (home / "topology.yaml").write_text(to_yaml(document), encoding="utf-8")
        topology = read_topology(home / "topology.yaml").topology
        assert topology is not None
        tree = file_tree(topology)
        if tree.roots:
            apply_write(plan_write(tree, home / "terraform"))
            trees.append(home / "terraform")

    write()
    return trees


@pytest.mark.property
def test_generated_code_is_as_terraform_fmt_writes_it(
    tmp_path: Path, terraform_program: tuple[str, ...]
) -> None:
    trees = write_trees(tmp_path, FORMATTED)

    done = subprocess.run(
        [*terraform_program, "fmt", "-check", "-diff", "-recursive", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(trees) > FORMATTED / 2
    assert done.returncode == 0, done.stdout


@pytest.mark.property
@pytest.mark.slow
def test_terraform_validates_generated_code(
    tmp_path: Path, terraform_offline: TerraformFactory
) -> None:
    trees = write_trees(tmp_path, VALIDATED)

    roots = [file.parent for tree in trees for file in tree.rglob("terraform.tf")]
    assert roots
    for root in roots:
        terraform = terraform_offline(root)
        terraform.init("-backend=false")
        assert "Success" in terraform.validate().stdout
