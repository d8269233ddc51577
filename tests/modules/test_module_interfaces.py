"""What a caller sees of a module: descriptions, types, and messages that say what is allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.hcl.parser import parse_body
from generator.hcl.source import SourceText
from generator.hcl.syntax import (
    Access,
    Block,
    Body,
    Call,
    Literal,
    Name,
    Template,
    TemplateText,
    TupleLiteral,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = sorted((Path(__file__).parents[2] / "modules").iterdir())
by_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
# Statements of a policy differ in their keys, and no type of Terraform can say that.
WITHOUT_TYPE = {("registry-access", "kept_statements")}


def blocks(module: Path, file: str, kind: str) -> list[Block]:
    """The blocks of a kind in one file of a module."""
    path = module / file
    body = parse_body(SourceText(path, path.read_text(encoding="utf-8")))
    assert isinstance(body, Body), body
    return [block for block in body.blocks if block.type == kind]


def validations(variable: Block) -> list[Block]:
    """The validations of a variable."""
    return [block for block in variable.body.blocks if block.type == "validation"]


def allowed_words(node: object) -> Iterator[str]:
    """The words of every list that a condition looks something up in with `contains`."""
    if isinstance(node, Call) and node.name == "contains":
        listed = node.arguments[0]
        if isinstance(listed, TupleLiteral):
            yield from (str(item.value) for item in listed.items if isinstance(item, Literal))
    for name in getattr(node, "__dataclass_fields__", ()):
        value = getattr(node, name)
        for inner in value if isinstance(value, tuple) else (value,):
            yield from allowed_words(inner)


def message(validation: Block) -> str:
    """The text of a validation's message, without what is put in at run time."""
    match validation.body.attributes["error_message"].expression:
        case Literal(value=str() as text):
            return text
        case Template(parts=parts):
            return "".join(part.text for part in parts if isinstance(part, TemplateText))
        case other:
            raise AssertionError(other)


@by_module
def test_every_input_and_output_has_a_description(module: Path) -> None:
    found = [
        *blocks(module, "variables.tf", "variable"),
        *blocks(module, "outputs.tf", "output"),
    ]

    assert found
    for block in found:
        assert "description" in block.body.attributes, block.labels


@by_module
def test_every_input_has_a_type_and_takes_null_only_as_its_default(module: Path) -> None:
    for variable in blocks(module, "variables.tf", "variable"):
        attributes = variable.body.attributes
        kind = attributes["type"].expression
        is_any = isinstance(kind, Name | Access) and "any" in repr(kind)
        assert is_any == ((module.name, variable.labels[0]) in WITHOUT_TYPE)
        default = attributes.get("default")
        if default is not None and default.expression == Literal(
            value=None, span=default.expression.span
        ):
            assert "nullable" not in attributes, variable.labels
        else:
            nullable = attributes["nullable"].expression
            assert isinstance(nullable, Literal), variable.labels
            assert nullable.value is False, variable.labels


@by_module
def test_a_message_lists_the_words_that_are_allowed(module: Path) -> None:
    for variable in blocks(module, "variables.tf", "variable"):
        for validation in validations(variable):
            condition = validation.body.attributes["condition"].expression
            for word in allowed_words(condition):
                assert word in message(validation), (variable.labels, word)


@by_module
def test_every_input_that_is_validated_is_refused_in_a_test(module: Path) -> None:
    tests = "".join(
        file.read_text(encoding="utf-8") for file in sorted(module.glob("tests/*.tftest.hcl"))
    )
    refused = set(re.findall(r"var\.(\w+)", "".join(re.findall(r"expect_failures = \[.*", tests))))

    validated = {
        variable.labels[0]
        for variable in blocks(module, "variables.tf", "variable")
        if validations(variable)
    }

    assert validated - refused == set()
