"""Which files are read for which program, and where the values of variables come from."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hcl_support import Files, root_module

from generator.hcl import Engine, ReadingSettings, read_code
from generator.hcl.values import EvaluationError
from generator.model.errors import ToolError

Write = Callable[[Files], Path]

TOFU = ReadingSettings(engine=Engine.TOFU)


def output(text: str) -> str:
    return f'output "it" {{\n  value = "{text}"\n}}\n'


@pytest.mark.parametrize(
    ("files", "terraform", "tofu"),
    [
        ({"main.tf": output("tf"), "main.tofu": output("tofu")}, "tf", "tofu"),
        (
            {
                "a.tf.json": '{"output": {"it": {"value": "tf"}}}',
                "a.tofu.json": '{"output": {"it": {"value": "tofu"}}}',
            },
            "tf",
            "tofu",
        ),
        ({"main.tf": output("tf"), "a_override.tofu": output("tofu")}, "tf", "tofu"),
        (
            {
                "main.tf": output("tf"),
                "override.tf": output("over tf"),
                "override.tofu": output("over tofu"),
            },
            "over tf",
            "over tofu",
        ),
        ({"main.tf": output("tf"), "main.tofutest.hcl": "x"}, "tf", "tf"),
    ],
)
def test_a_tofu_file_counts_for_opentofu_alone_and_replaces_its_namesake(
    write: Write, files: Files, terraform: str, tofu: str
) -> None:
    folder = write(files)

    assert root_module(folder).output("it").content == terraform
    assert root_module(folder, TOFU).output("it").content == tofu


def test_a_folder_of_tofu_files_only_is_code_for_opentofu_alone(write: Write) -> None:
    folder = write(
        {"main.tofu": 'resource "aws_ecr_account_setting" "s" {\n  name = "BLOB_MOUNTING"\n}\n'}
    )

    readings = [
        read_code(folder, project_root=folder, topology=None, settings=settings)
        for settings in (None, TOFU)
    ]

    assert [len(reading.estate.records) for reading in readings] == [0, 1]


NAMES = "abcdefg"
VARIABLES = "".join(
    f'variable "{name}" {{\n  default = "default"\n}}\noutput "{name}" {{\n  value = var.{name}\n}}\n'
    for name in NAMES
)


def test_named_variable_files_come_after_the_loaded_ones_and_single_values_last(
    write: Write, tmp_path: Path
) -> None:
    folder = write(
        {
            "main.tf": VARIABLES,
            "terraform.tfvars": 'b = "tfvars"\nc = "tfvars"\n',
            "z.auto.tfvars": 'c = "auto"\nd = "auto"\ne = "auto"\nf = "auto"\ng = "auto"\n',
        }
    )
    # Beside the project: whoever names a file wants it read.
    first, second = tmp_path / "prod.vars", tmp_path / "more.tfvars.json"
    first.write_text('d = "first"\ne = "first"\nf = "first"\n', encoding="utf-8")
    second.write_text(json.dumps({"e": "second", "f": "second"}), encoding="utf-8")
    settings = ReadingSettings(variable_files=(first, second), variables={"f": "single"})

    module = root_module(folder, settings)

    assert [module.output(name).content for name in NAMES] == [
        "default",
        "tfvars",
        "auto",
        "first",
        "second",
        "single",
        "auto",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "[1]", "[1]"),
        ("number", "12", 12),
        ("bool", "true", True),
        ("list(string)", '["a", "b"]', ("a", "b")),
        ("map(number)", "{ a = 1 }", {"a": 1}),
        ("any", '"x"', "x"),
    ],
)
def test_a_single_value_is_read_as_the_variable_s_type_says(
    write: Write, kind: str, text: str, value: object
) -> None:
    from generator.hcl.records import RootRecords

    folder = write(
        {"main.tf": f'variable "v" {{\n  type = {kind}\n}}\noutput "it" {{\n  value = var.v\n}}\n'}
    )

    module = root_module(folder, ReadingSettings(variables={"v": text}))

    assert RootRecords("", module).json(module.output("it")) == value


def test_a_single_value_that_is_no_expression_is_refused_without_being_shown(write: Write) -> None:
    folder = write(
        {"main.tf": 'variable "v" {\n  type = any\n}\noutput "it" {\n  value = var.v\n}\n'}
    )
    module = root_module(folder, ReadingSettings(variables={"v": "[hush"}))

    with pytest.raises(EvaluationError) as refused:
        module.output("it")

    assert str(refused.value) == "the value given for it is not an expression"


def test_a_value_for_a_variable_that_nothing_declares_stops_the_reading(write: Write) -> None:
    folder = write({"main.tf": 'variable "upstreams" {\n  default = {}\n}\n'})

    with pytest.raises(ToolError, match="Did you mean `upstreams`") as refused:
        read_code(
            folder,
            project_root=folder,
            topology=None,
            settings=ReadingSettings(variables={"upstream": "{}"}),
        )

    assert "{}" not in str(refused.value)


def test_a_named_file_that_cannot_be_parsed_is_a_problem_at_its_line(
    write: Write, tmp_path: Path
) -> None:
    folder = write({"main.tf": VARIABLES + 'provider "aws" {\n  region = var.a\n}\n'})
    values = tmp_path / "broken.tfvars"
    values.write_text('a = "x"\nb = [\n', encoding="utf-8")

    reading = read_code(
        folder,
        project_root=folder,
        topology=None,
        settings=ReadingSettings(variable_files=(values,)),
    )

    (problem,) = reading.problems
    assert problem.location is not None
    assert (problem.location.file, problem.location.line) == (values, 2)
