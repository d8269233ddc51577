"""What modules and generated code write exists in the provider's schema, complete and of the right type."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from schema_fit import Fit, hold_files, hold_values, settable, types_of

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.generate import file_tree
from generator.topology import read_topology
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from generator.model.topology import Topology

CHECKOUT = Path(__file__).parents[2]
MODULES = CHECKOUT / "modules"
EXAMPLES = CHECKOUT / "examples"
GENERATED = 30
RIGHT = """\
resource "aws_ecr_repository_creation_template" "this" {
  prefix      = "quay"
  applied_for = ["PULL_THROUGH_CACHE"]

  dynamic "encryption_configuration" {
    for_each = ["KMS"]
    content {
      encryption_type = encryption_configuration.value
    }
  }
}
"""
WRONG = {
    "no argument colour": ('prefix      = "quay"', 'prefix = "quay"\n  colour = 1'),
    "registry_id cannot be set": ('prefix      = "quay"', 'prefix = "quay"\n  registry_id = "1"'),
    "applied_for is required": ('applied_for = ["PULL_THROUGH_CACHE"]', ""),
    "applied_for: 'PULL' is no": ('["PULL_THROUGH_CACHE"]', '"PULL"'),
    "prefix: required, and null": ('prefix      = "quay"', "prefix = null"),
    "prefix: 7 is no string": ('prefix      = "quay"', "prefix = 7"),
    "no block encryption": ('"encryption_configuration"', '"encryption"'),
    "no argument kind": ("encryption_type =", "kind ="),
    "encryption_type: True is no string": ('["KMS"]', "[true]"),
    "no such type": ("aws_ecr_repository_creation_template", "aws_ecr_template"),
}


def fit_of(folder: Path, text: str) -> Fit:
    """How a root module of one file fits."""
    (folder / "main.tf").write_text(text, encoding="utf-8")
    fit = Fit()
    hold_files(folder, fit)
    if not any("no such type" in misfit for misfit in fit.misfits):
        hold_values(folder, folder, fit)
    return fit


def test_code_that_fits_has_no_misfit(tmp_path: Path) -> None:
    fit = fit_of(tmp_path, RIGHT)

    assert fit.misfits == []
    assert ("aws_ecr_repository_creation_template", "applied_for") in fit.typed


@pytest.mark.parametrize("misfit", WRONG)
def test_code_that_does_not_fit_is_found(misfit: str, tmp_path: Path) -> None:
    fit = fit_of(tmp_path, RIGHT.replace(*WRONG[misfit]))

    assert any(misfit in found for found in fit.misfits), fit.misfits


def test_modules_write_only_what_the_provider_has() -> None:
    fit = Fit()

    hold_files(MODULES, fit)

    assert fit.misfits == []
    assert len(fit.written) > 40


@pytest.mark.parametrize(
    "type_name", ["aws_ecr_pull_through_cache_rule", "aws_ecr_repository_creation_template"]
)
def test_the_module_for_caches_reaches_every_argument(type_name: str) -> None:
    fit = Fit()

    hold_files(MODULES / "pull-through-cache", fit)

    reached = {
        f"{path}.{name}".removeprefix(f"{type_name}.")
        for path, name in fit.written
        if path.partition(".")[0] == type_name
    }
    assert settable(type_name) - reached == set()


@pytest.mark.property
def test_generated_code_is_complete_and_of_the_right_types(tmp_path: Path) -> None:
    fit, numbers = Fit(), count()

    def hold_tree(topology: Topology, home: Path) -> None:
        tree = file_tree(topology)
        if not tree.roots:
            return
        apply_write(plan_write(tree, home / "terraform"))
        for providers in sorted((home / "terraform").rglob("providers.tf")):
            hold_files(providers.parent, fit)
            hold_values(providers.parent, home, fit)

    for example in sorted(EXAMPLES.glob("*/topology.yaml")):
        topology = read_topology(example).topology
        assert topology is not None
        hold_tree(topology, tmp_path / example.parent.name)

    @settings(max_examples=GENERATED, deadline=None, database=None, phases=[Phase.generate])
    @given(document=topologies())
    def hold(document: Document) -> None:
        home = tmp_path / f"tree-{next(numbers)}"
        home.mkdir()
        (home / "topology.yaml").write_text(to_yaml(document), encoding="utf-8")
        topology = read_topology(home / "topology.yaml").topology
        assert topology is not None
        hold_tree(topology, home)

    hold()

    assert fit.misfits == []
    modules = Fit()
    hold_files(MODULES, modules)
    assert types_of(modules.written) <= types_of(fit.typed)
    assert len(fit.typed) > 30
