"""A manifest may name what `generate` writes, and nothing else: the two must not part."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.delivery.manifest import is_file_of_a_root, is_shared_file
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.generate import file_tree
from generator.topology import read_topology

CHECKOUT = Path(__file__).parents[2]
TOPOLOGIES = sorted(
    (
        *CHECKOUT.glob("examples/*/topology.yaml"),
        *CHECKOUT.glob("tests/topology/whole/topology.yaml"),
    )
)


@pytest.mark.parametrize("file", TOPOLOGIES, ids=lambda file: file.parent.name)
def test_every_file_that_is_generated_may_be_named(file: Path, tmp_path: Path) -> None:
    topology = read_topology(file).topology
    assert topology is not None
    tree = file_tree(topology)

    assert all(is_file_of_a_root(name) for root in tree.roots for name in root.files)
    assert all(map(is_shared_file, tree.shared))
    apply_write(plan_write(tree, tmp_path))
    assert not plan_write(tree, tmp_path).changes


@pytest.mark.parametrize(
    "name", ["terraform.tfvars", "own.tf", "../main.tf", "main.tf\n", "MAIN.TF", ".forebay.json"]
)
def test_no_other_file_of_a_root_may_be_named(name: str) -> None:
    assert not is_file_of_a_root(name)
