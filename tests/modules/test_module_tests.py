"""The modules' own tests, as `terraform test` and `tofu test` run them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from terraform.fixtures import TerraformFactory

MODULES = sorted((Path(__file__).parents[2] / "modules").iterdir())


@pytest.mark.slow
@with_both_programs
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_passes_its_own_tests(
    module: Path, tmp_path: Path, terraform_offline: TerraformFactory
) -> None:
    copy = tmp_path / module.name
    shutil.copytree(module, copy)
    terraform = terraform_offline(copy)
    terraform.init()

    result = terraform.test()

    assert " 0 failed" in result.stdout
    assert "Success! 0 passed" not in result.stdout
    terraform.fmt_check()
