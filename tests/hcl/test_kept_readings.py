"""What code said is kept between runs: an answer from before is the one that reading would give."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generator.hcl.reader
from generator.hcl import read_code
from generator.hcl.grammar import parser as parser_of
from generator.hcl.parser import parse_body
from generator.hcl.plain_forms import written
from generator.hcl.settings import Engine, ReadingSettings
from generator.hcl.source import SourceText
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.model.reading import Reading

HERE = Path(__file__).parent
FOLDERS = [
    *sorted(one for one in (HERE / "roots").iterdir() if one.is_dir()),
    *sorted(one for one in (HERE / "styles").iterdir() if one.is_dir() and one.name != "expected"),
    *sorted(HERE.parents[1].glob("examples/*/terraform")),
]
MAIN = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

variable "host" {
  default = "quay.io"
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = fileexists("${path.module}/prefix.txt") ? file("${path.module}/prefix.txt") : "quay"
  upstream_registry_url = var.host
}

resource "aws_ecr_repository" "each" {
  for_each = fileset("${path.module}/sets", "*.txt")
  name     = each.value
}

module "policy" {
  source = "../modules/policy"
}
"""
POLICY = """
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*", Resource = "*"
    }]
  })
}
"""
FILES = {
    "code/main.tf": MAIN,
    "modules/policy/main.tf": POLICY,
    "code/more/notes.txt": "nothing",
    "code/sets/first.txt": "",
}


def project(folder: Path) -> Path:
    """A root that reads a file beside it and calls a module from elsewhere in the project."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, cache: Path | None, *, workers: int = 1, **settings: object) -> Reading:
    return read_code(
        folder / "code",
        project_root=folder,
        topology=None,
        cache_folder=cache,
        workers=workers,
        settings=ReadingSettings(**settings),  # type: ignore[arg-type]
    )


def everything(reading: Reading) -> str:
    """All that a reading says, places included, which do not count when values are compared."""
    return written(reading)


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the parser's table, which is slow to build."""
    folder = tmp_path_factory.mktemp("table")
    parse_body(SourceText(Path("x.tf"), "a = 1\n"), cache_folder=folder)
    return folder


@pytest.fixture
def cache(tmp_path: Path, table: Path) -> Path:
    """A cache folder in which no reading is kept."""
    shutil.copytree(table, tmp_path / "cache", ignore=shutil.ignore_patterns("code-*"))
    (tmp_path / "cache").chmod(0o700)
    return tmp_path / "cache"


class _Opened:
    """The files and folders that Python opens, while somebody wants to know."""

    def __init__(self) -> None:
        self.names: list[str] | None = None
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        is_noted = self.names is not None and event in {"open", "os.listdir", "os.scandir"}
        if is_noted and isinstance(arguments[0], str | bytes | os.PathLike):
            self.names.append(os.path.abspath(os.fsdecode(arguments[0])))  # type: ignore[union-attr]  # noqa: PTH100


OPENED = _Opened()


