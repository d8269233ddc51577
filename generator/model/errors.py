"""Errors that stop a command; the command line turns each into text and an exit code."""

from enum import IntEnum
from pathlib import Path

from generator.model.span import Span


class ExitCode(IntEnum):
    """What a command's exit code means; scripts rely on these numbers."""

    OK = 0
    ERROR = 1
    FINDINGS = 2
    UNDECIDED = 3
    INTERRUPTED = 130


class ToolError(Exception):
    """Something that keeps a command from doing its work.

    `summary` is fixed words without names, `detail` full sentences, `commands` lines to copy. `place` is
    the file or folder that it is about; none is needed where `detail` begins with a file and a colon.
    """

    exit_code = ExitCode.ERROR

    def __init__(
        self,
        summary: str,
        detail: str = "",
        *,
        commands: tuple[str, ...] = (),
        place: Path | Span | None = None,
    ) -> None:
        super().__init__(f"{summary}: {detail}" if detail else summary)
        self.summary = summary
        self.detail = detail
        self.commands = commands
        self.place = place


class InvalidValueError(ValueError):
    """A text that is not what it should be (an account id, a prefix); the message says why."""
