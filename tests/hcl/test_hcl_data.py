"""Data sources that need nothing from outside, names of the run, and functions over files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from generator.gate.check import check_findings_without_topology
from generator.hcl import Engine, ReadingSettings, read_code
from generator.model.estate import Kind, Known, Unknown
from generator.model.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from hcl_support import Files

    from generator.model.estate import Attribute
    from generator.model.reading import Reading

Write = Callable[["Files"], "Path"]
NO_SETTINGS = ReadingSettings(is_engine_chosen=False)


def read(folder: Path, settings: ReadingSettings = NO_SETTINGS) -> Reading:
    """The code below a folder."""
    return read_code(folder, project_root=folder, topology=None, settings=settings)


def name_of(reading: Reading) -> Attribute:
    """The name of the only repository."""
    (record,) = [each for each in reading.estate.records if each.kind is Kind.REPOSITORY]
    return record.get("name")


def repository(name: str) -> str:
    """A repository."""
    return f'resource "aws_ecr_repository" "r" {{\n  name = {name}\n}}\n'


TEMPLATE = (
    'data "template_file" "t" {\n  template = "$${who}-%{ if who == "a" }x%{ endif }"\n'
    "  vars = {\n    who = var.who\n  }\n}\n"
)


@pytest.mark.parametrize(("who", "expected"), [("a", "a-x"), ("b", "b-")])
def test_a_template_file_is_rendered(write: Write, who: str, expected: str) -> None:
    template = (
        TEMPLATE.replace("%{ if", "%%{ if")
        .replace("%{ endif", "%%{ endif")
        .replace('== "a"', '== \\"a\\"')
    )
    code = f'variable "who" {{\n  default = "{who}"\n}}\n' + template

    folder = write({"main.tf": code + repository("data.template_file.t.rendered")})

    assert name_of(read(folder)) == Known(value=expected)


def test_a_template_string_knows_only_its_variables(write: Write) -> None:
    code = 'locals {\n  t = "$${a}/$${b}"\n}\n'

    known = write({"main.tf": code + repository('templatestring(local.t, { a = "x", b = 1 })')})
    assert name_of(read(known)) == Known(value="x/1")


DOCUMENT = """
data "aws_ecr_lifecycle_policy_document" "d" {
  rule {
    priority    = 1
    description = "few"
    selection {
      tag_status      = "tagged"
      tag_prefix_list = ["v"]
      count_type      = "imageCountMoreThan"
      count_number    = 3
    }
  }
  dynamic "rule" {
    for_each = [2]
    content {
      priority = rule.value
      selection {
        tag_status   = "any"
        count_type   = "sinceImagePushed"
        count_unit   = "days"
        count_number = 30
      }
      action {
        type = "expire"
      }
    }
  }
}
resource "aws_ecr_repository_creation_template" "t" {
  prefix           = "quay"
  applied_for      = ["PULL_THROUGH_CACHE"]
  lifecycle_policy = data.aws_ecr_lifecycle_policy_document.d.json
}
"""


def test_a_lifecycle_document_is_what_its_blocks_say(write: Write) -> None:
    (record,) = read(write({"main.tf": DOCUMENT})).estate.records

    assert record.get("lifecycle_policy") == Known(
        value={
            "rules": (
                {
                    "rulePriority": 1,
                    "description": "few",
                    "selection": {
                        "tagStatus": "tagged",
                        "tagPrefixList": ("v",),
                        "countType": "imageCountMoreThan",
                        "countNumber": 3,
                    },
                    "action": {"type": "expire"},
                },
                {
                    "rulePriority": 2,
                    "selection": {
                        "tagStatus": "any",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": 30,
                    },
                    "action": {"type": "expire"},
                },
            )
        }
    )


def test_what_the_document_says_is_judged(write: Write) -> None:
    reading = read(write({"main.tf": DOCUMENT.replace("= 30", "= 0")}))

    assert [
        each.rule
        for each in check_findings_without_topology(reading)
        if each.severity is not Severity.INFO
    ] == ["lifecycle-refused"]


def test_the_workspace_is_known_when_somebody_says_it(write: Write) -> None:
    folder = write({"main.tf": repository("terraform.workspace")})

    assert isinstance(name_of(read(folder)), Unknown)
    assert name_of(read(folder, ReadingSettings(workspace="prod"))) == Known(value="prod")


def test_terraform_runs_in_the_folder_of_the_root(write: Write) -> None:
    folder = write({"live/main.tf": repository("basename(path.cwd)")})

    assert name_of(read(folder)) == Known(value="live")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", "a.txt"),
        ("r/*.txt", "r/b.txt,r/c.txt"),
        ("**/*.txt", "a.txt,r/b.txt,r/c.txt,r/s/d.txt"),
        ("r/**", "r/b.txt,r/c.txt,r/e.md,r/s/d.txt"),
        ("r/?.md", "r/e.md"),
        ("nothing/*", ""),
    ],
)
def test_fileset_lists_the_files_of_the_project(write: Write, pattern: str, expected: str) -> None:
    files = dict.fromkeys(("a.txt", "r/b.txt", "r/c.txt", "r/s/d.txt", "r/e.md"), "")
    code = repository(f'join(",", fileset(path.module, "{pattern}"))')

    assert name_of(read(write({"main.tf": code, **files}))) == Known(value=expected)


@pytest.mark.parametrize("pattern", ["../*", "{a,b}", "l/*", "[ab]*"])
def test_fileset_guesses_nothing(write: Write, tmp_path: Path, pattern: str) -> None:
    folder = write({"main.tf": repository(f'join(",", fileset(path.module, "{pattern}"))')})
    (folder / "l").symlink_to(tmp_path, target_is_directory=True)

    assert isinstance(name_of(read(folder)), Unknown)


SWITCHED = repository('"a"').replace("\n}", "\n  lifecycle {\n    enabled = SWITCH\n  }\n}")


@pytest.mark.parametrize(("switch", "number"), [("true", 1), ("false", 0), ("var.on", 1)])
def test_opentofu_s_switch_makes_a_block_or_none(write: Write, switch: str, number: int) -> None:
    code = 'variable "on" {}\n' + SWITCHED.replace("SWITCH", switch)

    records = read(write({"main.tf": code})).estate.records

    assert len(records) == number
    assert [each.uncertain is not None for each in records] == [switch == "var.on"] * number


def test_what_is_switched_off_is_null_elsewhere(write: Write) -> None:
    code = SWITCHED.replace("SWITCH", "false") + repository(
        'aws_ecr_repository.r == null ? "none" : "some"'
    ).replace('"r"', '"s"')

    assert name_of(read(write({"main.tf": code}))) == Known(value="none")


@pytest.mark.parametrize(
    ("files", "number"),
    [
        ({"main.tofu": repository('"a"')}, 1),
        ({"main.tofu": repository('"a"'), "other.tf": ""}, 1),
        ({"main.tofu": repository('"a"'), "main.tf": ""}, 0),
    ],
)
def test_files_for_opentofu_alone_are_read_without_being_told(
    write: Write, files: Files, number: int
) -> None:
    folder = write(files)

    assert len(read(folder).estate.records) == number
    assert len(read(folder, ReadingSettings(engine=Engine.TERRAFORM)).estate.records) == 0


def test_a_condition_that_is_not_computed_decides_nothing(write: Write) -> None:
    """Terraform may refuse it, though both results are the same."""
    code = repository('yamldecode("a: 1_000") ? "x" : "x"')

    assert isinstance(name_of(read(write({"main.tf": code}))), Unknown)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('coalesce(var.apps, {})["a"].name', "x"),
        ('length(coalesce({}, var.apps)) == 0 ? "none" : "some"', "none"),
        ("coalesce(null, values(var.apps), [])[0].name", "x"),
    ],
)
def test_coalesce_takes_a_map_or_list_of_objects_beside_an_empty_one(
    write: Write, expression: str, expected: str
) -> None:
    variable = (
        'variable "apps" {\n  type = map(object({ name = string, tags = optional(list(string), []) }))\n'
        '  default = { a = { name = "x" } }\n}\n'
    )

    folder = write({"main.tf": variable + repository(expression)})

    assert name_of(read(folder)) == Known(value=expected)


def test_coalesce_of_maps_of_two_types_is_not_computed(write: Write) -> None:
    variables = (
        'variable "a" {\n  type = map(object({ x = string }))\n  default = { a = { x = "1" } }\n}\n'
        'variable "b" {\n  type = map(object({ y = string }))\n  default = {}\n}\n'
    )

    folder = write({"main.tf": variables + repository('coalesce(var.a, var.b)["a"].x')})

    assert isinstance(name_of(read(folder)), Unknown)
