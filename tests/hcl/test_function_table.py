"""Every function of both programs is evaluated, or named with what it depends on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hcl_support import root_module

from generator.hcl.conversions import as_text
from generator.hcl.values import EvaluationError
from terraform.fixtures import with_both_programs

sys.path.append(str(Path(__file__).parents[1] / "house"))
from function_table import NOT_EVALUATED, PAGE, evaluated, page

if TYPE_CHECKING:
    from terraform.fixtures import TerraformFactory


def test_the_page_holds_the_table_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert text == page(text), "run `make docs`"


def test_no_function_is_in_both_lists() -> None:
    assert not evaluated() & NOT_EVALUATED.keys()


@pytest.mark.slow
@with_both_programs
def test_every_function_of_the_programs_is_evaluated_or_named(
    tmp_path: Path, terraform_offline: TerraformFactory
) -> None:
    output = terraform_offline(tmp_path).run("metadata", "functions", "-json").stdout
    found, _ = json.JSONDecoder().raw_decode(output[output.index("{") :])
    names = {name.removeprefix("core::") for name in found["function_signatures"]}

    assert names - evaluated() - NOT_EVALUATED.keys() == set()


def evaluate(folder: Path, expression: str) -> str:
    """The value of an expression as text."""
    (folder / "main.tf").write_text(f'output "e" {{\n  value = {expression}\n}}\n')
    return as_text(root_module(folder).output("e"))


# Of OpenTofu alone, or of a provider, so that the random expressions do not call them.
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('urldecode("a%20b+c")', "a b c"),
        ('cidrcontains("10.0.0.0/8", "10.1.2.3")', "true"),
        ('cidrcontains("10.0.0.0/8", "10.0.0.0/7")', "false"),
        ('base64gunzip("H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA==")', "hello"),
        (
            'provider::aws::arn_build("aws", "iam", "", "111122223333", "role/a/b")',
            "arn:aws:iam::111122223333:role/a/b",
        ),
        (
            'provider::aws::trim_iam_role_path("arn:aws:iam::111122223333:role/a/b")',
            "arn:aws:iam::111122223333:role/b",
        ),
    ],
)
def test_functions_of_opentofu_and_of_the_provider(
    tmp_path: Path, expression: str, expected: str
) -> None:
    assert evaluate(tmp_path, expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        'urldecode("%zz")',
        'provider::aws::trim_iam_role_path("arn:aws:s3:::bucket")',
        'cidrnetmask("2001:db8::/32")',
    ],
)
def test_what_the_functions_refuse(tmp_path: Path, expression: str) -> None:
    with pytest.raises(EvaluationError):
        evaluate(tmp_path, expression)
