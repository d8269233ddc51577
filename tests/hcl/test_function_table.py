"""Every function of both programs is evaluated, or named with what it depends on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hcl_support import root_module

from generator.hcl.conversions import as_text
from generator.hcl.values import EvaluationError, NotComputedError, unknown_in
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
        # As Terraform 1.11 answers.
        ('format("%.2f", 123456789012345678)', "123456789012345678.00"),
        ('format("%.1f|%.0f", 0.25, 2.5)', "0.2|2"),
        (
            'provider::terraform::encode_expr({ b = [1, { z = null }], "a b" = "x\\n$${y}", a = 1.50 })',
            '{\n  a     = 1.5\n  "a b" = "x\\n$${y}"\n  b = [1, {\n    z = null\n  }]\n}',
        ),
        ("provider::terraform::encode_expr([[], {}, true])", "[[], {}, true]"),
        (
            'provider::terraform::encode_tfvars({ a = 1, bb = "x", ccc = [{ z = 1, yy = 2 }] })',
            'a  = 1\nbb = "x"\nccc = [{\n  yy = 2\n  z  = 1\n}]\n',
        ),
        (
            'jsonencode(provider::terraform::decode_tfvars("a = 1 # c\\nb = [true, \\"x\\"]\\n"))',
            '{"a":1,"b":[true,"x"]}',
        ),
        (
            'provider::terraform::encode_tfvars(provider::terraform::decode_tfvars("b = 1\\na = 2"))',
            "a = 2\nb = 1\n",
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
        "provider::terraform::encode_expr(null)",
        "provider::terraform::encode_tfvars([1])",
        'provider::terraform::encode_tfvars({ "a b" = 1 })',
        'provider::terraform::decode_tfvars("a = b")',
        'provider::terraform::decode_tfvars("a {}")',
        'provider::terraform::decode_tfvars("a = 1, b = 2")',
    ],
)
def test_what_the_functions_refuse(tmp_path: Path, expression: str) -> None:
    with pytest.raises(EvaluationError):
        evaluate(tmp_path, expression)


@pytest.mark.parametrize(
    "expression",
    [
        # Halves of a number that Terraform holds a little to one side.
        'format("%.2f", 1.005)',
        # Laid out by what stands around.
        "provider::terraform::encode_expr([{ a = 1 }, { b = 2 }])",
        'provider::terraform::encode_expr({ "é" = 1, ab = 2 })',
        'provider::terraform::decode_tfvars("a = true ? 1 : upper(\\"x\\")").a',
        # An empty list or map whose elements are of some type, beside one with elements.
        'false ? setproduct([], ["a"]) : [["x", 1]]',
        'true ? setproduct([], ["a"]) : [1]',
        "false ? transpose({}) : { a = 1 }",
    ],
)
def test_what_is_not_certain_stays_unknown(tmp_path: Path, expression: str) -> None:
    (tmp_path / "main.tf").write_text(f'output "e" {{\n  value = {expression}\n}}\n')

    try:
        value = root_module(tmp_path).output("e")
    except NotComputedError:
        return
    assert unknown_in(value) is not None


def test_the_functions_of_the_built_in_provider_are_evaluated() -> None:
    names = {"decode_tfvars", "encode_expr", "encode_tfvars"}

    assert {f"provider::terraform::{name}" for name in names} <= evaluated()


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ('true ? setproduct(["x"], ["a"]) : []', 1),
        ('true ? setproduct([], ["a"]) : []', 0),
        ("false ? transpose({}) : {}", 0),
        ('concat(setproduct([], ["a"]), [1])', 1),
    ],
)
def test_an_empty_product_is_known_where_its_type_is_nothing_to_anybody(
    tmp_path: Path, expression: str, count: int
) -> None:
    (tmp_path / "main.tf").write_text(f'output "e" {{\n  value = length({expression})\n}}\n')

    assert root_module(tmp_path).output("e").content == count
