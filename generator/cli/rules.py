"""`forebay rules`: what the rules mean."""

from typing import TYPE_CHECKING

import click

from generator.cli.completion import complete_one_rule
from generator.cli.options import report_options
from generator.report import Format
from generator.report.report import Plain, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.rules.manuals import Entry


@click.command()
@click.argument("name", required=False, shell_complete=complete_one_rule)
@report_options("rules", formats=(Format.HUMAN, Format.JSON))
@click.option(
    "--checkov",
    is_flag=True,
    help="Print them as checks for checkov's --external-checks-dir, as a Python file.",
)
def rules(name: str | None, checkov: bool) -> Report:  # noqa: FBT001
    """List all rules, or print the manual of one: what it means, why it matters, how to fix it."""
    if checkov:
        from generator.cli.checkov_checks import checkov_checks

        if name is not None:
            raise click.UsageError("--checkov prints all rules: it goes without the name of one.")
        return Report(command="rules", findings=(), text=checkov_checks(), text_alone=True)
    from generator.model.quotes import did_you_mean, quoted
    from generator.model.suppression import name_of_today
    from generator.rules.manuals import entries

    known = {entry.name: entry for entry in entries()}
    name = None if name is None else name_of_today(name)
    if name is not None and name not in known:
        raise click.UsageError(f"{quoted(name)} is not a rule.{did_you_mean(name, known)}")
    chosen = list(known.values()) if name is None else [known[name]]
    return Report(
        command="rules",
        findings=(),
        text=_list(chosen) if name is None else _manual(chosen[0]),
        extra={"rules": tuple(map(_plain, chosen))},
        text_alone=True,
    )


def _plain(entry: "Entry") -> dict[str, Plain]:
    return {
        "name": entry.name,
        "severity": entry.severity.value,
        "commands": entry.commands,
        "summary": entry.manual.summary,
        "manual": entry.manual.text,
    }


def _list(entries: "Sequence[Entry]") -> str:
    from generator.report.table import table

    return table(
        "Rules",
        ("name", "severity", "meaning"),
        [(entry.name, entry.severity.value, entry.manual.summary) for entry in entries],
    )


def _manual(entry: "Entry") -> str:
    where = ", ".join(f"`{command}`" for command in entry.commands)
    return f"{entry.name} ({entry.severity.value}; reported by {where})\n\n{entry.manual.text}\n"