@pytest.mark.parametrize(
    "folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}"
)
def test_a_mark_stands_for_everything_that_is_opened(
    folder: Path, tmp_path: Path, cache: Path
) -> None:
    copy = tmp_path / "project"
    shutil.copytree(folder, copy)
    OPENED.names = opened = []
    try:
        reading = read_code(copy, project_root=copy, topology=None, cache_folder=cache)
    finally:
        OPENED.names = None

    assert str(copy) in opened
    if not list(cache.glob("code-*")):
        assert reading.problems or (copy / "terragrunt.hcl").exists()
        return
    marks = json.loads(entry(cache).read_text("utf-8").split("\n")[1])
    for path in map(Path, opened):
        if path.is_relative_to(copy):
            is_marked = str(path) in marks
            is_code_there = path.name.endswith(
                (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json")
            )
            assert is_marked or (is_code_there and str(path.parent) in marks), path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The code folders that were really read."""
    folders: list[Path] = []
    original = generator.hcl.reader.read_with_ledger

    def noted(code: Path, **others: object) -> object:
        folders.append(code)
        return original(code, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(generator.hcl.reader, "read_with_ledger", noted)
    return folders


def entry(cache: Path) -> Path:
    (file,) = cache.glob("code-*.json")
    return file


@pytest.mark.parametrize(
    "folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}"
)
def test_what_is_kept_is_what_reading_says(
    folder: Path, tmp_path: Path, cache: Path, reads: list[Path]
) -> None:
    def ask(kept: Path | None) -> Reading:
        return read_code(folder, project_root=folder, topology=None, cache_folder=kept)

    fresh, first, second = ask(None), ask(cache), ask(cache)

    assert everything(first) == everything(fresh)
    assert everything(second) == everything(fresh)
    # What is not whole is read anew, to say so once more, and so is what another program writes into.
    is_kept = not fresh.problems and not (folder / "terragrunt.hcl").exists()
    assert len(reads) == (2 if is_kept else 3)


def _write(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    return change


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink(missing_ok=True)


def _link(folder: Path) -> None:
    if not (folder / "code" / "link").is_symlink():
        (folder / "code" / "link").symlink_to(folder / "modules")


CHANGES: list[Callable[[Path], None]] = [
    _write("code/main.tf", MAIN.replace("quay.io", "ghcr.io")),
    _write("code/main.tf", MAIN),
    _write("code/more.tf", 'resource "aws_ecr_repository" "this" {\n  name = "a"\n}\n'),
    _remove("code/more.tf"),
    _write("code/main_override.tf", 'variable "host" {\n  default = "registry.k8s.io"\n}\n'),
    _remove("code/main_override.tf"),
    _write("code/a.auto.tfvars", 'host = "public.ecr.aws"\n'),
    _write("code/a.auto.tfvars", 'host = "docker.io"\n'),
    _remove("code/a.auto.tfvars"),
    _write("code/prefix.txt", "kept"),
    _write("code/prefix.txt", "changed"),
    _remove("code/prefix.txt"),
    _write("modules/policy/main.tf", POLICY.replace("222233334444", "*")),
    _write("modules/policy/main.tf", POLICY),
    _write("modules/policy/other.tf", POLICY.replace('"this"', '"that"')),
    _remove("modules/policy/other.tf"),
    _write("code/more/main.tf", 'provider "aws" {\n  region = "us-east-1"\n}\n'),
    _remove("code/more/main.tf"),
    _write("code/.terraform/modules/modules.json", '{"Modules": []}'),
    _write("code/broken.tf", "a = \n"),
    _remove("code/broken.tf"),
    _write("code/sets/a.txt", "a"),
    _write("code/sets/b.txt", "b"),
    _remove("code/sets/a.txt"),
    _write("code/template.yaml", "Type: AWS::ECR::RegistryPolicy"),
    _write("code/terragrunt.hcl", "# ecr"),
    _write("code/terragrunt.hcl", "# nothing"),
    _remove("code/terragrunt.hcl"),
    _link,
]


@settings(max_examples=30)
@given(changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=6))
def test_whatever_changes_is_read_anew(changes: list[Callable[[Path], None]], table: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name).resolve() / "project")
        read(folder, table)

        for change in changes:
            change(folder)

            assert everything(read(folder, table)) == everything(read(folder, None))


def test_what_is_read_in_place_of_a_module_is_parsed_by_the_table_that_is_kept(
    tmp_path: Path, cache: Path
) -> None:
    module = 'module "ecr" {\n  source  = "terraform-aws-modules/ecr/aws"\n  version = "2.3.0"\n}\n'
    project(tmp_path)
    (tmp_path / "code/main.tf").write_text(module, encoding="utf-8")
    built = parser_of.cache_info().misses

    read(tmp_path, cache)

    assert parser_of.cache_info().misses == built + 1


def test_what_did_not_change_is_not_read_again(
    tmp_path: Path, cache: Path, reads: list[Path]
) -> None:
    folder = project(tmp_path / "project")

    first, second = read(folder, cache), read(folder, cache)

    assert everything(first) == everything(second)
    assert len(reads) == 1


def test_a_change_that_nobody_reads_is_none(tmp_path: Path, cache: Path, reads: list[Path]) -> None:
    folder = project(tmp_path / "project")
    read(folder, cache)

    (folder / "code" / "more" / "notes.txt").write_text("other words", encoding="utf-8")
    read(folder, cache)

    assert len(reads) == 1


def test_another_program_reads_for_itself(tmp_path: Path, cache: Path, reads: list[Path]) -> None:
    folder = project(tmp_path / "project")

    for engine in (Engine.TERRAFORM, Engine.TOFU, Engine.TERRAFORM):
        read(folder, cache, engine=engine)

    assert len(reads) == 2


def test_another_word_of_the_topology_about_folders_is_heard(tmp_path: Path, cache: Path) -> None:
    folder = project(tmp_path / "project")
    code = folder / "code" / "ecr"
    code.mkdir()
    (code / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n}\n'
        'resource "aws_ecr_repository" "this" {\n  name = "quay/a"\n}\n',
        encoding="utf-8",
    )
    accounts = []
    for shop, ops in ((", code_folders: [ecr]", ""), ("", ", code_folders: [ecr]")):
        file = folder / "topology.yaml"
        file.write_text(
            "version: 1\ndefaults: {regions: [eu-west-1]}\naccounts:\n"
            f'  shop: {{id: "111111111111"{shop}}}\n'
            f'  ops: {{id: "222222222222"{ops}}}\n'
            "registries: {shop: {caches: {ecr-public: {}}}}\n",
            encoding="utf-8",
        )
        topology = read_topology(file).topology
        assert topology is not None

        reading = read_code(code.parent, project_root=folder, topology=topology, cache_folder=cache)
        accounts += [one.account for one in reading.estate.records if one.root == "ecr"]

    assert accounts == ["1" * 12, "2" * 12]


def test_values_from_the_command_line_are_never_kept(tmp_path: Path, cache: Path) -> None:
    folder = project(tmp_path / "project")
    values = tmp_path / "values.tfvars"
    values.write_text('host = "secret.example"\n', encoding="utf-8")

    read(folder, cache, variables={"host": "secret.example"})
    read(folder, cache, variable_files=(values,))

    assert not list(cache.glob("code-*"))


def _signed(content: str) -> str:
    return f"{sha256(content.encode()).hexdigest()}\n{content}"


DAMAGES: dict[str, Callable[[str], str]] = {
    "half": lambda text: text[: len(text) // 2],
    "nothing": lambda _: "",
    "another value": lambda text: text.replace("quay.io", "evil.io"),
    "another mark": lambda text: text.replace("\n{", '\n{"/":"none",', 1),
    "no entry": lambda _: _signed("[]"),
    "no marks": lambda text: _signed(text.split("\n")[2]),
    "no reading": lambda _: _signed("{}\n[[], [1]]"),
    "no such sort": lambda _: _signed("{}\n[[], [99]]"),
    "a name": lambda _: _signed('{}\n[[], "os.system"]'),
    "a bomb": lambda _: _signed("[" * 100_000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_the_same_as_none(damage: str, tmp_path: Path, cache: Path) -> None:
    folder = project(tmp_path / "project")
    first = read(folder, cache)
    file = entry(cache)

    file.write_text(DAMAGES[damage](file.read_text("utf-8")), encoding="utf-8")

    assert everything(read(folder, cache)) == everything(first)
    assert everything(read(folder, cache)) == everything(first)


def test_an_entry_is_data_for_the_user_alone(tmp_path: Path, cache: Path) -> None:
    folder = project(tmp_path / "project")

    read(folder, cache)

    digest, marks, content = entry(cache).read_text("utf-8").split("\n")
    assert digest == sha256(f"{marks}\n{content}".encode()).hexdigest()
    assert all(isinstance(mark, str) for mark in json.loads(marks).values())
    files, reading = json.loads(content)
    assert all(isinstance(file, str) for file in files)
    assert isinstance(reading, list)
    assert entry(cache).stat().st_mode & 0o777 == 0o600
    assert cache.stat().st_mode & 0o777 == 0o700


def test_a_folder_where_others_may_write_is_not_used(
    tmp_path: Path, cache: Path, reads: list[Path]
) -> None:
    folder = project(tmp_path / "project")
    read(folder, cache)

    cache.chmod(0o777)
    read(folder, cache)

    assert len(reads) == 2


def test_runs_at_the_same_time_do_not_disturb_each_other(tmp_path: Path, cache: Path) -> None:
    folder = project(tmp_path / "project")
    code = (
        "import sys; from pathlib import Path; from generator.hcl import read_code\n"
        "folder, cache = map(Path, sys.argv[1:])\n"
        "for _ in range(5):\n"
        "    reading = read_code(folder / 'code', project_root=folder, topology=None, cache_folder=cache)\n"
        "    assert len(reading.estate.records) == 3, reading\n"
    )

    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), str(cache)], stderr=-1)
        for _ in range(3)
    ]

    assert [run.communicate()[1] for run in runs] == [b""] * 3
    assert [run.returncode for run in runs] == [0] * 3
    assert not list(cache.glob(".new-*"))


def test_several_processes_note_what_each_of_them_looked_at(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, reads: list[Path]
) -> None:
    folder = tmp_path / "project"
    monkeypatch.setattr("generator.hcl.parallel.WORTH_IT", 0)
    for number in range(4):
        project(folder / f"p{number}")
        shutil.move(folder / f"p{number}" / "code", folder / "code" / f"root{number}")
    shutil.move(folder / "p0" / "modules", folder / "code" / "modules")

    read(folder, cache, workers=2)
    (folder / "code" / "root3" / "prefix.txt").write_text("changed", encoding="utf-8")
    changed = read(folder, cache, workers=2)

    assert everything(changed) == everything(read(folder, None))
    assert len(reads) == 3


def test_no_value_of_a_secret_is_kept(tmp_path: Path, cache: Path) -> None:
    folder = project(tmp_path / "project")
    (folder / "code" / "secret.tf").write_text(
        'variable "token" {\n  sensitive = true\n  default   = "correct-horse"\n}\n'
        'resource "aws_secretsmanager_secret" "hub" {\n  name = "ecr-pullthroughcache/hub"\n}\n'
        'resource "aws_secretsmanager_secret_version" "hub" {\n'
        "  secret_id     = aws_secretsmanager_secret.hub.id\n"
        '  secret_string = jsonencode({ username = "battery-staple", accessToken = var.token })\n}\n',
        encoding="utf-8",
    )

    read(folder, cache)

    text = entry(cache).read_text("utf-8")
    assert "accessToken" in text
    assert "battery-staple" not in text
    assert "correct-horse" not in text
