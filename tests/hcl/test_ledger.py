"""Whatever Terraform would load below the code folder is read, or named in a result."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.hcl.ledger import Fate, fates
from generator.hcl.reader import read_code, read_with_ledger
from generator.hcl.settings import Engine, ReadingSettings
from generator.model.finding import FindingKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from hcl_support import Files

    from generator.model.finding import Finding
    from generator.model.reading import Reading

    Write = Callable[[Files], Path]

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
OPEN = """resource "aws_ecr_repository_policy" "e" {
  repository = "quay/app"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
"""
ROOT = {"terraform/shop/main.tf": PROVIDER, "terraform/shop/.forebay.json": "{}"}


def read(project: Path, engine: Engine = Engine.TERRAFORM) -> Reading:
    return read_code(
        project / "terraform",
        project_root=project,
        topology=None,
        settings=ReadingSettings(engine=engine),
    )


def undecided(reading: Reading) -> list[Finding]:
    return [each for each in reading.problems if each.kind is FindingKind.UNDECIDED]


@pytest.mark.parametrize(
    "name",
    [
        "shop/#evil.tf",
        "shop/evil.tf",
        "evil/main.tf",
        ".evil/main.tf",
        "modules/evil/main.tf",
        "handover/evil/main.tf",
        "evil/.x/..y/main.tf",
        "shop/evil/main.tf",
        "evil/#.tf",
    ],
)
@pytest.mark.parametrize("mark", ["", PROVIDER])
def test_no_name_of_a_file_or_folder_hides_a_policy(write: Write, name: str, mark: str) -> None:
    if name.startswith("shop/") and name.count("/") == 1:
        mark = ""
    project = write({**ROOT, "terraform/.forebay.json": "{}", f"terraform/{name}": mark + OPEN})

    (record,) = read(project).estate.records

    assert record.address == "aws_ecr_repository_policy.e"


def test_a_decoy_with_a_provider_or_a_manifest_hides_no_other_folder(write: Write) -> None:
    project = write(
        {
            "terraform/a/main.tf": OPEN,
            "terraform/decoy/main.tf": 'provider "aws" {}\n',
            "terraform/other/main.tf": "locals {}\n",
            "terraform/other/.forebay.json": "{}",
        }
    )

    assert [record.root for record in read(project).estate.records] == ["a"]


@pytest.mark.parametrize("times", ["count = 0", "for_each = {}", "for_each = toset([])"])
def test_a_call_that_makes_nothing_hides_no_root(write: Write, times: str) -> None:
    project = write(
        {
            "terraform/shop/main.tf": PROVIDER
            + f'module "evil" {{\n  source = "../evil"\n  {times}\n}}\n',
            "terraform/evil/main.tf": PROVIDER + OPEN,
        }
    )

    assert [record.root for record in read(project).estate.records] == ["evil"]


def test_a_module_that_no_call_makes_is_named(write: Write) -> None:
    project = write(
        {
            "terraform/shop/main.tf": PROVIDER
            + 'module "off" {\n  source = "../off"\n  count = 0\n}\n'
            + 'module "on" {\n  source = "../on"\n}\n'
            + 'module "net" {\n  source = "../net"\n  count = 0\n}\n',
            "terraform/off/main.tf": OPEN,
            "terraform/on/main.tf": OPEN,
            "terraform/net/main.tf": 'output "x" {\n  value = "aws_ecr_"\n}\n',
        }
    )

    reading = read(project)

    assert [record.address for record in reading.estate.records] == [
        "module.on.aws_ecr_repository_policy.e"
    ]
    (finding,) = undecided(reading)
    assert (finding.rule, finding.subject) == ("unread-code", "terraform/off/main.tf")
    assert "`terraform/off`" in finding.message


def test_two_folders_that_call_each_other_are_named(write: Write) -> None:
    project = write(
        {
            **ROOT,
            "terraform/a/main.tf": 'module "b" {\n  source = "../b"\n}\n' + OPEN,
            "terraform/b/main.tf": 'module "a" {\n  source = "../a"\n}\n' + OPEN,
        }
    )

    assert [finding.subject for finding in undecided(read(project))] == [
        "terraform/a/main.tf",
        "terraform/b/main.tf",
    ]


def test_a_folder_that_is_a_link_is_read(write: Write) -> None:
    project = write({**ROOT, "elsewhere/evil/main.tf": OPEN, "elsewhere/evil/in/main.tf": OPEN})
    (project / "terraform/evil").symlink_to("../elsewhere/evil", target_is_directory=True)

    assert [record.root for record in read(project).estate.records] == ["evil", "evil/in"]


def test_a_link_to_a_module_is_a_root_with_the_values_by_default(write: Write) -> None:
    project = write(
        {
            "terraform/shop/main.tf": PROVIDER
            + 'module "m" {\n  source = "../m"\n  name = "called"\n}\n',
            "terraform/m/main.tf": 'variable "name" {\n  default = "by-default"\n}\n'
            + 'resource "aws_ecr_account_setting" "s" {\n  name = var.name\n}\n',
        }
    )
    (project / "terraform/alone").symlink_to("m", target_is_directory=True)
    (project / "terraform/again").symlink_to("shop", target_is_directory=True)

    found = {(record.root, record.key) for record in read(project).estate.records}

    assert found == {("shop", "called"), ("alone", "by-default")}


def test_links_that_lead_out_of_the_project_are_named_and_not_followed(
    write: Write, tmp_path: Path
) -> None:
    project = write({**ROOT, "../outside/main.tf": OPEN, ".git/x/main.tf": OPEN})
    (project / "terraform/evil").symlink_to(tmp_path / "outside", target_is_directory=True)
    (project / "terraform/git").symlink_to("../.git/x", target_is_directory=True)

    reading = read(project)

    assert reading.estate.records == ()
    assert [finding.subject for finding in undecided(reading)] == [
        "terraform/evil",
        "terraform/git",
    ]


def test_a_folder_that_cannot_be_listed_is_an_error(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write({**ROOT, "terraform/evil/main.tf": PROVIDER + OPEN})
    before = os.scandir

    def refuse(path: Path) -> os._ScandirIterator[str]:
        if path == project / "terraform/evil":
            raise PermissionError(13, "Permission denied")
        return before(path)  # type: ignore[return-value]

    monkeypatch.setattr(os, "scandir", refuse)

    (problem,) = read(project).problems

    assert (problem.kind, problem.rule) == (FindingKind.ERROR, "unreadable-file")
    assert "`terraform/evil` cannot be read: Permission denied" in problem.message


def test_a_path_that_is_too_long_is_an_error(write: Write) -> None:
    project = write(ROOT)
    opened = os.open(project / "terraform", os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=opened)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = inner
    file = os.open("main.tf", os.O_CREAT | os.O_WRONLY, dir_fd=opened)
    os.write(file, (PROVIDER + OPEN).encode())
    os.close(file)
    os.close(opened)

    kinds = {problem.kind for problem in read(project).problems}

    assert kinds == {FindingKind.ERROR}


def test_files_of_opentofu_are_named_when_terraform_s_way_of_reading_leaves_them_out(
    write: Write,
) -> None:
    project = write({**ROOT, "terraform/shop/z.tofu": OPEN, "terraform/y/harmless.tofu": ""})

    reading = read(project)

    assert reading.estate.records == ()
    (finding,) = undecided(reading)
    assert "`terraform/shop/z.tofu`" in finding.message
    assert "--engine tofu" in finding.message
    assert [record.root for record in read(project, Engine.TOFU).estate.records] == ["shop"]


def test_a_copy_of_a_module_of_ours_that_nothing_calls_is_no_root(write: Write) -> None:
    ours = Path("modules/template-role")
    files: Files = {
        f"terraform/modules/template-role/{file.name}": file.read_text()
        for file in ours.glob("*.tf")
    }
    project = write({**ROOT, **files})

    assert [root.name for root in read(project).estate.roots] == ["shop"]

    write({"terraform/modules/template-role/more.tf": OPEN})

    assert [root.name for root in read(project).estate.roots] == ["modules/template-role"]


def made_by_terraform(folder: Path) -> set[str]:
    """What Terraform finds in a folder that it is run in: every block stands for its file."""
    for command in (["init", "-backend=false", "-input=false"], ["graph"]):
        ran = subprocess.run(
            ["terraform", f"-chdir={folder}", *command],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_DATA_DIR": str(folder.parent / ".terraform")},
        )
        if ran.returncode:
            return set()
    return {
        word.strip('"').removeprefix("terraform_data.")
        for word in ran.stdout.split()
        if word.startswith('"terraform_data.')
    }


@pytest.mark.slow
def test_every_file_that_terraform_loads_is_accounted_for(write: Write) -> None:
    names = [
        "main.tf", "#x.tf", "#x.tf#", ".x.tf", "x.tf~", "x.tf", "x.tf.json", "x.TF", "x.tofu", "~.tf",
        "x.tf.bak", "##.tf", "a b.tf", "é.tf", "x.tfvars", "-x.tf", "x.tf.tf", "..tf", "tf", "x.tftest.hcl",
    ]  # fmt: skip
    folders = [
        "a", ".b", "modules/c", "handover/d", "e.tf", "f/g", "#h", "i~", "called", "off", "node_modules/j",
    ]  # fmt: skip
    files: dict[str, str | bytes] = {"terraform/.forebay.json": "{}"}
    known: dict[str, Path] = {}
    for folder in folders:
        for number, name in enumerate(names):
            block = f"f{len(known)}"
            known[block] = Path("terraform", folder, name)
            text = f'resource "terraform_data" "{block}" {{}}\n'
            if name.endswith(".json"):
                text = f'{{"resource": {{"terraform_data": {{"{block}": {{}}}}}}}}'
            elif name.endswith((".tfvars", ".hcl")):
                text = ""
            if number == 0:
                text += "# aws_ecr_\n"
            files[known[block].as_posix()] = text + "\n"
    files["terraform/caller/main.tf"] = (
        'module "called" {\n  source = "../called"\n}\n'
        'module "off" {\n  source = "../off"\n  count = 0\n}\n'
    )
    project = write(files)
    (project / "terraform/link").symlink_to("modules/c", target_is_directory=True)
    (project / "beside").mkdir()
    (project / "beside/main.tf").write_text('resource "terraform_data" "beside" {}\n# aws_ecr_x')
    (project / "terraform/away").symlink_to("../beside", target_is_directory=True)
    known["beside"] = Path("terraform/away/main.tf")

    _, ledger = read_with_ledger(project / "terraform", project_root=project, topology=None)
    account = fates(ledger)
    loaded = {
        project / known[block]
        for folder in [*folders, "link", "away"]
        for block in made_by_terraform(project / "terraform" / folder)
    }

    assert len(loaded) > 60
    assert loaded <= account.keys()
    assert {account[file] for file in loaded} <= {Fate.READ, Fate.NAMED, Fate.SEEN}
