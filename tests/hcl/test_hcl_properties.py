"""What holds for every input: nothing raises, and literals keep their values."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from hcl_support import root_module
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.hcl.reader import read_code
from generator.hcl.records import RootRecords

if TYPE_CHECKING:
    from generator.model.estate import Json

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

PIECES = st.sampled_from(
    [
        'resource "aws_ecr_pull_through_cache_rule" "r" {\n',
        'module "m" {\n  source = "./"\n',
        'variable "v" {\n',
        'output "o" {\n',
        "locals {\n",
        "}\n",
        "  for_each = ",
        "  count = ",
        "  ecr_repository_prefix = ",
        "  policy = ",
        "  a = ",
        "local.a",
        "each.value",
        "var.v[*].x",
        '"${',
        '}"',
        "%{ if true }",
        "%{ endif ~}",
        "<<-EOT\n",
        "EOT\n",
        "jsonencode(",
        "[for x in ",
        " : x",
        "{ for k, v in ",
        "k => v...",
        ")",
        "]",
        "{",
        "1",
        "/0",
        "null",
        " ? ",
        " : ",
        "/*",
        "*/",
        "#",
        "\\",
        "\r\n",
        "\x00",
        "é",
        "...",
    ]
)


@settings(max_examples=250, deadline=None)
@given(
    main=st.one_of(
        st.binary(max_size=400),
        st.lists(PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode()),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    ),
    values=st.binary(max_size=60),
    document=st.binary(max_size=100),
)
def test_no_bytes_make_the_reader_raise(main: bytes, values: bytes, document: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf").write_bytes(main)
        (folder / "terraform.tfvars").write_bytes(values)
        (folder / "more.tf.json").write_bytes(document)

        reading = read_code(folder, project_root=folder, topology=None)

    for problem in reading.problems:
        assert problem.location is not None
        assert problem.location.start <= (
            problem.location.file.as_posix(),
            problem.location.end_line,
            problem.location.end_column,
        )


def literal(value: Plain) -> str:
    """A JSON-like value as an HCL expression."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return quoted(value)
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{quoted(k)} = {literal(v)}" for k, v in value.items()) + "}"


def quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    escaped = "".join(escapes.get(sign, sign) for sign in text)
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'


# A run of `$` before `${` needs more than doubling; how texts are escaped is not the question here.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Mn", "Mc"], exclude_characters="\x00"), max_size=12
).filter(lambda text: "$$" not in text and "%%" not in text and text.isascii())
VALUES: st.SearchStrategy[Plain] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    # A zero with a sign is not computed: programs differ about it.
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30).map(
        lambda number: number or 0.0
    )
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def comparable(value: "Json | Plain") -> object:
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return float(value)
        case list() | tuple():
            return [comparable(item) for item in value]
        case _:
            assert isinstance(value, dict)
            return {key: comparable(item) for key, item in value.items()}


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_a_literal_keeps_its_value(value: Plain) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf").write_text(
            f'output "it" {{\n  value = {literal(value)}\n}}\n'
            f'output "json" {{\n  value = jsondecode({quoted(json.dumps(value))})\n}}\n'
            f'output "both" {{\n  value = jsondecode(jsonencode({literal(value)}))\n}}\n',
            encoding="utf-8",
            newline="",
        )
        module = root_module(folder)
        records = RootRecords("", module)

        found = {name: records.json(module.output(name)) for name in ("it", "json", "both")}

    assert comparable(found["it"]) == comparable(value)
    assert comparable(found["json"]) == comparable(value)
    assert comparable(found["both"]) == comparable(value)
