"""The options of the commands that can mend what they find."""

from collections.abc import Callable
from typing import TypeVar

import click

from generator.cli.invocation import invocation_of

_Command = TypeVar("_Command", bound=Callable[..., object])


def fix_options(command: _Command) -> _Command:
    """`--fix` and `--dry-run`."""
    for option in (
        click.option(
            "--dry-run",
            is_flag=True,
            expose_value=False,
            callback=_store_dry_run,
            help="With --fix: only show what would change.",
        ),
        click.option(
            "--fix",
            is_flag=True,
            expose_value=False,
            callback=_store_fix,
            help="Mend what has one remedy: slips in the topology, generated code that is not "
            "up to date. What a person edited by hand stays.",
        ),
    ):
        command = option(command)
    return command


def _store_fix(
    context: click.Context,
    _parameter: click.Parameter,
    value: bool,  # noqa: FBT001
) -> None:
    invocation_of(context).fix = value


def _store_dry_run(
    context: click.Context,
    _parameter: click.Parameter,
    value: bool,  # noqa: FBT001
) -> None:
    invocation_of(context).dry_run = value
