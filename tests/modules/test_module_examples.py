"""The modules' examples: each is a whole root module that applies, and leaves nothing to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from terraform.fixtures import TerraformFactory

MODULES = sorted((Path(__file__).parents[2] / "modules").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_an_example_of_a_module_applies_as_it_is(
    module: Path, tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    shutil.copytree(module, tmp_path / module.name)
    root = tmp_path / module.name / "examples" / "basic"
    text = (root / "main.tf").read_text(encoding="utf-8")
    (account,) = set(re.findall(r'allowed_account_ids = \["(\d{12})"\]', text))
    terraform = terraform_factory(root, account=account)
    terraform.init()

    terraform.apply()

    (name,) = re.findall(r'^module "(\w+)"', text, re.MULTILINE)
    assert f"module.{name}.aws_" in terraform.run("state", "list").stdout
    assert not terraform.plan(detailed=True).has_changes
