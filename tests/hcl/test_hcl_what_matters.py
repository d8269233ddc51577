"""Folders that cannot matter are not parsed; several processes read the same as one does."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.hcl import CodeReading, parallel, read_code, reader
from generator.hcl.root import RootReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from hcl_support import Files

    from generator.hcl.root import RootReading

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
SETTING = 'resource "aws_ecr_account_setting" "s" {\n  name = "BLOB_MOUNTING"\n}\n'
NETWORK = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'


def call(source: str) -> str:
    name = re.sub("[^a-z]+", "-", source)
    return f'module "m{name}" {{\n  source = "{source}"\n}}\n'


def read(folder: Path) -> CodeReading:
    return read_code(folder, project_root=folder, topology=None)


def parsed_folders(monkeypatch: pytest.MonkeyPatch, folder: Path) -> set[str]:
    """The folders that a reading looks into."""
    seen: set[str] = set()
    before = parallel.read_in_parallel

    def noting(*arguments: object, **named: object) -> object:
        folders = arguments[1]
        assert isinstance(folders, (list, tuple))
        seen.update(entry.folder.relative_to(folder).as_posix() for entry in folders)
        return before(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "read_in_parallel", noting)
    read(folder)
    return seen


@pytest.mark.parametrize(
    ("text", "is_parsed"),
    [
        (NETWORK, False),
        (PROVIDER + NETWORK, False),
        ('variable "v" {}\nlocals {\n  a = var.v\n}\n', False),
        (call("./lib"), False),
        ("terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n", False),
        (SETTING, True),
        ('data "aws_iam_policy_document" "d" {}\n', True),
        (call("../relevant"), True),
        (call("./through"), True),
        (call("./gone"), True),
        (call("../../outside"), True),
        (call("terraform-aws-modules/vpc/aws"), True),
        ('module "m" {\n  source = "${path.module}/x"\n}\n', True),
        ('module m {\n  source = "a/b/aws"\n}\n', True),
        ('resource "aws\\u005fecr_account_setting" "s" {}\n', True),
        ('module "m" {\n  source /* c */ = "../relevant"\n  # source = "./lib"\n}\n', True),
        ('module "m" {\n  # source = "./lib"\n  source /* c */ = "../relevant"\n}\n', True),
        ('module "m" {\n  source = "git::https://h/x.git" # source = "./lib"\n}\n', True),
        ('module "m" {\n  x = {\n    y = "}"\n  source = "./lib"\n}\n  source = "../relevant"\n}\n', True),
        ('module "m" {\n  x = <<E\n  source = "./lib"\nE\n  source = "../relevant"\n}\n', True),
        ('module /* c */ "m" {\n  source = "../relevant"\n}\n', True),
        ('module/**/"m" /**/ {\n  source = "../relevant"\n}\n', True),
        ('module m{\nsource="../relevant"\n}\n', True),
        ('/*\n*/ module "m" { source = "../relevant" }\n', True),
        ('# module "m" {\nlocals {\n  a = "a module \\"x\\" { }"\n}\n', False),
        ('locals {\n  a = "the path of the module"\n  b = path.module\n  c = module.x.y\n}\n', False),
        ("/*\n" + call("./lib") + "*/\n", False),
        ('provider "aws" {\n  assume_role {\n    policy = "{}"\n  }\n}\n', True),
        ('provider "aws" {\n  assume_role {\n    role_arn = "x"\n  }\n}\n', False),
    ],
)  # fmt: skip
def test_a_folder_is_parsed_when_it_or_a_module_it_calls_can_make_a_record(
    write: Callable[[Files], Path], monkeypatch: pytest.MonkeyPatch, text: str, is_parsed: bool
) -> None:
    folder = write(
        {
            "root/main.tf": text,
            "root/lib/main.tf": NETWORK,
            "root/through/main.tf": call("../../relevant"),
            "relevant/main.tf": SETTING,
            "other/main.tf": PROVIDER + SETTING,
        }
    )

    assert ("root" in parsed_folders(monkeypatch, folder)) is is_parsed


def test_the_only_root_is_read_although_nothing_of_ours_is_in_it(
    write: Callable[[Files], Path],
) -> None:
    folder = write({"network/main.tf": PROVIDER + NETWORK})

    assert [root.account for root in read(folder).estate.roots] == ["111122223333"]


FOLDERS = ("a", "b", "a/c", "d")
PIECES = st.sampled_from(
    [PROVIDER, SETTING, NETWORK, "", *(call(source) for source in ("../b", "./c", "../d", "../a/c", "../gone"))]
)  # fmt: skip
PROJECTS = st.fixed_dictionaries(
    {f"{folder}/main.tf": st.lists(PIECES, max_size=3, unique=True) for folder in FOLDERS}
)


@settings(max_examples=60, deadline=None)
@given(project=PROJECTS)
def test_what_is_left_out_changes_no_record(project: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name).resolve()
        for file, pieces in project.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text("".join(pieces), encoding="utf-8")
        sparing = read(folder)
        patch.setattr(reader, "can_matter", lambda folders, _: {e.folder for e in folders})
        whole = read(folder)

    assert sparing.estate.records == whole.estate.records
    # A module that calls itself and does nothing else makes nothing.
    unread = [module for module in whole.unread_modules if module.reason != "it calls itself"]
    assert [m for m in sparing.unread_modules if m.reason != "it calls itself"] == unread
    assert sparing.problems == whole.problems
    roots = {root.name for root in whole.estate.roots}
    assert {root.name for root in sparing.estate.roots} <= roots


MANY: dict[str, str | bytes] = {
    f"root{number}/main.tf": PROVIDER + SETTING + call("../lib") for number in range(6)
}
MANY |= {
    "lib/main.tf": 'resource "aws_iam_role" "r" {\n  name = "r"\n}\n',
    "lib/broken.tf": "locals {\n  a = [\n",
    "root1/broken.tf": "locals {\n",
    "root5/broken.tf": "locals {\n",
    "root5/far.tf": call("somebody/far/aws") + call("terraform-aws-modules/ecr/aws"),
}


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes for any amount of code."""
    monkeypatch.setattr(parallel, "WORTH_IT", 0)


