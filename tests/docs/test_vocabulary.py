"""Titles, helps and heads use the words of the page on words, and none of those that it replaces."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from generator.cli.main import COMMANDS, forebay
from generator.rules.manuals import entries

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "words.md"


def _rows() -> list[tuple[str, ...]]:
    """The rows of the page's table of words: word, meaning, what it replaces."""
    text = PAGE.read_text(encoding="utf-8").partition("| word | what it is | instead of |\n")[2]
    lines = text.splitlines()[1:]
    table = lines[: next((i for i, line in enumerate(lines) if not line.startswith("|")), None)]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table]


def _commands() -> Iterator[click.Command]:
    context = click.Context(forebay)
    for name in COMMANDS:
        command = forebay.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from command.commands.values()


def _titles() -> Iterator[tuple[str, str]]:
    """The titles of results that stand in the code, with their files; `…` for what is put in."""
    for file in sorted((ROOT / "generator").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in {"title", "summary"}:
                for part in ast.walk(node.value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield file.relative_to(ROOT).as_posix(), part.value
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "ToolError"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield file.relative_to(ROOT).as_posix(), str(node.args[0].value)


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    """Everything that the words are for, each with where it stands."""
    return tuple(_every_text())


def _every_text() -> Iterator[tuple[str, str]]:
    for entry in entries():
        yield f"rule {entry.name}", entry.manual.summary
    for command in _commands():
        yield f"forebay {command.name}", command.help or ""
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield f"forebay {command.name} {parameter.opts[-1]}", parameter.help or ""
    yield from _titles()


def _pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as words of their own, with an `s` for many; capitals matter where it has some."""
    flags = re.IGNORECASE if phrase == phrase.lower() else 0
    # In `code` and in names of files and keys, other words are right.
    return re.compile(rf"(?<![\w`./-]){re.escape(phrase)}s?(?![\w`/-])", flags)


@pytest.mark.parametrize(
    ("phrase", "word"),
    [
        (phrase.strip(), word)
        for word, _, others in _rows()
        for phrase in others.split(",")
        if phrase.strip()
    ],
)
def test_no_text_says_in_another_word_what_has_one(phrase: str, word: str) -> None:
    pattern = _pattern(phrase)

    wrong = [f"{place}: {text}" for place, text in _texts() if pattern.search(text)]

    assert not wrong, f"say {word!r} instead of {phrase!r}"


def test_each_word_of_the_page_is_used_and_they_are_in_order() -> None:
    words = [word for word, _, _ in _rows()]
    said = " ".join(text for _, text in _texts()).lower()

    assert words == sorted(words, key=str.lower)
    assert len(words) > 20
    for word in words:
        for each in word.split(", "):
            assert _pattern(each.lower()).search(said), each


def test_a_word_that_is_replaced_is_found_in_any_case_and_number() -> None:
    assert _pattern("proxy").search("A Proxy of Docker Hub")
    assert _pattern("repo").search("Two repos")
    assert not _pattern("repo").search("A repository, and `repo`")
    assert not _pattern("OU").search("You ought to")
    assert _pattern("OU").search("An OU is not there")
