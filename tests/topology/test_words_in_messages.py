"""No text of a file stands raw in a message: a control character in it could change what is read."""

from __future__ import annotations

import shutil
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from generator.gate.mistakes import topology_findings
from generator.model.errors import ToolError
from generator.topology import read_topology
from generator.topology.suppression_file import read_suppression_file

if TYPE_CHECKING:
    from collections.abc import Iterator

MISTAKES = Path(__file__).parent / "mistakes"
WHOLE = Path(__file__).parent / "whole"
TODAY = date(2026, 11, 30)
# A line break, a colour, an order to write backwards, and a tab.
HOSTILE = "\n\x1b[31m\u202e\t"
IGNORE = """\
version: 1
ignore:
  - {rule: grant-undeclared, file: terraform/shop/*, reason: until May, until: 2027-05-31}
  - {rule: grant-undeclared, fingerprint: 0123456789abcdef0123456789abcdef, reason: it is old}
  - {rule: grant-undeclared, address: module.it, reason: old, access: ["999988887777 ecr:Put arn:x"]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file of mistakes and the whole language, to damage them in."""
    copy = tmp_path_factory.mktemp("damaged")
    for source in (MISTAKES, WHOLE):
        shutil.copytree(source, copy, dirs_exist_ok=True)
    return copy


def composed(text: str) -> yaml.Node | None:
    """The nodes of a text; nothing for one that is no YAML, which cannot be written again."""
    try:
        return yaml.compose(text)
    except yaml.YAMLError:
        return None


def files() -> list[Path]:
    every = (*sorted(MISTAKES.glob("*.yaml")), WHOLE / "topology.yaml")
    return [file for file in every if composed(file.read_text(encoding="utf-8-sig")) is not None]


def scalars(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Every key and value, once where an anchor is used again."""
    waiting, seen = [root], set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        match found:
            case yaml.ScalarNode():
                yield found
            case yaml.SequenceNode():
                waiting += found.value
            case yaml.MappingNode():
                waiting += [part for pair in found.value for part in pair]


def damaged(text: str) -> Iterator[str]:
    """The text with one word made hostile: everywhere, and in one place, so that others are near to it."""
    root = composed(text)
    words = [scalar.value for scalar in scalars(root)]
    for word in sorted(set(words)):
        for places in {words.count(word), 1}:
            copy = deepcopy(root)
            same = [scalar for scalar in scalars(copy) if scalar.value == word]
            for scalar in same[:places]:
                scalar.value = word[:2] + HOSTILE + word[2:]
                scalar.style = '"'
            yield yaml.serialize(copy, allow_unicode=True, width=1000)


def words_about_topology(file: Path) -> list[str]:
    """Everything that is said about a topology."""
    try:
        reading = read_topology(file)
    except ToolError as error:
        return [error.summary, error.detail, *error.commands]
    findings = [*reading.findings]
    if reading.topology is not None:
        findings += topology_findings(reading.topology, today=TODAY)
    return [part for found in findings for part in (found.message, found.subject)]


def raw(words: list[str]) -> list[str]:
    """The words with a character that cannot be printed; a message may have lines."""
    return [word for word in words if not "".join(word.split("\n")).isprintable()]


@pytest.mark.slow
@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_no_message_repeats_control_characters_of_a_topology(file: Path, folder: Path) -> None:
    topology = folder / file.name
    content = topology.read_text(encoding="utf-8-sig")
    found: list[str] = []

    for text in damaged(content):
        topology.write_text(text, encoding="utf-8")
        found += raw(words_about_topology(topology))
    topology.write_text(content, encoding="utf-8")

    assert found == []


def test_no_message_repeats_control_characters_of_an_ignore_file(tmp_path: Path) -> None:
    file = tmp_path / "forebay-ignore.yaml"
    counts = []

    for text in damaged(IGNORE):
        file.write_text(text, encoding="utf-8")
        _, findings = read_suppression_file(file)
        counts.append(len(findings))
        assert raw([part for found in findings for part in (found.message, found.subject)]) == []

    assert sum(counts) > 10
