"""Values as HCL: nothing is evaluated, everything comes back as it was."""

import json
import subprocess
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import InvalidValueError, ToolError
from generator.render.environment import _environment
from generator.render.literal import (
    Encoded,
    Reference,
    arguments,
    code,
    hcl,
    label,
    markdown,
    word,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    alphabet='$%{}"\\\n\r\t~', max_size=12
)


def test_an_interpolation_in_a_value_stays_text() -> None:
    assert hcl("${aws_iam_user.x.name}") == '"$${aws_iam_user.x.name}"'


def test_a_directive_in_a_value_stays_text() -> None:
    assert hcl("%{ if true }") == '"%%{ if true }"'


def test_a_run_of_dollars_is_not_read_as_an_escape() -> None:
    assert hcl("$${x}") == '"$\\u0024{x}"'


def test_neighbouring_one_line_values_are_aligned() -> None:
    text = arguments({"a": 1, "long": True, "map": {"k": "v"}, "b": None})

    assert text == '  a    = 1\n  long = true\n  map = {\n    k = "v"\n  }\n  b = null'


def test_a_key_that_is_no_identifier_is_quoted() -> None:
    assert hcl({"a/b": 1, "c-d": 2}) == '{\n  "a/b" = 1\n  c-d   = 2\n}'


@pytest.mark.parametrize("text", ['x"] + file("/etc/passwd")', "a b", "", "module", 'm.x["${y}"]'])
def test_a_reference_is_never_another_expression(text: str) -> None:
    with pytest.raises(InvalidValueError):
        Reference(text)


@pytest.mark.parametrize("make", [label, word, code])
def test_a_text_that_would_need_quotes_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(InvalidValueError):
        make("a`b\n$(x)")


def test_a_template_value_without_a_filter_is_an_error() -> None:
    with pytest.raises(ToolError, match="without a filter"):
        _environment().from_string("{{ name }}").render(name="x")


def test_markdown_cannot_start_markup() -> None:
    assert markdown("a|b [x](y) `z`") == "a\\|b \\[x\\](y) \\`z\\`"


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(TEXTS, min_size=20, max_size=60))
def test_terraform_reads_back_any_text(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory, terraform_program: tuple[str, ...]
) -> None:
    folder: Path = tmp_path_factory.mktemp("texts")
    values = {f"v{number}": text for number, text in enumerate(texts)}
    body = arguments({"value": values})
    text = f'output "texts" {{\n{body}\n}}\n'
    (folder / "main.tf").write_text(text, encoding="utf-8", newline="")
    for command in (("apply", "-auto-approve"), ("output", "-json", "texts")):
        done = subprocess.run(
            [*terraform_program, *command], cwd=folder, capture_output=True, text=True, check=True
        )
    read = json.loads(done.stdout)

    assert read == {name: unicodedata.normalize("NFC", text) for name, text in values.items()}


def test_a_document_is_written_as_jsonencode_with_every_template_sign_escaped() -> None:
    document = {"Statement": [{"Resource": "${aws:x}", "aws:y": True}]}

    assert hcl(Encoded(document=document)) == (
        "jsonencode({\n  Statement = [\n    {\n"
        '      Resource = "$${aws:x}"\n      "aws:y"  = true\n    },\n  ]\n})'
    )
