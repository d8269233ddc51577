"""The option of the commands that show how far their work is."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import click

from generator.cli.invocation import invocation_of
from generator.cli.watcher import Watcher
from generator.model.progress import begin_nothing

_Command = TypeVar("_Command", bound=Callable[..., object])


def progress_option(command: _Command) -> _Command:
    """`--quiet`; the command shows its progress without it."""
    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_start_unless_quiet,
        help="Show no progress of long work on stderr.",
    )(command)


def _start_unless_quiet(
    context: click.Context,
    _parameter: click.Parameter,
    value: bool,  # noqa: FBT001
) -> None:
    if not value and not context.resilient_parsing:
        begin_nothing()
        invocation = invocation_of(context)
        invocation.progress = Watcher(sys.stderr, redraws=_redraws())
        invocation.progress.start()


def _redraws() -> bool | None:
    """Whether one line is to change; `None` where nothing is to be shown."""
    if not sys.stderr.isatty():
        return False
    environment = os.environ
    plain = (
        environment.get("NO_COLOR") or environment.get("CI") or environment.get("TERM") == "dumb"
    )
    return None if plain else True
