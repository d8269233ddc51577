"""The JSON Schema for editors, and that it never contradicts the reader."""

import json
import random
import re
import tempfile
from pathlib import Path
from typing import TypeAlias

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.finding import Severity
from generator.topology import json_schema, read_topology
from generator.topology.document import Node, Scalar, Table, parse_document
from generator.topology.fields import TOPOLOGY
from generator.topology.shapes import EitherShape, ListShape, MapShape, RecordShape, Shape
from topology.strategies import Document, Value, to_yaml, topologies

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MISTAKES = Path(__file__).parent / "mistakes"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def as_an_editor_sees_it(node: Node | None) -> Json:
    """The value of a node by the core schema of YAML 1.2, which editors use."""
    match node:
        case None:
            return None
        case Table():
            return {
                key.text: as_an_editor_sees_it(value)
                for key, value in node.entries
                if isinstance(key, Scalar)
            }
        case Scalar():
            return _scalar(node)
        case _:
            return [as_an_editor_sees_it(item) for item in node.items]


def _scalar(node: Scalar) -> Json:
    text = node.text
    if not node.is_plain:
        return text
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return text.lower() == "true"
    if re.fullmatch("[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch("0o[0-7]+|0x[0-9a-fA-F]+", text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return float(text.replace(".", ""))
    return text


def is_taken_by_the_reader(text: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topology.yaml"
        file.write_text(text, encoding="utf-8")
        return all(found.severity is not Severity.HIGH for found in read_topology(file).findings)


def complaints_of_the_schema(text: str) -> list[str]:
    value = as_an_editor_sees_it(parse_document(text, Path("topology.yaml")).root)
    return [error.message for error in VALIDATOR.iter_errors(value)]


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_entry_for_schemastore_is_about_this_schema() -> None:
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    entry, schema = json.loads(block), json_schema()

    assert list(entry) == ["name", "description", "fileMatch", "url"]
    assert entry["url"] == schema["$id"]
    assert entry["name"] == schema["title"]
    assert re.fullmatch(r"https://www\.schemastore\.org/[a-z-]+\.json", entry["url"])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    # What others call their files as well is not ours to claim.
    assert all("forebay" in pattern for pattern in entry["fileMatch"])


@settings(max_examples=120, deadline=None)
@given(document=topologies(), seed=st.integers(0, 1000))
def test_what_the_reader_takes_is_valid_by_the_schema(document: Document, seed: int) -> None:
    assert complaints_of_the_schema(to_yaml(document, seed)) == []


@settings(max_examples=200, deadline=None)
@given(document=topologies(), seed=st.integers(0, 2**32))
def test_a_change_that_the_schema_rejects_is_rejected_by_the_reader(
    document: Document, seed: int
) -> None:
    text = plainly_written(changed(document, random.Random(seed)))  # noqa: S311

    if is_taken_by_the_reader(text):
        assert complaints_of_the_schema(text) == []


@pytest.mark.parametrize(
    "file",
    sorted(
        file
        for pattern in ("unknown-*.yaml", "wrong-type*.yaml")
        for file in MISTAKES.glob(pattern)
    ),
    ids=lambda file: file.stem,
)
def test_the_schema_sees_unknown_keys_and_wrong_types_too(file: Path) -> None:
    assert complaints_of_the_schema(file.read_text(encoding="utf-8")) != []


def test_every_key_is_described_in_a_full_sentence() -> None:
    descriptions = dict(described(TOPOLOGY, ""))

    assert all(text.endswith(".") for text in descriptions.values())
    assert descriptions["version"] == "The version of the topology language: 1."
    assert "registries.*.grants[].allow" in descriptions


def described(shape: Shape, path: str) -> list[tuple[str, str]]:
    match shape:
        case RecordShape():
            found: list[tuple[str, str]] = []
            for known in shape.fields:
                below = f"{path}.{known.name}".lstrip(".")
                found += [(below, known.description), *described(known.shape, below)]
            return found
        case MapShape():
            return described(shape.value, f"{path}.*")
        case ListShape():
            return described(shape.item, f"{path}[]")
        case EitherShape():
            forms = (shape.listing, shape.mapping)
            return [each for form in forms if form is not None for each in described(form, path)]
        case _:
            return []


def changed(document: Document, chance: random.Random) -> Value:
    """The document with one or two values taken out, renamed or replaced."""
    strange: list[Value] = [
        "", "null", "true", "eu-west-1", "main", "012345678901", "1", "1e3", ".inf", "0x10", "x",
        1, 7, [], ["a"], {}, {"role": "a"}, {"secret": "x"}, "ROOT", "all", "ecr", "1.5", "-1",
    ]  # fmt: skip

    def change(value: Value) -> Value:
        if isinstance(value, dict) and value and chance.random() < 0.8:
            key = chance.choice(list(value))
            match chance.randrange(4):
                case 0:
                    return {name: each for name, each in value.items() if name != key}
                case 1:
                    return {**value, chance.choice([f"{key}x", key.upper(), "to"]): value[key]}
                case _:
                    return {**value, key: change(value[key])}
        if isinstance(value, list) and value and chance.random() < 0.8:
            index = chance.randrange(len(value))
            return [*value[:index], change(value[index]), *value[index + 1 :]]
        return chance.choice(strange)

    result: Value = document
    for _ in range(chance.choice([1, 1, 2])):
        result = change(result)
    return result


class _PlainDumper(yaml.SafeDumper):
    """Writes every text without quotes that can stand so, whatever it then looks like."""


_PlainDumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str",
        text,
        style=None if re.fullmatch(r"[A-Za-z0-9.][A-Za-z0-9./_-]*", text) else "'",
    ),
)
_PlainDumper.yaml_implicit_resolvers = {}


def plainly_written(value: Value) -> str:
    return yaml.dump(value, Dumper=_PlainDumper, sort_keys=False)