def read_together(folder: Path, workers: int) -> CodeReading:
    return read_code(
        folder,
        project_root=folder,
        topology=None,
        workers=workers,
        cache_folder=folder.parent / "cache",
    )


# With this, no root is sure before all is parsed.
IN_JSON = {"json/main.tf.json": '{"module": {"m": {"source": "../lib"}}}'}


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "more"), [(2, {}), (4, {}), (2, IN_JSON)])
def test_several_processes_read_the_same_as_one(
    write: Callable[[Files], Path],
    eager: None,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
    more: dict[str, str],
) -> None:
    folder = write(MANY | more)
    here: list[Path] = []
    real = RootReader.read

    def read(self: RootReader, root: Path) -> RootReading:
        here.append(root)
        return real(self, root)

    monkeypatch.setattr(RootReader, "read", read)

    alone = read_together(folder, 1)
    count = len(here)
    together = read_together(folder, workers)

    assert together == alone
    assert len(here) - count < count, "nobody else read anything"
    assert len(alone.problems) == 4
    assert len(alone.estate.records) == 14 + len(more)


# Calls are told as they come, and roots in the end.
TOLD_OTHERWISE = (
    "import sys; sys.path += sys.argv[1:]; from generator.hcl import parallel; line = parallel._line;"
    "parallel._line = lambda told: line(told) if isinstance(told, tuple) else {otherwise};"
    "parallel.serve()"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "start",
    [
        "import os; os._exit(7)",
        "print('[[], [99]]')",
        TOLD_OTHERWISE.format(otherwise="1 / 0"),
        TOLD_OTHERWISE.format(otherwise="b'[[], [99]]'"),
    ],
)
def test_the_work_of_a_process_that_fails_is_done_by_the_others(
    write: Callable[[Files], Path], eager: None, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    folder = write(MANY)
    alone = read_together(folder, 1)
    monkeypatch.setattr(parallel, "_START", start)

    assert read_together(folder, 3) == alone


@pytest.mark.parametrize(("where", "is_taken"), [("bytecode", True), ("project/bytecode", False)])
def test_another_process_has_the_same_bytecode_but_of_the_project(
    write: Callable[[Files], Path],
    eager: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    where: str,
    is_taken: bool,
) -> None:
    folder = write(MANY)
    said = tmp_path / "said"
    start = f"import sys, pathlib; pathlib.Path({str(said)!r}).write_text(str(sys.pycache_prefix))"
    monkeypatch.setattr(parallel, "_START", start)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / where))
    monkeypatch.chdir(folder)

    read_together(folder, 2)

    assert said.read_text("utf-8") == (str(tmp_path / where) if is_taken else "None")


INTERRUPTED = """
import signal
import sys
from pathlib import Path
from generator.hcl import parallel, read_code
from generator.hcl.root import RootReader

def wait(self, folders):
    print("ready", flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    # Whoever runs the tests in the background has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parallel.WORTH_IT = 0
    RootReader.calls = wait
    folder = Path(sys.argv[1])
    read_code(folder, project_root=folder, topology=None, workers=3)
"""


def living(group: int) -> list[str]:
    """The processes of a group that are not yet over."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = file.read_text("utf-8").rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] not in "ZX":
                found.append(file.parent.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="lists processes by /proc")
def test_no_process_is_left_after_ctrl_c(write: Callable[[Files], Path], tmp_path: Path) -> None:
    folder = write(MANY)
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED, encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, script, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"

    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=60)

    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert errors.count("Traceback") == 1
    # What Python starts beside its processes ends with the pipe that it reads from.
    deadline = time.monotonic() + 30
    while living(running.pid) and time.monotonic() < deadline:
        pass
    assert living(running.pid) == []
