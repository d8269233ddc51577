"""Random expressions: what is known equals what Terraform and OpenTofu say."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from hcl_support import root_module
from random_expressions import RandomExpressions, called_functions

from exploring import fresh
from generator.hcl.functions.table import FUNCTIONS
from generator.hcl.values import EvaluationError, NotComputedError, first_unknown
from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from pathlib import Path

    from terraform.fixtures import TerraformFactory

NUMBER = int(os.environ.get("FOREBAY_EXPRESSIONS", "2000"))
REFUSED = "(refused)"
# Nothing random to give them, or nothing of them to see in a value.
_WITHOUT = {"ephemeralasnull", "nonsensitive", "sensitive"}
# Of OpenTofu alone: Terraform has no such functions.
_WITHOUT |= {"base64gunzip", "cidrcontains", "urldecode"}


def test_every_function_that_is_evaluated_is_called_at_random() -> None:
    plain = {name for name in FUNCTIONS if not name.startswith("provider::")}

    assert plain - _WITHOUT == called_functions()


@pytest.mark.slow
@pytest.mark.property
@with_both_programs
@pytest.mark.parametrize("seed", [fresh(number) for number in range(max(NUMBER // 1000, 1))])
def test_no_random_expression_has_another_value_than_terraform_gives_it(
    tmp_path: Path, terraform_offline: TerraformFactory, seed: int
) -> None:
    random = RandomExpressions(seed)
    expressions = [random.expression() for _ in range(min(NUMBER, 1000))]
    (tmp_path / "main.tf").write_text(
        "".join(
            f'output "e{number}" {{\n  value = can(jsonencode({text})) ? jsonencode({text}) : "{REFUSED}"\n}}\n'
            for number, text in enumerate(expressions)
        ),
        encoding="utf-8",
    )
    terraform = terraform_offline(tmp_path)
    terraform.init()
    terraform.apply()
    expected = terraform.output()
    (tmp_path / "main.tf").write_text(
        "".join(
            f'output "e{number}" {{\n  value = jsonencode({text})\n}}\n'
            for number, text in enumerate(expressions)
        ),
        encoding="utf-8",
    )
    module = root_module(tmp_path)

    wrong: list[str] = []
    known = 0
    for number, text in enumerate(expressions):
        says = str(expected[f"e{number}"])
        found = REFUSED
        try:
            value = module.output(f"e{number}")
            if first_unknown((value,)) is not None:
                continue
            found = known_text(value)
        except NotComputedError:
            continue
        except EvaluationError:
            pass
        known += 1
        if not alike(found, says):
            wrong.append(f"{text}: {found} instead of {says}")

    sys.stdout.write(f"{len(expressions)} expressions, {known} known, {len(wrong)} wrong\n")
    assert wrong == [], "\n".join(wrong)
    assert known > len(expressions) / 2


def known_text(value: object) -> str:
    from generator.hcl.conversions import as_text
    from generator.hcl.values import Value

    assert isinstance(value, Value)
    return as_text(value)


def alike(found: str, says: str) -> bool:
    if found == says or REFUSED in (found, says):
        return found == says
    return numbers(found) == numbers(says)


def numbers(text: str) -> object:
    return json.loads(
        text, parse_float=lambda word: f"{float(word):.12g}", parse_int=lambda word: word
    )
