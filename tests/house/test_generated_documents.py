"""Documents that are generated, against what they are generated from."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import command_page
import pytest
import readme_finding
import topology_reference
from module_tables import MODULES, blocks_of, manual
from rule_pages import FOLDER, pages

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.mark.parametrize("module", sorted(MODULES.iterdir()), ids=lambda module: module.name)
def test_a_module_s_manual_lists_its_inputs_and_outputs(module: Path) -> None:
    assert (module / "README.md").read_text(encoding="utf-8") == manual(module), "run `make docs`"


@pytest.mark.parametrize("module", sorted(MODULES.iterdir()), ids=lambda module: module.name)
def test_a_module_s_manual_lists_its_addresses(module: Path) -> None:
    manual_text = (module / "README.md").read_text(encoding="utf-8")

    for file in sorted(module.glob("*.tf")):
        for block in blocks_of(file, "resource")[1]:
            address = ".".join(block.labels) + (
                '["' if "for_each" in block.body.attributes else "`"
            )
            assert f"`{address}" in manual_text, address


def test_the_pages_about_rules_are_their_manuals() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}

    assert written == pages(), "run `make docs`"


def test_the_index_of_rules_has_each_once() -> None:
    rows = re.findall(r"^\| \[?`?([a-z-]+)", pages()["README.md"], re.MULTILINE)
    names = [name for name in rows if name not in ("rule", "---")]

    assert len(names) > 100
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("made", [command_page, topology_reference])
def test_a_reference_is_as_the_program_has_it(made: ModuleType) -> None:
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run `make docs`"


def test_the_finding_of_the_readme_is_what_check_prints(tmp_path: Path) -> None:
    readme = readme_finding.README.read_text(encoding="utf-8")

    assert readme == readme_finding.page(readme, tmp_path), "run `make docs`"
