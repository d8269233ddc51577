"""Which folders are root modules, what is outside of the project, and files that cannot be read."""

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hcl_support import Files

from generator.hcl.reader import CodeReading, read_code
from generator.model.errors import ToolError
from generator.model.estate import Unknown
from generator.model.finding import FindingKind
from generator.model.span import first_line
from generator.model.terraform_settings import TerraformSettings
from generator.model.topology import Account, Topology
from generator.model.values import AccountId, Region

Read = Callable[[Files], CodeReading]
Write = Callable[[Files], Path]

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
SETTING = 'resource "aws_ecr_account_setting" "s" {\n  name = "BASIC"\n}\n'


def roots(reading: CodeReading) -> list[str]:
    return [root.name for root in reading.estate.roots]


def test_a_root_holds_a_record_or_says_that_it_is_one(read: Read) -> None:
    reading = read(
        {
            "a/main.tf": PROVIDER + SETTING,
            "b/main.tf": 'terraform {\n  backend "s3" {}\n}\n' + SETTING,
            "c/main.tf": SETTING,
            "c/.forebay.json": "{}",
            "d/main.tf": SETTING,
            "e/main.tf": "terraform {\n  cloud {}\n}\n" + SETTING,
            "f/main.tf": 'data "aws_iam_policy_document" "d" {}\n',
            "g/main.tf": PROVIDER + 'data "aws_iam_policy_document" "d" {}\n',
        }
    )

    assert roots(reading) == ["a", "b", "c", "d", "e", "g"]


def test_a_folder_that_another_one_calls_is_no_root(read: Read) -> None:
    reading = read(
        {
            "a/main.tf": PROVIDER + 'module "m" {\n  source = "../lib/m"\n}\n',
            "lib/m/main.tf": PROVIDER + SETTING,
        }
    )

    assert roots(reading) == ["a"]
    assert [record.address for record in reading.estate.records] == [
        "module.m.aws_ecr_account_setting.s"
    ]


def test_without_any_mark_every_uncalled_folder_is_a_root(read: Read) -> None:
    reading = read(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\n',
            "m/main.tf": SETTING,
            "other/main.tf": SETTING,
        }
    )

    assert roots(reading) == ["", "other"]


def test_no_name_and_no_manifest_keeps_a_folder_from_being_a_root(read: Read) -> None:
    reading = read(
        {
            "out/.forebay.json": "{}",
            "out/a/main.tf": PROVIDER + SETTING,
            "out/modules/x/main.tf": PROVIDER + SETTING,
            "out/handover/b/main.tf": PROVIDER + SETTING,
            ".hidden/main.tf": PROVIDER + SETTING,
            "modules/z/main.tf": PROVIDER + SETTING,
        }
    )

    assert roots(reading) == [".hidden", "modules/z", "out/a", "out/handover/b", "out/modules/x"]


def test_what_git_and_terraform_keep_for_themselves_is_no_root(read: Read) -> None:
    reading = read(
        {
            "a/main.tf": PROVIDER + SETTING,
            "a/.terraform/modules/y/main.tf": PROVIDER + SETTING,
            ".git/z/main.tf": PROVIDER + SETTING,
        }
    )

    assert roots(reading) == ["a"]


def test_the_root_s_first_file_is_the_first_by_name(read: Read) -> None:
    reading = read({"a/b.tf": PROVIDER, "a/a.tf": SETTING, "a/c.tf": ""})

    (root,) = reading.estate.roots
    assert root.first_file.file.name == "a.tf"
    assert root.first_file.line == 1


def topology_of(layout: str) -> Topology:
    span = first_line(Path("topology.yaml"))
    accounts = {
        name: Account(
            name=name,
            id=AccountId(number),
            regions=(Region("eu-west-1"),),
            registry_policy=None,
            span=span,
        )
        for name, number in (("main", "111122223333"), ("shop", "222233334444"))
    }
    return Topology(
        accounts=accounts,
        caches=(),
        templates=(),
        grants=(),
        name_prefix="forebay-",
        settle="15s",
        terraform=TerraformSettings(
            required_version=">= 1.11",
            aws_provider=">= 6.50",
            time_provider=">= 0.12",
            layout=layout,
            assume_role=None,
        ),
        span=span,
    )


def test_the_topology_s_layout_tells_the_account_when_the_provider_does_not(write: Write) -> None:
    project = write(
        {
            "live/main/a.tf": PROVIDER + SETTING,
            "live/shop/a.tf": SETTING,
            "live/shop/.forebay.json": "{}",
            "live/else/a.tf": PROVIDER + SETTING,
        }
    )

    reading = read_code(project, project_root=project, topology=topology_of("live/{account}"))

    accounts = {record.root: record.account for record in reading.estate.records}
    assert accounts["live/main"] == "111122223333"
    assert accounts["live/shop"] == "222233334444"
    assert isinstance(accounts["live/else"], Unknown)
    assert "allowed_account_ids" in accounts["live/else"].reason


