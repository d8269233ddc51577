"""What the documents show works: their commands, topologies and Terraform are run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project, copied_example

if TYPE_CHECKING:
    from terraform.fixtures import TerraformFactory

CHECKOUT = Path(__file__).parents[2]
MODULES = sorted((CHECKOUT / "modules").iterdir())
EXAMPLES = sorted(path.parent for path in (CHECKOUT / "examples").glob("*/topology.yaml"))


def blocks(file: Path, language: str) -> list[str]:
    """The fenced blocks of a language in a Markdown file."""
    text = file.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(file: Path) -> list[list[str]]:
    """The forebay commands that a Markdown file shows, as arguments."""
    lines = [line for block in blocks(file, "sh") for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [found[1:] for found in words if found[:1] == ["forebay"]]


def test_the_tour_of_the_readme_works(tmp_path: Path) -> None:
    readme = CHECKOUT / "README.md"
    (topology,) = blocks(readme, "yaml")
    (tmp_path / "topology.yaml").write_text(topology, encoding="utf-8")
    project = Project(folder=tmp_path)

    tour = commands(readme)

    assert len(tour) > 5
    for command in tour:
        done = project.forebay(*command)
        assert done.exit_code == 0, (command, done.stdout, done.stderr)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_commands_of_an_example_work(example: Path, tmp_path: Path) -> None:
    project = copied_example(example.name, tmp_path)

    shown = commands(example / "README.md")

    assert shown
    for command in shown:
        done = project.forebay(*command)
        assert done.exit_code == 0, (command, done.stdout, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_call_in_a_module_s_readme_is_valid(
    module: Path, tmp_path: Path, terraform_offline: TerraformFactory
) -> None:
    (call,) = blocks(module / "README.md", "hcl")
    shutil.copytree(module, tmp_path / "root" / "modules" / module.name)
    root = tmp_path / "root"
    (root / "main.tf").write_text('provider "aws" { region = "eu-west-1" }\n' + call)
    terraform = terraform_offline(root)

    terraform.init()

    assert "Success" in terraform.validate().stdout
    terraform.fmt_check()


def test_links_between_files_lead_somewhere() -> None:
    files = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md"]
    files += [file for folder in (*MODULES, *EXAMPLES) for file in folder.glob("README.md")]
    for file in files:
        for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), (file, target)


def test_the_targets_of_make_that_the_documents_name_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    for file in (
        CHECKOUT / "README.md",
        CHECKOUT / "CONTRIBUTING.md",
        *CHECKOUT.glob("docs/*/*.md"),
    ):
        named = set(re.findall(r"(?:^|`|\d )make ([a-z-]+)", file.read_text("utf-8"), re.MULTILINE))
        assert named <= targets, (file, named - targets)


def test_every_page_is_named_where_readers_begin() -> None:
    docs = CHECKOUT / "docs"
    named = re.findall(r"\]\(([^)#:\s]+\.md)\)", (docs / "README.md").read_text(encoding="utf-8"))
    folders = {(docs / name).parent for name in named if name.endswith("/README.md")}

    pages = [page for page in docs.glob("*/**/*.md") if page.parent not in folders]

    assert sorted(named) == sorted({*named})
    assert [page for page in pages if page.relative_to(docs).as_posix() not in named] == []
