"""Writes docs/reference/commands.md from the commands themselves; run by `make docs`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.main import COMMANDS, forebay

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

HEAD = """\
# Commands

<!-- Written by `make docs` from the commands themselves: change their help, not this page. -->

`forebay COMMAND --help` prints the same. [Exit codes](exit-codes.md) and [the JSON document](json.md) have
pages of their own.
"""


def page() -> str:
    """The page as it should be."""
    parent = click.Context(forebay, info_name="forebay", **forebay.context_settings)
    commands = [(name, forebay.get_command(parent, name)) for name in COMMANDS]
    index = "\n".join(f"- [`{name}`](#{name}): {COMMANDS[name]}" for name in COMMANDS)
    sections = [
        "\n".join(_section(name, command, parent))
        for name, command in commands
        if command is not None
    ]
    return f"{HEAD}\n{index}\n\n" + "\n".join(sections)


def _section(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f"## {name}", "", "```text", f"forebay {name} {usage}", "```", "")
    yield from (*_description(command.help or ""), "", "| option | |", "| --- | --- |")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            yield f"| `{_cell(record[0])}` | {_cell(record[1])} |"
    yield ""


def _description(text: str) -> Iterator[str]:
    r"""The help's paragraphs; one that click must not fold (`\b`) is a block."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        if lines[0] == "\b":
            yield from ("", "```text", *lines[1:], "```")
        else:
            yield from ("", *lines) if lines[0] != text.strip().splitlines()[0].strip() else lines


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