def test_one_account_may_lie_in_the_code_folder_itself(write: Write) -> None:
    project = write({"a.tf": PROVIDER + SETTING})

    reading = read_code(project, project_root=project, topology=topology_of("."))

    (record,) = reading.estate.records
    assert (record.root, record.account) == ("", "111122223333")


def test_a_root_with_named_providers_only_has_their_one_account(read: Read) -> None:
    named = 'provider "aws" {{\n  alias = "{0}"\n  allowed_account_ids = ["{1}"]\n}}\n'
    reading = read(
        {
            "a/main.tf": named.format("x", "111122223333") + named.format("y", "111122223333"),
            "b/main.tf": named.format("x", "111122223333") + named.format("y", "222233334444"),
        }
    )

    one, two = (root.account for root in reading.estate.roots)
    assert one == "111122223333"
    assert isinstance(two, Unknown)


def test_a_broken_file_is_reported_and_the_rest_is_read(read: Read) -> None:
    reading = read(
        {
            "a/main.tf": PROVIDER + SETTING,
            "a/broken.tf": 'locals {\n  x = "unclosed\n}\n',
            "b/main.tf": PROVIDER + SETTING,
        }
    )

    (problem,) = reading.problems
    assert (problem.kind, problem.rule) == (FindingKind.ERROR, "unreadable-file")
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (2, 7)
    assert problem.subject == "a/broken.tf"
    assert problem.message.startswith(f"{problem.title}. Nothing in this file was looked at")
    assert [record.root for record in reading.estate.records] == ["a", "b"]


def test_a_root_stays_a_root_when_its_provider_file_is_broken(read: Read) -> None:
    reading = read(
        {
            "a/providers.tf": PROVIDER + "}\n",
            "a/main.tf": SETTING,
            "b/main.tf": PROVIDER + SETTING,
        }
    )

    assert roots(reading) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'a = "\xff"\n', "not UTF-8 text: see line 1"),
        (b"x = \x00\n", "is not expected here"),
        (b"x = 1\rb = 2\r", "a new line is needed before this"),
    ],
)
def test_bytes_that_are_no_text_are_a_problem_of_their_file(
    read: Read, content: bytes, words: str
) -> None:
    reading = read({"main.tf": PROVIDER + SETTING, "bytes.tf": content})

    assert [problem.title for problem in reading.problems if words in problem.title]
    assert len(reading.estate.records) == 1


@pytest.mark.skipif(os.name != "posix", reason="sockets and pipes in folders need a POSIX system")
@pytest.mark.parametrize(
    ("kind", "reason", "fix"),
    [
        ("link", "it is a link that leads nowhere", "Mend or remove the link"),
        ("circle", "it is a link that leads nowhere", "Mend or remove the link"),
        ("outside", "it lies outside of the project", "Name a folder above both with `--root`"),
        ("pipe", "it is not an ordinary file", "Give it another name or remove it"),
        ("socket", "it is not an ordinary file", "Give it another name or remove it"),
        ("folder", "it is not an ordinary file", "Give it another name or remove it"),
        ("device", "it lies outside of the project", "put a copy inside the project"),
        ("large", "it is larger than 8,000,000 bytes", "Split the file"),
        ("latin", "it is not UTF-8 text: see line 2", "Save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_opened_is_told_with_its_reason_and_what_to_do(
    write: Write, tmp_path: Path, kind: str, reason: str, fix: str
) -> None:
    project = write({"main.tf": SETTING, "../elsewhere.tf": SETTING})
    odd = project / "odd.tf"
    match kind:
        case "link":
            odd.symlink_to(project / "gone.tf")
        case "circle":
            odd.symlink_to(odd)
        case "outside":
            odd.symlink_to(tmp_path / "elsewhere.tf")
        case "pipe":
            os.mkfifo(odd)
        case "socket":
            with contextlib.chdir(project), socket.socket(socket.AF_UNIX) as listening:
                listening.bind("odd.tf")
        case "folder":
            odd.mkdir()
        case "device":
            odd.symlink_to("/dev/zero")
        case "large":
            odd.write_bytes(b"#" * 8_000_001)
        case _:
            odd.write_bytes(b'locals {\n  a = "\xe9"\n}\n')

    reading = read_code(project, project_root=project, topology=None)

    (problem,) = reading.problems
    assert problem.title == f"odd.tf cannot be read: {reason}"
    assert problem.message.startswith(f"odd.tf cannot be read: {reason}. Nothing in this file")
    assert fix in problem.message
    assert "column" not in problem.message
    assert problem.location is not None
    assert (problem.location.file, problem.location.line) == (odd, 2 if kind == "latin" else 1)
    assert [record.key for record in reading.estate.records] == ["BASIC"]


def test_a_byte_order_mark_is_no_mistake(read: Read) -> None:
    reading = read({"main.tf": b"\xef\xbb\xbf" + (PROVIDER + SETTING).encode()})

    assert reading.problems == ()
    (record,) = reading.estate.records
    assert record.span is not None
    assert (record.span.line, record.span.column) == (4, 1)


def test_nothing_outside_of_the_project_is_opened(
    read: Read, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(
        'resource "aws_ecr_account_setting" "out" {\n  name = "X"\n}\n'
    )
    project = write(
        {
            "a/main.tf": PROVIDER
            + SETTING
            + 'module "up" {\n  source = "../../outside"\n}\n'
            + f'module "linked" {{\n  source = "../linked"\n}}\nmodule "abs" {{\n  source = "{outside}"\n}}\n'
        }
    )
    (project / "linked").symlink_to(outside, target_is_directory=True)
    (project / "a" / "link.tf").symlink_to(outside / "main.tf")
    opened: list[str] = []
    monkeypatch.setattr(Path, "read_bytes", _recording(opened, Path.read_bytes))

    reading = read_code(project, project_root=project, topology=None)

    assert [record.address for record in reading.estate.records] == ["aws_ecr_account_setting.s"]
    # The root itself is not whole either: a file of it was not opened.
    assert [module.address for module in reading.unread_modules if module.address] == [
        "module.up",
        "module.linked",
        "module.abs",
    ]
    file, folder = reading.problems
    assert "outside of the project" in file.title
    assert "leads out of the project" in folder.message
    assert not [path for path in opened if str(outside) in str(Path(path).resolve())]


def _recording(opened: list[str], read: Callable[[Path], bytes]) -> Callable[[Path], bytes]:
    def read_and_note(path: Path) -> bytes:
        opened.append(os.fspath(path))
        return read(path)

    return read_and_note


def test_links_that_go_round_in_circles_are_no_trap(write: Write) -> None:
    project = write({"a/main.tf": PROVIDER + SETTING})
    (project / "a" / "round").symlink_to(project, target_is_directory=True)
    (project / "a" / "self.tf").symlink_to(project / "a" / "self.tf")

    reading = read_code(project, project_root=project, topology=None)

    assert roots(reading) == ["a"]
    assert len(reading.problems) == 1


def test_a_folder_or_pipe_named_like_code_is_not_waited_for(write: Write) -> None:
    project = write({"main.tf": PROVIDER + SETTING, "folder.tf/x": ""})
    os.mkfifo(project / "pipe.tf")

    reading = read_code(project, project_root=project, topology=None)

    assert len(reading.estate.records) == 1
    assert [problem.title for problem in reading.problems if "pipe.tf" in problem.title]


def test_a_module_beside_the_code_but_inside_the_project_is_read(write: Write) -> None:
    project = write(
        {
            "live/a/main.tf": PROVIDER + 'module "m" {\n  source = "../../lib/m"\n}\n',
            "lib/m/main.tf": SETTING,
        }
    )

    inside = read_code(project / "live", project_root=project, topology=None)
    narrow = read_code(project / "live", project_root=project / "live", topology=None)

    assert len(inside.estate.records) == 1
    assert narrow.estate.records == ()
    assert len(narrow.unread_modules) == 1


def test_a_folder_that_is_not_there_stops_the_command(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="does not exist"):
        read_code(tmp_path / "none", project_root=tmp_path, topology=None)


def test_a_folder_without_code_has_no_records(read: Read) -> None:
    reading = read({"README.md": "x", ".main.tf": SETTING, "main.tf~": SETTING, "#x.tf#": SETTING})

    assert (reading.estate.records, reading.estate.roots, reading.problems) == ((), (), ())


@pytest.mark.parametrize(
    "name", ["../.git/config", ".env", "prod.pem", ".aws/credentials", "terraform.tfstate", "link"]
)
def test_no_function_reads_what_holds_passwords(write: Write, name: str) -> None:
    project = write(
        {
            "a/main.tf": "locals {\n  t = {\n"
            f'    f = file("{name}")\n    b = filebase64("{name}")\n    t = templatefile("{name}", {{}})\n'
            "  }\n}\n"
            'resource "aws_ecr_pull_through_cache_rule" "r" {\n  for_each = local.t\n'
            "  ecr_repository_prefix = each.value\n}\n",
            f"a/{name}": "SECRET",
        }
    )
    if name == "link":
        (project / "a/link").unlink()
        (project / "a/link").symlink_to("prod.key")
        (project / "a/prod.key").write_text("SECRET")

    records = read_code(project, project_root=project, topology=None).estate.records

    assert len(records) == 3
    assert all(isinstance(record.key, Unknown) for record in records)
    assert "SECRET" not in repr(records)
